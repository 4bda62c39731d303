// Owns how a value of an entity reads in a plan: short, escaped, a secret by its reference only. Never decides what is
// shown.

import { type Address, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import { sameValue, spokenPath } from './paths.ts';
import type { PathChange } from './plan.ts';
import { cut, escapeControls, type Sign } from './style.ts';

/** The longest value that is shown whole, and the most members of a list. */
const LONGEST_VALUE = 72;
const MOST_MEMBERS = 8;

/** How entities are called in one plan: bare within its only site, `Site/Name` where it shows more than one. */
export interface Naming {
  name(address: Address): string;
}

/** Names for a plan that shows these addresses. */
export function namingFor(addresses: Iterable<Address>): Naming {
  const sites = new Set<string>();
  for (const address of addresses) {
    const site = siteOf(address);
    if (site !== undefined) sites.add(site);
  }
  const spoken = sites.size > 1 ? qualifiedName : nameOf;
  return { name: (address) => escapeControls(spoken(address)) };
}

/** One changed member as a person reads it: its sign, its name and what became of it. */
export interface SpokenPath {
  readonly sign: Sign;
  readonly name: string;
  readonly value: string;
}

export function speakPath(path: PathChange, naming: Naming): SpokenPath {
  const name = escapeControls(cut(spokenPath(path.pointer), LONGEST_VALUE));
  const say = (value: unknown) =>
    path.pointer === '/secret' ? speakSecret(value) : cut(speakValue(value, naming), LONGEST_VALUE);
  if (path.before === undefined) return { sign: '+', name, value: say(path.after) };
  if (path.after === undefined) return { sign: '-', name, value: say(path.before) };
  if (Array.isArray(path.before) && Array.isArray(path.after)) {
    return { sign: '~', name, value: speakLists(path.before, path.after, naming) };
  }
  return { sign: '~', name, value: `${say(path.before)} → ${say(path.after)}` };
}

/** What joined and what left; a list in which nothing did either has another order. */
function speakLists(before: readonly unknown[], after: readonly unknown[], naming: Naming): string {
  const without = (list: readonly unknown[], other: readonly unknown[]) =>
    list.filter((item) => !other.some((one) => sameValue(item, one)));
  const added = without(after, before);
  const removed = without(before, after);
  const parts = [...few('+ ', added, naming), ...few('- ', removed, naming)];
  if (parts.length > 0) return parts.join('  ');
  const order = (list: readonly unknown[]) => cut(speakValue(list, naming), LONGEST_VALUE);
  return `${order(before)} → ${order(after)} (order)`;
}

function few(sign: string, items: readonly unknown[], naming: Naming): string[] {
  const shown = items.slice(0, MOST_MEMBERS).map((item) => sign + cut(speakValue(item, naming), LONGEST_VALUE));
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
