// The stay of a user at the server while it is used: how long it lasts, and by which method it counts.

import { expect, it } from 'vitest';
import { Browser, codeRequest } from './browser.ts';
import { serve } from './world.ts';

const silently = () => codeRequest('web', { scope: 'openid', prompt: 'none' }).parameters;

it('a session that is used more often than its idle end lasts until its ttl, and one that is not ends, however short', async () => {
  const own = await serve(({ server }) => {
    server.server.sessions = { ttl: '20s', idle: '6s' };
  });
  const used = new Browser(own);
  await used.through(await used.authorize(codeRequest('web').parameters));
  for (let seconds = 4; seconds < 20; seconds += 4) {
    own.advance(4);
    expect((await used.authorize(silently())).answer, `${seconds} s`).toHaveProperty('code');
  }
  own.advance(4);
  expect((await used.authorize(silently())).answer.error).toBe('login_required');

  const unused = new Browser(own);
  await unused.through(await unused.authorize(codeRequest('web').parameters));
  own.advance(6);
  expect((await unused.authorize(silently())).answer.error).toBe('login_required');
});

it('a session by a method that cannot be used any more at the application asks for a login by one that can', async () => {
  const own = await serve(({ server, site }) => {
    server.methods['password.2'] = { type: 'password' };
    site.methods = ['password.1', 'password.2'];
    site.applications.web.methods = ['password.1', 'password.2'];
    site.users.ada.methods = ['password.1', 'password.2'];
  });
  const browser = new Browser(own);
  await browser.through(await browser.authorize(codeRequest('web').parameters));
  await own.apply(({ site }) => {
    site.methods = ['password.2'];
  });
  expect((await browser.authorize(silently())).answer.error).toBe('login_required');
  const again = await browser.authorize(codeRequest('web', { scope: 'openid' }).parameters);
  expect(again.form?.id).toBe('login');
  expect((await browser.login(again)).answer).toHaveProperty('code');
  expect((await browser.authorize(silently())).answer).toHaveProperty('code');
});

it('who cannot log in at an application for its methods is told the same reason as by explain', async () => {
  const reasonOf = async (edit: Parameters<typeof serve>[0]) => {
    const browser = new Browser(await serve(edit));
    const { answer } = await browser.login(await browser.authorize(codeRequest('web').parameters));
    expect(answer.error).toBe('access_denied');
    return answer.error_description?.split(':')[0];
  };
  const ofUser = await reasonOf(({ site }) => {
    site.users.ada.methods = [];
  });
  const ofMethod = await reasonOf(({ server, site }) => {
    server.methods['password.2'] = { type: 'password', enabled: false };
    site.methods.push('password.2');
    site.applications.web.methods = ['password.2'];
  });
  const ofSite = await reasonOf(({ site }) => {
    site.methods = ['client.credentials.1'];
  });
  expect([ofUser, ofMethod, ofSite]).toEqual(['METHOD_NOT_ON_USER', 'METHOD_DISABLED', 'METHOD_NOT_ON_SITE']);
});
