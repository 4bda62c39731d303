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
  const { pointer } = path;
  if (renames.size === 0) return path;
  if (pointer === '/policy' || pointer === '/access_rules') {
    const followed = followMember(pointer, path.before, renames);
    return followed === path.before ? path : { ...path, before: followed };
  }
  if (!Array.isArray(path.before)) return path;
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
  if (typeof item !== 'object' || item === null) return item;
  // Of a policy's items and of access rules the group is written under its kind.
  const key = 'to' in item ? 'to' : pointer === '/items' || pointer === '/access_rules' ? 'group' : undefined;
  if (key === undefined || !(key in item)) return followRule(item, pointer, renames);
  const to = renames.get((item as { readonly [key: string]: unknown })[key] as Address);
  return to === undefined ? item : { ...item, [key]: to };
}

function followRule(item: object, pointer: string, renames: Renames): unknown {
  if (pointer !== '/access_rules' || !('method' in item)) return item;
  const to = renames.get(methodAddress(String(item.method)));
  return to === undefined ? item : { ...item, method: nameOf(to) };
}

/** A link that stands alone, or the rules in one of both lists. */
function followMember(pointer: string, value: unknown, renames: Renames): unknown {
  if (typeof value === 'string') return renames.get(value as Address) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  const lists = Object.entries(value).map(([key, rules]) => {
    const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
    return [key, list, list.map((rule) => followItem(rule, pointer, renames))] as const;
  });
  const isSame = lists.every(([, list, followed]) => followed.every((rule, position) => rule === list[position]));
  return isSame ? value : Object.fromEntries(lists.map(([key, , followed]) => [key, followed]));
}
