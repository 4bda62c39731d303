// Owns how one access change reads: who holds what, as whom and through what, and in words why it is gone. Never knows
// lines or columns.

import type { Step } from '../access/decision.ts';
import { REASONS } from '../access/reason.ts';
import { type Address, kindOf, type UserAddress } from '../model/address.ts';
import { count } from '../model/count.ts';
import type { Networks } from '../model/network.ts';
import { userOf } from './holding.ts';
import { BRIEF, type Limits } from './limits.ts';
import { type Naming, speakEntity } from './naming.ts';
import { spokenPath } from './paths.ts';
import { speakInstant } from './period-words.ts';
import type { AccessChange, UsersTold } from './plan.ts';
import { valuesIn } from './policy-words.ts';
import { speakHeld } from './role-links.ts';
import { escapeControls } from './style.ts';

/**
 * `as User1, through Group2, until 2027-01-31`; of what is held longer than before ` (was until 2026-12-31)` too. A chain
 * through too many groups is told by its ends.
 */
export function speakVia(change: AccessChange, naming: Naming, { chain }: Pick<Limits, 'chain'> = BRIEF): string {
  const how =
    change.users === undefined ? speakChain(change, naming, chain) : speakLetting(change, change.users, naming);
  return [how, ...speakTimes(change)].join(', ');
}

/** `by authorization_code`, of what is not the client itself `through Webshop, by authorization_code`. */
function speakLetting({ client, scope, held }: AccessChange, { grant_type }: UsersTold, naming: Naming): string {
  const isItself = scope === undefined && held.application === client;
  return `${isItself ? '' : `through ${naming.name(client)}, `}by ${grant_type}`;
}

/** Users in few words: `Staff (12 users)`, `Staff (User1)`, `everyone (312 users)`, without a group `12 users`. */
export function speakUsers({ through, users }: Pick<UsersTold, 'through' | 'users'>, naming: Naming): string {
  const [first] = users;
  const who = users.length === 1 && first !== undefined ? naming.name(first) : count(users.length, 'user');
  return through === undefined ? who : `${naming.name(through)} (${who})`;
}

function speakTimes({ from, held: { until, networks }, otherwise }: AccessChange): readonly string[] {
  const begin = from === undefined ? 'at once' : `from ${speakInstant(from)}`;
  const end = speakEnd(until);
  return [
    ...(otherwise !== undefined && otherwise.from !== from
      ? [`${begin} (was ${otherwise.from === undefined ? 'at once' : `from ${speakInstant(otherwise.from)}`})`]
      : from === undefined
        ? []
        : [begin]),
    ...(otherwise !== undefined && otherwise.until !== until
      ? [`${end} (was ${speakEnd(otherwise.until)})`]
      : until === undefined
        ? []
        : [end]),
    ...(otherwise !== undefined && !isSameNetworks(otherwise.networks, networks)
      ? [`${speakNetworks(networks)} (was ${speakNetworks(otherwise.networks)})`]
      : networks === undefined
        ? []
        : [speakNetworks(networks)]),
  ];
}

/** `from 192.0.2.0/24, 2001:db8::/32`; of several lists `from 10.0.0.0/8 within 10.1.0.0/16`. */
export function speakNetworks(networks: readonly Networks[] | undefined): string {
  if (networks === undefined) return 'from anywhere';
  return `from ${[...new Set(networks.map((blocks) => blocks.map(escapeControls).join(', ')))].join(' within ')}`;
}

function isSameNetworks(one: readonly Networks[] | undefined, other: readonly Networks[] | undefined): boolean {
  return speakNetworks(one) === speakNetworks(other);
}

function speakEnd(until: number | undefined): string {
  return until === undefined ? 'without end' : `until ${speakInstant(until)}`;
}

/** Groups within groups from the inmost on. Groups open no scope: of one only the user. */
function speakChain(change: AccessChange, naming: Naming, most: number): string {
  const { chain } = change.held;
  const user = userOf(chain);
  const who = `as ${user === undefined ? 'itself' : naming.name(user)}`;
  if (change.scope !== undefined) return who;
  const open = chain.find((step) => step.relation === 'open_to')?.to;
  const groups = [...chain.filter((step) => step.relation === 'member_of').map((step) => step.to)];
  if (open !== undefined && groups.at(-1) !== open) groups.push(open);
  const names = groups.map((group) => naming.name(group));
  const told = names.length > most ? [names[0], '…', names.at(-1)] : names;
  return `${who}, through ${told.join(' → ')}`;
}

/** Why the access is gone, in a clause: the link that is, or the entity; and from when on, where that is not at once. */
export function speakLoss(change: AccessChange, naming: Naming): string {
  const { from, held, otherwise } = change;
  const begins = from ?? Number.NEGATIVE_INFINITY;
  const ends = held.until ?? Number.POSITIVE_INFINITY;
  const times = [
    ...(otherwise === undefined && from !== undefined ? [`, which would have begun on ${speakInstant(from)}`] : []),
    ...(otherwise?.from === undefined || otherwise.from <= begins ? [] : [` until ${speakInstant(otherwise.from)}`]),
    ...(otherwise?.until === undefined || otherwise.until >= ends
      ? []
      : [` from ${speakInstant(otherwise.until)} on (was ${speakEnd(held.until)})`]),
  ].join(' and');
  const cause = speakCauseOfLoss(change, naming);
  if (otherwise === undefined || isSameNetworks(otherwise.networks, held.networks)) return `${cause}${times}`;
  const where = `${speakNetworks(otherwise.networks)} only (was ${speakNetworks(held.networks)})`;
  return `${cause}: ${where}${times === '' ? '' : `; gone${times}`}`;
}

function speakCauseOfLoss(change: AccessChange, naming: Naming): string {
  const { client, held, cause, other } = change;
  const users = change.users?.users;
  if (users !== undefined && kindOf(cause.place.address) === 'user' && cause.place.pointer === '') {
    return `${speakSome(users, naming)} removed`;
  }
  const link = held.chain.find(
    (step) => step.at.address === cause.place.address && step.at.pointer === cause.place.pointer,
  );
  // A refusal's place is an entity's whole list; a link's is one entry of it, or all of the client's allow-list.
  if (link !== undefined) {
    return `${speakLostLink(link, naming, change.users?.users)}${cause.ended && change.otherwise === undefined ? ', by an end that has passed' : ''}`;
  }
  if (other === undefined) {
    const { address, pointer } = cause.place;
    if (kindOf(address) === 'user') return `${naming.name(client)} now impersonates ${naming.name(address)}`;
    const target = speakTarget(address, naming);
    if (pointer === '/client_ip_range' || pointer.startsWith('/access_rules')) return `${target} limits addresses`;
    return pointer === '' ? `${target} removed` : `${target} has another client_id`;
  }
  const place = naming.name(other.missing.address);
  switch (other.code) {
    case 'CLIENT_AUTHENTICATION_FAILED':
    case 'APPLICATION_DISABLED':
      if (other.missing.pointer !== '/expires') return `${place} disabled`;
      return change.otherwise === undefined ? `${place} has expired` : `${place} expires,`;
    case 'METHOD_DISABLED':
      return `METHOD_DISABLED: ${place} disabled`;
    case 'USER_NOT_ACTIVE':
      return users === undefined || users.length === 1
        ? `USER_NOT_ACTIVE: ${place} is not active`
        : `USER_NOT_ACTIVE: ${speakSome(users, naming)} are not active`;
    case 'GRANT_NOT_ALLOWED':
      return `GRANT_NOT_ALLOWED: ${place} no longer has ${change.users?.grant_type ?? 'client_credentials'}`;
    case 'CLIENT_IS_PUBLIC':
      return `CLIENT_IS_PUBLIC: ${place} no longer authenticates`;
    case 'METHOD_NOT_ON_GROUP':
      return `METHOD_NOT_ON_GROUP: ${place} lists other methods`;
    case 'METHOD_NOT_ON_USER':
      return `METHOD_NOT_ON_USER: ${speakNoMethod(client, change.users ?? { users: [other.missing.address], grant_type: 'client_credentials' }, naming)}`;
    case 'ROLE_MISSING':
    case 'CUSTOMER_NOT_COVERED':
      return `${other.code}: ${speakLacking(other, client, users, naming)}`;
    case 'POLICY_NOT_MET':
      return `POLICY_NOT_MET: ${speakUnmet(other, users, naming)}`;
    default:
      return `${other.code}: ${REASONS[other.code]}`;
  }
}

/** `Client1 requires DATASTORE-VIEWER for mycustomer, which 3 users do not have` */
function speakLacking(
  { chain, missing }: NonNullable<AccessChange['other']>,
  client: Address,
  users: readonly UserAddress[] = [],
  naming: Naming,
): string {
  const required = chain.find(({ relation }) => relation === 'requires');
  const who = speakSome(users.length === 0 ? [missing.address] : users, naming);
  const what = required === undefined ? 'what' : `${speakHeld(required, naming)}, which`;
  return `${naming.name(client)} requires ${what} ${who} ${users.length > 1 ? 'do' : 'does'} not have`;
}

/** `User1 lists no method by which Client1 serves password`. The plan and explain say the same. */
export function speakNoMethod(
  client: Address,
  { users, grant_type }: { readonly users: readonly Address[]; readonly grant_type: string },
  naming: Naming,
): string {
  const lists = users.length === 1 ? 'lists' : 'list';
  return `${speakSome(users, naming)} ${lists} no method by which ${naming.name(client)} serves ${escapeControls(grant_type)}`;
}

function speakSome(users: readonly Address[], naming: Naming): string {
  const [first] = users;
  return users.length === 1 && first !== undefined ? naming.name(first) : count(users.length, 'user');
}

/** A constraint of a policy, by the place of what is missing: a user's attribute, or the constraint itself. */
function speakUnmet(
  { missing: { address, pointer }, chain }: NonNullable<AccessChange['other']>,
  users: readonly UserAddress[] | undefined,
  naming: Naming,
): string {
  const [, list, name = ''] = pointer.split('/');
  const tooMany = valuesIn(chain);
  if (tooMany !== undefined) {
    const called = escapeControls(tooMany.name);
    const one = `${speakEntity(address, naming)} lets it have one`;
    // Of several users each may have others.
    if (users !== undefined && users.length > 1) {
      return `${speakSome(users, naming)} have several values for ${called}, and ${one}`;
    }
    return `${naming.name(tooMany.user)} has for ${called} ${escapeControls(tooMany.values.join(' and '))}, and ${one}`;
  }
  if (list === 'attributes') {
    const has = users === undefined || users.length === 1 ? 'has' : 'have';
    const who = users === undefined ? naming.name(address) : speakSome(users, naming);
    return `${who} ${has} no ${escapeControls(spokenPath(`/${name}`))}`;
  }
  if (list === 'single_value') return `${speakEntity(address, naming)} lets a name have one value, and there are more`;
  return `${speakEntity(address, naming)} requires a value, and there is none`;
}

function speakLostLink(link: Step, naming: Naming, users: readonly UserAddress[] = []): string {
  const from = naming.name(link.from);
  const to = naming.name(link.to);
  switch (link.relation) {
    case 'impersonates':
      return `${from} no longer impersonates ${to}`;
    case 'member_of':
      // Told of all of whom it is: each has a line of its own.
      return users.length > 1 && kindOf(link.from) === 'user'
        ? `${count(users.length, 'user')} leave ${to}`
        : `${from} leaves ${to}`;
    case 'open_to':
      return `${from} is no longer open to ${to}`;
    case 'may_ask_for':
      return `${from} may no longer ask for ${speakTarget(link.to, naming)}`;
    case 'may_use':
      return `${from} may no longer use ${speakTarget(link.to, naming)}`;
    case 'has_role': {
      const isMany = users.length > 1 && kindOf(link.from) === 'user';
      const who = isMany ? `${count(users.length, 'user')} no longer have` : `${from} no longer has`;
      return `ROLE_MISSING: ${who} ${speakHeld(link, naming)}`;
    }
    case 'contains':
      return `ROLE_MISSING: ${from} no longer contains ${to}`;
    case 'has_function':
      return `ROLE_MISSING: ${from} no longer has ${speakHeld(link, naming)}`;
    case 'below':
      return `CUSTOMER_NOT_COVERED: ${from} is no longer below ${to}`;
    case 'requires':
      return `${from} no longer requires ${speakHeld(link, naming)}`;
    case 'has_value':
      return `POLICY_NOT_MET: ${from} no longer has a value that ${to} requires`;
    case 'has_method': {
      const owner = link.from.slice(0, link.from.indexOf(':')).toUpperCase();
      const isOne = users.length < 2 || kindOf(link.from) !== 'user';
      return `METHOD_NOT_ON_${owner}: ${isOne ? `${from} no longer lists` : `${count(users.length, 'user')} no longer list`} ${to}`;
    }
  }
}

/** What a client may hold or use: an application by its name alone, a scope or a resource as one. */
export function speakTarget(address: Address, naming: Naming): string {
  const kind = kindOf(address);
  return kind === 'scope' || kind === 'resource' ? `${kind} ${naming.name(address)}` : naming.name(address);
}

/** `members of group Group2`, `metadata.scope of application Client1`; of an entity as a whole only which it is. */
export function speakMember(address: Address, pointer: string, naming: Naming): string {
  const member = spokenPath(pointer.replace(/\/\d+$/, ''));
  return `${member === '' ? '' : `${escapeControls(member)} of `}${speakEntity(address, naming)}`;
}

/**
 * The one entry of a list by which access came or went, in two parts: `User1` and `in group Group2`. Undefined where it is no
 * entry: an entity as a whole, a list, a member.
 */
export function speakEntry(
  { held, cause: { place } }: AccessChange,
  naming: Naming,
): { readonly entry: string; readonly list: string } | undefined {
  const link = held.chain.find(({ at }) => at.address === place.address && at.pointer === place.pointer);
  if (link === undefined || !/\/\d+$/.test(place.pointer)) return undefined;
  const { relation, from, to } = link;
  const called = (address: Address) =>
    kindOf(address) === 'group' ? speakEntity(address, naming) : naming.name(address);
  switch (relation) {
    case 'member_of':
      return { entry: called(from), list: `in ${speakEntity(to, naming)}` };
    case 'impersonates':
      return { entry: called(from), list: `as ${speakEntity(to, naming)}` };
    case 'open_to':
    case 'has_method':
      return { entry: called(to), list: `in ${speakMember(place.address, place.pointer, naming)}` };
    case 'has_role':
      return { entry: speakHeld(link, naming), list: `in ${speakMember(place.address, place.pointer, naming)}` };
    case 'contains':
      return { entry: called(to), list: `in ${speakMember(place.address, place.pointer, naming)}` };
    case 'has_function':
      return { entry: speakHeld(link, naming), list: `in ${speakMember(place.address, place.pointer, naming)}` };
    case 'below':
    case 'requires':
    case 'may_ask_for':
    case 'may_use':
    case 'has_value':
      return undefined;
  }
}
