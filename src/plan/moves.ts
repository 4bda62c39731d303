// Owns which of a spec's moves a plan follows. Never renames anything (model/move.ts does).

import { type Address, kindOf } from '../model/address.ts';
import type { Move, Renames } from '../model/move.ts';
import type { State } from '../model/state.ts';
import type { Change } from './plan.ts';

/**
 * The renames that lead from one State to another: of each moved entity that is there before and not after, to what it is
 * called in the end. A list of moves is history: those that were followed once change nothing any more.
 */
export function renamesOf(before: State, after: State, moves: readonly Move[]): Renames {
  const next = new Map(moves.map(({ from, to }) => [from, to]));
  const renames = new Map<Address, Address>();
  const taken = new Set<Address>();
  for (const from of next.keys()) {
    if (!before.has(from) || after.has(from)) continue;
    const to = lastOf(from, next, after);
    if (to === undefined || before.has(to) || taken.has(to) || kindOf(to) !== kindOf(from)) continue;
    renames.set(from, to);
    taken.add(to);
  }
  return renames;
}

/** The moves of which no name was there before, nor any that the same entity had earlier or has since. */
export function unknownMoves(before: State, moves: readonly Move[]): readonly Move[] {
  const known = new Set<Address>(moves.flatMap(({ from, to }) => [from, to]).filter((name) => before.has(name)));
  // Along chains, in both directions: as many rounds as the longest of them has links.
  for (let size = -1; size !== known.size; ) {
    size = known.size;
    for (const { from, to } of moves) {
      if (known.has(from)) known.add(to);
      if (known.has(to)) known.add(from);
    }
  }
  return moves.filter(({ from }) => !known.has(from));
}

/** What the changes move: each new address with the old one. */
export function formerNames(changes: readonly Change[]): ReadonlyMap<Address, Address> {
  return new Map(
    changes.flatMap((change) => (change.action === 'move' ? [[change.address, change.from] as const] : [])),
  );
}

/** Where a chain of moves ends in what is there; undefined where it does not. */
export function lastOf(from: Address, next: ReadonlyMap<Address, Address>, after: State): Address | undefined {
  const seen = new Set<Address>();
  for (let at: Address | undefined = from; at !== undefined && !seen.has(at); at = next.get(at)) {
    if (after.has(at)) return at;
    seen.add(at);
  }
  return undefined;
}
