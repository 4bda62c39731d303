// OpenID Connect Core 9 as of errata 3: for whom an assertion is made by which a client authenticates.

import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { json, post } from './browser.ts';
import { SECRET } from './spec.ts';
import { type Edit, serveForAll, type World } from './world.ts';

const pair = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };

const edit: Edit = ({ site }) => {
  const { metadata, ...rest } = site.applications.batch;
  const { secret, ...withoutSecret } = rest;
  site.applications.signing = {
    ...withoutSecret,
    metadata: { ...metadata, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
  };
  site.applications.mac = {
    ...rest,
    metadata: { ...metadata, token_endpoint_auth_method: 'client_secret_jwt' },
  };
};

const world = await serveForAll(edit);
const lenient = await serveForAll((documents) => {
  edit(documents);
  for (const name of ['signing', 'mac']) documents.site.applications[name].assertion_audience = 'token_endpoint';
});
const OWN = ['https://as.example', 'https://as.example/token'];

const SIGNERS = {
  signing: { alg: 'ES256', key: pair.privateKey },
  mac: { alg: 'HS256', key: Buffer.from(SECRET) },
} as const;

let made = 0;

async function authenticate(client_id: keyof typeof SIGNERS, aud: unknown, at: World = world): Promise<Response> {
  const { alg, key } = SIGNERS[client_id];
  made += 1;
  const iat = Math.floor(world.now() / 1000);
  const claims = { iss: client_id, sub: client_id, jti: `assertion-${made}`, iat, exp: iat + 60 };
  const client_assertion = await new SignJWT({ ...claims, ...(aud === undefined ? {} : { aud: aud as string }) })
    .setProtectedHeader({ alg, ...(alg === 'ES256' ? { kid: 'one' } : {}) })
    .sign(key);
  return post(at, '/token', {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
  });
}

it.each(['signing', 'mac'] as const)(
  'P:C-070 the audience of an assertion (%s) is the issuer identifier, as one string, and nothing else',
  async (client_id) => {
    const good = await authenticate(client_id, 'https://as.example');
    expect([good.status, (await json(good)).token_type]).toEqual([200, 'Bearer']);
    const wrong = [
      ['https://as.example'],
      ['https://as.example', 'https://other.example'],
      'https://as.example/',
      'https://as.example/token',
      'HTTPS://AS.EXAMPLE',
      'https://other.example',
      client_id,
      '',
      [],
      undefined,
    ];
    for (const aud of wrong) {
      const response = await authenticate(client_id, aud);
      expect([aud, response.status, (await json(response)).error]).toEqual([aud, 401, 'invalid_client']);
    }
    // A failure has used nothing up; who fails often waits a while.
    world.advance(61);
    expect((await authenticate(client_id, 'https://as.example')).status).toBe(200);
  },
);

it.each(['signing', 'mac'] as const)(
  'P:J-006 an application may take the token endpoint too, and lists of what is ours (%s), and nothing of others',
  async (client_id) => {
    const own = [...OWN, ['https://as.example'], ['https://as.example/token', 'https://as.example']];
    for (const aud of own) expect([aud, (await authenticate(client_id, aud, lenient)).status]).toEqual([aud, 200]);
    const wrong = [
      ['https://as.example', 'https://other.example'],
      'https://as.example/token/',
      'https://as.example/introspect',
      'https://as.example/oauth2/token',
      [],
      '',
      undefined,
    ];
    for (const aud of wrong) {
      const response = await authenticate(client_id, aud, lenient);
      expect([aud, response.status, (await json(response)).error]).toEqual([aud, 401, 'invalid_client']);
    }
    // Without the word it stays the issuer alone.
    expect((await authenticate(client_id, 'https://as.example/token')).status).toBe(401);
  },
);
