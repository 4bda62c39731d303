// Every example validates, has secrets for a demo, applies twice (the second plan is empty) and serves.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charter, copyExample, demoEnvironment, payload, REPOSITORY, serve, type Workspace } from './charter.ts';
import { UserAgent } from './user-agent.ts';

// That of CI holds no spec (ci.test.ts).
const examples = readdirSync(join(REPOSITORY, 'examples')).filter((name) => name !== 'ci');

interface FirstRequest {
  readonly client: string;
  readonly secret: string;
  readonly scope: string;
  readonly aud: readonly string[];
}

const FIRST_REQUEST: FirstRequest = {
  client: 'Client1',
  secret: 'secret',
  scope: 'Server1',
  aud: ['Server1', 'Client1'],
};

/** What the first person asks for who signs in. */
interface FirstLogin {
  readonly client: string;
  readonly redirect_uri: string;
  readonly scope: string;
  readonly username: string;
}

const FIRST_LOGINS: Readonly<Record<string, FirstLogin>> = {
  argus: {
    client: '021269c5-04c3-4399-a206-32659c489803',
    redirect_uri: 'https://my.application/oauth/callback',
    scope: 'profile',
    username: 'alice',
  },
  nexus: { client: 'web', redirect_uri: 'https://web.example.com/callback', scope: 'WS', username: 'ada' },
  'protected-api': {
    client: 'portal',
    redirect_uri: 'https://portal.example.com/callback',
    scope: 'orders:read orders:write',
    username: 'ada',
  },
  'web-app': {
    client: 'web',
    redirect_uri: 'http://127.0.0.1:3000/callback',
    scope: 'openid orders-api orders.read email',
    username: 'ada',
  },
};

const FIRST_REQUESTS: Readonly<Record<string, FirstRequest>> = {
  nexus: { client: 'batch', secret: 'batch-demo-secret', scope: 'WS', aud: ['batch'] },
  'protected-api': { client: 'reporting', secret: 'reporting-demo-secret', scope: 'orders:read', aud: ['reporting'] },
  monorepo: {
    client: 'checkout',
    secret: 'checkout-demo-secret',
    scope: 'ledger-api audit-log',
    aud: ['ledger-api', 'audit-log', 'checkout'],
  },
};

type Endpoints = Readonly<Record<'authorization_endpoint' | 'token_endpoint' | 'introspection_endpoint', string>>;

/** The metadata of the server, whichever issuer the example has. */
async function discovered({ spec, read }: Workspace): Promise<Endpoints> {
  const files = readdirSync(spec, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const [issuer] = files.flatMap((file) => /issuer: (\S+)/.exec(read(file))?.[1] ?? []);
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  return (await response.json()) as Endpoints;
}

describe.each(examples)('examples/%s', (name) => {
  it('validates without a secret, and without a warning', async () => {
    const validated = await charter(['validate', join('examples', name)], { cwd: REPOSITORY });
    expect(validated.stderr + validated.stdout).toContain('0 errors, 0 warnings');
    expect(validated.code).toBe(0);
  });

  const overlays = join(REPOSITORY, 'examples', name, 'overlays');
  it.each(existsSync(overlays) ? readdirSync(overlays) : [])('validates with the overlay %s', async (overlay) => {
    const given = ['validate', join('examples', name), '--overlay', overlay];
    const validated = await charter(given, { cwd: REPOSITORY });
    expect(validated.stderr + validated.stdout).toContain('0 errors, 0 warnings');
    expect(validated.code).toBe(0);
  });

  it('plans as its golden text says, applies, and then has nothing to do', async () => {
    const workspace = await copyExample(name);
    try {
      const run = (command: string) =>
        charter([command, workspace.spec, '--store', workspace.store], { env: demoEnvironment(name) });
      const planned = await run('plan');
      expect(planned.code, planned.stderr).toBe(0);
      const text = planned.stdout.replaceAll(String(workspace.port), '8080');
      await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name}.plan.txt`));
      expect((await run('apply')).code).toBe(0);
      const again = await charter(['plan', workspace.spec, '--store', workspace.store, '--detailed-exitcode']);
      expect(again.code, again.stdout).toBe(0);
      expect((await run('apply')).stdout).toMatch(/No changes/);
    } finally {
      workspace.remove();
    }
  });

  it.skipIf(name in FIRST_LOGINS && !(name in FIRST_REQUESTS))('serves a token to its first client', async () => {
    const workspace = await copyExample(name);
    const server = await serve(workspace, { env: demoEnvironment(name) });
    try {
      const { client, secret, scope, aud } = FIRST_REQUESTS[name] ?? FIRST_REQUEST;
      const { token_endpoint } = await discovered(workspace);
      const response = await fetch(token_endpoint, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client,
          client_secret: secret,
          scope,
        }),
      });
      expect(response.status).toBe(200);
      const { access_token } = (await response.json()) as { readonly access_token: string };
      expect(payload(access_token).aud).toEqual(aud);
    } finally {
      await server.stop();
      workspace.remove();
    }
  });

  it.runIf(name in FIRST_LOGINS)('logs its first person in, and gives a token that lives', async () => {
    const { client, redirect_uri, scope, username } = FIRST_LOGINS[name] as FirstLogin;
    const demo = demoEnvironment(name);
    const workspace = await copyExample(name);
    const server = await serve(workspace, { env: demo });
    try {
      const { authorization_endpoint, token_endpoint, introspection_endpoint } = await discovered(workspace);
      const verifier = randomBytes(32).toString('base64url');
      const code_challenge = createHash('sha256').update(verifier).digest('base64url');
      const target = new URL(authorization_endpoint);
      const asked = { client_id: client, redirect_uri, scope, response_type: 'code', code_challenge };
      target.search = String(new URLSearchParams({ ...asked, code_challenge_method: 'S256', state: 'of mine' }));
      const agent = new UserAgent({ until: redirect_uri });
      const { url } = await agent.through(target, { username, password: demo[`${username.toUpperCase()}_PASSWORD`] });
      expect(url.searchParams.get('state'), url.href).toBe('of mine');
      const secret = Object.entries(demo).find(([variable]) => variable.endsWith('_SECRET'))?.[1] as string;
      const form = (fields: Record<string, string>) => ({
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
        body: new URLSearchParams(fields),
      });
      const code = url.searchParams.get('code') ?? '';
      const grant = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
      const response = await fetch(token_endpoint, form(grant));
      expect(response.status).toBe(200);
      const { access_token } = (await response.json()) as { readonly access_token: string };
      const told = await (await fetch(introspection_endpoint, form({ token: access_token }))).json();
      expect(told).toMatchObject({ active: true, client_id: client });
    } finally {
      await server.stop();
      workspace.remove();
    }
  });
});
