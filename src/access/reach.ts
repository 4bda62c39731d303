// Owns who can obtain something: which clients, by which grants, and which users can let a client obtain it. Never decides:
// each answer is one of decide's.

import {
  type Address,
  type ApplicationAddress,
  compareText,
  type GroupAddress,
  isEveryone,
  kindOf,
  type ResourceAddress,
  siteOf,
  type UserAddress,
  userAddress,
} from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES } from '../model/grant-type.ts';
import type { Networks } from '../model/network.ts';
import { accessRulesOf } from '../model/settings.ts';
import { entitiesOf, entityAt, type State } from '../model/state.ts';
import { type AccessIndex, isScopeOf } from './access-index.ts';
import { decide } from './decide.ts';
import type { Decision, Question, Step } from './decision.ts';
import { lastingLongest, namesScope } from './held-scopes.ts';
import { mayHaveRole, requiresRole } from './required-role.ts';
import type { ResourceAnswer } from './resource.ts';
import { askResource, chainAtResource, isAboutClient } from './resource-reach.ts';

/** What somebody can obtain: an application as an audience, or a scope of the catalogue; or a resource that it gets through to. */
export type Target =
  | { readonly audience: ApplicationAddress; readonly scope?: never; readonly resource?: never }
  | { readonly scope: string; readonly audience?: never; readonly resource?: never }
  | { readonly resource: ResourceAddress; readonly audience?: never; readonly scope?: never };

/** How somebody obtains it. */
export interface Way {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  /** Who lets the client act; undefined by client_credentials. */
  readonly user: UserAddress | undefined;
  /** The naming of the target by the client, and what the audience rests on. */
  readonly chain: readonly Step[];
  readonly decision: Decision;
  /** Of a resource: what it says of the token. */
  readonly answer?: Extract<ResourceAnswer, { passed: true }>;
}

export interface WhoOptions {
  /** By this grant only. */
  readonly grant_type?: string | undefined;
  readonly ip?: string | undefined;
}

/**
 * Every client that can obtain the target, by address: one way for each of its grants, of a grant with a user that of the
 * first user who can. `now` in milliseconds since the epoch.
 */
export function clientsWho(index: AccessIndex, target: Target, options: WhoOptions, now: number): readonly Way[] {
  return [...entitiesOf(index.state, 'application')].flatMap(([address, application]) => {
    const client = address as ApplicationAddress;
    // Looked at first: who its users are takes longest.
    if (!canName(index, client, target)) return [];
    return grantsOf(application, options).flatMap((grant_type) => {
      const asked = { client, grant_type, ip: options.ip };
      const users = grant_type === 'client_credentials' ? [undefined] : usersInReach(index, client);
      for (const user of users) {
        const way = wayTo(index, target, { ...asked, user }, now);
        if (way !== undefined) return [way];
      }
      return [];
    });
  });
}

/** Every user who can let the client obtain the target, by address, each by the first grant that does. */
export function usersWho(
  index: AccessIndex,
  client: ApplicationAddress,
  target: Target,
  options: WhoOptions,
  now: number,
): readonly Way[] {
  const application = index.application(client);
  if (application === undefined || !canName(index, client, target)) return [];
  const grants = grantsOf(application, options).filter((grant) => grant !== 'client_credentials');
  if (grants.length === 0) return [];
  return usersInReach(index, client).flatMap((user) => {
    for (const grant_type of grants) {
      const way = wayTo(index, target, { client, grant_type, user, ip: options.ip }, now);
      if (way !== undefined) return [way];
    }
    return [];
  });
}

/** How who asks obtains the target, by a request for it alone or by one for everything; undefined where there is no way. */
export function wayTo(
  index: AccessIndex,
  target: Target,
  asked: Omit<Question, 'scope'>,
  now: number,
): Way | undefined {
  if (target.resource !== undefined) return wayThrough(index, target.resource, asked, now);
  const value = target.scope ?? index.application(target.audience)?.client_id;
  if (value === undefined) return undefined;
  const told = [[value], undefined];
  for (const scope of told) {
    const decision = decide(index, { ...asked, scope }, now);
    if (!decision.allowed) continue;
    const chain = chainTo(decision, target);
    if (chain === undefined) continue;
    const { client, grant_type, user } = asked;
    return { client, grant_type, user, chain, decision };
  }
  return undefined;
}

function wayThrough(
  index: AccessIndex,
  resource: ResourceAddress,
  asked: Omit<Question, 'scope'>,
  now: number,
): Way | undefined {
  const tried = askResource(index, resource, { ...asked, scope: undefined }, now);
  const { decision, answer } = tried;
  if (!decision.allowed || answer?.passed !== true) return undefined;
  const { client, grant_type, user } = asked;
  return { client, grant_type, user, chain: chainAtResource(index, tried), decision, answer };
}

/** From where a way is open that was asked about without an address; undefined from anywhere. */
export function networksOfWay({ decision, answer }: Pick<Way, 'decision' | 'answer'>): readonly Networks[] | undefined {
  const networks = networksOf(decision);
  if (answer?.networks === undefined || networks === undefined) return answer?.networks ?? networks;
  // The client's own range limits the token, and its use too.
  const isNew = (one: Networks) => !networks.some((known) => known.join(' ') === one.join(' '));
  return [...networks, ...answer.networks.filter(isNew)];
}

/** From where a token is given that was asked about without an address; undefined from anywhere. */
export function networksOf({ reasons }: Decision): readonly Networks[] | undefined {
  const given = reasons.find((answer) => answer.granted);
  return given?.granted === true ? given.networks : undefined;
}

/** The grants of an application that are decided, in their order; a refresh gives what the grant before it gave. */
function grantsOf({ metadata }: ApplicationEntity, { grant_type }: WhoOptions): readonly string[] {
  const granted = (metadata?.grant_types ?? []).filter((grant) => GRANT_TYPES.includes(grant));
  if (grant_type !== undefined) return granted.includes(grant_type) ? [grant_type] : [];
  return granted.filter((grant) => grant !== 'refresh_token');
}

/** The grants with a user by which the client can get tokens that it does not refresh, in their order. */
export function userGrantsOf(index: AccessIndex, client: ApplicationAddress): readonly string[] {
  const application = index.application(client);
  return application === undefined ? [] : grantsOf(application, {}).filter((grant) => grant !== 'client_credentials');
}

function canName(index: AccessIndex, client: ApplicationAddress, target: Target): boolean {
  const allowList = index.allowList(client);
  const { audiences } = allowList;
  if (target.resource !== undefined) return isAboutClient(index, target.resource, client);
  if (target.scope !== undefined) return isScopeOf(allowList, target.scope);
  if (target.audience === client) return true;
  return audiences.get(index.application(target.audience)?.client_id ?? '') === target.audience;
}

/** Of a scope, the audience of its token that lasts longest carries it. */
function chainTo(
  { client, scopes, reasons }: Decision,
  target: Exclude<Target, { readonly resource: ResourceAddress }>,
): readonly Step[] | undefined {
  const granted = reasons.filter((answer) => answer.granted);
  if (target.audience !== undefined) return granted.find(({ application }) => application === target.audience)?.chain;
  if (!scopes.includes(target.scope)) return undefined;
  return [namesScope(client, target.scope), ...(lastingLongest(granted)?.chain ?? [])];
}

/**
 * The users whom the groups of a client, and the role that it requires, let in at any time, by address; all users where neither says.
 * Others cannot pass its gates, whatever else holds of them.
 */
export function usersInReach(index: AccessIndex, client: ApplicationAddress): readonly UserAddress[] {
  const application = index.application(client);
  const all = usersOfGroups(index, client);
  if (application === undefined || !requiresRole(application)) return all;
  return all.filter((user) => mayHaveRole(index, application, user, Number.NEGATIVE_INFINITY));
}

/** The same by groups alone: of those without the role it can be told that they lack it. */
export function usersOfGroups(index: AccessIndex, client: ApplicationAddress): readonly UserAddress[] {
  const application = index.application(client);
  if (application === undefined) return [];
  const groups = groupsOfGates(application);
  const users = groups === undefined ? allUsers(index.state) : membersOf(index.state, groups);
  return [...users].sort(compareText);
}

/**
 * Whether the user is among `usersInReach` of the client, for less. With an instant, in milliseconds since the epoch, what has
 * ended by then lets nobody in.
 */
export function isInReach(
  index: AccessIndex,
  client: ApplicationAddress,
  user: UserAddress,
  now: number = Number.NEGATIVE_INFINITY,
): boolean {
  const application = index.application(client);
  if (application === undefined || index.user(user) === undefined) return false;
  if (requiresRole(application) && !mayHaveRole(index, application, user, now)) return false;
  const groups = groupsOfGates(application, now);
  if (groups === undefined) return true;
  const memberships = index.groupsOf(user);
  return groups.some((group) => (memberships.get(group)?.end ?? now) > now);
}

/**
 * Groups of which a user must be in one; undefined where the gates can be passed without. With an instant without those whose
 * link has ended by then.
 */
export function groupsOfGates(
  application: ApplicationEntity,
  now: number = Number.NEGATIVE_INFINITY,
): readonly GroupAddress[] | undefined {
  const { allowed_to, access_rules, required_role } = application;
  if (allowed_to !== undefined) return allowed_to.filter((link) => periodOf(link).end > now).map(({ to }) => to);
  if (access_rules === undefined) return required_role === undefined ? [] : undefined;
  const named = accessRulesOf(application).flatMap((rule) => ('group' in rule ? [rule.group] : []));
  const isNeeded = 'all' in access_rules ? named.length > 0 : named.length === access_rules.any.length;
  return isNeeded ? named : undefined;
}

/** The users of groups, directly or through groups, whenever their memberships end. */
export function membersOf(state: State, groups: readonly GroupAddress[]): ReadonlySet<UserAddress> {
  const users = new Set<UserAddress>();
  // A Set is walked to its end, with what is added on the way.
  const seen = new Set<GroupAddress>(groups);
  for (const group of seen) {
    if (isEveryone(group)) {
      // Of thousands of users, without taking each address apart.
      const begin = userAddress(siteOf(group) ?? '', '');
      for (const user of allUsers(state)) if (user.startsWith(begin)) users.add(user);
      continue;
    }
    for (const { to } of entityAt(state, 'group', group)?.members ?? []) {
      if (isUser(to)) users.add(to);
      else seen.add(to);
    }
  }
  return users;
}

function isUser(address: Address): address is UserAddress {
  return kindOf(address) === 'user';
}

function* allUsers(state: State): Generator<UserAddress> {
  for (const [address] of entitiesOf(state, 'user')) yield address as UserAddress;
}
