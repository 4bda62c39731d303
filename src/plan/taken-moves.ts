// Owns which entries of `moved:` a plan did not follow, as their new name is that of something else. Never follows one
// (moves.ts does).

import type { Address } from '../model/address.ts';
import type { Move } from '../model/move.ts';
import type { State } from '../model/state.ts';
import { type Identity, identityOf } from './misnamed.ts';
import { formerNames, lastOf } from './moves.ts';
import type { Change } from './plan.ts';

/** An entry whose former name the plan deletes, though what it leads to is there. */
export interface TakenMove {
  /** `to` is where a chain of entries ends; `range` is that of the entry of the former name. */
  readonly move: Move;
  /** What is called so now by another entry; undefined where the new name itself was there before. */
  readonly former: Address | undefined;
  /** The member that says the identity of what is deleted, as `validate --fix` writes it. */
  readonly identity: Identity | undefined;
}

/** By the former address. `after` is what the plan leads to; moves that no spec writes are not told. */
export function takenMoves(
  changes: readonly Change[],
  after: State,
  moves: readonly Move[],
): ReadonlyMap<Address, TakenMove> {
  if (moves.length === 0) return new Map();
  const next = new Map(moves.map(({ from, to }) => [from, to]));
  const deleted = new Set(changes.flatMap(({ action, address }) => (action === 'delete' ? [address] : [])));
  const former = formerNames(changes);
  return new Map(
    moves.flatMap(({ from, range }) => {
      if (range === undefined || !deleted.has(from)) return [];
      const to = lastOf(from, next, after);
      if (to === undefined) return [];
      const move = { from, to, range };
      return [[from, { move, former: former.get(to), identity: identityOf(move, after.get(to)) }] as const];
    }),
  );
}
