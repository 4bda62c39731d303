// Every example validates, has secrets for a demo, applies twice (the second plan is empty) and serves.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charter, copyExample, demoEnvironment, payload, REPOSITORY, serve, type Workspace } from './charter.ts';

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

const FIRST_REQUESTS: Readonly<Record<string, FirstRequest>> = {
  monorepo: {
    client: 'checkout',
    secret: 'checkout-demo-secret',
    scope: 'ledger-api audit-log',
    aud: ['ledger-api', 'audit-log', 'checkout'],
  },
};

/** The metadata of the server, whichever issuer the example has. */
async function discovered({ spec, read }: Workspace): Promise<{ readonly token_endpoint: string }> {
  const files = readdirSync(spec, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const [issuer] = files.flatMap((file) => /issuer: (\S+)/.exec(read(file))?.[1] ?? []);
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  return (await response.json()) as { readonly token_endpoint: string };
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

  it('serves a token to its first client', async () => {
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
});
