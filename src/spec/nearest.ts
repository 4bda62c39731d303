// Owns "did you mean": the nearest of the names that would have been right. Never decides that a name is wrong.

import { distance } from 'fastest-levenshtein';
import { compareText } from '../model/address.ts';

/**
 * The candidate nearest to a text, case ignored, within a third of its length and at most three edits; two neighbouring
 * letters exchanged count as one. Of several equally near the first by code unit; undefined when none is near.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const wanted = text.toLowerCase();
  const limit = Math.min(3, Math.max(1, Math.floor(text.length / 3)));
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of candidates) {
    if (Math.abs(name.length - text.length) > limit) continue;
    const folded = name.toLowerCase();
    const edits = isExchange(wanted, folded) ? 1 : distance(wanted, folded);
    // Of names with one or two characters an edit leaves little in common.
    if (edits > limit || (edits > 0 && 2 * edits >= Math.max(text.length, name.length))) continue;
    if (best === undefined || edits < best.edits || (edits === best.edits && compareText(name, best.name) < 0)) {
      best = { name, edits };
    }
  }
  return best?.name;
}

/**
 * Whether a name may be written for another without asking: names that differ in a digit (Server1, Server2) are two
 * names, and neither is a slip of the other.
 */
export function isSlip(written: string, meant: string): boolean {
  return written.replace(/\D/g, '') === meant.replace(/\D/g, '');
}

/** How many texts are looked up among all names of a spec. After that many unknown names nobody reads the rest. */
export const MAX_SEARCHES = 200;

/** Searches among many names, for one compilation: bounded, so that a spec full of unknown names is told in time. */
export class Suggestions {
  #searches = 0;

  /** How many there were: with as many as there may be, or more, it is not known which were answered. */
  get searches(): number {
    return this.#searches;
  }

  /** As the function of that name; undefined once the bound is reached. */
  nearest(text: string, candidates: Iterable<string>): string | undefined {
    if (this.#searches === MAX_SEARCHES) return undefined;
    this.#searches += 1;
    return nearest(text, candidates);
  }
}

/** Whether the texts differ by two neighbouring letters that changed places. */
function isExchange(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2) && at + 1 < a.length;
}
