// Row N-46 of SEMANTICS over HTTP: which owners may use a client, by rules about group, address and method.

import { expect, it } from 'vitest';
import { Browser, codeRequest, post } from '../protocol/browser.ts';
import { PASSWORD, withLegacyGrants } from '../protocol/spec.ts';
import { serveForAll } from '../protocol/world.ts';

/** Two logins by password, of which ada has both, and clients that take both. */
const world = await serveForAll((spec) => {
  const { server, site } = spec;
  withLegacyGrants(spec);
  server.methods['strong+2'] = { type: 'password' };
  site.methods = [...site.methods, 'strong+2'];
  site.users.ada.methods = ['password.1', 'strong+2'];
  const methods = ['password.1', 'strong+2'];
  const { web, legacy } = site.applications;
  const { allowed_to: _everyone, ...gated } = { ...web, methods };
  const redirecting = (name: string) => ({ ...web.metadata, redirect_uris: [`https://${name}.example/callback`] });
  const rules = [{ method: 'strong+2' }, { group: 'Archivists' }];
  site.applications.both = { ...gated, access_rules: { all: rules }, metadata: redirecting('both') };
  site.applications.either = { ...gated, access_rules: { any: rules }, metadata: redirecting('either') };
  site.applications.elsewhere = {
    ...gated,
    access_rules: { all: [{ ip: ['10.0.0.0/8'] }] },
    metadata: redirecting('elsewhere'),
  };
  const { allowed_to: _legacy, ...legacyGated } = { ...legacy, methods };
  site.applications.legacy = { ...legacyGated, access_rules: { all: [{ method: 'strong+2' }] } };
});

function request(client: string): ReturnType<typeof codeRequest>['parameters'] {
  return codeRequest(client, { redirect_uri: `https://${client}.example/callback`, scope: 'openid notes' }).parameters;
}

/** The answer to the client, after a login where one is asked for. */
async function answerTo(client: string, user: string, browser = new Browser(world)): Promise<Record<string, string>> {
  const first = await browser.authorize(request(client));
  return (first.form?.id === 'login' ? await browser.login(first, user) : first).answer;
}

it('S:N-46 all of the rules have to hold, or any of them; else the client hears access_denied', async () => {
  expect(await answerTo('either', 'ada')).toHaveProperty('code');
  expect(await answerTo('either', 'bob')).toMatchObject({ error: 'access_denied' });
  expect(await answerTo('both', 'bob')).toMatchObject({ error: 'access_denied' });
  expect((await answerTo('elsewhere', 'ada')).error_description).toMatch(/^ACCESS_RULE_NOT_MET/);
});

it('S:N-46 of several methods that one password is of the one counts by which the rules are met', async () => {
  expect(await answerTo('both', 'ada')).toHaveProperty('code');
  const form = { grant_type: 'password', username: 'ada', password: PASSWORD };
  expect((await post(world, '/token', form, { as: 'legacy' })).status).toBe(200);
});

it('S:N-46 who is logged in by a method that the rules do not take is asked to log in again, and then let in', async () => {
  const browser = new Browser(world);
  // By the first of both.
  expect(await answerTo('web', 'ada', browser)).toHaveProperty('code');
  const quiet = await browser.authorize({ ...request('both'), prompt: 'none' });
  expect(quiet.answer).toMatchObject({ error: 'login_required' });
  const page = await browser.authorize(request('both'));
  expect(page.form?.id).toBe('login');
  expect((await browser.login(page)).answer).toHaveProperty('code');
  // No login would help: no second one is asked for.
  expect(await answerTo('elsewhere', 'ada', browser)).toMatchObject({ error: 'access_denied' });
});
