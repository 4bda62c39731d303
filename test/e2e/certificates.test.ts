// Certificates of clients and users at the real process, which ends the TLS connections itself (RFC 8705, SEMANTICS N-14): real
// handshakes, a spec that changes while it serves, and a person who logs in by one button.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch, type Response } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formIn } from '../protocol/browser.ts';
import { type Made, makeAuthority, makeCertificate } from '../protocol/certificate-maker.ts';
import { createWorkspace, eventually, type Server, serve, type Workspace } from './charter.ts';

const corporate = await makeAuthority('Corporate CA');
const next = await makeAuthority('Corporate CA 2');
const listener = await makeCertificate({ subject: [['CN', 'localhost']], names: [['dns', 'localhost']] });
const batch = await makeCertificate({
  issuer: corporate,
  subject: [
    ['O', 'Example'],
    ['CN', 'batch'],
  ],
});
const batch2 = await makeCertificate({
  issuer: next,
  subject: [
    ['O', 'Example'],
    ['CN', 'batch'],
  ],
});
const ada = await makeCertificate({ issuer: corporate, names: [['email', 'ada@example.com']] });

let workspace: Workspace;
let server: Server;
let issuer: string;
const agents: Agent[] = [];

function spec(pem: string | undefined): object {
  return {
    issuer,
    ...(pem === undefined ? {} : { certificates: { authorities: { corporate: { pem } } } }),
  };
}

beforeAll(async () => {
  workspace = await createWorkspace();
  issuer = `https://localhost:${workspace.port}/uas`;
  const files = { cert: join(workspace.root, 'tls.crt'), key: join(workspace.root, 'tls.key') };
  writeFileSync(files.cert, listener.pem);
  writeFileSync(files.key, listener.keyPem);
  workspace.write('server.yaml', { server: spec(corporate.pem), methods: METHODS });
  workspace.write('site.yaml', SITE);
  server = await serve(workspace, {
    env: { PORTAL_SECRET: 'correct-horse-battery-staple' },
    args: ['--tls-cert', files.cert, '--tls-key', files.key],
    readiness: async () => (await send('/readyz', {}, undefined, '')).status,
  });
});

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await server.stop();
  workspace.remove();
});

const METHODS = {
  'client.credentials.1': { type: 'client_credentials' },
  'certificate.1': { type: 'certificate', certificate_authority: 'corporate' },
};
const SITE = {
  site: 'Example',
  methods: ['client.credentials.1', 'certificate.1'],
  applications: {
    batch: {
      methods: ['client.credentials.1'],
      allowed_to: ['Batch'],
      certificate_authority: 'corporate',
      metadata: {
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: 'CN=batch,O=Example',
      },
    },
    portal: {
      secret: { env: 'PORTAL_SECRET' },
      methods: ['certificate.1'],
      allowed_to: ['everyone'],
      consent: { required: false },
      metadata: {
        grant_types: ['authorization_code'],
        redirect_uris: ['https://portal.example/callback'],
        code_challenge_method: 'none',
      },
    },
  },
  groups: { Batch: { methods: ['client.credentials.1'] } },
  users: { ada: { methods: ['certificate.1'], certificate: { san_email: 'ada@example.com' } } },
};

/** By connections of their own: what is asked of one is asked in its handshake. */
function send(
  path: string,
  init: Parameters<typeof fetch>[1] = {},
  certificate?: Made,
  below = '/uas',
): Promise<Response> {
  const own = certificate === undefined ? {} : { cert: certificate.pem, key: certificate.keyPem };
  const dispatcher = new Agent({ connect: { ca: listener.pem, ...own } });
  agents.push(dispatcher);
  const url = path.startsWith('https:') ? path : `https://localhost:${workspace.port}${below}${path}`;
  return fetch(url, { redirect: 'manual', ...init, dispatcher });
}

const token = (certificate?: Made, headers: Record<string, string> = {}) =>
  send(
    '/token',
    { method: 'POST', headers, body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'batch' }) },
    certificate,
  );

it('P:AY-001 P:AY-008 S:N-14 a client gets its token by the certificate of its connection, and by no header', async () => {
  const response = await token(batch);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ token_type: 'Bearer' });
  expect((await token()).status).toBe(401);
  expect((await token(ada)).status).toBe(401);
  expect((await token(batch2)).status).toBe(401);
  expect((await token(undefined, { 'client-cert': `:${batch.der.toString('base64')}:` })).status).toBe(401);
});

it('S:N-14 a person logs in with the certificate of the browser', async () => {
  const cookies = new Map<string, string>();
  const visit = async (path: string, certificate: Made | undefined, form?: Readonly<Record<string, string>>) => {
    const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
    const posted = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
    const response = await send(path, { headers, ...posted }, certificate);
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    return response;
  };
  const request = new URLSearchParams({
    ...{ client_id: 'portal', response_type: 'code', redirect_uri: 'https://portal.example/callback' },
    ...{ scope: 'openid', state: 's' },
  });
  expect(await (await visit(`/authorize?${request}`, undefined)).text()).toContain('A certificate is needed');
  const page = await (await visit(`/authorize?${request}`, ada)).text();
  expect(page).toContain('Continue as ada with your certificate');
  const form = formIn(page.slice(page.indexOf('<form id="login-certificate"')));
  const pressed = await visit(form?.action ?? '', ada, form?.fields);
  expect(pressed.status).toBe(303);
  const answer = await visit(pressed.headers.get('location') ?? '', ada);
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const tokens = await send('/token', {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('portal:correct-horse-battery-staple').toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'https://portal.example/callback',
    }),
  });
  expect(tokens.status).toBe(200);
  const { id_token } = (await tokens.json()) as { id_token: string };
  const claims = JSON.parse(Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ sub: 'Example/ada', amr: ['pop'] });
});

it('P:AY-001 another authority counts from the next connection on, without a restart', async () => {
  workspace.write('server.yaml', { server: spec(next.pem), methods: METHODS });
  await server.reload();
  await eventually(async () => expect((await token(batch2)).status).toBe(200));
  expect((await token(batch)).status).toBe(401);
});
