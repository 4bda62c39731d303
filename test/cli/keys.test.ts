// What `charter keys rotate` makes and says, which differs from run to run; the rest of `charter keys` is in cases/keys-*.

import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/model/entity.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { signingKey } from '../../src/oauth/signing-keys.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { signingKey as storedKey } from '../store/fixture.ts';
import { type Answer, charterHere, workplace } from './case.ts';

/** A store with a key for each of the algorithms, and the command run on it. */
async function rotate(
  words: readonly string[],
  algorithms: readonly SigningKey['alg'][] = SIGNING_ALGORITHMS,
): Promise<{ answer: Answer; before: number; after: number; made: readonly SigningKey[]; all: readonly SigningKey[] }> {
  const cwd = workplace();
  const store = await openSqliteStore(`${cwd}/charter.db`);
  await store.insertSigningKeys(algorithms.map((alg) => storedKey(`old-${alg}`, alg)));
  const before = Date.now();
  const answer = await charterHere(['keys', 'rotate', ...words], cwd);
  const after = Date.now();
  const all = await store.signingKeys();
  await store.close();
  return { answer, before, after, made: all.filter(({ kid }) => !kid.startsWith('old-')), all };
}

describe('charter keys rotate', () => {
  it('makes a key of every algorithm, which signs an hour later, and says so', async () => {
    const { answer, before, after, made, all } = await rotate([]);
    expect([answer.code, answer.stderr]).toEqual([0, '']);
    expect(made.map(({ alg }) => alg).sort()).toEqual([...SIGNING_ALGORITHMS].sort());
    for (const { kid, alg, active_from, created_at } of made) {
      expect(active_from - created_at).toBe(3_600_000);
      expect(created_at).toBeGreaterThanOrEqual(before);
      expect(created_at).toBeLessThanOrEqual(after);
      const instant = new Date(active_from).toISOString().replace(/\.\d+Z/, 'Z');
      expect(answer.stdout).toContain(`  ${alg.padEnd(6)} ${kid}  signs from ${instant} on\n`);
      expect(signingKey(all, alg, after).kid).toBe(`old-${alg}`);
      expect(signingKey(all, alg, active_from).kid).toBe(kid);
    }
  });

  it('makes those that are asked for, after the time that is asked for', async () => {
    const { answer, made } = await rotate(['--alg', 'RS256', '--in', '7d', '--alg', 'EdDSA', '--alg', 'RS256']);
    expect([answer.code, answer.stderr]).toEqual([0, '']);
    expect(made.map(({ alg }) => alg).sort()).toEqual(['EdDSA', 'RS256']);
    for (const { active_from, created_at } of made) expect(active_from - created_at).toBe(7 * 86_400_000);
  });

  it.each([['--now'], ['--in', '0s'], ['--in', '599s']])('%s %s warns of who keeps the key set', async (...words) => {
    const { answer, made } = await rotate([...words, '--alg', 'ES256']);
    expect([answer.code, made.length]).toEqual([0, 1]);
    expect(answer.stderr).toMatch(/^warning: who keeps the key set in memory does not know these keys yet\./);
  });

  it('the first key of an algorithm signs at once: nobody could be surprised by it', async () => {
    const { answer, made, after } = await rotate(['--in', '1d'], ['ES256', 'RS256']);
    expect(answer.stderr).toBe('');
    for (const { alg, active_from } of made) expect([alg, active_from <= after]).toEqual([alg, alg === 'EdDSA']);
  });

  it('shows nothing private', async () => {
    const { answer, made } = await rotate([]);
    for (const { jwk } of made) expect(answer.stdout).not.toContain(jwk.d);
  });
});
