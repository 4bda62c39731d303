// Owns how a changed member reads once its links to what was moved are followed: a link that leads to the same entity by
// its new name did not change. Never moves anything (model/move.ts does).

import { type Address, methodAddress, nameOf } from '../model/address.ts';
import type { Renames } from '../model/move.ts';
import type { Change, PathChange } from './plan.ts';

/** What a plan moves: each old address with the new one. */
export function renamesIn(
  changes: readonly { readonly action: Change['action']; readonly address: Address; readonly from?: Address }[],
): Renames {
  return new Map(
    changes.flatMap((change) => (change.from === undefined ? [] : [[change.from, change.address] as const])),
  );
}

/** The change with the links of the side before as they are called after it; itself where none of them moved. */
export function followLinks(path: PathChange, renames: Renames): PathChange {
  if (renames.size === 0 || !Array.isArray(path.before)) return path;
  const written: readonly unknown[] = path.before;
  const before = written.map((item) => followItem(item, path.pointer, renames));
  return before.every((item, position) => item === written[position]) ? path : { ...path, before };
}

/** Links are objects with where they lead; methods are listed by their bare name. */
export function followItem(item: unknown, pointer: string, renames: Renames): unknown {
  if (typeof item === 'string' && pointer === '/methods') {
    const to = renames.get(methodAddress(item));
    return to === undefined ? item : nameOf(to);
  }
  if (typeof item !== 'object' || item === null || !('to' in item)) return item;
  const to = renames.get(item.to as Address);
  return to === undefined ? item : { ...item, to };
}
