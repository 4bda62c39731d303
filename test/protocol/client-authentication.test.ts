// Who calls the endpoints for programs, and how that is proven (RFC 6749 2.3, 3.2.1, 5.2).

import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { hashWithArgon2id } from '../../src/oauth/secret.ts';
import { expectJsonError } from './answers.ts';
import { type Body, basicAuth, json, obtainCode, post } from './browser.ts';
import { type Documents, SECRET } from './spec.ts';
import { errorsOf, load, serve, serveForAll, type World } from './world.ts';

const ODD_ID = 'a:b%2Bc+d/e=f g';
const ODD_SECRET = 'p:q%2Br+s/t=u v-ü-0123456789-0123456789';

const world = await serveForAll(
  ({ site }) => {
    const { batch } = site.applications;
    const registered = (method: string) => ({
      ...batch,
      metadata: { ...batch.metadata, token_endpoint_auth_method: method },
    });
    site.applications.basic = registered('client_secret_basic');
    site.applications.body = registered('client_secret_post');
    site.applications.odd = { ...batch, client_id: ODD_ID, secret: { env: 'ODD_SECRET' } };
  },
  { env: { ODD_SECRET } },
);

/** Of SECRET, as `charter secret hash` writes it. */
const HASH = await hashWithArgon2id(SECRET);

const CREDENTIALS = { grant_type: 'client_credentials' };
const ask = (form: Record<string, string>, authorization?: string, at: World = world) =>
  post(at, '/token', { ...CREDENTIALS, ...form }, { headers: authorization === undefined ? {} : { authorization } });
const plain = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

async function expectToken(response: Response): Promise<Body> {
  const body = await json(response);
  expect([response.status, body.error_description]).toEqual([200, undefined]);
  expect(body).toMatchObject({ access_token: expect.stringMatching(/./), token_type: 'Bearer' });
  return body;
}

describe('client_secret_basic', () => {
  it('P:O-001 a client that is registered for it authenticates by the header', async () => {
    await expectToken(await ask({}, basicAuth('basic', SECRET)));
  });

  it('P:O-002 both halves are form-encoded before they are joined; a colon that is not encoded ends the id', async () => {
    await expectToken(await ask({}, basicAuth(ODD_ID, ODD_SECRET)));
    await expectJsonError(await ask({}, plain(`${ODD_ID}:${ODD_SECRET}`)), 401, 'invalid_client');
  });

  it('P:O-009 a wrong secret is 401 with a challenge', async () => {
    const response = await ask({}, basicAuth('basic', `${SECRET}x`));
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm="https:\/\/as\.example"/);
    await expectJsonError(response, 401, 'invalid_client');
  });

  it.each([
    ['no value', 'Basic'],
    ['no base64', 'Basic !!!!'],
    ['base64 of nothing', 'Basic ='],
    ['no colon', plain('basic')],
    ['a colon alone', plain(':')],
    ['no id', plain(`:${SECRET}`)],
    ['an empty secret', plain('basic:')],
    ['broken percent encoding', plain('basic:%zz%')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`],
    ['a NUL', plain(`basic\0:${SECRET}`)],
    ['two values', `${basicAuth('basic', SECRET)}, ${basicAuth('basic', SECRET)}`],
    ['a scheme of nobody', 'Negotiate abc'],
    ['a long one', plain(`basic:${'x'.repeat(8000)}`)],
  ])('P:O-013 a malformed Authorization header is 401 with a challenge: %s', async (_, authorization) => {
    const response = await ask({}, authorization);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    await expectJsonError(response, 401, 'invalid_client');
  });

  it('P:O-013 two Authorization headers authenticate nobody, though each alone would', async () => {
    const right = basicAuth('basic', SECRET);
    const { status, headers, text } = await withHeaders(['Authorization', right, 'authorization', right]);
    expect([status, JSON.parse(text).error]).toEqual([401, 'invalid_client']);
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
  });
});

/** A token request with headers as they stand: fetch joins those of one name. */
function withHeaders(headers: string[]) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const body = new URLSearchParams(CREDENTIALS).toString();
      const all = ['Host', 'as.example', 'Content-Type', 'application/x-www-form-urlencoded', ...headers];
      const sent = httpRequest(
        {
          host: '127.0.0.1',
          port: world.port,
          path: '/token',
          method: 'POST',
          headers: [...all, 'Content-Length', String(body.length)],
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part) => {
            text += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
        },
      );
      sent.on('error', reject).end(body);
    },
  );
}

describe('client_secret_post', () => {
  it('P:O-003 a client that is registered for it authenticates in the body', async () => {
    await expectToken(await ask({ client_id: 'body', client_secret: SECRET }));
  });

  it('P:O-010 a wrong secret is 401, JSON and uncached', async () => {
    await expectJsonError(await ask({ client_id: 'body', client_secret: `${SECRET}x` }), 401, 'invalid_client');
  });
});

describe('what is no authentication', () => {
  it('P:O-004 credentials in the URI of the request are never read', async () => {
    const query = new URLSearchParams({ client_id: 'batch', client_secret: SECRET });
    await expectJsonError(await post(world, `/token?${query}`, CREDENTIALS), 401, 'invalid_client');
    const all = new URLSearchParams({ ...Object.fromEntries(query), ...CREDENTIALS });
    await expectJsonError(await post(world, `/token?${all}`, {}), 400, 'invalid_request');
  });

  it('P:O-005 two ways at once are invalid_request, right as both may be', async () => {
    for (const client_id of ['basic', 'batch', 'body']) {
      const both = await ask({ client_id, client_secret: SECRET }, basicAuth(client_id, SECRET));
      await expectJsonError(both, 400, 'invalid_request');
    }
    await expectJsonError(await ask({ client_secret: SECRET }, basicAuth('batch', SECRET)), 400, 'invalid_request');
  });

  it('P:O-006 the same client_id in the body is no second way', async () => {
    await expectToken(await ask({ client_id: 'basic' }, basicAuth('basic', SECRET)));
  });

  it('P:O-007 another client_id in the body is refused', async () => {
    await expectJsonError(await ask({ client_id: 'body' }, basicAuth('basic', SECRET)), 400, 'invalid_request');
    await expectJsonError(await ask({ client_id: 'nobody' }, basicAuth('basic', SECRET)), 400, 'invalid_request');
  });

  it('P:O-008 a client is held to the method that it is registered for', async () => {
    await expectJsonError(await ask({ client_id: 'basic', client_secret: SECRET }), 401, 'invalid_client');
    await expectJsonError(await ask({}, basicAuth('body', SECRET)), 401, 'invalid_client');
  });

  it('P:O-011 an unknown client is told what a wrong secret is told, no sooner', async () => {
    const wrongs = [
      () => ask({}, basicAuth('basic', 'wrong')),
      () => ask({}, basicAuth('nobody', 'wrong')),
      () => ask({}, basicAuth('nobody', SECRET)),
    ];
    const answers = [];
    for (const wrong of wrongs) {
      const began = performance.now();
      const response = await wrong();
      const took = performance.now() - began;
      // Whatever was computed, or was not, is over by then.
      expect(took).toBeGreaterThan(24);
      const { 'content-length': length, 'www-authenticate': challenge } = Object.fromEntries(response.headers);
      answers.push({ status: response.status, length, challenge, text: await response.text() });
    }
    expect(answers[0]).toMatchObject({ status: 401, text: expect.stringContaining('"invalid_client"') });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('P:O-012 a confidential client that only says who it is proves nothing', async () => {
    for (const client_id of ['basic', 'body', 'batch', 'web']) {
      await expectJsonError(await ask({ client_id }), 401, 'invalid_client');
    }
  });
});

describe('a public client', () => {
  it('P:O-014 has to say who it is: a code without client_id is refused', async () => {
    const { form } = await obtainCode(world, 'spa');
    const response = await post(world, '/token', form);
    await expectJsonError(response, 401, 'invalid_client');
    await expectToken(await post(world, '/token', { ...form, client_id: 'spa' }));
  });

  it('P:O-015 that sends a secret is refused, whatever the secret, and nothing is used up', async () => {
    const { form } = await obtainCode(world, 'spa');
    for (const secret of [SECRET, 'x', ' ']) {
      const inBody = { ...form, client_id: 'spa', client_secret: secret };
      await expectJsonError(await post(world, '/token', inBody), 401, 'invalid_client');
      await expectJsonError(await post(world, '/token', form, { as: 'spa', secret }), 401, 'invalid_client');
    }
    await expectToken(await post(world, '/token', { ...form, client_id: 'spa' }));
  });

  it('that sends Basic with an empty secret only says who it is (RFC 6749 2.3.1), and a confidential one proves nothing so', async () => {
    const { form } = await obtainCode(world, 'spa');
    for (const client of ['basic', 'batch', 'web', 'nobody']) {
      await expectJsonError(await post(world, '/token', form, { as: client, secret: '' }), 401, 'invalid_client');
    }
    await expectToken(await post(world, '/token', form, { as: 'spa', secret: '' }));
  });

  it('P:O-017 a secret that all copies of an application share is refused by the configuration', async () => {
    const secret = { env: 'CLIENT_SECRET' };
    const withSecret = (name: string, metadata: object) => (documents: Documents) => {
      const application = documents.site.applications[name];
      application.secret = secret;
      Object.assign(application.metadata, metadata);
    };
    expect(errorsOf(await load(withSecret('spa', {})))).toContain('client.public-with-secret');
    expect(errorsOf(await load(withSecret('native', {})))).toContain('client.public-with-secret');
    for (const token_endpoint_auth_method of ['client_secret_basic', 'client_secret_post', undefined]) {
      const codes = errorsOf(await load(withSecret('native', { token_endpoint_auth_method })));
      expect(codes).toContain('client.native-with-secret');
    }
  });
});

describe('guesses', () => {
  it('P:O-016 ten wrong secrets are followed by 429, which holds up nobody who knows the secret elsewhere', async () => {
    const guarded = await serve(undefined, { app: { trustedProxies: ['127.0.0.1'] } });
    const from = (ip: string, as: string, secret?: string) =>
      post(guarded, '/token', CREDENTIALS, { as, ...(secret && { secret }), headers: { 'x-forwarded-for': ip } });
    for (let guess = 0; guess < 10; guess += 1) {
      await expectJsonError(await from('203.0.113.1', 'batch', `guess ${guess}`), 401, 'invalid_client');
    }
    for (const secret of ['another guess', SECRET]) {
      const throttled = await from('203.0.113.1', 'batch', secret);
      expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(throttled.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      await expectJsonError(throttled, 429, 'invalid_client');
    }
    await expectToken(await from('203.0.113.2', 'batch'));
    // Another client of the same address is not held up either.
    expect((await json(from('203.0.113.1', 'web'))).error).toBe('unauthorized_client');
    guarded.advance(61);
    await expectToken(await from('203.0.113.1', 'batch'));
  });

  it('P:O-016 that come at once are counted too, also of a secret that takes its time to check', async () => {
    const hashed = await serve(({ site }) => {
      site.applications.batch.secret = { hash: HASH };
    });
    const ask = (secret: string) => post(hashed, '/token', CREDENTIALS, { as: 'batch', secret });
    const wrongs = Array.from({ length: 30 }, (_, at) => ask(`guess-${at}`));
    // The first has been looked at: the others stand in line, and behind them the right one.
    await Promise.race(wrongs);
    expect((await ask(SECRET)).status).toBe(429);
    const statuses = (await Promise.all(wrongs)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    hashed.advance(61);
    // Those who know it may come at once, as many as they are.
    const right = await Promise.all(Array.from({ length: 20 }, () => ask(SECRET)));
    expect(right.map(({ status }) => status)).toEqual(right.map(() => 200));
  });
});
