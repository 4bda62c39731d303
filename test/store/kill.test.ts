// kill -9 at random moments of an apply: the store opens with the old or the new generation whole, never a mix.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { temporaryDirectory } from './fixture.ts';
import { readWal } from './wal.ts';

const KILLS = 50;
/** A new file now and then: each generation adds its plan, and the first generation is a moment to be killed in too. */
const KILLS_PER_FILE = 5;

/** What a child tells, see kill-child.mjs. */
interface Told {
  readonly odd: string;
  readonly even: string;
  /** The newest generation that the child was told to be durable. */
  readonly generation: number;
}

/** A child that applies to the file, and what it has told so far. */
function startChild(path: string) {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'kill-child.mjs'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the child has no output');
  const lines = createInterface({ input: child.stdout });
  let told: Partial<Told> = {};
  lines.on('line', (line) => {
    told = { ...told, ...(JSON.parse(line) as Partial<Told>) };
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return {
    nextLine: () => Promise.race([once(lines, 'line'), ended]),
    /** Answers what it had told by then. */
    async kill(): Promise<Told> {
      child.kill('SIGKILL');
      const [[code, signal]] = await ended;
      expect({ code, signal }, 'the child worked until it was killed').toEqual({ code: null, signal: 'SIGKILL' });
      const { odd, even, generation } = told;
      if (odd === undefined || even === undefined || generation === undefined)
        throw new Error('the child told nothing');
      return { odd, even, generation };
    },
  };
}

/** How long an apply takes here and now, in milliseconds: the moments of the kills are spread over one and a half. */
async function timeApply(path: string): Promise<number> {
  const child = startChild(path);
  await child.nextLine();
  await child.nextLine();
  const begin = performance.now();
  await child.nextLine();
  const duration = performance.now() - begin;
  await child.kill();
  return duration;
}

/** Lets a child apply to the file and kills it in the middle of whatever it does; answers what it had told by then. */
async function applyAndKill(path: string, longest: number): Promise<Told> {
  const child = startChild(path);
  await child.nextLine();
  await delay(Math.random() * longest);
  return child.kill();
}

function countEntities(path: string): unknown {
  const db = new Database(path, { readonly: true });
  const count = db.prepare('SELECT count(*) FROM entity').pluck().get();
  db.close();
  return count;
}

test('issue 3: kill -9 during apply leaves the old or the new generation whole', { timeout: 300_000 }, async () => {
  const directory = temporaryDirectory(onTestFinished);
  const longest = 1.5 * (await timeApply(join(directory, 'timed.db')));
  let inside = 0;
  let newer = 0;
  let older = 0;
  let kills = 0;
  // More only where chance was unkind: at least ten must have been inside the transaction.
  for (; kills < KILLS || (inside < 10 && kills < 2 * KILLS); kills++) {
    const path = join(directory, 'charter.db');
    if (kills % KILLS_PER_FILE === 0) rmSync(path, { force: true });
    const told = await applyAndKill(path, longest);
    // Frames without a commit frame after them: a transaction was cut.
    if (readWal(path).uncommitted > 0) inside++;

    const store = await openSqliteStore(path, { mustExist: true });
    const stored = await store.read();
    const revisions = await store.revisions(2);
    await store.close();

    const generation = stored?.generation ?? 0;
    expect([told.generation, told.generation + 1], 'what was answered is durable').toContain(generation);
    if (generation === told.generation) older++;
    else newer++;
    if (stored === undefined) {
      expect(countEntities(path), 'of the first apply nothing is left').toBe(0);
      continue;
    }
    expect(digestState(stored.state)).toBe(generation % 2 === 1 ? told.odd : told.even);
    expect(stored.digest).toBe(digestState(stored.state));
    expect(revisions[0]).toMatchObject({ generation, digest: stored.digest });
  }
  console.info(`${kills} kills: ${inside} inside the transaction; the old generation ${older} times, the new ${newer}`);
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect(inside).toBeGreaterThanOrEqual(10);
});
