// Two who write to one store at once: one wins, the other is told, and the store is never a mix of both. A process that is
// killed while it writes leaves the old generation or the new one.

import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { type Answer, charterHere } from '../cli/case.ts';
import { createWorkspace, eventually, type Finished, MAIN, serve, type Workspace } from './charter.ts';

/** Processes are started one after the other, several in each round. */
const TIMEOUT_MS = 120_000;
const PAUSE = pathToFileURL(join(import.meta.dirname, 'pause-at.mjs')).href;

async function workspace(): Promise<Workspace> {
  const made = await createWorkspace();
  onTestFinished(made.remove);
  return made;
}

/** A spec with these users and, where a file of a secret is named, a client. */
function writeSpec({ write, issuer }: Workspace, directory: string, users: readonly string[], secret?: string): string {
  const client = {
    C: {
      methods: ['cc'],
      secret: { file: 'secret' },
      impersonates: users[0],
      metadata: { grant_types: ['client_credentials'], scope: 'S' },
    },
    S: { methods: ['cc'], allowed_to: ['G'] },
  };
  write(`../${directory}/server.yaml`, { server: { issuer }, methods: { cc: { type: 'client_credentials' } } });
  write(`../${directory}/site.yaml`, {
    site: 'A',
    methods: ['cc'],
    ...(secret === undefined ? {} : { applications: client }),
    groups: { G: { methods: ['cc'], members: users } },
    users: Object.fromEntries(users.map((name) => [name, { methods: ['cc'] }])),
  });
  if (secret !== undefined) write(`../${directory}/secret`, secret);
  return directory;
}

interface Paused {
  readonly ended: Promise<Finished>;
  /** Resolves when it waits: it has read the base of its plan by then. */
  readonly ready: () => Promise<void>;
  readonly go: () => void;
  readonly kill: () => void;
}

let pauses = 0;

/** Starts charter in the workspace; it waits where it looks up the directory. */
function paused({ root, store }: Workspace, directory: string, args: readonly string[]): Paused {
  pauses += 1;
  const mark = join(root, `paused.${pauses}`);
  const env = { PATH: process.env.PATH ?? '', PAUSE_AT: join(root, directory), PAUSED: mark };
  const child = spawn(process.execPath, ['--import', PAUSE, MAIN, ...args, '--store', store], { cwd: root, env });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      said[stream] += text;
    });
  }
  const ended = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return {
    ended,
    ready: () =>
      eventually(() => {
        if (!existsSync(mark)) throw new Error(`${args.join(' ')} does not wait (${child.exitCode}): ${said.stderr}`);
      }, 30_000),
    go: () => rmSync(mark),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** What the store holds: whole, or this throws. */
async function held({ store: path }: Workspace) {
  const store = await openSqliteStore(path, { readOnly: true });
  try {
    const found = await store.read();
    if (found === undefined) return { generation: 0, users: [] };
    expect(found.drifted).toBeUndefined();
    expect(digestState(found.state)).toBe(found.digest);
    const users = [...found.state.keys()].flatMap((address) => /^user:A\/(.+)$/.exec(address)?.[1] ?? []);
    return { generation: found.generation, users };
  } finally {
    await store.close();
  }
}

/** What races with nothing needs no process of its own. */
async function run({ root, store }: Workspace, ...args: string[]): Promise<Answer> {
  return await charterHere([...args, '--store', store], root);
}

it('two applies of different specs at once: one wins, the other ends with 6 and writes nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  const place = await workspace();
  for (let round = 1; round <= 6; round += 1) {
    const specs = ['a', 'b'].map((name) => writeSpec(place, name, ['always', `${name}${round}`]));
    const both = specs.map((directory) => paused(place, directory, ['apply', directory]));
    await Promise.all(both.map(({ ready }) => ready()));
    // Together, and now and then one a little later: the other may have committed by then, or not.
    both[round % 2]?.go();
    if (round > 2) await delay(round * 6);
    both[(round + 1) % 2]?.go();
    const ends = await Promise.all(both.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code).sort(), ends.map(({ stderr }) => stderr).join()).toEqual([0, 6]);
    const winner = ends.findIndex(({ code }) => code === 0);
    expect(await held(place)).toEqual({ generation: round, users: ['ab'[winner] + String(round), 'always'].sort() });
    const loser = ends[1 - winner];
    expect(loser?.stderr).toMatch(/generation \d+.* Since then: generation \d+, applied .* Nothing was written\./);
    expect(loser?.stderr).not.toMatch(/^\s+at /m);
  }
});

it('two applies of one saved plan at once: exactly one applies it', { timeout: TIMEOUT_MS }, async () => {
  const place = await workspace();
  for (let round = 1; round <= 3; round += 1) {
    writeSpec(place, 'a', ['always', `a${round}`]);
    expect((await run(place, 'plan', 'a', '--out', 'p.json')).code).toBe(0);
    const both = [1, 2].map(() => paused(place, 'a', ['apply', 'p.json', '--dir', 'a']));
    await Promise.all(both.map(({ ready }) => ready()));
    for (const { go } of both) go();
    const ends = await Promise.all(both.map(({ ended }) => ended));
    expect(ends.map(({ code }) => code).sort(), ends.map(({ stderr }) => stderr).join()).toEqual([0, 6]);
    expect(await held(place)).toEqual({ generation: round, users: [`a${round}`, 'always'].sort() });
  }
});

it('an apply beside a server that records a changed secret goes on; a saved plan says what came, and may be rebased', {
  timeout: TIMEOUT_MS,
}, async () => {
  const place = await workspace();
  const secrets = [1, 2].map((seed) => formatGeneratedSecret(new Uint8Array(32).fill(seed)));
  writeSpec(place, 'config', ['always'], secrets[0]);
  const server = await serve(place);
  try {
    writeSpec(place, 'a', ['always', 'a1'], secrets[1]);
    expect((await run(place, 'plan', 'a', '--out', 'p.json')).code).toBe(0);
    const applying = paused(place, 'a', ['apply', 'a']);
    await applying.ready();
    writeFileSync(join(place.spec, 'secret'), secrets[1] as string);
    await eventually(async () => expect(await held(place)).toEqual({ generation: 2, users: ['always'] }));

    const stale = await run(place, 'apply', 'p.json', '--dir', 'a');
    expect([stale.code, stale.stderr]).toEqual([6, expect.stringContaining('changed secrets of 1 application')]);
    applying.go();
    expect(await applying.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied generation 3.') });
    const rebased = await run(place, 'apply', 'p.json', '--dir', 'a', '--rebase');
    expect(rebased).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to apply.') });
  } finally {
    await server.stop();
  }
});

it('killed while it applies a saved plan or goes back, it leaves the old generation or the new one', {
  timeout: TIMEOUT_MS,
}, async () => {
  const place = await workspace();
  writeSpec(place, 'a', ['always']);
  expect((await run(place, 'apply', 'a')).code).toBe(0);
  for (const [round, longest] of [60, 60].entries()) {
    const before = await held(place);
    const names = ['always', `a${round}`];
    writeSpec(place, 'a', names);
    if (round < 1) expect((await run(place, 'plan', 'a', '--out', 'p.json')).code).toBe(0);
    // A rollback that is killed goes back to the first generation; it looks the directory up when its plan is made.
    const args = round < 1 ? ['apply', 'p.json', '--dir', 'a'] : ['rollback', '1', '--dir', 'a'];
    const wanted = round < 1 ? names.sort() : ['always'];
    const killed = paused(place, 'a', args);
    await killed.ready();
    killed.go();
    await delay(Math.random() * longest);
    killed.kill();
    await killed.ended;
    const after = await held(place);
    expect([before, { generation: before.generation + 1, users: wanted }]).toContainEqual(after);
    // Whoever comes next is not in its way.
    expect((await run(place, 'apply', 'a')).code).toBe(0);
    expect((await held(place)).users).toEqual([...names].sort());
  }
});
