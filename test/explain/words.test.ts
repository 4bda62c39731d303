// What explain says, word for word, where the reason code alone would mislead.

import { describe, expect, it } from 'vitest';
import { clinic, said } from './clinic.ts';

describe('a method that serves another grant', () => {
  it('is told to be none to log in with, with those that are', () => {
    expect(said(clinic(), { user: 'kim', method: 'svc' })).toEqual([
      '✗ web gets no token by authorization_code for kim who logged in by svc (METHOD_NOT_ON_APPLICATION)',
      '✗ svc is no method to log in with: its type client_credentials serves another grant  spec.yaml:2:25',
      'Ask about a method that serves authorization_code: web lists pw',
    ]);
  });

  it('is told apart from one that the application does not list', () => {
    expect(said(clinic(), { user: 'sue', method: 'sms' })).toEqual([
      '✗ web gets no token by authorization_code for sue who logged in by sms (METHOD_NOT_ON_APPLICATION)',
      '✗ web lists other methods than sms  spec.yaml:9:14',
      'This would allow it',
      'add sms to methods of web  spec.yaml:9:14',
    ]);
  });
});
