// Owns which members of an entity a person would call changed. Never knows what a member means and never renders it.

import { compareText } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import { escapeToken } from '../model/pointer.ts';
import { sameValue } from '../model/same-value.ts';
import type { PathChange } from './plan.ts';

/** Members whose own members are told one by one: nobody says "metadata changed" who means its scope. */
const OPENED: ReadonlySet<string> = new Set([
  ...[
    '/attributes',
    '/certificate',
    '/certificates',
    '/consent',
    '/directory',
    '/metadata',
    '/oauth2',
    '/outbound',
    '/safety',
    '/sessions',
    '/tokens',
  ],
  '/tokens/refresh',
]);

/** The members that differ, by pointer, in the order of their names. Empty exactly when the entities are the same. */
export function diffPaths(before: Entity, after: Entity): readonly PathChange[] {
  return diffMembers('', { ...before }, { ...after });
}

function diffMembers(
  parent: string,
  before: { readonly [key: string]: unknown },
  after: { readonly [key: string]: unknown },
): readonly PathChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
  return keys.flatMap((key) => {
    const from = member(before, key);
    const to = member(after, key);
    if (sameValue(from, to)) return [];
    const pointer = `${parent}/${escapeToken(key)}`;
    if (OPENED.has(pointer)) {
      const inner = diffMembers(pointer, isObject(from) ? from : {}, isObject(to) ? to : {});
      // An empty object that came or went has no member to tell, and is a change all the same.
      if (inner.length > 0) return inner;
    }
    return [{ pointer, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) }];
  });
}

/** The value at a JSON pointer (RFC 6901) of plain data; undefined when there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of tokensOf(pointer)) at = isObject(at) ? member(at, token) : undefined;
  return at;
}

/** The keys of a pointer, unescaped, joined with dots: how a person names the member. */
export function spokenPath(pointer: string): string {
  return tokensOf(pointer).join('.');
}

/** The keys of a JSON pointer, unescaped. */
export function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A member of an object's own. */
export function member(object: { readonly [key: string]: unknown }, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
