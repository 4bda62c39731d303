// Owns how a value of an entity reads in a plan: short, escaped, a secret by its reference only. Never decides what is
// shown.

import type { Address } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Secret } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import { groupBy } from './group.ts';
import type { Naming } from './naming.ts';
import { spokenPath } from './paths.ts';
import { speakPeriod } from './period-words.ts';
import type { PathChange } from './plan.ts';
import { type PublicReference, publicReference } from './public-entity.ts';
import { cut, escapeControls, type Sign } from './style.ts';

/** The longest text that is shown whole, the longest of a value that is made of several, the most members of a list. */
const LONGEST_VALUE = 72;
const LONGEST_LINE = 200;
const MOST_MEMBERS = 8;

/** One changed member as a person reads it: its sign, its name and what became of it. */
export interface SpokenPath {
  readonly sign: Sign;
  readonly name: string;
  readonly value: string;
}

export function speakPath(path: PathChange, naming: Naming): SpokenPath {
  const { pointer, before, after } = path;
  const name = escapeControls(cut(spokenPath(pointer), LONGEST_VALUE));
  const itemOf: ItemOf = SECRETS.has(pointer) ? secretItem : (value) => itemIn(value, naming);
  if (before === undefined) return { sign: '+', name, value: speakSide(after, itemOf) };
  if (after === undefined) return { sign: '-', name, value: speakSide(before, itemOf) };
  return { sign: '~', name, value: speakUpdate(pointer, before, after, itemOf) };
}

/** The members of an application in which a hash may stand. */
const SECRETS: ReadonlySet<string> = new Set(['/secret', '/secrets']);

function speakUpdate(pointer: string, before: unknown, after: unknown, itemOf: ItemOf): string {
  if (Array.isArray(before) && Array.isArray(after)) return speakLists(before, after, itemOf);
  if (
    typeof before === 'string' &&
    typeof after === 'string' &&
    Math.max(before.length, after.length) > LONGEST_VALUE
  ) {
    // Two cut texts could read the same: of a scope the values are told, of anything else what differs.
    if (pointer === '/metadata/scope') return speakLists(scopeValues(before), scopeValues(after), itemOf);
    const from = Math.max(0, commonPrefix(before, after) - 10);
    const tail = (text: string) => `${from > 0 ? '…' : ''}${speakString(text.slice(from))}`;
    return `${tail(before)} → ${tail(after)}`;
  }
  return `${speakSide(before, itemOf)} → ${speakSide(after, itemOf)}`;
}

/** All of one side: of a list each of its items. */
function speakSide(value: unknown, itemOf: ItemOf): string {
  return cut(Array.isArray(value) ? speakList(value, itemOf) : speakItem(itemOf(value)), LONGEST_LINE);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** What joined, what left and what has other times now; a list in which nothing did any of that has another order. */
function speakLists(before: readonly unknown[], after: readonly unknown[], itemOf: ItemOf): string {
  const without = (list: readonly unknown[], other: readonly unknown[]) => {
    const known = new Set(other.map(canonicalJson));
    return list.filter((item) => !known.has(canonicalJson(item))).map(itemOf);
  };
  const added = without(after, before);
  const removed = without(before, after);
  const [now, then] = [byOwnKey(added), byOwnKey(removed)];
  const retimed = [...then].flatMap(([key, from]) => {
    const to = now.get(key);
    return to === undefined ? [] : [{ key, text: `${from.name} ${from.period || ALWAYS} → ${to.period || ALWAYS}` }];
  });
  const stays = new Set(retimed.map(({ key }) => key));
  const moved = (items: readonly Item[]) => items.filter(({ key }) => !stays.has(key)).map(speakItem);
  const parts = [
    ...few('+ ', moved(added)),
    ...few('- ', moved(removed)),
    ...few(
      '~ ',
      retimed.map(({ text }) => text),
    ),
  ];
  return parts.length > 0 ? parts.join('  ') : `${speakSide(before, itemOf)} → ${speakSide(after, itemOf)} (order)`;
}

/** The period of what is bounded by nothing, where the other side has one. */
const ALWAYS = 'without end';

/** The items that share their key with no other. */
function byOwnKey(items: readonly Item[]): ReadonlyMap<string, Item> {
  const own = new Map<string, Item>();
  for (const [key, [item, ...others]] of groupBy(items, (one) => one.key)) {
    if (item !== undefined && others.length === 0) own.set(key, item);
  }
  return own;
}

function few(sign: string, items: readonly string[]): string[] {
  const shown = items.slice(0, MOST_MEMBERS).map((item) => sign + cut(item, LONGEST_LINE));
  const rest = items.length - shown.length;
  return rest > 0 ? [...shown, `${sign}… and ${rest} more`] : shown;
}

/** A value on its own or in a list. */
interface Item {
  /** The same for what is the same but for its times. Compared and never shown: of a secret it may hold a hash. */
  readonly key: string;
  readonly name: string;
  /** As speakPeriod says it. */
  readonly period: string;
}

type ItemOf = (value: unknown) => Item;

function speakItem({ name, period }: Item): string {
  return period === '' ? name : `${name} ${period}`;
}

function speakList(list: readonly unknown[], itemOf: ItemOf): string {
  if (list.length === 0) return '(empty)';
  const shown = list.slice(0, MOST_MEMBERS).map((item) => speakItem(itemOf(item)));
  const rest = list.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join(', ');
}

/** A link is what it leads to and a redirect URI its text, each with the time in which it counts. */
function itemIn(value: unknown, naming: Naming): Item {
  const { expires, ...others }: { readonly [member: string]: unknown } =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const only = Object.keys(others).length === 1;
  const { to, uri } = others;
  const period = speakPeriod({ expires });
  if (only && typeof to === 'string') return { key: to, name: naming.name(to as Address), period };
  if (only && typeof uri === 'string') return { key: uri, name: speakString(uri), period };
  return { key: canonicalJson(value), name: speakValue(value, naming), period: '' };
}

/** A secret is its reference. */
function secretItem(value: unknown): Item {
  const { not_before, expires, ...reference } = value as Secret;
  return {
    key: canonicalJson(reference),
    name: speakReference(publicReference(reference)),
    period: speakPeriod({ not_before, expires }),
  };
}

function speakValue(value: unknown, naming: Naming): string {
  if (typeof value === 'string') return speakString(value);
  if (Array.isArray(value)) return speakList(value, (item) => itemIn(item, naming));
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if ('key' in value && 'value' in value && members.length === 2) {
    return `${speakValue(value.key, naming)}: ${speakValue(value.value, naming)}`;
  }
  if (members.length === 0) return '(empty)';
  return members.map(([key, member]) => `${escapeControls(key)}: ${speakValue(member, naming)}`).join(', ');
}

/** Quoted where the bare text would not show what it is. Cut first: an escape is never cut in half. */
function speakString(text: string): string {
  const shown = escapeControls(cut(text, LONGEST_VALUE));
  return text === '' || text.trim() !== text ? `"${shown}"` : shown;
}

/** The name of an environment variable or a file; of a hash, which has no reference, only that it is one. */
export function speakReference(reference: PublicReference | undefined): string {
  if (reference === undefined) return 'hash (sensitive)';
  return 'env' in reference ? `env:${speakString(reference.env)}` : `file:${speakString(reference.file)}`;
}
