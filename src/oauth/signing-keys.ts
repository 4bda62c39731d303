// Owns the life of signing keys (PROTOCOL.md C-039): which of several of an algorithm signs now, which are published, and which
// may be let go. A new one is published before it signs, an old one for as long as what it signed may live. Never makes or keeps a key.

import { differences } from '../model/differences.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../model/entity.ts';
import { tokenSettings } from '../model/settings.ts';
import { EMPTY_STATE, type State, serverOf } from '../model/state.ts';
import type { SigningKey } from './port.ts';

/** Milliseconds that clocks may differ by, and a token be under way. */
const SLACK = 300_000;

/** The key that signs at `now` (milliseconds): of those that are active the last, of those that will be the first. */
export function signingKey(keys: readonly SigningKey[], alg: SigningAlgorithm, now: number): SigningKey {
  const turns = lifeOf(keys).turns.get(alg) ?? [];
  // From the end: the last one is almost always active.
  let at = turns.length - 1;
  while (at > 0 && (turns[at]?.active_from ?? 0) > now) at -= 1;
  const key = turns[at];
  if (key === undefined) throw new Error(`the snapshot has no signing key for ${alg}`);
  return key;
}

/** Those that are published at `now`: the same list until one of them is published no more. */
export function publishedKeys(keys: readonly SigningKey[], now: number): readonly SigningKey[] {
  const { ends, published } = lifeOf(keys);
  const over = ends.filter(([, end]) => end <= now).length;
  const known = published.get(over);
  if (known !== undefined) return known;
  const ended = new Set(ends.slice(0, over).map(([key]) => key));
  const fresh = keys.filter((key) => !ended.has(key));
  published.set(over, fresh);
  return fresh;
}

/** Those that are published no more, for so long that no clock which runs late publishes them either. */
export function removableKeys(keys: readonly SigningKey[], now: number): readonly SigningKey[] {
  return lifeOf(keys).ends.flatMap(([key, end]) => (end + SLACK <= now ? [key] : []));
}

/** Milliseconds since the epoch from which on a key is published no more; undefined while it signs, or will. */
export function retiredFrom(key: SigningKey, keys: readonly SigningKey[]): number | undefined {
  const turns = lifeOf(keys).turns.get(key.alg) ?? [];
  // Of those that begin at the same instant one has the turn: the others are superseded then.
  const next = turns.find((other) => isAfter(other, key));
  return next === undefined ? undefined : next.active_from + key.longest_ttl * 1000 + SLACK;
}

/**
 * Seconds: the longest life of any token that is signed for a State. An ID token lives as long as the access token beside it. With
 * `before`, of tokens that had not the same life there.
 */
export function longestLife(state: State, before: State = EMPTY_STATE): number {
  const server = serverOf(state);
  // What the server says is for all.
  const others = serverOf(before) === server ? before : EMPTY_STATE;
  let longest = 0;
  for (const [, , entity] of differences(others, state)) {
    if (entity?.kind === 'application') longest = Math.max(longest, tokenSettings(server, entity).access_ttl);
  }
  return longest;
}

/** What follows from a list of keys alone, whatever time it is. */
interface Life {
  /** Those that ever sign, in the order of their turns. */
  readonly turns: ReadonlyMap<SigningAlgorithm, readonly SigningKey[]>;
  /** Those that end, the first to end first. */
  readonly ends: readonly (readonly [key: SigningKey, end: number])[];
  /** What is published, by how many of them are over. */
  readonly published: Map<number, readonly SigningKey[]>;
}

/** Every signature asks: found out once for each list. */
const lives = new WeakMap<readonly SigningKey[], Life>();

function lifeOf(keys: readonly SigningKey[]): Life {
  const known = lives.get(keys);
  if (known !== undefined) return known;
  const turns = new Map(
    SIGNING_ALGORITHMS.map((alg) => [alg, turnsOf(keys.filter((key) => key.alg === alg))] as const),
  );
  const ends: [SigningKey, number][] = [];
  const life = { turns, ends, published: new Map() };
  lives.set(keys, life);
  for (const key of keys) {
    const end = retiredFrom(key, keys);
    if (end !== undefined) ends.push([key, end]);
  }
  ends.sort(([, a], [, b]) => a - b);
  return life;
}

function turnsOf(keys: readonly SigningKey[]): readonly SigningKey[] {
  const sorted = [...keys].sort((a, b) => (isAfter(a, b) ? 1 : -1));
  return sorted.filter((key, at) => sorted[at + 1]?.active_from !== key.active_from);
}

function isAfter(a: SigningKey, b: SigningKey): boolean {
  return a.active_from === b.active_from ? a.kid > b.kid : a.active_from > b.active_from;
}
