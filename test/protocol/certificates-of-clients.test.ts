// Clients that authenticate by the certificate of their connection (RFC 8705 2; SEMANTICS N-14): from a real handshake, and from
// what a trusted proxy writes of the one that it ended.

import { createPublicKey } from 'node:crypto';
import { request } from 'node:https';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { machine } from './assertion.ts';
import { claimsOf, json } from './browser.ts';
import {
  CLIENT_AUTH,
  type Made,
  makeAuthority,
  makeCertificate,
  makeKey,
  SERVER_AUTH,
  type Wanted,
} from './certificate-maker.ts';
import { SECRET, type Spec } from './spec.ts';
import { errorsOf, load, serve, serveForAll, type World, warningsOf } from './world.ts';

const SUBJECT = [
  ['C', 'SE'],
  ['O', 'Example'],
  ['OU', 'Treasury'],
  ['CN', 'batch7'],
] as const;
const DN = 'CN=batch7,OU=Treasury,O=Example,C=SE';

const corporate = await makeAuthority('Corporate CA');
const issuing = await makeAuthority('Issuing CA', { issuer: corporate });
const others = await makeAuthority('Others CA');
const good = await makeCertificate({ issuer: corporate, subject: SUBJECT, purposes: [CLIENT_AUTH], usage: 0x80 });
const named = await makeCertificate({
  issuer: corporate,
  names: [
    ['dns', 'Batch7.Internal.Example.com'],
    ['uri', 'SPIFFE://Example.com/ns/treasury/sa/batch7'],
    ['email', 'batch7@EXAMPLE.com'],
    ['ip', [203, 0, 113, 7]],
    ['ip', [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]],
  ],
});
const own = await makeCertificate({ subject: [['CN', 'whoever']] });
const listener = await makeCertificate({ subject: [['CN', 'localhost']], names: [['dns', 'localhost']] });

const tls = (metadata: Spec, more: Spec = {}) =>
  machine(
    { token_endpoint_auth_method: 'tls_client_auth', ...metadata },
    { certificate_authority: 'corporate', ...more },
  );
const jwkOf = ({ x509, der }: Made): Spec => ({
  ...createPublicKey(x509.toString()).export({ format: 'jwk' }),
  x5c: [der.toString('base64')],
});

function withClients({ server, site }: { server: Spec; site: Spec }): void {
  server.server.certificates = { authorities: { corporate: { pem: corporate.pem }, others: { pem: others.pem } } };
  Object.assign(site.applications, {
    bySubject: tls({ tls_client_auth_subject_dn: DN }),
    byDns: tls({ tls_client_auth_san_dns: 'batch7.internal.example.com' }),
    byUri: tls({ tls_client_auth_san_uri: 'spiffe://example.com/ns/treasury/sa/batch7' }),
    byEmail: tls({ tls_client_auth_san_email: 'batch7@example.com' }),
    byIp: tls({ tls_client_auth_san_ip: '203.0.113.7' }),
    byIp6: tls({ tls_client_auth_san_ip: '2001:db8:0::7' }),
    byOthers: tls({ tls_client_auth_subject_dn: DN }, { certificate_authority: 'others' }),
    byOwn: machine({ token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [jwkOf(own)] } }),
    bySecret: machine({ token_endpoint_auth_method: 'client_secret_post' }, { secret: { env: 'CLIENT_SECRET' } }),
  });
}

const direct = await serveForAll(withClients, {
  app: { tls: { cert: Buffer.from(listener.pem), key: Buffer.from(listener.keyPem) } },
});
const behind = await serveForAll(
  (documents) => {
    withClients(documents);
    documents.server.server.certificates.header = 'Client-Cert';
  },
  { app: { trustedProxies: ['127.0.0.1'] } },
);

// Failures are counted by the minute: each test has one of its own.
beforeEach(() => {
  direct.advance(61);
  behind.advance(61);
});

interface Asked {
  readonly certificate?: Made | undefined;
  readonly chain?: readonly Made[];
  readonly form?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly body: Spec;
}

/** By a connection of its own, with a certificate in its handshake. */
function ask(
  world: World,
  client_id: string,
  { certificate, chain = [], form = {}, path = '/token', headers = {} }: Asked = {},
): Promise<Answered> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, ...form });
  if (client_id === '') body.delete('client_id');
  const shown =
    certificate === undefined
      ? {}
      : { cert: [certificate, ...chain].map(({ pem }) => pem).join(''), key: certificate.keyPem };
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: world.port,
      path,
      method: 'POST',
      ca: listener.pem,
      servername: 'localhost',
    };
    const asked = request(
      {
        ...options,
        ...shown,
        agent: false,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }),
        );
      },
    );
    asked.on('error', reject).end(body.toString());
  });
}

const field = ({ der }: Made) => `:${der.toString('base64')}:`;

/** Through the proxy, which is whoever this is. */
async function askBehind(client_id: string, headers: [string, string][], world = behind): Promise<Answered> {
  const response = await world.fetch('/token', {
    method: 'POST',
    headers: [['content-type', 'application/x-www-form-urlencoded'], ...headers],
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id }).toString(),
  });
  return { status: response.status, body: await response.json() };
}

function expectTaken({ status, body }: Answered, client_id: string): void {
  expect({ status, body }).toMatchObject({ status: 200 });
  expect(claimsOf(body.access_token).client_id).toBe(client_id);
}

function expectRefused({ status, body }: Answered): void {
  // The same whatever was wrong: the log has what.
  expect({ status, body }).toEqual({
    status: 401,
    body: { error: 'invalid_client', error_description: expect.stringMatching(/^CLIENT_AUTHENTICATION_FAILED: /) },
  });
}

/** What the log says of the last refusal, once it has been written. */
const expectReason = (world: World, reason: RegExp) =>
  vi.waitFor(() => {
    const events = world.records.flatMap(({ events }) => (Array.isArray(events) ? events : []));
    expect(String(events.findLast(({ detail }) => detail !== undefined)?.detail)).toMatch(reason);
  });

describe('tls_client_auth', () => {
  it('P:AY-001 S:N-14 a client is known by the one name that is written of its certificate, from a real handshake', async () => {
    expectTaken(await ask(direct, 'bySubject', { certificate: good }), 'bySubject');
    for (const client of ['byDns', 'byUri', 'byEmail', 'byIp', 'byIp6']) {
      expectTaken(await ask(direct, client, { certificate: named }), client);
    }
  });

  it('P:AY-001 the certificate of another client is refused as any wrong credential is', async () => {
    expectRefused(await ask(direct, 'bySubject', { certificate: named }));
    await expectReason(direct, /somebody else/);
    for (const client of ['byDns', 'byUri', 'byEmail', 'byIp', 'byIp6']) {
      expectRefused(await ask(direct, client, { certificate: good }));
    }
    expectRefused(await ask(direct, 'bySubject'));
    expectRefused(await ask(direct, 'bySubject', { form: { client_secret: SECRET } }));
    expectRefused(await ask(direct, 'nobody', { certificate: good }));
  });

  it('P:AY-001 names are compared as names: in any case, however they are kept, part by part in their order', async () => {
    const of = (subject: Wanted['subject'], text: 'utf8' | 'printable' | 'bmp' = 'utf8') =>
      makeCertificate({ issuer: corporate, text, ...(subject === undefined ? {} : { subject }) });
    for (const text of ['printable', 'bmp'] as const) {
      const same = await of(
        [
          ['C', 'se'],
          ['O', ' EXAMPLE '],
          ['OU', 'Treasury'],
          ['CN', 'Batch7'],
        ],
        text,
      );
      expectTaken(await ask(direct, 'bySubject', { certificate: same }), 'bySubject');
    }
    for (const subject of [
      [...SUBJECT].reverse(),
      SUBJECT.slice(1),
      [...SUBJECT, ['CN', 'batch7']],
      [
        ['C', 'SE'],
        ['O', 'Example'],
        ['OU', 'Treasury'],
        ['CN', 'batch70'],
      ],
      // What would read the same if names were compared as text.
      [
        ['C', 'SE'],
        ['O', 'Example'],
        ['CN', 'batch7,OU=Treasury'],
      ],
      [
        ['C', 'SE'],
        ['O', 'Example'],
        ['OU', 'Treasury'],
        ['CN', 'batch7\0'],
      ],
    ] as const) {
      const certificate = await of(subject as Wanted['subject']);
      const { status } = await ask(direct, 'bySubject', { certificate });
      expect({ subject, status }).toEqual({ subject, status: 401 });
    }
  });

  it('P:AY-001 a certificate of another authority proves nothing, with the very same names', async () => {
    const same = await makeCertificate({ issuer: others, subject: SUBJECT });
    expectRefused(await ask(direct, 'bySubject', { certificate: same }));
    expectTaken(await ask(direct, 'byOthers', { certificate: same }), 'byOthers');
    expectRefused(await ask(direct, 'byOthers', { certificate: good }));
    // An authority that says that it is that one, and is none.
    const impostor = await makeAuthority('Corporate CA');
    const forged = await makeCertificate({ issuer: impostor, subject: SUBJECT });
    expectRefused(await ask(direct, 'bySubject', { certificate: forged, chain: [impostor] }));
    expectRefused(await ask(direct, 'bySubject', { certificate: await makeCertificate({ subject: SUBJECT }) }));
  });

  it.each<[string, Wanted, RegExp]>([
    ['that has ended', { to: -0.5, from: -2 }, /expired/],
    ['that does not count yet', { from: 1, to: 2 }, /not yet valid/],
    ['for servers', { purposes: [SERVER_AUTH] }, /not for the authentication of clients/],
    ['whose key is not for signatures', { usage: 0x20 }, /not for signatures/],
    ['with a critical extension that nobody knows', { critical: '1.2.3.4.5' }, /critical extension/],
    ['that is signed by somebody else', { signedBy: others }, /no path/],
  ])('P:AY-001 a certificate %s is none', async (_, wanted, reason) => {
    const certificate = await makeCertificate({ issuer: corporate, subject: SUBJECT, ...wanted });
    expectRefused(await ask(direct, 'bySubject', { certificate }));
    await expectReason(direct, reason);
  });

  it('P:AY-001 a signature by SHA-1 proves nothing, whatever the proxy thought of it', async () => {
    const certificate = await makeCertificate({ issuer: corporate, subject: SUBJECT, hash: 'SHA-1' });
    expectRefused(await askBehind('bySubject', [['client-cert', field(certificate)]]));
    await expectReason(behind, /signature of the chain is too weak/);
  });

  it('P:AY-001 an authority in between has to be one, and within what it was given', async () => {
    const through = async (wanted: Wanted, leaf: Wanted = {}) => {
      const between = await makeAuthority('Between CA', { issuer: corporate, ...wanted });
      const certificate = await makeCertificate({ issuer: between, subject: SUBJECT, ...leaf });
      return ask(direct, 'bySubject', { certificate, chain: [between] });
    };
    expectTaken(await through({}), 'bySubject');
    expectTaken(await through({ pathLength: 0 }), 'bySubject');
    for (const [wanted, reason] of [
      [{ ca: false, usage: 0x86 }, /no authority|no path/],
      [{ usage: 0x80 }, /no authority|no path/],
      [{ to: -0.5, from: -2 }, /expired/],
      [{ purposes: [SERVER_AUTH] }, /not for the authentication of clients/],
    ] as const) {
      expectRefused(await through(wanted));
      await expectReason(direct, reason);
    }
    const permitted = { permitted: [['dns', 'internal.example.com']] } as const;
    expectTaken(await through(permitted, { names: [['dns', 'a.internal.example.com']] }), 'bySubject');
    expectRefused(await through(permitted, { names: [['dns', 'a.example.net']] }));
    expectRefused(await through({ excluded: [['dns', 'example.net']] }, { names: [['dns', 'a.example.net']] }));
  });

  it('P:AY-001 an authority cannot give on more than it was given', async () => {
    const first = await makeAuthority('First CA', {
      issuer: corporate,
      pathLength: 0,
      permitted: [['dns', 'example.com']],
    });
    const second = await makeAuthority('Second CA', { issuer: first, permitted: [['dns', 'example.net']] });
    const certificate = await makeCertificate({ issuer: second, subject: SUBJECT });
    expectRefused(await ask(direct, 'bySubject', { certificate, chain: [second, first] }));
    await expectReason(direct, /longer than an issuer allows/);
    const wide = await makeAuthority('First CA', { issuer: corporate, permitted: [['dns', 'example.com']] });
    const wider = await makeAuthority('Second CA', { issuer: wide, permitted: [['dns', 'example.net']] });
    const outside = await makeCertificate({ issuer: wider, subject: SUBJECT, names: [['dns', 'a.example.net']] });
    expectRefused(await ask(direct, 'bySubject', { certificate: outside, chain: [wider, wide] }));
    await expectReason(direct, /permitted/);
  });

  it('P:AY-001 authorities that issued each other lead nowhere, and soon', async () => {
    const keys = [await makeKey(), await makeKey()] as const;
    const one = await makeAuthority('One CA', { key: keys[0] });
    const two = await makeAuthority('Two CA', { key: keys[1] });
    const crossed = [
      await makeAuthority('One CA', { key: keys[0], issuer: two }),
      await makeAuthority('Two CA', { key: keys[1], issuer: one }),
    ];
    const certificate = await makeCertificate({ issuer: one, subject: SUBJECT });
    const began = performance.now();
    expectRefused(await ask(direct, 'bySubject', { certificate, chain: [...crossed, one, two] }));
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('P:AY-001 what counted a moment ago counts no longer once it has ended', async () => {
    const certificate = await makeCertificate({ issuer: corporate, subject: SUBJECT, to: 1 / 24 });
    const world = await direct.second({ tls: { cert: Buffer.from(listener.pem), key: Buffer.from(listener.keyPem) } });
    expectTaken(await ask(world, 'bySubject', { certificate }), 'bySubject');
    world.advance(3700);
    expectRefused(await ask(world, 'bySubject', { certificate }));
  });

  it('P:AY-001 many wrong certificates in a row are throttled as wrong secrets are', async () => {
    const certificate = await makeCertificate({ issuer: others, subject: SUBJECT });
    const world = await direct.second({ tls: { cert: Buffer.from(listener.pem), key: Buffer.from(listener.keyPem) } });
    const statuses: number[] = [];
    for (let count = 0; count < 14; count += 1) statuses.push((await ask(world, 'bySubject', { certificate })).status);
    expect(statuses).toContain(429);
  });
});

describe('self_signed_tls_client_auth', () => {
  it('P:AY-002 the certificate is that of a key of the client, to the last byte', async () => {
    expectTaken(await ask(direct, 'byOwn', { certificate: own }), 'byOwn');
    // Another one of the same key is another one.
    const again = await makeCertificate({ subject: [['CN', 'whoever']], key: own.keys });
    expectRefused(await ask(direct, 'byOwn', { certificate: again }));
    expectRefused(await ask(direct, 'byOwn', { certificate: await makeCertificate({ subject: [['CN', 'whoever']] }) }));
    expectRefused(await ask(direct, 'byOwn', { certificate: good }));
    expectRefused(await ask(direct, 'byOwn'));
    direct.advance(31 * 86_400);
    expectRefused(await ask(direct, 'byOwn', { certificate: own }));
    direct.advance(-31 * 86_400);
  });

  it('P:AY-002 a key without its certificate, or with that of another key, makes no client', async () => {
    const bySelf = (key: Spec) => (documents: { server: Spec; site: Spec }) => {
      documents.site.applications.byOwn = machine({
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [key] },
      });
    };
    const { x5c, ...bare } = jwkOf(own);
    expect(errorsOf(await load(bySelf({ ...bare, x5c })))).toEqual([]);
    for (const key of [bare, { ...bare, x5c: jwkOf(good).x5c }, { ...bare, x5c: ['AAAA'] }]) {
      expect(errorsOf(await load(bySelf(key)))).toEqual(['client.no-certificate']);
    }
  });
});

describe('which client it is', () => {
  it('P:AY-003 the body says: without client_id a good certificate is nobody’s', async () => {
    expectRefused(await ask(direct, '', { certificate: good }));
    expectTaken(await ask(direct, 'bySubject', { certificate: good }), 'bySubject');
  });

  it('P:AY-001 a client that registered another method is not let in by a certificate, and one of certificates not by a secret', async () => {
    expectRefused(await ask(direct, 'bySecret', { certificate: good }));
    expectTaken(await ask(direct, 'bySecret', { certificate: good, form: { client_secret: SECRET } }), 'bySecret');
    expectRefused(await ask(direct, 'bySubject', { certificate: good, form: { client_secret: SECRET } }));
  });

  it('P:AY-001 all endpoints that authenticate clients know it', async () => {
    const { body } = await ask(direct, 'bySubject', { certificate: good });
    const form = { token: body.access_token };
    expect(await ask(direct, 'bySubject', { certificate: good, form, path: '/introspect' })).toMatchObject({
      status: 200,
    });
    expect(await ask(direct, 'bySubject', { form, path: '/introspect' })).toMatchObject({ status: 401 });
    expect(await ask(direct, 'bySubject', { certificate: good, form, path: '/revoke' })).toMatchObject({ status: 200 });
    expect(await ask(direct, 'bySubject', { form, path: '/revoke' })).toMatchObject({ status: 401 });
  });

  it('P:AY-001 discovery names the methods where there is an authority, and not where there is none', async () => {
    const documentOf = async (world: World) => json(await world.fetch('/.well-known/openid-configuration'));
    const with_ = await documentOf(behind);
    for (const of of ['token', 'introspection', 'revocation']) {
      expect(with_[`${of}_endpoint_auth_methods_supported`]).toEqual(
        expect.arrayContaining(['tls_client_auth', 'self_signed_tls_client_auth']),
      );
    }
    const without = await documentOf(await serve());
    expect(without.token_endpoint_auth_methods_supported).not.toContain('tls_client_auth');
    expect(without.token_endpoint_auth_methods_supported).not.toContain('self_signed_tls_client_auth');
  });
});

describe('a listener that speaks TLS itself', () => {
  it('P:AY-001 asks for certificates from the next connection on as the State changes, and no session is resumed', async () => {
    const world = await serve(undefined, {
      app: { tls: { cert: Buffer.from(listener.pem), key: Buffer.from(listener.keyPem) } },
    });
    await expectAsked(world, false);
    await world.apply(withClients);
    await expectAsked(world, true);
    expectTaken(await ask(world, 'bySubject', { certificate: good }), 'bySubject');
    await world.apply(({ server, site }) => {
      delete server.server.certificates;
      for (const name of Object.keys(site.applications)) if (/^by/.test(name)) delete site.applications[name];
    }, 'approved');
    await expectAsked(world, false);
  });
});

/** Whether the listener asks, and then whether a second connection goes on with the session of the first. */
async function expectAsked(world: World, isAsked: boolean): Promise<void> {
  const { connect } = await import('node:tls');
  const meet = (session?: Buffer) =>
    new Promise<{ resumed: boolean; session: Buffer | undefined }>((resolve, reject) => {
      let ticket: Buffer | undefined;
      const socket = connect({
        ...{ host: '127.0.0.1', port: world.port, ca: listener.pem, servername: 'localhost', maxVersion: 'TLSv1.2' },
        ...(session === undefined ? {} : { session }),
      });
      socket.on('error', reject);
      socket.on('session', (one: Buffer) => {
        ticket = one;
      });
      let resumed = false;
      socket.on('secureConnect', () => {
        resumed = socket.isSessionReused();
        socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      });
      socket.on('data', () => undefined);
      socket.on('close', () => resolve({ resumed, session: ticket }));
    });
  const first = await meet();
  const second = await meet(first.session);
  expect(second.resumed).toBe(!isAsked);
  if (!isAsked) expect(first.session).toBeDefined();
}

describe('a proxy that ended the connection', () => {
  it('P:AY-008 S:N-14 what a trusted proxy writes counts as a handshake does, in each way in which they write it', async () => {
    const base64 = good.der.toString('base64');
    for (const value of [
      field(good),
      encodeURIComponent(good.pem),
      good.pem.replaceAll('\n', ' '),
      base64,
      encodeURIComponent(base64),
      `${base64},${corporate.der.toString('base64')}`,
      `Hash=0f3a;Cert="${encodeURIComponent(good.pem)}";Subject="CN=batch7,OU=x"`,
    ]) {
      expectTaken(await askBehind('bySubject', [['client-cert', value]]), 'bySubject');
    }
    expectTaken(await askBehind('byDns', [['Client-Cert', field(named)]]), 'byDns');
    expectTaken(await askBehind('byOwn', [['Client-Cert', field(own)]]), 'byOwn');
  });

  it('P:AY-008 the header of anybody else is ignored, and so is it where none is named', async () => {
    const untrusting = await behind.second({ trustedProxies: ['10.0.0.0/8'] });
    expectRefused(await askBehind('bySubject', [['client-cert', field(good)]], untrusting));
    const direct_ = await behind.second({ trustedProxies: [] });
    expectRefused(await askBehind('bySubject', [['client-cert', field(good)]], direct_));
    const unnamed = await serve(withClients, { app: { trustedProxies: ['127.0.0.1'] } });
    expectRefused(await askBehind('bySubject', [['client-cert', field(good)]], unnamed));
    expectRefused(await askBehind('bySubject', [['x-forwarded-tls-client-cert', field(good)]]));
  });

  it('P:AY-008 a connection with a handshake of its own is not made another by a header, nor a proxy’s by its own certificate', async () => {
    const headers = { 'client-cert': field(good) };
    expectRefused(await ask(direct, 'bySubject', { headers }));
    expectRefused(await ask(direct, 'bySubject', { certificate: named, headers }));
    const proxied = await behind.second({
      trustedProxies: ['127.0.0.1'],
      tls: { cert: Buffer.from(listener.pem), key: Buffer.from(listener.keyPem) },
    });
    expectRefused(await ask(proxied, 'bySubject', { certificate: good }));
    expectTaken(await ask(proxied, 'bySubject', { certificate: named, headers }), 'bySubject');
  });

  it('P:AY-008 of two headers, or of one that says two things, nobody is authenticated', async () => {
    const two: [string, string][] = [
      ['client-cert', field(good)],
      ['client-cert', field(good)],
    ];
    const sent = await rawTwice(behind, two);
    expect(sent).toMatch(/^HTTP\/1\.1 401 /);
    expect(await rawTwice(behind, two.slice(1))).toMatch(/^HTTP\/1\.1 200 /);
    // As where a proxy adds what it should have replaced.
    const base64 = (made: Made) => made.der.toString('base64');
    for (const value of [
      `${field(good)}, ${field(named)}`,
      `${base64(good)},${base64(named)}`,
      `${base64(good)},${base64(corporate)},${base64(named)}`,
      encodeURIComponent(good.pem + named.pem),
      `Cert="${encodeURIComponent(good.pem)}",Cert="${encodeURIComponent(named.pem)}"`,
      `Cert="${encodeURIComponent(good.pem)}";Cert="${encodeURIComponent(named.pem)}"`,
    ]) {
      expectRefused(await askBehind('bySubject', [['client-cert', value]]));
    }
  });

  it('P:AY-008 what is no certificate is none', async () => {
    for (const value of [
      'nonsense',
      ':nonsense:',
      '::',
      '%',
      '%zz',
      ':AAAA:',
      ' ',
      'Cert=',
      'Cert="%"',
      encodeURIComponent(good.keyPem),
      encodeURIComponent(good.pem + good.keyPem),
      good.der.toString('base64').slice(0, -40),
      good.der.toString('hex'),
    ]) {
      expectRefused(await askBehind('bySubject', [['client-cert', value]]));
    }
  });

  it('P:AY-008 a chain is judged by the same rules: intermediate authorities stand in the spec, or in the header behind it', async () => {
    const certificate = await makeCertificate({ issuer: issuing, subject: SUBJECT });
    expectRefused(await askBehind('bySubject', [['client-cert', field(certificate)]]));
    const chain = [certificate, issuing].map(({ der }) => der.toString('base64')).join(',');
    expectTaken(await askBehind('bySubject', [['client-cert', chain]]), 'bySubject');
    await behind.apply(({ server }) => {
      server.server.certificates.authorities.corporate = { pem: `The two\n${issuing.pem}${corporate.pem}` };
    });
    expectTaken(await askBehind('bySubject', [['client-cert', field(certificate)]]), 'bySubject');
    expectTaken(await askBehind('bySubject', [['client-cert', field(good)]]), 'bySubject');
    // An authority that is gone vouches for nobody any more.
    await behind.apply(({ server }) => {
      server.server.certificates.authorities.corporate = { pem: others.pem };
    });
    expectRefused(await askBehind('bySubject', [['client-cert', field(good)]]));
    await behind.apply(({ server }) => {
      server.server.certificates.authorities.corporate = { pem: corporate.pem };
    });
  });
});

/** fetch would make one header of two. */
async function rawTwice(world: World, headers: readonly (readonly [string, string])[]): Promise<string> {
  const { connect } = await import('node:net');
  const body = 'grant_type=client_credentials&client_id=bySubject';
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(world.port, '127.0.0.1', () => {
      socket.write(
        `POST /token HTTP/1.1\r\nHost: as.example\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n${lines}\r\n${body}`,
      );
    });
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

describe('what the spec says', () => {
  const codes = async (change: (application: Spec, server: Spec) => void) =>
    errorsOf(
      await load((documents) => {
        withClients(documents);
        change(documents.site.applications.bySubject, documents.server.server);
      }),
    );

  it('P:AY-001 S:N-14 a client of certificates has an authority and exactly one name, and no secret', async () => {
    expect(await codes(() => undefined)).toEqual([]);
    expect(await codes((application) => delete application.metadata.tls_client_auth_subject_dn)).toEqual([
      'client.certificate-name',
    ]);
    expect(
      await codes((application) => {
        application.metadata.tls_client_auth_san_dns = 'a.example.com';
      }),
    ).toEqual(['client.certificate-name']);
    expect(await codes((application) => delete application.certificate_authority)).toEqual([
      'client.certificate-authority',
    ]);
    expect(
      await codes((application) => {
        application.certificate_authority = 'corporat';
      }),
    ).toEqual(['certificate-authority.unknown']);
    expect(
      await codes((application) => {
        application.secret = { env: 'CLIENT_SECRET' };
      }),
    ).toEqual(['client.certificate-with-secret']);
    expect(
      await codes((application) => {
        application.metadata.token_endpoint_auth_method = 'client_secret_basic';
        application.secret = { env: 'CLIENT_SECRET' };
      }),
    ).toEqual(['client.certificate-name', 'client.certificate-authority']);
  });

  it.each([
    ['tls_client_auth_subject_dn', 'batch7'],
    ['tls_client_auth_subject_dn', 'XYZ=batch7'],
    ['tls_client_auth_subject_dn', 'CN=a"b'],
    ['tls_client_auth_subject_dn', 'CN='],
    ['tls_client_auth_san_dns', '*.example.com'],
    ['tls_client_auth_san_uri', 'example.com/x'],
    ['tls_client_auth_san_email', 'batch7'],
  ])('%s: %s is no name', async (name, value) => {
    const found = await codes((application) => {
      delete application.metadata.tls_client_auth_subject_dn;
      application.metadata[name] = value;
    });
    expect(found).toEqual(['certificate-name.invalid']);
  });

  it('an authority is one, whole, strong, for clients, and no private key', async () => {
    const withPem = (pem: string) =>
      codes((_, server) => {
        server.certificates.authorities.others = { pem };
      });
    const weak = await makeAuthority('Weak CA', { rsa: 1024 });
    const forServers = await makeAuthority('Servers CA', { purposes: [SERVER_AUTH] });
    for (const pem of [
      'nonsense',
      good.pem,
      corporate.pem.replace('MII', 'XXX'),
      corporate.pem + corporate.keyPem,
      weak.pem,
      forServers.pem,
    ]) {
      expect(await withPem(pem)).toEqual(['certificate-authority.invalid']);
    }
    expect(await withPem(`# for people\n${corporate.pem}\n${issuing.pem}`)).toEqual([]);
  });

  it('an authority that has ended is a warning: others of it may count', async () => {
    const ended = await makeAuthority('Old CA', { from: -10, to: -1 });
    const found = await load(({ server }) => {
      server.server.certificates = { authorities: { corporate: { pem: corporate.pem + ended.pem } } };
    });
    expect(errorsOf(found)).toEqual([]);
    expect(warningsOf(found)).toContain('certificate-authority.ended');
  });

  it.each(['Authorization', 'two words', 'X-Forwarded-For', ''])('%j is no header for it', async (header) => {
    expect(
      await codes((_, server) => {
        server.certificates.header = header;
      }),
    ).toEqual(['header.invalid']);
  });
});
