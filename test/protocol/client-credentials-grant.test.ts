// The client that acts as itself (RFC 6749 4.4).

import { expect, it } from 'vitest';
import { expectJsonError } from './answers.ts';
import { claimsOf, introspect, json, post, tokenRequest } from './browser.ts';
import { errorsOf, load, serveForAll } from './world.ts';

const world = await serveForAll();
const CREDENTIALS = { grant_type: 'client_credentials' };

it('P:O-072 an authenticated client gets a token of its own', async () => {
  const response = await tokenRequest(world, 'batch', { ...CREDENTIALS, scope: 'notes' });
  expect(response.status).toBe(200);
  const body = await json(response);
  expect(body).toEqual({ access_token: expect.stringMatching(/./), token_type: 'Bearer', expires_in: 3600 });
  expect(claimsOf(body.access_token)).toMatchObject({ client_id: 'batch', aud: ['batch'], scope: 'notes' });
  expect((await introspect(world, body.access_token, 'batch')).active).toBe(true);
});

it('P:O-073 no public client may have the grant, and none gets a token by it', async () => {
  const codes = errorsOf(
    await load(({ site }) => {
      site.applications.spa.metadata.grant_types = ['client_credentials'];
    }),
  );
  expect(codes).toContain('client.public-with-grant');
  for (const client_id of ['spa', 'native']) {
    await expectJsonError(await post(world, '/token', { ...CREDENTIALS, client_id }), 400, 'unauthorized_client');
  }
  await expectJsonError(await post(world, '/token', { ...CREDENTIALS, client_id: 'batch' }), 401, 'invalid_client');
});

it('P:O-074 there is no refresh token and no id_token', async () => {
  for (const scope of ['notes', 'openid notes', 'openid', undefined]) {
    const form = { ...CREDENTIALS, ...(scope === undefined ? {} : { scope }) };
    const response = await tokenRequest(world, 'batch', form);
    expect(response.status).toBe(200);
    const members = Object.keys(await json(response));
    expect(members).toEqual(expect.arrayContaining(['access_token', 'token_type', 'expires_in']));
    expect(members.filter((name) => !['access_token', 'token_type', 'expires_in', 'scope'].includes(name))).toEqual([]);
  }
});

it('P:O-075 a scope beyond what the client may ask for is invalid_scope', async () => {
  for (const scope of ['drafts', 'notes drafts', 'api', 'unknown', 'Notes', 'web']) {
    await expectJsonError(await tokenRequest(world, 'batch', { ...CREDENTIALS, scope }), 400, 'invalid_scope');
  }
});
