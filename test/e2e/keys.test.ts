// Rotating and removing signing keys under running servers (PROTOCOL.md C-039, DEMANDS 5): what clients see of it over HTTP,
// with jose's cached key set as the client that checks tokens by itself.

import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { afterEach, expect, it } from 'vitest';
import { charterHere } from '../cli/case.ts';
import {
  createWorkspace,
  eventually,
  freePort,
  introspect,
  type Server,
  serve,
  token,
  type Workspace,
} from './charter.ts';
import { authorizedAccess, SECRETS, writeSubject } from './subject.ts';

let workspace: Workspace;
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((one) => one.stop()));
  workspace.remove();
});

async function start(): Promise<Server> {
  workspace = await createWorkspace();
  writeSubject(workspace, authorizedAccess());
  return another(workspace);
}

/** A server of the same spec and store, on the port of the workspace that is given. */
async function another(at: Workspace): Promise<Server> {
  const server = await serve(at, { env: SECRETS, args: ['--port', String(at.port)] });
  servers.push(server);
  return server;
}

const charter = (...words: string[]) => charterHere(['keys', ...words, '--store', workspace.store], workspace.root);

async function keys(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await charter(...words);
  expect(code, stderr).toBe(0);
  return stdout;
}

interface Listed {
  readonly kid: string;
  readonly alg: string;
  readonly state: string;
}

async function listed(alg = 'ES256'): Promise<readonly Listed[]> {
  const { keys: all } = JSON.parse(await keys('list', '--json')) as { keys: Listed[] };
  return all.filter((key) => key.alg === alg);
}

const kidIn = async (state: string): Promise<string> => {
  const [key, ...more] = (await listed()).filter((one) => one.state === state);
  if (key === undefined || more.length > 0) throw new Error(`not one key that ${state}`);
  return key.kid;
};

async function published(at: Pick<Workspace, 'port'> = workspace): Promise<readonly string[]> {
  const response = await fetch(`http://localhost:${at.port}/uas/jwks`);
  const set = (await response.json()) as { keys: readonly { kid: string; alg: string }[] };
  return set.keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid);
}

async function fresh(at: Pick<Workspace, 'port'> = workspace): Promise<string> {
  const { status, body } = await token(
    { ...workspace, issuer: `http://localhost:${at.port}/uas` },
    'Client1',
    'secret',
    'Server1',
  );
  expect(status).toBe(200);
  return body.access_token;
}

const signedBy = (jwt: string): string | undefined => decodeProtectedHeader(jwt).kid;

async function isActive(jwt: string): Promise<boolean> {
  return (await introspect(workspace, jwt, 'Server1', SECRETS.SERVER1_SECRET)).body.active;
}

const isGood = async (jwt: string, set: JWTVerifyGetKey): Promise<boolean> => {
  try {
    await jwtVerify(jwt, set, { issuer: workspace.issuer, audience: 'Server1' });
    return true;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return false;
    throw error;
  }
};

const remote = () => createRemoteJWKSet(new URL(`${workspace.issuer}/jwks`));

it('P:C-039 a new key is published before it signs, and the old one until its tokens have ended', async () => {
  const server = await start();
  const [first] = await published();
  const old = await fresh();
  expect(signedBy(old)).toBe(first);

  await keys('rotate');
  const soon = await kidIn('will_sign');
  expect(await published(), 'the operator is not kept waiting').toEqual([soon, first]);
  await server.printed(`+ ${soon} (ES256, signs from `);
  expect(signedBy(await fresh())).toBe(first);

  await keys('rotate', '--alg', 'ES256', '--in', '2s');
  const next = (await published())[0] as string;
  expect([soon, first]).not.toContain(next);
  // Fetches the keys now, and not again within half a minute.
  const client = remote();
  expect(await isGood(old, client)).toBe(true);
  const later = await eventually(async () => {
    const jwt = await fresh();
    expect(signedBy(jwt), 'without a restart, a reload or a request').toBe(next);
    return jwt;
  });
  expect(await published()).toEqual([next, soon, first]);
  for (const jwt of [old, later]) expect([await isActive(jwt), await isGood(jwt, client)]).toEqual([true, true]);
  expect(server.output()).not.toContain('"level":50');
});

it('a key that leaked is replaced at once, and its removal ends what it signed', async () => {
  await start();
  const leaked = await kidIn('signs');
  const stolen = await fresh();
  const alone = await charter('remove', leaked);
  expect([alone.code, alone.stdout]).toEqual([1, '']);
  expect(alone.stderr).toContain('charter keys rotate --alg ES256 --now');

  const cached = remote();
  expect(await isGood(stolen, cached)).toBe(true);
  const rotated = await charter('rotate', '--alg', 'ES256', '--now');
  expect([rotated.code, rotated.stderr]).toEqual([0, expect.stringContaining('warning: who keeps the key set')]);
  const good = await fresh();
  expect(await isGood(good, cached), 'which is what the warning is about').toBe(false);
  const kid = await kidIn('signs');
  expect(signedBy(good)).toBe(kid);
  expect([await isActive(stolen), await isGood(stolen, remote())], 'a rotation ends nothing').toEqual([true, true]);

  expect(await keys('remove', leaked)).toContain(`Removed ${leaked} (ES256).`);
  expect(await published()).toEqual([kid]);
  expect([await isActive(stolen), await isGood(stolen, remote())]).toEqual([false, false]);
  expect([await isActive(good), await isGood(good, remote())]).toEqual([true, true]);
});

it('several servers of one store agree on the keys within seconds, whichever was told', async () => {
  await start();
  const elsewhere = { ...workspace, port: await freePort() };
  const second = await another(elsewhere);
  const [first] = await published();
  expect(await published(elsewhere)).toEqual([first]);
  const stolen = await fresh(elsewhere);
  expect(signedBy(stolen)).toBe(first);

  await keys('rotate', '--alg', 'ES256', '--now');
  const kid = await kidIn('signs');
  await second.printed(`+ ${kid} (ES256, signs from now on)`);
  expect(await published(elsewhere)).toEqual(await published());
  expect([signedBy(await fresh()), signedBy(await fresh(elsewhere))]).toEqual([kid, kid]);
  expect(await isActive(stolen)).toBe(true);

  await keys('remove', first as string);
  await second.printed(`- ${first} (ES256)`);
  expect(await published(elsewhere)).toEqual([kid]);
  expect(await isActive(stolen)).toBe(false);
});

it('a server keeps a key for as long as the longest token of its spec, also of a spec to come', async () => {
  const server = await start();
  await keys('rotate', '--alg', 'ES256', '--now');
  const until = async (): Promise<number> => {
    const { keys: all } = JSON.parse(await keys('list', '--json')) as { keys: { published_until?: string }[] };
    return Math.max(...all.map(({ published_until }) => Date.parse(published_until ?? '1970-01-01T00:00:00Z')));
  };
  const hour = await until();
  const subject = authorizedAccess();
  Object.assign(subject.site.applications.Client1 ?? {}, { tokens: { access_ttl: '3d' } });
  writeSubject(workspace, subject);
  const { exp, iat } = await eventually(async () => {
    const claims = JSON.parse(Buffer.from((await fresh()).split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(3 * 86_400);
    return claims as { exp: number; iat: number };
  });
  expect(exp - iat).toBe(259_200);
  expect((await until()) - hour, 'the store knew before the first was signed').toBe((259_200 - 3600) * 1000);
  expect(server.output()).not.toContain('"level":50');
});
