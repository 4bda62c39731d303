// Client authentication at the token endpoint: RFC 6749 sections 2.3, 3.2.1 and 5.2, SEMANTICS U-48.

import { describe, expect, it } from 'vitest';
import { applicationAddress } from '../../src/model/address.ts';
import type { AuthenticationMethod } from '../../src/model/entity.ts';
import { Failure } from '../../src/model/failure.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import type { State } from '../../src/model/state.ts';
import type { EndpointRequest } from '../../src/oauth/endpoint.ts';
import {
  hashWithArgon2id,
  type SecretChecker,
  type SecretVerifier,
  storedForm,
  type Verifier,
} from '../../src/oauth/secret.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { added, CLIENT1, edited } from '../model/example-state.ts';
import {
  AUTHORIZED,
  ask,
  basic,
  contextOf,
  ISSUER,
  later,
  NOW,
  ofSecret,
  rawBasic,
  request,
  SINGLE,
  secrets,
  snapshotOf,
  type TestContext,
} from './fixture.ts';

const CHALLENGE = `Basic realm="${ISSUER}", charset="UTF-8"`;

const registered = (method: AuthenticationMethod | undefined): State =>
  edited(SINGLE, 'application', CLIENT1, {
    metadata: { grant_types: ['client_credentials'], ...(method && { token_endpoint_auth_method: method }) },
  });

const GRANT = { grant_type: 'client_credentials' };
const byHeader = (authorization: string | readonly string[], form: Record<string, string> = {}): EndpointRequest =>
  request(
    { ...GRANT, ...form },
    { authorization: typeof authorization === 'string' ? [authorization] : authorization },
  );
const byBody = (client_id: string, client_secret: string): EndpointRequest =>
  request({ ...GRANT, client_id, client_secret });

const token = (question: EndpointRequest, state: State = SINGLE) => ask(tokenEndpoint, question, contextOf(state));
const outcome = async (question: EndpointRequest, state?: State) => {
  const { status, body, headers } = await token(question, state);
  return { status, error: body.error, challenge: headers['WWW-Authenticate'] };
};

/** A client with any client_id and secret, able to get a token. */
function oddClient(client_id: string, secret: string) {
  const address = applicationAddress('Example', 'Odd');
  const { client_id: _, ...rest } = SINGLE.get(CLIENT1) as { client_id: string };
  const state = added(SINGLE, [[address, { ...rest, kind: 'application', client_id }]]);
  const snapshot = snapshotOf(state);
  const verifiers = new Map(snapshot.verifiers).set(address, [ofSecret(secrets.keyed(secret))]);
  return contextOf(snapshotOf(state, { verifiers }));
}

describe('client_secret_basic', () => {
  it('P:O-001: a registered client authenticates by the header', async () => {
    expect((await outcome(byHeader(basic('Client1')), registered('client_secret_basic'))).status).toBe(200);
  });

  it.each(['Basic', 'basic', 'BASIC', 'bAsIc'])('RFC 9110 11.1: the scheme %s is the same scheme', async (scheme) => {
    expect((await outcome(byHeader(basic('Client1').replace('Basic', scheme)))).status).toBe(200);
  });

  it.each([
    ['a:b', 'x:y'],
    ['a%b', '100%'],
    ['a b', 'p+q r'],
    ['a/b=c', '+/='],
    ['a%3Ab', 'a%2Bb'],
    ['plain', 'sü☃'],
  ])('P:O-002: id %j and secret %j, both form-urlencoded', async (client_id, secret) => {
    const { status } = await ask(tokenEndpoint, byHeader(basic(client_id, secret)), oddClient(client_id, secret));
    expect(status).toBe(200);
  });

  it.each([
    ['plain', '100%'],
    ['plain', 'p+q'],
    ['plain', 'a%2Bb'],
    ['a b', 'x:y'],
    ['plain', 'sü'],
  ])('decision 2: id %j and secret %j as they stand, as curl sends them', async (client_id, secret) => {
    const { status } = await ask(
      tokenEndpoint,
      byHeader(rawBasic(`${client_id}:${secret}`)),
      oddClient(client_id, secret),
    );
    expect(status).toBe(200);
  });

  it('P:O-002: a colon in the id that is not encoded does not authenticate', async () => {
    const { status } = await ask(tokenEndpoint, byHeader(rawBasic('a:b:secret')), oddClient('a:b', 'secret'));
    expect(status).toBe(401);
  });

  it('P:O-006: the same client_id repeated in the body is no second way', async () => {
    expect((await outcome(byHeader(basic('Client1'), { client_id: 'Client1' }))).status).toBe(200);
  });

  it('P:O-007: another client_id in the body is invalid_request', async () => {
    expect(await outcome(byHeader(basic('Server1'), { client_id: 'Client1' }), AUTHORIZED)).toMatchObject({
      status: 400,
      error: 'invalid_request',
    });
  });

  it('P:O-009: a wrong secret is 401 with a challenge that names the issuer, and no-store', async () => {
    const { status, headers, body } = await token(byHeader(basic('Client1', 'wrong')));
    expect(status).toBe(401);
    expect(headers).toEqual({ 'Cache-Control': 'no-store', Pragma: 'no-cache', 'WWW-Authenticate': CHALLENGE });
    expect(body).toEqual({
      error: 'invalid_client',
      error_description: 'CLIENT_AUTHENTICATION_FAILED: Client authentication failed',
    });
  });

  it.each([
    ['bad base64', 'Basic ???'],
    ['base64 within text', 'Basic Q2xpZW50MTpzZWNyZXQ= x'],
    ['base64url', `Basic ${Buffer.from('Client1:\u{fffd}??>>').toString('base64url')}`],
    ['no colon', rawBasic('Client1')],
    ['no UTF-8', `Basic ${Buffer.from([0x41, 0x3a, 0xff, 0xfe]).toString('base64')}`],
    ['nothing after the scheme', 'Basic'],
    ['an empty value', ''],
    ['an unknown scheme', 'Digest username="Client1"'],
    ['two headers', [basic('Client1'), basic('Client1')]],
    ['an empty id and secret', rawBasic(':')],
  ])('P:O-013: %s is 401 with a challenge, never 500', async (_, authorization) => {
    expect(await outcome(byHeader(authorization))).toEqual({
      status: 401,
      error: 'invalid_client',
      challenge: CHALLENGE,
    });
  });

  it('P:O-013: a bearer token is no client authentication, and the challenge is of its scheme', async () => {
    expect(await outcome(byHeader('Bearer abc'))).toEqual({
      status: 401,
      error: 'invalid_client',
      challenge: `Bearer realm="${ISSUER}"`,
    });
  });
});

describe('bytes that are no UTF-8', () => {
  it('are not read as the replacement character, which a secret may hold', async () => {
    const context = oddClient('plain', 'a\ufffd');
    expect((await ask(tokenEndpoint, byHeader(rawBasic('plain:a\ufffd')), context)).status).toBe(200);
    const broken = Buffer.concat([Buffer.from('plain:a'), Buffer.from([0xff])]).toString('base64');
    expect((await ask(tokenEndpoint, byHeader(`Basic ${broken}`), context)).status).toBe(401);
  });

  it('are Latin-1, as Python’s requests sends them (RFC 7617 2.1)', async () => {
    const context = oddClient('plain', 'gr\u00fcn');
    const latin = Buffer.from('plain:gr\u00fcn', 'latin1').toString('base64');
    expect((await ask(tokenEndpoint, byHeader(`Basic ${latin}`), context)).status).toBe(200);
  });
});

describe('client_secret_post', () => {
  it('P:O-003, P:E-004: a registered client authenticates in the body', async () => {
    expect((await outcome(byBody('Client1', 'secret'), registered('client_secret_post'))).status).toBe(200);
  });

  it('P:O-010: a wrong secret is 401 JSON, no-store, and without a challenge that nobody can answer', async () => {
    const { status, headers, body } = await token(byBody('Client1', 'wrong'));
    expect(status).toBe(401);
    expect(headers).toEqual({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    expect(body.error).toBe('invalid_client');
  });

  it('a secret without a client_id is 401', async () => {
    expect((await outcome(request({ ...GRANT, client_secret: 'secret' }))).status).toBe(401);
  });

  it('P:O-004: credentials that are not in the form do not exist', async () => {
    // http never hands the query of a request to an endpoint; without form and header there is nobody.
    expect(await outcome(request(GRANT))).toEqual({ status: 401, error: 'invalid_client', challenge: CHALLENGE });
  });
});

describe('which method counts', () => {
  it.each([byHeader(basic('Client1')), byBody('Client1', 'secret')])(
    'S:U-48: with no method registered, both ways work (%#)',
    async (question) => {
      expect((await outcome(question, registered(undefined))).status).toBe(200);
    },
  );

  it.each([
    ['client_secret_basic', byBody('Client1', 'secret')],
    ['client_secret_post', byHeader(basic('Client1'))],
  ] as const)('P:O-008: a client registered for %s cannot use the other way', async (method, question) => {
    expect(await outcome(question, registered(method))).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it.each([
    ['a header and a secret in the body', byHeader(basic('Client1'), { client_secret: 'secret' })],
    ['a header and an assertion', byHeader(basic('Client1'), { client_assertion: 'x' })],
    [
      'a secret and an assertion',
      request({ ...GRANT, client_id: 'Client1', client_secret: 'secret', client_assertion: 'x' }),
    ],
  ])('P:O-005: %s is invalid_request', async (_, question) => {
    const { status, body } = await token(question);
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_request');
    expect(body.error_description).toMatch(/^CREDENTIALS_REPEATED: /);
  });

  it('a client assertion alone is not served: invalid_client', async () => {
    expect((await outcome(request({ ...GRANT, client_id: 'Client1', client_assertion: 'x' }))).error).toBe(
      'invalid_client',
    );
  });

  it('P:O-012: a confidential client that only says who it is, is 401', async () => {
    expect(await outcome(request({ ...GRANT, client_id: 'Client1' }))).toMatchObject({
      status: 401,
      error: 'invalid_client',
    });
  });

  it('P:O-014: nobody at all is 401', async () => {
    expect((await outcome(request(GRANT), registered('none'))).status).toBe(401);
  });

  it.each([byHeader(basic('Client1')), byBody('Client1', 'secret'), byBody('Client1', 'x')])(
    'P:O-015, P:O-017: a public client that sends a secret proves nothing by it, even the one it has (%#)',
    async (question) => {
      expect(await outcome(question, registered('none'))).toMatchObject({ status: 401, error: 'invalid_client' });
    },
  );

  it('an empty client_secret is an absent one: the public client is who it says, and refused for its grant', async () => {
    expect((await outcome(byBody('Client1', ''), registered('none'))).error).toBe('unauthorized_client');
  });

  it('a client for which no secret is known cannot authenticate', async () => {
    const snapshot = snapshotOf(SINGLE, { verifiers: new Map() });
    const { status } = await ask(tokenEndpoint, byBody('Client1', 'secret'), contextOf(snapshot));
    expect(status).toBe(401);
  });
});

describe('one refusal for all (P:O-011, vector V10)', () => {
  const DISABLED = edited(SINGLE, 'application', CLIENT1, { enabled: false });
  const cases: [string, string, string, State][] = [
    ['a wrong secret', 'Client1', 'wrong', SINGLE],
    ['an unknown client', 'Nobody', 'wrong', SINGLE],
    ['a disabled client with its right secret', 'Client1', 'secret', DISABLED],
    ['another registered method', 'Client1', 'secret', registered('none')],
  ];

  it.each([
    ['the body', byBody],
    ['the header', (id: string, secret: string) => byHeader(basic(id, secret))],
  ])('credentials in %s: every refusal is the same to the byte, and waits for the floor', async (_, present) => {
    const answers = await Promise.all(
      cases.map(async ([, client_id, secret, state]) => {
        const { status, headers, body, refusal } = await token(present(client_id, secret), state);
        return { bytes: JSON.stringify({ status, headers, body }), floor: refusal?.floor };
      }),
    );
    expect(new Set(answers.map(({ bytes }) => bytes)).size).toBe(1);
    expect(answers.map(({ floor }) => floor)).toEqual([true, true, true, true]);
  });

  it.each([
    ['unknown client', byBody('Nobody', 'secret'), SINGLE],
    ['disabled client', byBody('Client1', 'secret'), DISABLED],
    ['not the registered authentication method', byBody('Client1', 'secret'), registered('none')],
  ])('P:O-011: %s: nothing is hashed', async (fault, question, state) => {
    const never: SecretChecker = { ...secrets, recognise: () => Promise.reject(new Error('hashed')) };
    const context = contextOf(state, { secrets: never });
    expect((await ask(tokenEndpoint, question, context)).status).toBe(401);
    expect(context.events).toMatchObject([{ outcome: 'refused', code: 'CLIENT_AUTHENTICATION_FAILED', detail: fault }]);
  });

  it('P:O-016: a failed attempt neither locks out nor uses anything up: the next right one works', async () => {
    const context = contextOf(SINGLE);
    for (let i = 0; i < 20; i++) {
      expect((await ask(tokenEndpoint, byBody('Client1', `wrong${i}`), context)).refusal?.floor).toBe(true);
    }
    expect((await ask(tokenEndpoint, byBody('Client1', 'secret'), context)).status).toBe(200);
  });

  it('P:O-016: overloaded hashing is 503 with Retry-After, not a 401 and not a longer queue', async () => {
    const busy: SecretChecker = { ...secrets, recognise: () => Promise.reject(new Failure('busy', 'queue full')) };
    const { status, headers, body } = await ask(
      tokenEndpoint,
      byBody('Client1', 'secret'),
      contextOf(SINGLE, { secrets: busy }),
    );
    expect(status).toBe(503);
    expect(headers['Retry-After']).toBe('1');
    expect(body.error).toBe('temporarily_unavailable');
  });

  it('S:A-17: the address is told only when the credentials were right', async () => {
    const state = edited(SINGLE, 'application', CLIENT1, { client_ip_range: ['10.0.0.0/8'] });
    const right = await token(byBody('Client1', 'secret'), state);
    const wrong = await token(byBody('Client1', 'wrong'), state);
    expect(right.body.error_description).toMatch(/^CLIENT_IP_NOT_ALLOWED: /);
    expect(wrong.body.error_description).toMatch(/^CLIENT_AUTHENTICATION_FAILED: /);
    expect([right.status, wrong.status]).toEqual([401, 401]);
  });

  it('P:X-012: the log has the client that was named, and never its secret', async () => {
    const context = contextOf(SINGLE);
    await ask(tokenEndpoint, byBody('Client1', 'sup3r-wrong'), context);
    expect(context.events).toMatchObject([{ client_id: 'Client1', ip: '198.51.100.7', detail: 'wrong secret' }]);
    expect(JSON.stringify(context.events)).not.toContain('sup3r-wrong');
  });
});

describe('several secrets (DESIGN 6)', () => {
  const at = (offset: number) => new Date(NOW + offset).toISOString();
  /** Client1 with these secrets instead of its one. */
  const having = (...verifiers: readonly SecretVerifier[]) =>
    contextOf(snapshotOf(SINGLE, { verifiers: new Map([[CLIENT1, verifiers]]) }));
  const statusOf = async (context: TestContext, secret: string, offset = 0) =>
    (await ask(tokenEndpoint, byBody('Client1', secret), later(context, { now: NOW + offset }))).status;
  const old = { slot: 'env:OLD', expires: at(1000) };
  const next = { slot: 'env:NEXT', not_before: at(-1000) };

  it('every one that counts authenticates, three as well as one', async () => {
    const third = ofSecret(secrets.keyed('third'), { slot: 'file:third' });
    const context = having(ofSecret(secrets.keyed('old'), old), ofSecret(secrets.keyed('next'), next), third);
    for (const secret of ['old', 'next', 'third']) expect(await statusOf(context, secret)).toBe(200);
    expect(await statusOf(context, 'fourth')).toBe(401);
  });

  it('one counts from its first instant to before its last, by the clock of the request', async () => {
    const context = having(
      ofSecret(secrets.keyed('old'), old),
      ofSecret(secrets.keyed('next'), { ...next, not_before: at(500) }),
    );
    const over = async (offset: number) => [
      await statusOf(context, 'old', offset),
      await statusOf(context, 'next', offset),
    ];
    expect(await over(499)).toEqual([200, 401]);
    expect(await over(500)).toEqual([200, 200]);
    expect(await over(999)).toEqual([200, 200]);
    expect(await over(1000)).toEqual([401, 200]);
  });

  it.each(['keyed', 'argon2id', 'sha256'] as const)('nothing that is remembered outlives it: %s', async (kind) => {
    const value = formatGeneratedSecret(new Uint8Array(32).fill(1));
    const forms: Record<typeof kind, () => Promise<Verifier>> = {
      keyed: async () => secrets.keyed(value),
      argon2id: async () => storedForm(await hashWithArgon2id(value)),
      sha256: async () => storedForm(await secrets.hash(value)),
    };
    const context = having(ofSecret(await forms[kind](), old));
    expect(await statusOf(context, value)).toBe(200);
    expect(await statusOf(context, value), 'from memory').toBe(200);
    expect(await statusOf(context, value, 1000)).toBe(401);
    expect(await statusOf(context, value)).toBe(200);
  });

  it('the same value under two names counts as long as either does', async () => {
    const context = having(ofSecret(secrets.keyed('same'), old), ofSecret(secrets.keyed('same'), { slot: 'env:NEXT' }));
    expect(await statusOf(context, 'same', 2000)).toBe(200);
  });

  it('a written hash among them has its time too', async () => {
    const context = having(
      ofSecret({ kind: 'argon2id', phc: await hashWithArgon2id('hashed') }, { slot: undefined, expires: at(1000) }),
      ofSecret(secrets.keyed('next'), next),
    );
    expect(await statusOf(context, 'hashed')).toBe(200);
    expect(context.events.at(-1)).toMatchObject({ outcome: 'issued', secret: 'hash' });
    expect(await statusOf(context, 'hashed', 1000)).toBe(401);
  });

  it('P:O-011: a client whose secrets are all over or to come is refused as every other, and never hashed for', async () => {
    const never: SecretChecker = { ...secrets, recognise: () => Promise.reject(new Error('hashed')) };
    const context = having(ofSecret(secrets.keyed('old'), old), ofSecret(secrets.keyed('x'), { not_before: at(5000) }));
    const late = later(context, { now: NOW + 2000, secrets: never });
    const refused = await ask(tokenEndpoint, byBody('Client1', 'old'), late);
    const unknown = await ask(tokenEndpoint, byBody('Nobody', 'old'), late);
    expect([refused.status, refused.body, refused.headers]).toEqual([unknown.status, unknown.body, unknown.headers]);
    expect(refused.refusal?.floor).toBe(true);
    expect(context.events[0]).toMatchObject({ detail: 'no secret of the client counts at this time' });
  });

  it('the log says which of them a client used, by its reference and not by its value', async () => {
    const context = having(ofSecret(secrets.keyed('canary-old'), old), ofSecret(secrets.keyed('canary-next'), next));
    await statusOf(context, 'canary-old');
    await statusOf(context, 'canary-next');
    expect(context.events).toMatchObject([{ secret: 'env:OLD' }, { secret: 'env:NEXT' }]);
    expect(JSON.stringify(context.events)).not.toContain('canary');
    const alone = having(ofSecret(secrets.keyed('old'), old));
    await statusOf(alone, 'old');
    expect(alone.events[0]).not.toHaveProperty('secret');
  });
});
