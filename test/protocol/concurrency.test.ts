// Many requests with one code or one refresh token at the same moment: one of them counts, in one process and in two that share
// one file. The processes are those of the command line.

import { afterAll, describe, expect, it } from 'vitest';
import { createWorkspace, freePort, serve as start } from '../e2e/charter.ts';
import { type Body, introspect, obtainCode, obtainTokens, refresh, tokenRequest } from './browser.ts';
import { documents, ENV } from './spec.ts';
import { serve, type World } from './world.ts';

const MANY = 1000;

interface Outcome {
  readonly status: number;
  readonly body: Body;
}

/** The same request so many times at once, over these servers by turns. */
async function atOnce(
  count: number,
  worlds: readonly World[],
  ask: (world: World) => Promise<Response>,
): Promise<readonly Outcome[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const response = await ask(worlds[at % worlds.length] as World);
      return { status: response.status, body: await response.json() };
    }),
  );
}

function granted(outcomes: readonly Outcome[]): readonly Body[] {
  return outcomes.filter(({ status }) => status === 200).map(({ body }) => body);
}

/** Everything that is not granted is refused as invalid_grant, and with nothing else. */
function expectOthersRefused(outcomes: readonly Outcome[]): void {
  const others = outcomes.filter(({ status }) => status !== 200);
  expect(new Set(others.map(({ status, body }) => `${status} ${body.error}`))).toEqual(new Set(['400 invalid_grant']));
  for (const { body } of others) expect(Object.keys(body).sort()).toEqual(['error', 'error_description']);
}

/** One of many redemptions of a code counts; who redeems it again has copied it, so what it gave is revoked. */
async function redeemAtOnce(count: number, worlds: readonly World[]): Promise<void> {
  const [first] = worlds as [World];
  const { form } = await obtainCode(first, 'web', { scope: 'api' });
  const outcomes = await atOnce(count, worlds, (world) => tokenRequest(world, 'web', form));
  const given = granted(outcomes);
  expect(given).toHaveLength(1);
  expectOthersRefused(outcomes);
  for (const world of worlds) {
    expect(await introspect(world, given[0].access_token, 'api')).toEqual({ active: false });
    expect((await refresh(world, 'web', given[0].refresh_token)).status).toBe(400);
  }
}

/** Without a grace one of many refreshes counts at most, and the family is revoked at once. */
async function refreshAtOnce(count: number, worlds: readonly World[]): Promise<void> {
  const [first] = worlds as [World];
  const before = await obtainTokens(first, 'web', { scope: 'api' });
  const outcomes = await atOnce(count, worlds, (world) => refresh(world, 'web', before.refresh_token));
  const given = granted(outcomes);
  expect(given.length).toBeLessThanOrEqual(1);
  expectOthersRefused(outcomes);
  for (const world of worlds) {
    for (const { access_token, refresh_token } of [before, ...given]) {
      expect(await introspect(world, access_token, 'api')).toEqual({ active: false });
      expect((await refresh(world, 'web', refresh_token)).status).toBe(400);
    }
  }
}

/** With a grace all are answered, with one and the same successor. Answers it, with the token that it came from. */
async function refreshWithGrace(
  count: number,
  worlds: readonly World[],
): Promise<{ readonly old: string; readonly head: string }> {
  const [first] = worlds as [World];
  const { refresh_token: old } = await obtainTokens(first, 'patient', { scope: 'api' });
  const outcomes = await atOnce(count, worlds, (world) => refresh(world, 'patient', old));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([200]));
  const heads = new Set<string>(outcomes.map(({ body }) => body.refresh_token));
  expect(heads.size).toBe(1);
  // Each answer has an access token of its own, and all live.
  expect(new Set(outcomes.map(({ body }) => body.access_token)).size).toBe(count);
  for (const world of worlds) {
    const token = outcomes.at(-1)?.body.access_token;
    expect(await introspect(world, token, 'api')).toMatchObject({ active: true });
  }
  const [head = ''] = heads;
  expect(head).not.toBe(old);
  return { old, head };
}

function withGrace({ site }: ReturnType<typeof documents>): void {
  const { web } = site.applications;
  site.applications.patient = {
    ...web,
    tokens: { refresh: { grace: '10s' } },
    metadata: { ...web.metadata, redirect_uris: ['https://patient.example/callback'] },
  };
}

describe('a thousand requests at once', () => {
  it('with one code: one gets tokens, all others are refused, and as the code was copied the tokens are dead', async () => {
    await redeemAtOnce(MANY, [await serve()]);
  });

  it('with one refresh token and no grace: one at most gets tokens, and the family is revoked at once', async () => {
    await refreshAtOnce(MANY, [await serve()]);
  });

  it('with one refresh token within its grace: all get one and the same successor, which goes on', async () => {
    const { world, clock } = await serveAtRest();
    const { head } = await refreshWithGrace(MANY, [world]);
    clock.now += 11_000;
    const next = await refresh(world, 'patient', head);
    expect(next.status).toBe(200);
    expect((await next.json()).refresh_token).not.toBe(head);
  });

  it('with one refresh token within its grace: after it the token is reuse, and the family is revoked', async () => {
    const { world, clock } = await serveAtRest();
    const { old, head } = await refreshWithGrace(20, [world]);
    clock.now += 9999;
    expect((await refresh(world, 'patient', old)).status).toBe(200);
    clock.now += 1;
    expect((await refresh(world, 'patient', old)).status).toBe(400);
    expect((await refresh(world, 'patient', head)).status).toBe(400);
  });
});

/** A server whose time stands still: however long a thousand answers take, they are of one moment. */
async function serveAtRest(): Promise<{ readonly world: World; readonly clock: { now: number } }> {
  const clock = { now: Date.now() };
  return { world: await serve(withGrace, { app: { now: () => clock.now } }), clock };
}

let pair: Promise<readonly World[]> | undefined;
const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Two processes of `charter serve` that share one file; the same for all tests. */
function twoProcesses(): Promise<readonly World[]> {
  pair ??= startTwo();
  return pair;
}

async function startTwo(): Promise<readonly World[]> {
  const workspace = await createWorkspace();
  ends.push(workspace.remove);
  const spec = documents(workspace.issuer);
  withGrace(spec);
  workspace.write('server.yaml', spec.server);
  workspace.write('site.yaml', spec.site);
  const second = { ...workspace, port: await freePort() };
  for (const [at, args] of [
    [workspace, []],
    [second, ['--port', String(second.port)]],
  ] as const) {
    const server = await start(at, { env: ENV, args });
    ends.push(() => server.stop());
  }
  return [workspace, second].map(({ port }) => asWorld(workspace.issuer, port));
}

/** A server that is a process: of a world what a client sees of it. */
function asWorld(issuer: string, port: number): World {
  const request: World['fetch'] = (target, init = {}) => {
    const url = new URL(target.startsWith('/') ? issuer + target : target);
    url.port = String(port);
    return fetch(url, { redirect: 'manual', ...init });
  };
  return { issuer, port, fetch: request } as World;
}

describe('two processes that share one SQLite file', () => {
  it('P:S-012 give one head of a family, whichever of them is asked, and no fork', async () => {
    const worlds = await twoProcesses();
    for (let round = 0; round < 5; round += 1) await refreshAtOnce(2, worlds);
    await refreshAtOnce(50, worlds);
    const { head } = await refreshWithGrace(50, worlds);
    // That is the only head: used by both at once it has one successor again.
    const again = granted(await atOnce(2, worlds, (world) => refresh(world, 'patient', head)));
    expect(again).toHaveLength(2);
    expect(new Set(again.map(({ refresh_token }) => refresh_token)).size).toBe(1);
  });

  it('redeem a code once, whichever of them is asked', async () => {
    const worlds = await twoProcesses();
    for (let round = 0; round < 5; round += 1) await redeemAtOnce(2, worlds);
    await redeemAtOnce(100, worlds);
  });
});
