// Owns how a value of an entity reads in a plan: short, escaped, a secret by its reference only. Never decides what is
// shown.

import type { Address } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { scopeValues } from '../model/settings.ts';
import type { Naming } from './naming.ts';
import { spokenPath } from './paths.ts';
import type { PathChange } from './plan.ts';
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
  const say = (value: unknown) => (pointer === '/secret' ? speakSecret(value) : speakValue(value, naming));
  if (before === undefined) return { sign: '+', name, value: cut(say(after), LONGEST_LINE) };
  if (after === undefined) return { sign: '-', name, value: cut(say(before), LONGEST_LINE) };
  return { sign: '~', name, value: speakUpdate(pointer, before, after, say, naming) };
}

function speakUpdate(
  pointer: string,
  before: unknown,
  after: unknown,
  say: (value: unknown) => string,
  naming: Naming,
): string {
  if (Array.isArray(before) && Array.isArray(after)) return speakLists(before, after, naming);
  if (
    typeof before === 'string' &&
    typeof after === 'string' &&
    Math.max(before.length, after.length) > LONGEST_VALUE
  ) {
    // Two cut texts could read the same: of a scope the values are told, of anything else what differs.
    if (pointer === '/metadata/scope') return speakLists(scopeValues(before), scopeValues(after), naming);
    const from = Math.max(0, commonPrefix(before, after) - 10);
    const tail = (text: string) => `${from > 0 ? '…' : ''}${speakString(text.slice(from))}`;
    return `${tail(before)} → ${tail(after)}`;
  }
  return `${cut(say(before), LONGEST_LINE)} → ${cut(say(after), LONGEST_LINE)}`;
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** What joined and what left; a list in which nothing did either has another order. */
function speakLists(before: readonly unknown[], after: readonly unknown[], naming: Naming): string {
  const without = (list: readonly unknown[], other: readonly unknown[]) => {
    const known = new Set(other.map(canonicalJson));
    return list.filter((item) => !known.has(canonicalJson(item)));
  };
  const added = without(after, before);
  const removed = without(before, after);
  const parts = [...few('+ ', added, naming), ...few('- ', removed, naming)];
  if (parts.length > 0) return parts.join('  ');
  const order = (list: readonly unknown[]) => cut(speakValue(list, naming), LONGEST_LINE);
  return `${order(before)} → ${order(after)} (order)`;
}

function few(sign: string, items: readonly unknown[], naming: Naming): string[] {
  const shown = items.slice(0, MOST_MEMBERS).map((item) => sign + cut(speakValue(item, naming), LONGEST_LINE));
  const rest = items.length - shown.length;
  return rest > 0 ? [...shown, `${sign}… and ${rest} more`] : shown;
}

function speakValue(value: unknown, naming: Naming): string {
  if (typeof value === 'string') return speakString(value);
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_MEMBERS).map((item) => speakValue(item, naming));
    const rest = value.length - shown.length;
    if (value.length === 0) return '(empty)';
    return rest > 0 ? `${shown.join(', ')}, … and ${rest} more` : shown.join(', ');
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const only = members.length === 1 ? members[0] : undefined;
  if (only !== undefined && only[0] === 'to' && typeof only[1] === 'string') return naming.name(only[1] as Address);
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

/** Reads the names of an environment variable and a file, and nothing else: what a hash says is not even looked at. */
function speakSecret(reference: unknown): string {
  if (typeof reference === 'object' && reference !== null) {
    if ('env' in reference) return `env:${speakString(String(reference.env))}`;
    if ('file' in reference) return `file:${speakString(String(reference.file))}`;
  }
  return 'hash (sensitive)';
}
