// Owns how a value of an entity reads in a plan: short, escaped, a secret by its reference only. Never decides what is
// shown.

import type { Address } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { PolicyItem, ResourceRule, RoleGrant, Secret } from '../model/entity.ts';
import type { Renames } from '../model/move.ts';
import { scopeValues } from '../model/settings.ts';
import { certificatesOf, type ToldCertificate } from './certificate-rules.ts';
import { followItem } from './follow-links.ts';
import { groupBy } from './group.ts';
import { BRIEF, type Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import { isObject, spokenPath } from './paths.ts';
import { speakPeriod } from './period-words.ts';
import type { PathChange } from './plan.ts';
import { rulesIn, speakPolicyItem } from './policy-words.ts';
import { type PublicReference, publicReference } from './public-entity.ts';
import { speakGrant, speakResourceRule } from './resource-words.ts';
import { cut, escapeControls, type Sign } from './style.ts';

/** One changed member as a person reads it: its sign, its name and what became of it. */
export interface SpokenPath {
  readonly sign: Sign;
  readonly name: string;
  readonly value: string;
}

/** How values are told: what entities are called, what was moved, and how much is told. */
interface Speech {
  readonly naming: Naming;
  readonly limits: Limits;
  readonly renames: Renames;
}

/** `renames` is what the plan moves: a link that only follows is told as that. */
export function speakPath(
  path: PathChange,
  naming: Naming,
  { limits = BRIEF, renames = new Map() }: Partial<Omit<Speech, 'naming'>> = {},
): SpokenPath {
  const { pointer } = path;
  const [before, after] = [path.before, path.after].map((side) => listed(pointer, side));
  const speech = { naming, limits, renames };
  const name = escapeControls(cut(spokenPath(pointer), limits.value));
  const itemOf: ItemOf = (value) => (ITEMS_AT[pointer] ?? itemIn)(value, speech);
  if (before === undefined) return { sign: '+', name, value: speakSide(after, itemOf, speech) };
  if (after === undefined) return { sign: '-', name, value: speakSide(before, itemOf, speech) };
  return { sign: '~', name, value: speakUpdate(pointer, before, after, itemOf, speech) };
}

/** A client's JWK set, which reads as the list of its keys. */
const KEY_SET = '/metadata/jwks';

/** The authorities of a server, which read as the list of their certificates. */
const AUTHORITIES = '/certificates/authorities';

/** What is kept as another thing than the list that people read. */
function listed(pointer: string, side: unknown): unknown {
  if (pointer === AUTHORITIES) return side === undefined ? undefined : certificatesOf(side);
  return pointer === KEY_SET && isObject(side) ? side.keys : side;
}

/** `corporate: CN=Corporate CA,O=Example (sha256 0f3a9c…)`. */
function certificateItem(value: unknown, { limits }: Speech): Item {
  const { authority, key, told } = value as ToldCertificate;
  return { key: `${authority} ${key}`, name: speakString(`${authority}: ${told}`, limits), period: '' };
}

/** `2027-01: EC P-256 HkiehQAB…`: what it is called, and by what one tells it from another of the name. */
function keyItem(value: unknown, { limits }: Speech): Item {
  const jwk: { readonly [member: string]: unknown } = isObject(value) ? value : {};
  const beginning = typeof (jwk.x ?? jwk.n) === 'string' ? `${String(jwk.x ?? jwk.n).slice(0, 8)}…` : undefined;
  const kind = [jwk.kty, jwk.crv, jwk.alg, beginning].filter((part) => typeof part === 'string').join(' ');
  const name = typeof jwk.kid === 'string' ? `${jwk.kid}: ${kind}` : kind;
  return { key: canonicalJson(value), name: speakString(name, limits), period: '' };
}

/** What names another entity, alone. */
function addressItem(value: unknown, { naming }: Speech): Item {
  return { key: String(value), name: naming.name(value as Address), period: '' };
}

/** A role that somebody has, or one that another role contains. */
function grantItem(value: unknown, speech: Speech): Item {
  if (!isObject(value)) return addressItem(value, speech);
  const { expires, ...grant } = value as unknown as RoleGrant;
  return { key: canonicalJson(grant), name: speakGrant(grant), period: speakPeriod({ expires }) };
}

/** The members whose values read in a way of their own. In a secret a hash may stand. */
const ITEMS_AT: { readonly [pointer: string]: (value: unknown, speech: Speech) => Item } = {
  '/secret': secretItem,
  '/secrets': secretItem,
  '/password': secretItem,
  [KEY_SET]: keyItem,
  [AUTHORITIES]: certificateItem,
  '/policy': addressItem,
  '/customer': addressItem,
  '/parent': addressItem,
  '/roles': grantItem,
  '/items': (value, { naming, limits }) => ({
    key: canonicalJson(value),
    name: speakPolicyItem(value as PolicyItem, naming, (text) => speakString(text, limits)),
    period: '',
  }),
  '/access_rules': (value, { naming, limits }) => ({
    key: canonicalJson(value),
    name: speakResourceRule(value as ResourceRule, naming, (text) => speakString(text, limits)),
    period: '',
  }),
};

/** Members that name one other entity. */
const ALONE: ReadonlySet<string> = new Set(['/policy', '/customer', '/parent']);

function speakUpdate(pointer: string, before: unknown, after: unknown, itemOf: ItemOf, speech: Speech): string {
  if (Array.isArray(before) && Array.isArray(after)) return speakLists(pointer, before, after, itemOf, speech);
  if (pointer === '/access_rules') {
    const [was, is] = [rulesIn(before), rulesIn(after)];
    if (was !== undefined && was.how === is?.how) {
      return was.how + speakLists(pointer, was.rules, is.rules, itemOf, speech);
    }
  }
  if (ALONE.has(pointer)) {
    const moved = speech.renames.get(before as Address) === after ? ' (moved)' : '';
    return `${itemOf(before).name} → ${itemOf(after).name}${moved}`;
  }
  const { limits } = speech;
  if (typeof before === 'string' && typeof after === 'string' && Math.max(before.length, after.length) > limits.value) {
    // Two cut texts could read the same: of a scope the values are told, of anything else what differs.
    if (pointer === '/metadata/scope') {
      return speakLists(pointer, scopeValues(before), scopeValues(after), itemOf, speech);
    }
    return speakTexts(before, after, limits, (text) => speakString(text, limits));
  }
  return `${speakSide(before, itemOf, speech)} → ${speakSide(after, itemOf, speech)}`;
}

/** Two texts, of long ones from where they begin to differ. */
export function speakTexts(before: string, after: string, limits: Limits, speak: (text: string) => string): string {
  const isLong = Math.max(before.length, after.length) > limits.value;
  const from = isLong ? Math.max(0, commonPrefix(before, after) - 10) : 0;
  const tail = (text: string) => `${from > 0 ? '…' : ''}${speak(text.slice(from))}`;
  return `${tail(before)} → ${tail(after)}`;
}

/** All of one side: of a list each of its items. */
function speakSide(value: unknown, itemOf: ItemOf, { limits }: Speech): string {
  const rules = Array.isArray(value) ? { how: '', rules: value } : rulesIn(value);
  const text = rules === undefined ? speakItem(itemOf(value)) : rules.how + speakList(rules.rules, itemOf, limits);
  return cut(text, limits.line);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** What joined, what left, what has other times now and what only follows a move; else a list has another order. */
function speakLists(
  pointer: string,
  written: readonly unknown[],
  after: readonly unknown[],
  itemOf: ItemOf,
  speech: Speech,
): string {
  const before = written.map((item) => followItem(item, pointer, speech.renames));
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
  const gone = new Set(removed.map(({ key }) => key));
  const joined = (items: readonly Item[]) => items.filter(({ key }) => !stays.has(key)).map(speakItem);
  const moved = before.flatMap((item, position) => {
    const [from, to] = [itemOf(written[position]), itemOf(item)];
    return from.key === to.key || gone.has(to.key) ? [] : [`${from.name} → ${to.name} (moved)`];
  });
  const parts = [
    ...few('+ ', joined(added), speech.limits),
    ...few('- ', joined(removed), speech.limits),
    ...few(
      '~ ',
      retimed.map(({ text }) => text),
      speech.limits,
    ),
    ...few('', moved, speech.limits),
  ];
  const [from, to] = [before, after].map((list) => speakSide(list, itemOf, speech));
  return parts.length > 0 ? parts.join('  ') : `${from} → ${to} (order)`;
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

function few(sign: string, items: readonly string[], { members, line }: Limits): string[] {
  const shown = items.slice(0, members).map((item) => sign + cut(item, line));
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

function speakList(list: readonly unknown[], itemOf: ItemOf, { members }: Limits): string {
  if (list.length === 0) return '(empty)';
  const shown = list.slice(0, members).map((item) => speakItem(itemOf(item)));
  const rest = list.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join(', ');
}

/** A link is what it leads to and a redirect URI its text, each with the time in which it counts. */
function itemIn(value: unknown, speech: Speech): Item {
  const { naming, limits } = speech;
  const { expires, ...others }: { readonly [member: string]: unknown } =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const only = Object.keys(others).length === 1;
  const { to, uri } = others;
  const period = speakPeriod({ expires });
  if (only && typeof to === 'string') return { key: to, name: naming.name(to as Address), period };
  if (only && typeof uri === 'string') return { key: uri, name: speakString(uri, limits), period };
  return { key: canonicalJson(value), name: speakValue(value, speech), period: '' };
}

/** A secret is its reference. */
function secretItem(value: unknown, { limits }: Speech): Item {
  const { not_before, expires, ...reference } = value as Secret;
  return {
    key: canonicalJson(reference),
    name: speakReference(publicReference(reference), limits),
    period: speakPeriod({ not_before, expires }),
  };
}

function speakValue(value: unknown, speech: Speech): string {
  if (typeof value === 'string') return speakString(value, speech.limits);
  if (Array.isArray(value)) return speakList(value, (item) => itemIn(item, speech), speech.limits);
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if ('key' in value && 'value' in value && members.length === 2) {
    return `${speakValue(value.key, speech)}: ${speakValue(value.value, speech)}`;
  }
  if (members.length === 0) return '(empty)';
  return members.map(([key, member]) => `${escapeControls(key)}: ${speakValue(member, speech)}`).join(', ');
}

/** Quoted where the bare text would not show what it is. Cut first: an escape is never cut in half. */
function speakString(text: string, limits: Limits): string {
  const shown = escapeControls(cut(text, limits.value));
  return text === '' || text.trim() !== text ? `"${shown}"` : shown;
}

/** The name of an environment variable or a file; of a hash, which has no reference, only that it is one. */
export function speakReference(reference: PublicReference | undefined, limits: Limits = BRIEF): string {
  if (reference === undefined) return 'hash (sensitive)';
  return 'env' in reference
    ? `env:${speakString(reference.env, limits)}`
    : `file:${speakString(reference.file, limits)}`;
}
