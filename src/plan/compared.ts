// Owns the two sides of a plan as access is compared between them: the side before under the names of the side after, each
// turned round for questions once, and only when something asks. Never compares them.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { type Address, kindOf } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import { followRenames, pointerBefore, type Renames } from '../model/move.ts';
import type { Origin, Origins } from '../model/origin.ts';
import { editState, type State } from '../model/state.ts';
import { withoutRenames } from './diff.ts';
import type { Change } from './plan.ts';

export interface ComparedSide {
  readonly state: State;
  readonly origins: Pick<Origins, 'get'>;
  index(): AccessIndex;
}

export interface Compared {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** What leads from the one to the other: no move is among them. */
  readonly changes: readonly Change[];
}

export interface ComparedInput {
  readonly before: State;
  readonly beforeOrigins: Origins;
  readonly after: State;
  readonly afterOrigins: Origins;
  /** `diffStates(before, after, renames)`. */
  readonly changes: readonly Change[];
  readonly renames: Renames;
}

/** The two sides: who is called otherwise is nobody else. No entity of `after` refers to what was renamed. */
export function comparedSides(input: ComparedInput): Compared {
  const { after, afterOrigins } = input;
  const renames = followedByAccess(input.renames);
  const changes = withoutRenames(input.changes, renames);
  const before = renamedBefore(input, renames);
  const beforeIndex = once(() => indexState(before.state));
  const afterIndex = once(() =>
    beforeIndex().next(
      after,
      changes.map(({ address }) => address),
    ),
  );
  return {
    before: { ...before, index: beforeIndex },
    after: { state: after, origins: afterOrigins, index: afterIndex },
    changes,
  };
}

/** A scope is its name: that is what clients ask for and tokens say, so that another name is another scope. */
function followedByAccess(renames: Renames): Renames {
  const isFollowed = ([from]: readonly [Address, Address]) => kindOf(from) !== 'scope';
  return [...renames].every(isFollowed) ? renames : new Map([...renames].filter(isFollowed));
}

/** Only what changed can refer to what was renamed: everything else is shared. */
function renamedBefore(
  { before, beforeOrigins, changes }: ComparedInput,
  renames: Renames,
): Pick<ComparedSide, 'state' | 'origins'> {
  if (renames.size === 0) return { state: before, origins: beforeOrigins };
  const entities = new Map<Address, Entity>();
  const origins = new Map<Address, Origin | undefined>([...renames.keys()].map((from) => [from, undefined]));
  for (const change of changes) {
    if (change.action === 'create') continue;
    const from = change.action === 'move' ? change.from : change.address;
    const to = renames.get(from) ?? from;
    entities.set(to, followRenames(change.before, renames));
    const origin = beforeOrigins.get(from);
    origins.set(to, origin && ((pointer) => origin(pointerBefore(change.before, renames, pointer))));
  }
  return {
    state: editState(before, renames.keys(), entities),
    origins: { get: (address) => (origins.has(address) ? origins.get(address) : beforeOrigins.get(address)) },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
