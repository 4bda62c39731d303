// Owns which single edits might move an obstacle out of the way, the least surprising first. Never says that one does:
// each is tried (edits.ts).

import type { AccessIndex } from '../access/access-index.ts';
import { countsFor } from '../access/opening.ts';
import { usersInReach } from '../access/reach.ts';
import {
  type Address,
  type ApplicationAddress,
  everyoneOf,
  type GroupAddress,
  isEveryone,
  kindOf,
  methodAddress,
  nameOf,
  scopeAddress,
  siteAddress,
  siteOf,
  type UserAddress,
} from '../model/address.ts';
import { methodServes } from '../model/grant-type.ts';
import { isAddress } from '../model/network.ts';
import { parsePolicyValue } from '../model/policy-value.ts';
import { accessRulesOf, isEnabled } from '../model/settings.ts';
import { entitiesOf, entityAt } from '../model/state.ts';
import type { Obstacle } from './asking.ts';
import { attributePointer, type Edit, linkAt, valueAt } from './edit.ts';

/** What is asked, as far as edits look at it. */
export interface Wanted {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  readonly ip: string | undefined;
  readonly method: string | undefined;
  /** The value that the client may not ask for, where that is the obstacle. */
  readonly stranger: string | undefined;
}

export interface Candidate {
  readonly edit: Edit;
  /** How much an edit gives besides what is asked, and to how many: the order in which alternatives are told. */
  readonly surprise: number;
}

/** A membership before opening an application, before a method, before another user, before what concerns everybody. */
const SURPRISE = {
  end: 0,
  named: 5,
  membership: 10,
  enable: 15,
  opening: 20,
  method: 30,
  methodOnSite: 35,
  methodOnGroup: 40,
  otherUser: 50,
  newOpening: 60,
  everybody: 100,
} as const;

/** From here on an edit gives to people whom nobody asked about. */
export function isForEverybody({ surprise }: Candidate): boolean {
  return surprise >= SURPRISE.everybody;
}

/** As many of one sort are tried: of a thousand groups the rest is no help. */
const MOST = 12;

export function candidatesFor(index: AccessIndex, obstacle: Obstacle, wanted: Wanted): readonly Candidate[] {
  const { missing } = obstacle;
  if (missing === undefined) return [];
  const ended = endedAt(index, missing.address, missing.pointer);
  const all = [...ended, ...byCode(index, obstacle, wanted, missing)];
  return all.sort((a, b) => a.surprise - b.surprise);
}

function byCode(
  index: AccessIndex,
  obstacle: Obstacle,
  wanted: Wanted,
  missing: NonNullable<Obstacle['missing']>,
): readonly Candidate[] {
  const { client } = wanted;
  switch (obstacle.code) {
    case 'GRANT_NOT_ALLOWED':
      return [add(client, '/metadata/grant_types', wanted.grant_type, SURPRISE.named)];
    case 'CLIENT_IP_NOT_ALLOWED':
      return addressCandidates(client, '/client_ip_range', wanted.ip);
    case 'SCOPE_NOT_ALLOWED':
      return namingCandidates(index, wanted);
    case 'METHOD_NOT_ON_APPLICATION':
    case 'METHOD_DISABLED':
    case 'METHOD_NOT_ON_SITE':
      return methodCandidates(index, obstacle, wanted, missing.address);
    case 'METHOD_NOT_ON_USER':
      return listMethod(index, missing.address, usableFor(index, wanted, obstacle), SURPRISE.method);
    case 'NO_IMPERSONATION':
      return impersonationCandidates(index, wanted);
    case 'METHOD_NOT_ON_GROUP':
    case 'NOT_IN_ALLOWED_GROUP':
      return groupCandidates(index, obstacle);
    case 'ACCESS_RULE_NOT_MET':
      return ruleCandidates(index, obstacle, wanted, missing.pointer);
    case 'POLICY_NOT_MET':
      return policyCandidates(index, obstacle);
    default:
      return [];
  }
}

function add(
  address: Address,
  pointer: string,
  value: Extract<Edit, { op: 'add' }>['value'],
  surprise: number,
): Candidate {
  return { edit: { op: 'add', address, pointer, value }, surprise };
}

/** What is off, has ended or has not begun. */
function endedAt(index: AccessIndex, address: Address, pointer: string): readonly Candidate[] {
  const entity = index.state.get(address);
  if (pointer === '/enabled' || pointer === '/expires' || pointer === '/not_before') {
    if (valueAt(entity, pointer) === undefined) return [];
    const isOfMany = kindOf(address) === 'method';
    const surprise = pointer === '/enabled' ? (isOfMany ? SURPRISE.everybody : SURPRISE.enable) : SURPRISE.end;
    return [{ edit: { op: 'remove', address, pointer }, surprise }];
  }
  const link = linkAt(entity, pointer);
  if (link?.expires === undefined) return [];
  return [{ edit: { op: 'remove', address, pointer: `${pointer}/expires` }, surprise: SURPRISE.end }];
}

function addressCandidates(address: Address, pointer: string, ip: string | undefined): readonly Candidate[] {
  return ip === undefined || !isAddress(ip) ? [] : [add(address, pointer, ip, SURPRISE.named)];
}

/** `aud`, where it is written, names the audiences alone (U-22). */
function namingCandidates(index: AccessIndex, { client, stranger }: Wanted): readonly Candidate[] {
  if (stranger === undefined) return [];
  const isScope = entityAt(index.state, 'scope', scopeAddress(stranger)) !== undefined;
  if (!isScope && index.client(stranger) === undefined) return [];
  return [add(client, isScope ? '/metadata/scope' : index.allowList(client).pointer, stranger, SURPRISE.named)];
}

/** Of the client any method that serves the grant would do; of another application the one that the client has. */
function methodCandidates(
  index: AccessIndex,
  { about, code, method }: Obstacle,
  wanted: Wanted,
  missing: Address,
): readonly Candidate[] {
  const site = siteOf(about) ?? '';
  const isClient = about === wanted.client;
  const onSite = index.siteMethods(site);
  const some = isClient ? usableFor(index, wanted, undefined) : method === undefined ? [] : [method];
  const own = index.application(about)?.methods ?? [];
  const onApplication = listMethod(
    index,
    about,
    some.filter((name) => onSite.includes(name) && isOn(index, name)),
    SURPRISE.method,
  );
  const elsewhere = listMethod(
    index,
    about,
    some.filter((name) => !onSite.includes(name) && isOn(index, name)),
    SURPRISE.methodOnSite,
  );
  const toSite = (isClient ? own.filter((name) => servesGrant(index, name, wanted)) : some)
    .filter((name) => !onSite.includes(name))
    .map((name) => add(siteAddress(site), '/methods', name, SURPRISE.methodOnSite));
  if (code === 'METHOD_NOT_ON_SITE') return missing === siteAddress(site) ? [...toSite, ...onApplication] : [];
  return [...onApplication, ...(onApplication.length > 0 ? [] : elsewhere)];
}

function isOn(index: AccessIndex, name: string): boolean {
  const method = index.method(name);
  return method !== undefined && isEnabled(method);
}

function servesGrant(index: AccessIndex, name: string, { grant_type, method }: Wanted): boolean {
  const type = index.method(name)?.type;
  return type !== undefined && methodServes(type, grant_type) && (method === undefined || method === name);
}

/** The methods that may serve the grant, those that the client has first. */
function usableFor(index: AccessIndex, wanted: Wanted, obstacle: Obstacle | undefined): readonly string[] {
  const { client } = wanted;
  const own = (index.application(client)?.methods ?? []).filter(
    (name) => isOn(index, name) && index.siteMethods(siteOf(client) ?? '').includes(name),
  );
  const all = [...entitiesOf(index.state, 'method')].map(([address]) => nameOf(address));
  const first = obstacle?.method === undefined ? [] : [obstacle.method];
  const names = obstacle === undefined ? [...own, ...all] : [...first, ...own];
  return [...new Set(names)].filter((name) => servesGrant(index, name, wanted));
}

function listMethod(
  index: AccessIndex,
  address: Address,
  names: readonly string[],
  surprise: number,
): readonly Candidate[] {
  const entity = index.state.get(address);
  const listed = (valueAt(entity, '/methods') ?? []) as readonly string[];
  return names
    .filter((name) => !listed.includes(name) && index.state.has(methodAddress(name)))
    .slice(0, MOST)
    .map((name, position) => add(address, '/methods', name, surprise + position / MOST));
}

/** Users whom the audience lets in already come first, and those of the client's site before others. */
function impersonationCandidates(index: AccessIndex, { client, stranger }: Wanted): readonly Candidate[] {
  // The compiler allows one link: one that has ended is mended instead.
  if (index.impersonates(client) !== undefined) return [];
  const audiences = [...index.allowList(client).audiences].filter(
    ([value]) => stranger === undefined || value === stranger,
  );
  const inReach = audiences.flatMap(([, application]) => usersInReach(index, application).slice(0, MOST));
  const site = siteOf(client);
  const own = [...entitiesOf(index.state, 'user')].flatMap(([address]) => (siteOf(address) === site ? [address] : []));
  const users = [...new Set<Address>([...inReach, ...own])];
  const ranked = [...users.filter((user) => siteOf(user) === site), ...users.filter((user) => siteOf(user) !== site)];
  return ranked
    .slice(0, 2 * MOST)
    .map((user, position) => add(user, '/impersonated_by', { to: client }, SURPRISE.otherUser + position / (4 * MOST)));
}

/** Into a group that opens the application, or the application to a group that the user is in. */
function groupCandidates(index: AccessIndex, { about, user, method, missing }: Obstacle): readonly Candidate[] {
  const application = index.application(about);
  if (application === undefined || method === undefined) return [];
  const groups = user === undefined ? undefined : index.groupsOf(user);
  const asker = { method, groups };
  const counts = (group: GroupAddress) => {
    const entity = index.group(group);
    return entity !== undefined && countsFor(entity, asker);
  };
  const opened = (application.allowed_to ?? []).map(({ to }) => to);
  const closed = declaredGroups(index).filter((group) => !opened.includes(group));
  const isMember = (group: GroupAddress) => groups?.has(group) === true;
  const open = (group: GroupAddress, surprise: number) => add(about, '/allowed_to', { to: group }, surprise);
  const inSite = (group: GroupAddress) => (siteOf(group) === siteOf(about) ? 0 : 1);

  const memberships = user === undefined ? [] : opened.filter((group) => !isEveryone(group) && !isMember(group));
  const openings = closed.filter((group) => counts(group) && (user === undefined || isMember(group)));
  const methods = opened.filter((group) => !counts(group) && !isEveryone(group));
  const direct = [
    ...memberships.flatMap((group) => (user === undefined ? [] : join(index, group, user))).slice(0, MOST),
    ...openings.map((group) => open(group, SURPRISE.opening + inSite(group))).slice(0, MOST),
    ...methods.flatMap((group) => listMethod(index, group, [method], methodSurprise(index, group))).slice(0, MOST),
  ];
  const asides = missing?.pointer === '/allowed_to' || direct.length === 0;
  if (!asides || opened.length > 0) return direct;
  // Nobody is let in yet: some group of the site, or in the end everybody.
  const further = closed
    .filter((group) => inSite(group) === 0 && !openings.includes(group))
    .slice(0, MOST)
    .map((group) => open(group, SURPRISE.newOpening));
  const everybody = user === undefined ? [] : [open(everyoneOf(siteOf(user) ?? ''), SURPRISE.everybody)];
  return [...direct, ...further, ...everybody];
}

/** In a group that lists no method any counts for users: to list one there takes the others away. */
function methodSurprise(index: AccessIndex, group: GroupAddress): number {
  return (index.group(group)?.methods ?? []).length === 0 ? SURPRISE.newOpening : SURPRISE.methodOnGroup;
}

function join(index: AccessIndex, group: GroupAddress, user: UserAddress): readonly Candidate[] {
  const members = index.group(group)?.members ?? [];
  const position = members.findIndex(({ to }) => to === user);
  if (position < 0) return [add(group, '/members', { to: user }, SURPRISE.membership)];
  return endedAt(index, group, `/members/${position}`);
}

function declaredGroups(index: AccessIndex): readonly GroupAddress[] {
  return [...entitiesOf(index.state, 'group')].map(([address]) => address as GroupAddress);
}

/** Of rules of which any would do each is tried; of those that must all be met the first that is not. */
function ruleCandidates(
  index: AccessIndex,
  { about, user }: Obstacle,
  { ip, client }: Wanted,
  pointer: string,
): readonly Candidate[] {
  const rules = accessRulesOf(index.application(about) ?? {});
  const [, list = '', named] = /^\/access_rules\/(all|any)(?:\/(\d+))?/.exec(pointer) ?? [];
  return rules.flatMap((rule, position): readonly Candidate[] => {
    if (named !== undefined && Number(named) !== position) return [];
    if ('ip' in rule) return addressCandidates(about, `/access_rules/${list}/${position}/ip`, ip);
    if ('group' in rule) return user === undefined || isEveryone(rule.group) ? [] : join(index, rule.group, user);
    return [
      ...listMethod(index, client, [rule.method], SURPRISE.method),
      ...(user === undefined ? [] : listMethod(index, user, [rule.method], SURPRISE.method)),
    ];
  });
}

/** A value for what is required: the attribute that an item asks for, or the group that an item is about. */
function policyCandidates(index: AccessIndex, { about, user }: Obstacle): readonly Candidate[] {
  const named = index.application(about)?.policy;
  const policy = named === undefined ? undefined : index.policy(named);
  const subject = user === undefined ? undefined : index.user(user);
  if (policy === undefined || user === undefined || subject === undefined) return [];
  return (policy.items ?? []).flatMap((item): readonly Candidate[] => {
    if (policy.required?.includes(item.name) !== true) return [];
    const value = parsePolicyValue(item.value);
    const groups =
      item.group === undefined || isEveryone(item.group) || index.groupsOf(user).has(item.group)
        ? []
        : join(index, item.group, user);
    if (value?.from !== 'user' || Object.hasOwn(subject.attributes ?? {}, value.attribute)) return groups;
    const pointer = attributePointer(value.attribute);
    const edit: Edit = { op: 'set', address: user, pointer, value: `<${value.attribute}>` };
    return [...groups, { edit, surprise: SURPRISE.named }];
  });
}
