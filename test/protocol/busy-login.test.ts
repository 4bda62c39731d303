// What people see who log in when the hashing of passwords is overloaded.

import { expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import { Browser, codeRequest } from './browser.ts';
import { serve } from './world.ts';

it('a login that finds the queue full stays on its page, keeps the username, and says when to try again', async () => {
  const checker = createSecretChecker({ key: new Uint8Array(32) });
  const recognisePassword = async () => {
    throw new Failure('busy', 'the queue is full');
  };
  const world = await serve(() => undefined, { app: { secrets: { ...checker, recognisePassword } } });
  const browser = new Browser(world);
  const again = await browser.login(await browser.authorize(codeRequest('web').parameters));
  expect([again.status, again.location, again.form?.id]).toEqual([503, undefined, 'login']);
  expect(again.response.headers.get('retry-after')).toBe('1');
  expect(again.html).toContain('value="ada"');
  expect(browser.sessionCookie()).toBeUndefined();
});
