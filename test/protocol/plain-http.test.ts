// No token crosses a network in the clear (RFC 6749 1.6, 3.1, 3.2, 10.9).

import { expect, it, onTestFinished } from 'vitest';
import { charter, createWorkspace } from '../e2e/charter.ts';
import { documents, ENV } from './spec.ts';
import { errorsOf, load, serve } from './world.ts';

const LOOPBACK = ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080/as'];
const NETWORK = [
  'http://as.example',
  'http://127.0.0.1.as.example',
  'http://localhost.as.example',
  'http://10.0.0.1',
  'http://0.0.0.0:8080',
  'http://[fe80::1]',
];

it('P:O-091 an http issuer is refused where it is not this very machine, and nothing starts', async () => {
  for (const issuer of NETWORK) expect(errorsOf(await load(() => undefined, issuer))).toEqual(['issuer.insecure']);
  for (const issuer of LOOPBACK) expect(errorsOf(await load(() => undefined, issuer))).toEqual([]);
  const [local = ''] = LOOPBACK;
  const world = await serve(undefined, { issuer: local });
  expect((await world.fetch('/.well-known/openid-configuration')).status).toBe(200);

  const { server, site } = documents('http://as.example');
  const workspace = await createWorkspace({ 'server.yaml': server, 'site.yaml': site });
  onTestFinished(() => workspace.remove());
  const options = ['--store', workspace.store, '--port', String(workspace.port)];
  const refused = await charter(['serve', workspace.spec, ...options], { env: { ...ENV } });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('issuer.insecure');
  await expect(fetch(`http://127.0.0.1:${workspace.port}/token`)).rejects.toThrow();
});

it('P:O-091 an http issuer of this machine is not served to a network', async () => {
  const { server, site } = documents('http://localhost:8080');
  const workspace = await createWorkspace({ 'server.yaml': server, 'site.yaml': site });
  onTestFinished(() => workspace.remove());
  const options = ['--store', workspace.store, '--port', String(workspace.port), '--host', '0.0.0.0'];
  const refused = await charter(['serve', workspace.spec, ...options], { env: { ...ENV } });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('only loopback may be listened on');
  await expect(fetch(`http://127.0.0.1:${workspace.port}/token`)).rejects.toThrow();
});
