// What is served without a spec is what the newest generation recorded.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import { applyPlan } from '../../src/reconcile/apply.ts';
import { readServable } from '../../src/reconcile/follow.ts';
import { planAgainst } from '../../src/reconcile/plan-against.ts';
import type { SecretValues } from '../../src/reconcile/secrets.ts';
import { compile } from '../../src/spec/compile.ts';
import { temporary, write } from './directory.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const SPEC = `
server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
---
site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] }, groups: { methods: [cc] } }
applications:
  C: { secret: { env: C_SECRET }, impersonates: U, metadata: { grant_types: [client_credentials], scope: S } }
  F: { secret: { file: f }, impersonates: U, metadata: { grant_types: [client_credentials], scope: S } }
  S: { allowed_to: [G] }
groups: { G: { members: [U] } }
users: { U: }
`;
const SECRET = 'correct-horse-battery-staple';

async function applied(store: MemoryStore): Promise<void> {
  const checked = compile([{ path: 'a.yaml', text: SPEC }]);
  if (!checked.ok) throw new Error('the spec is invalid');
  const { plan } = await planAgainst(store, checked.value, { now: 0 });
  const ports = { directories: [], store, clock: () => 0, commitOf: async () => ({}) };
  await applyPlan(ports, { plan, declared: checked.value, verifiers: [], standing: undefined });
}

function portsOf(store: MemoryStore, env: Record<string, string> = {}) {
  const checker = createSecretChecker({ key: randomBytes(32) });
  const weigh = async (values: SecretValues) => ({ values, instead: new Map<string, string>() });
  return { store, env, keys: () => [], checker, weigh, clock: () => 0 };
}

const NOWHERE = { root: '/nowhere', boundaries: [] };

it('is nothing where nothing was ever applied', async () => {
  expect(await readServable(portsOf(createMemoryStore()), NOWHERE)).toBeUndefined();
});

it('is without what something else wrote into the store', async () => {
  const store = createMemoryStore();
  await applied(store);
  const [revision] = await store.revisions(1);
  store.tamper((entities) => {
    entities.set('application:A/Intruder', { kind: 'application', client_id: 'Intruder' });
    entities.delete('group:A/G');
  });
  const followed = await readServable(portsOf(store), NOWHERE);
  expect(followed?.snapshot).toMatchObject({ generation: 1, digest: revision?.digest });
  expect(followed?.snapshot.state.has('application:A/Intruder')).toBe(false);
  expect(digestState(followed?.snapshot.state ?? new Map())).toBe(revision?.digest);
});

it('has the secrets that are here, by variable and by file, and tells which files those are', async () => {
  const root = temporary();
  write(root, { f: `${SECRET}\n` });
  const store = createMemoryStore();
  await applied(store);
  const ports = portsOf(store, { C_SECRET: SECRET });
  const followed = await readServable(ports, { root, boundaries: [root] });
  for (const address of ['application:A/C', 'application:A/F'] as const) {
    const verifiers = followed?.snapshot.verifiers.get(address) ?? [];
    expect(await ports.checker.recognise(SECRET, verifiers), address).toBeDefined();
    expect(await ports.checker.recognise(`${SECRET}!`, verifiers), address).toBeUndefined();
  }
  expect(followed?.secrets.files).toEqual([`${root}/f`]);
});

it('is served without the secrets that are nowhere: the others go on', async () => {
  const store = createMemoryStore();
  await applied(store);
  const followed = await readServable(portsOf(store, { C_SECRET: SECRET }), NOWHERE);
  expect(followed?.snapshot.verifiers.get('application:A/C')).toHaveLength(1);
  expect(followed?.snapshot.verifiers.get('application:A/F') ?? []).toEqual([]);
  expect(followed?.secrets.problems.map(({ code }) => code)).toEqual(['secret.missing']);
});
