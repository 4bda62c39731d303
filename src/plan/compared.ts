// Owns the two sides of a plan as access is compared between them: each answers in its own names, which are matched by the
// renames that the plan follows, and is turned round for questions once, when something asks. Never compares them.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { type Address, kindOf, siteOf } from '../model/address.ts';
import { followRenames, type Renames } from '../model/move.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { changedAddresses } from './diff.ts';
import { diffPaths } from './paths.ts';
import type { Change } from './plan.ts';

export interface ComparedSide {
  readonly state: State;
  readonly origins: Origins;
  index(): AccessIndex;
  /** How this side calls what the plan calls so. */
  own<A extends Address>(address: A): A;
  /** How the plan calls what this side calls so: by its new name. */
  shared<A extends Address>(address: A): A;
}

export interface Compared {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** What leads from the one to the other, but for what only follows a rename. */
  readonly changes: readonly Change[];
}

export interface ComparedInput {
  readonly before: State;
  readonly beforeOrigins: Origins;
  /** The index of `before` where there is one already. */
  readonly beforeIndex?: AccessIndex | undefined;
  readonly after: State;
  readonly afterOrigins: Origins;
  /** `diffStates(before, after, renames)`. */
  readonly changes: readonly Change[];
  readonly renames: Renames;
}

/** The two sides: who is called otherwise is nobody else. */
export function comparedSides(input: ComparedInput): Compared {
  const { before, beforeOrigins, beforeIndex, after, afterOrigins, changes, renames } = input;
  // A scope is its name: that is what clients ask for and tokens say. By another name it is another scope.
  const followed = new Map([...renames].filter(([from]) => kindOf(from) !== 'scope'));
  const back = new Map([...followed].map(([from, to]) => [to, from]));
  const indexBefore = once(() => beforeIndex ?? indexState(before));
  return {
    before: {
      state: before,
      origins: beforeOrigins,
      index: indexBefore,
      own: renaming(back),
      shared: renaming(followed),
    },
    after: {
      state: after,
      origins: afterOrigins,
      index: once(() => indexBefore().next(after, changedAddresses(changes))),
      own: (address) => address,
      shared: (address) => address,
    },
    changes: renames.size === 0 ? changes : changes.flatMap((change) => withoutFollowing(change, followed)),
  };
}

/** A rename keeps the kind of what it renames. */
function renaming(renames: Renames): <A extends Address>(address: A) => A {
  return <A extends Address>(address: A) => (renames.get(address) ?? address) as A;
}

/** The change as it is when the renames are none; a rename that is not followed ends one entity and begins another. */
function withoutFollowing(change: Change, renames: Renames): readonly Change[] {
  if (change.action === 'update') {
    const paths = diffPaths(followRenames(change.before, renames), change.after);
    return paths.length === 0 ? [] : [{ ...change, paths }];
  }
  if (change.action !== 'move') return [change];
  const { address, from, before, after, paths } = change;
  if (!renames.has(from)) {
    return [
      { action: 'delete', address: from, before },
      { action: 'create', address, after },
    ];
  }
  // What an application may do rests on the methods of its site.
  return paths.length === 0 && siteOf(from) === siteOf(address) ? [] : [change];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
