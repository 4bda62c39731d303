// Owns how a changed member reads once its links to what was moved are followed: a link that leads to the same entity by
// its new name did not change. Never moves anything (model/move.ts does).

import { type Address, methodAddress, nameOf, roleAddress } from '../model/address.ts';
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

/** Members that are no list: one link, or the rules of an application. */
const ALONE: ReadonlySet<string> = new Set(['/policy', '/access_rules', '/customer', '/parent', '/required_role']);

/** By member: under which keys its items name others. Where none is listed it is where a link leads. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '/items': ['group'],
  '/access_rules': ['group', 'client', 'audience'],
  '/roles': ['role', 'customer'],
};

/** The change with the links of the side before as they are called after it; itself where none of them moved. */
export function followLinks(path: PathChange, renames: Renames): PathChange {
  const { pointer } = path;
  if (renames.size === 0) return path;
  if (ALONE.has(pointer) && !Array.isArray(path.before)) {
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
  if (typeof item === 'string') {
    if (pointer === '/methods') return nameFollowed(item, methodAddress(item), renames);
    if (pointer === '/permission_scope') return nameFollowed(item, roleAddress(item), renames);
    // What a role contains.
    return pointer === '/roles' ? (renames.get(item as Address) ?? item) : item;
  }
  if (typeof item !== 'object' || item === null) return item;
  const members = item as { readonly [key: string]: unknown };
  const followed = (KEYS[pointer] ?? ['to']).flatMap((key) => {
    const to = renames.get(members[key] as Address);
    return to === undefined ? [] : [[key, to] as const];
  });
  return followed.length === 0 ? followRule(item, pointer, renames) : { ...item, ...Object.fromEntries(followed) };
}

/** What is listed by its bare name. */
function nameFollowed(name: string, address: Address, renames: Renames): string {
  const to = renames.get(address);
  return to === undefined ? name : nameOf(to);
}

function followRule(item: object, pointer: string, renames: Renames): unknown {
  if (pointer !== '/access_rules' || !('method' in item)) return item;
  const to = renames.get(methodAddress(String(item.method)));
  return to === undefined ? item : { ...item, method: nameOf(to) };
}

/** A link that stands alone, or the rules in one of both lists. */
function followMember(pointer: string, value: unknown, renames: Renames): unknown {
  if (typeof value === 'string') {
    if (pointer === '/required_role') return nameFollowed(value, roleAddress(value), renames);
    return renames.get(value as Address) ?? value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const lists = Object.entries(value).map(([key, rules]) => {
    const list: readonly unknown[] = Array.isArray(rules) ? rules : [];
    return [key, list, list.map((rule) => followItem(rule, pointer, renames))] as const;
  });
  const isSame = lists.every(([, list, followed]) => followed.every((rule, position) => rule === list[position]));
  return isSame ? value : Object.fromEntries(lists.map(([key, , followed]) => [key, followed]));
}
