import { describe, expect, it } from 'vitest';
import { tokenClaims } from '../../src/access/token-content.ts';
import { EX1, EX2 } from '../model/example-state.ts';
import { allowed, ask } from './ask.ts';

describe('what a token says of the decision that gave it', () => {
  it('audiences, scopes and the user as whom the client acts, by the names of the claims', () => {
    expect(tokenClaims(allowed(ask(EX2, 'Server1 openid')))).toEqual({
      sub: 'Client1',
      aud: ['Server1', 'Client1'],
      client_id: 'Client1',
      scope: 'Server1 openid',
      impersonates: 'Example/User1',
    });
  });

  it('without a scope there is no claim scope (RFC 9068 2.2.3), without a user none of whom', () => {
    expect(tokenClaims(allowed(ask(EX1, undefined)))).toEqual({
      sub: 'Client1',
      aud: ['Client1'],
      client_id: 'Client1',
    });
  });
});
