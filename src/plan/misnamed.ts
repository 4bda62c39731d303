// Owns which entries of `moved:` a plan could not follow, as what they call the old name was not there, and which name they
// may have meant. Never follows one (moves.ts does).

import { type Address, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import type { Move } from '../model/move.ts';
import { Suggestions } from '../spec/nearest.ts';
import { groupBy } from './group.ts';
import type { Change, Plan } from './plan.ts';

/** An entry whose new name is created by the plan. */
export interface Misnamed {
  readonly move: Move;
  /** What the plan deletes that is called almost so; undefined where there is none. */
  readonly meant: Address | undefined;
  /** The member that says the identity which the name that never was would have had, as `validate --fix` writes it. */
  readonly identity: Identity | undefined;
}

export interface Identity {
  readonly key: 'client_id' | 'sub';
  readonly value: string;
}

/** By the new address; none in an empty base, where everything is new, moved or not. */
export function misnamedMoves(
  { changes, unchanged }: Pick<Plan, 'changes' | 'unchanged'>,
  moves: readonly Move[],
): ReadonlyMap<Address, Misnamed> {
  if (moves.length === 0) return new Map();
  const created = new Map(
    changes.flatMap((change) => (change.action === 'create' ? [[change.address, change.after] as const] : [])),
  );
  if (created.size === changes.length && unchanged === 0) return new Map();
  const deleted = groupBy(changes.filter(isDelete), ({ address }) => kindOf(address));
  const suggestions = new Suggestions();
  return new Map(
    moves.flatMap((move) => {
      const after = created.get(move.to);
      if (after === undefined) return [];
      const gone = (deleted.get(kindOf(move.from)) ?? []).map(({ address }) => address);
      const misnamed = { move, meant: meantBy(move.from, gone, suggestions), identity: identityOf(move, after) };
      return [[move.to, misnamed] as const];
    }),
  );
}

function isDelete(change: Change): boolean {
  return change.action === 'delete';
}

/** Of the same site first: there the bare name is what was written. */
function meantBy(from: Address, gone: readonly Address[], suggestions: Suggestions): Address | undefined {
  const own = gone.filter((address) => siteOf(address) === siteOf(from));
  return called(nameOf, from, own, suggestions) ?? called(qualifiedName, from, gone, suggestions);
}

function called(
  name: (address: Address) => string,
  from: Address,
  gone: readonly Address[],
  suggestions: Suggestions,
): Address | undefined {
  if (gone.length === 0) return undefined;
  const byName = new Map(gone.map((address) => [name(address), address]));
  const near = suggestions.nearest(name(from), byName.keys());
  return near === undefined ? undefined : byName.get(near);
}

/** What `validate --fix` writes of a move into what is there after it; undefined where nothing of it is written there. */
export function identityOf({ from, to }: Move, after: Entity | undefined): Identity | undefined {
  if (after === undefined) return undefined;
  if (after.kind === 'application' && after.client_id === nameOf(from) && after.client_id !== nameOf(to)) {
    return { key: 'client_id', value: after.client_id };
  }
  return after.kind === 'user' && after.sub === qualifiedName(from) ? { key: 'sub', value: after.sub } : undefined;
}
