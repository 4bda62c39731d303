// Owns which of two counts where they differ: the value of a secret that this process resolved, or the verifier that somebody
// else has stored since. Never checks, hashes or stores one.

import type { Address } from '../model/address.ts';
import { type StoredVerifier, verifierKey } from '../model/verifier.ts';
import { eachValue, type Held, type SecretValues } from './secrets.ts';

/** How a value stands to the verifier that is stored for it. */
export interface Standing extends Held {
  /** What is stored; undefined where nothing is. */
  readonly row: string | undefined;
  /** Whether the value counts; else the row does. */
  readonly isOurs: boolean;
  /** Whether it was found out if the row recognises the value. A value that counts and is not recognised is to be stored. */
  readonly isChecked: boolean;
}

export interface Weighed {
  /** Those that count. */
  readonly values: SecretValues;
  /** By verifierKey, the stored verifiers that count in the place of a value that this process has. */
  readonly instead: ReadonlyMap<string, string>;
}

export interface Precedence {
  /**
   * What counts of these values beside what is stored now. `renamed` says what owners are still called in the store, where that
   * is another name.
   */
  weigh(values: SecretValues, stored: readonly StoredVerifier[], renamed?: ReadonlyMap<Address, Address>): Weighed;
  /** The same of the values that were weighed last. */
  again(stored: readonly StoredVerifier[]): Weighed;
  /** Those of which it was not found out yet how they stand. */
  unchecked(): readonly Standing[];
  /** Those whose value is another than the row, and does not count. */
  overruled(): readonly Held[];
  /** Whether this is how it stands still. */
  holds(standing: Standing): boolean;
  /** Takes over what was found out of one, unless it stands otherwise by now. */
  settle(standing: Standing, found: Pick<Standing, 'row' | 'isOurs'>): void;
}

/**
 * A value counts, and is to be stored, when this process sees it for the first time or it has changed: at a start all of
 * them, later a file that was read for the first time or says something else. The environment of a process never
 * changes: what somebody else stores for a variable later is newer. `digestOf` makes of a value what tells it from others.
 */
export function createPrecedence(digestOf: (value: string) => string): Precedence {
  let standings = new Map<string, Standing>();
  /** By slot, of the value that was seen last; undefined before the first values were weighed. */
  let seen: Map<string, string> | undefined;
  let latest: SecretValues = new Map();

  /** The slots whose value nobody has had a chance to overrule. */
  function takeNews(values: SecretValues): ReadonlySet<string> {
    const known = seen;
    const now = new Map(known);
    const news = new Set<string>();
    for (const { slot, value } of eachValue(values)) {
      const digest = digestOf(value);
      const was = known?.get(slot);
      const isFirst = known === undefined || (was === undefined && slot.startsWith('file:'));
      if (isFirst || (was !== undefined && was !== digest)) news.add(slot);
      now.set(slot, digest);
    }
    seen = now;
    return news;
  }

  function standingsOf(
    values: SecretValues,
    stored: readonly StoredVerifier[],
    news: ReadonlySet<string>,
    renamed: ReadonlyMap<Address, Address>,
  ): Weighed {
    const rows = new Map(stored.map((verifier) => [verifierKey(verifier), verifier.phc]));
    // Of what is not asked for now, as while the spec is broken, it stays known as long as its row stands.
    const next = new Map([...standings].filter(([key, { row }]) => row !== undefined && rows.get(key) === row));
    const others = new Set<string>();
    const instead = new Map<string, string>();
    for (const held of eachValue(values)) {
      const key = verifierKey(held);
      const former = renamed.get(held.address);
      const before = former === undefined ? key : verifierKey({ address: former, slot: held.slot });
      const standing = standingOf(held, rows.get(before), standings.get(before), news.has(held.slot));
      next.set(key, standing);
      if (standing.isOurs) continue;
      others.add(key);
      if (standing.row !== undefined) instead.set(key, standing.row);
    }
    standings = next;
    return { values: others.size === 0 ? values : valuesWithout(others, values), instead };
  }

  const holds = (standing: Standing): boolean => standings.get(verifierKey(standing)) === standing;

  return {
    weigh(values, stored, renamed = new Map()) {
      latest = values;
      return standingsOf(values, stored, takeNews(values), renamed);
    },
    again: (stored) => standingsOf(latest, stored, new Set(), new Map()),
    unchecked: () => [...standings.values()].filter(({ isChecked }) => !isChecked),
    overruled: () => [...standings.values()].filter(({ isChecked, isOurs }) => isChecked && !isOurs),
    holds,
    settle(standing, found) {
      if (holds(standing)) standings.set(verifierKey(standing), { ...standing, ...found, isChecked: true });
    },
  };
}

/** Those whose verifierKey is not among these. */
function valuesWithout(others: ReadonlySet<string>, values: SecretValues): SecretValues {
  const left = new Map<Address, Map<string, string>>();
  for (const { address, slot, value } of eachValue(values)) {
    if (others.has(verifierKey({ address, slot }))) continue;
    const slots = left.get(address);
    if (slots === undefined) left.set(address, new Map([[slot, value]]));
    else slots.set(slot, value);
  }
  return left;
}

function standingOf(held: Held, row: string | undefined, was: Standing | undefined, isNews: boolean): Standing {
  if (isNews) return { ...held, row, isOurs: true, isChecked: false };
  if (was !== undefined && was.row === row) return was.address === held.address ? was : { ...was, ...held };
  // Until it is found out, a row that is there is checked by itself: it is right whosever it is.
  return { ...held, row, isOurs: row === undefined, isChecked: false };
}
