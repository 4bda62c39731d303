// Owns the signing keys of a serving process: those of the store, which other processes change, and that the store knows how
// long lives what they sign (PROTOCOL.md C-039). Never signs and never publishes.

import { SIGNING_ALGORITHMS } from '../model/entity.ts';
import type { State } from '../model/state.ts';
import { generateSigningKeys } from '../oauth/keys.ts';
import type { KeyStore, SigningKey } from '../oauth/port.ts';
import { longestLife, removableKeys } from '../oauth/signing-keys.ts';

export interface Keyring {
  /**
   * Reads the keys of the store, lets go of those that have served their time, and makes those that are missing. Answers the
   * same list as before where nothing changed. Throws the store's Failures.
   */
  read(): Promise<readonly SigningKey[]>;
  /**
   * The keys for a snapshot of this State. Before this answers the store knows how long its tokens live: no key is let go
   * while one of them may be alive. Throws the store's Failures.
   */
  keysFor(state: State): Promise<readonly SigningKey[]>;
}

/** `clock` in milliseconds since the epoch. */
export function createKeyring(store: KeyStore, clock: () => number): Keyring {
  let known: readonly SigningKey[] = [];
  /** Seconds: the longest of all States that were asked for. What they began may be alive. */
  let life = 0;
  let asked: State | undefined;

  async function read(): Promise<readonly SigningKey[]> {
    let keys = await store.signingKeys();
    const removable = removableKeys(keys, clock()).map(({ kid }) => kid);
    const removed = removable.length === 0 ? [] : await store.deleteSigningKeys(removable);
    keys = keys.filter(({ kid }) => !removed.includes(kid));
    if (!SIGNING_ALGORITHMS.every((alg) => keys.some((key) => key.alg === alg))) {
      keys = await store.ensureSigningKeys(await generateSigningKeys(clock()));
    }
    return take(await covered(keys));
  }

  /** With a `longest_ttl` that no token outlives, in the store first. */
  async function covered(keys: readonly SigningKey[]): Promise<readonly SigningKey[]> {
    const least = life;
    if (keys.every(({ longest_ttl }) => longest_ttl >= least)) return keys;
    await store.extendSigningKeys(least);
    return keys.map((key) => ({ ...key, longest_ttl: Math.max(key.longest_ttl, least) }));
  }

  /** Keeps the list, and each key, as long as it says the same: what was made of them is kept by them. */
  function take(keys: readonly SigningKey[]): readonly SigningKey[] {
    const before = new Map(known.map((key) => [key.kid, key]));
    const next = keys
      .map((key) => {
        const was = before.get(key.kid);
        return was !== undefined && isSame(was, key) ? was : key;
      })
      .sort((a, b) => b.created_at - a.created_at);
    if (next.length !== known.length || next.some((key, at) => key !== known[at])) known = next;
    return known;
  }

  return {
    read,
    async keysFor(state) {
      life = Math.max(life, longestLife(state, asked));
      asked = state;
      return take(await covered(known));
    },
  };
}

function isSame(a: SigningKey, b: SigningKey): boolean {
  return a.alg === b.alg && a.active_from === b.active_from && a.longest_ttl === b.longest_ttl;
}
