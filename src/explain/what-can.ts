// Owns the answer to `what-can`: what a client obtains, what a user lets clients obtain, what a group opens and what would be
// lost without it. Never decides: each answer is one of the engine's.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import type { Decision, Step } from '../access/decision.ts';
import { membersOf, networksOf, usersInReach } from '../access/reach.ts';
import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  isEveryone,
  kindOf,
  type UserAddress,
} from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { AccessRule, AccessRules, Entity, Link } from '../model/entity.ts';
import { GRANT_TYPES, GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Networks } from '../model/network.ts';
import { accessRulesOf } from '../model/settings.ts';
import { entitiesOf, entityAt, type State } from '../model/state.ts';
import type { Naming } from '../plan/naming.ts';
import { ask } from './asking.ts';
import { type Explanation, explain } from './explain.ts';
import { laterYes } from './later.ts';
import {
  type ResourceOfClient,
  type ResourceOfGroup,
  type ResourceOfUser,
  resourcesOfClient,
  resourcesOfGroup,
  resourcesOfUser,
} from './what-can-resources.ts';
import type { World } from './world.ts';

/** What a token gives that a client gets. */
export interface Reached {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly grant_type: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** What the client may do; undefined where it has no permission scope. */
  readonly permissions: Decision['permissions'];
  /** Milliseconds since the epoch at which the first of it ends. */
  readonly until: number | undefined;
  /** Milliseconds since the epoch at which it begins; undefined where that is now. */
  readonly from?: number;
  /** From where; undefined from anywhere. */
  readonly networks: readonly Networks[] | undefined;
}

export interface UserCan {
  readonly kind: 'user';
  readonly user: UserAddress;
  /** Groups that the user is in now, directly or through groups. */
  readonly groups: readonly GroupAddress[];
  /** The clients that act as the user. */
  readonly actors: readonly (Reached | { readonly client: ApplicationAddress; readonly code: string })[];
  /** The clients that the user may log in to, now or later. */
  readonly logins: readonly Reached[];
  /** How many clients with a grant of a user refuse this one. */
  readonly closed: number;
  /** What the user gets through to by way of these. */
  readonly resources: readonly ResourceOfUser[];
}

export interface GroupCan {
  readonly kind: 'group';
  readonly group: GroupAddress;
  /** Users who are in it, directly or through groups, whenever that ends. */
  readonly members: readonly UserAddress[];
  readonly memberGroups: readonly GroupAddress[];
  /** The groups that it is in: what is open to them is open through it. */
  readonly within: readonly GroupAddress[];
  /** The applications that let it in, by the link that says so, or through a group that it is in. */
  readonly opens: readonly Opened[];
  /** What nobody would have any more without it. */
  readonly lost: Lost;
  /** The resources that are for its members. */
  readonly resources: readonly ResourceOfGroup[];
}

export interface Opened {
  readonly application: ApplicationAddress;
  readonly group: GroupAddress;
  readonly pointer: string;
  readonly until: number | undefined;
}

export interface Lost {
  /** Pairs of a client and an audience, by client_credentials. */
  readonly access: readonly {
    readonly client: ApplicationAddress;
    readonly audience: string;
    readonly chain: readonly Step[];
  }[];
  /** Pairs of a client and a user who may log in to it, and of what users obtain through clients. */
  readonly logins: number;
  readonly obtained: number;
}

export interface ClientCan {
  readonly kind: 'client';
  readonly explanation: Explanation;
  readonly resources: readonly ResourceOfClient[];
}

export type WhatCan = ClientCan | UserCan | GroupCan;

export interface WhatOptions {
  readonly ip: string | undefined;
}

export function whatCan(
  world: World,
  subject: ApplicationAddress | UserAddress | GroupAddress,
  options: WhatOptions,
  naming: Naming,
): WhatCan {
  if (kindOf(subject) === 'user') return userCan(world, subject as UserAddress, options);
  if (kindOf(subject) === 'group') return groupCan(world, subject as GroupAddress);
  const open = { grant_type: undefined, scope: undefined, user: undefined, method: undefined };
  const asked = { ...open, client: subject as ApplicationAddress, ip: options.ip };
  const explanation = explain(world, asked, naming, { withEdits: false });
  return { kind: 'client', explanation, resources: resourcesOfClient(world, asked) };
}

function userCan(world: World, user: UserAddress, { ip }: WhatOptions): UserCan {
  const { index, now } = world;
  const reach = (client: ApplicationAddress, grant_type: string, by: UserAddress | undefined) => {
    const question = { client, grant_type, user: by, scope: undefined, ip };
    const answer = ask(index, question, now);
    const later = answer.allowed ? undefined : laterYes(index, question, now);
    const told = answer.allowed ? answer : later?.decision;
    if (told === undefined) return { client, code: answer.allowed ? '' : answer.code };
    const { client_id, audiences, scopes, permissions, until } = told;
    const begin = later === undefined ? {} : { from: later.from };
    return {
      client,
      client_id,
      grant_type,
      audiences,
      scopes,
      permissions,
      ...begin,
      until,
      networks: networksOf(told),
    };
  };
  const acting = (index.user(user)?.impersonated_by ?? []).filter((link) => now < periodOf(link).end);
  const asked = [...entitiesOf(index.state, 'application')].flatMap(([address, { metadata }]) =>
    (metadata?.grant_types ?? [])
      .filter((grant) => GRANT_TYPES_WITH_USER.includes(grant) && grant !== 'refresh_token')
      .map((grant) => reach(address as ApplicationAddress, grant, user)),
  );
  const logins = asked.flatMap((one) => ('code' in one ? [] : [one]));
  return {
    kind: 'user',
    user,
    groups: [...index.groupsOf(user)].flatMap(([group, { end }]) => (now < end && !isEveryone(group) ? [group] : [])),
    actors: acting.map(({ to }) => reach(to, 'client_credentials', undefined)),
    logins,
    closed: asked.length - logins.length,
    resources: resourcesOfUser(world, user, logins, ip),
  };
}

function groupCan(world: World, group: GroupAddress): GroupCan {
  const { index } = world;
  const within = containersOf(index.state, group);
  const links = entityAt(index.state, 'group', group)?.members ?? [];
  return {
    kind: 'group',
    group,
    members: [...membersOf(index.state, [group])].sort(),
    memberGroups: links.flatMap(({ to }) => (kindOf(to) === 'group' ? [to as GroupAddress] : [])),
    within,
    opens: [...entitiesOf(index.state, 'application')].flatMap(([address, application]) => {
      const named: readonly (Link<GroupAddress> & { readonly pointer: string })[] = [
        ...(application.allowed_to ?? []).map((link, at) => ({ ...link, pointer: `/allowed_to/${at}` })),
        ...accessRulesOf(application).flatMap((rule, at) =>
          'group' in rule ? [{ to: rule.group, pointer: `/access_rules/${rulesKey(application)}/${at}` }] : [],
        ),
      ];
      const found = [group, ...within].flatMap((one) => named.find(({ to }) => to === one) ?? []);
      return found.slice(0, 1).map((link): Opened => {
        const { end } = periodOf(link);
        return {
          application: address as ApplicationAddress,
          group: link.to,
          pointer: link.pointer,
          until: Number.isFinite(end) ? end : undefined,
        };
      });
    }),
    lost: lostWithout(world, group, within),
    resources: resourcesOfGroup(world, [group, ...within]),
  };
}

function rulesKey({ access_rules = {} }: { readonly access_rules?: object }): 'any' | 'all' {
  return 'any' in access_rules ? 'any' : 'all';
}

/** The groups that a group is in, directly or through groups. */
function containersOf(state: State, group: GroupAddress): readonly GroupAddress[] {
  const found = new Set<GroupAddress>([group]);
  for (const inner of found) {
    for (const [address, { members = [] }] of entitiesOf(state, 'group')) {
      if (members.some(({ to }) => to === inner)) found.add(address as GroupAddress);
    }
  }
  found.delete(group);
  return [...found];
}

/** The engine is asked again of the same State without the group. */
function lostWithout({ index, now }: World, group: GroupAddress, within: readonly GroupAddress[]): Lost {
  const without = indexState(withoutGroup(index.state, group));
  const clients = [...entitiesOf(index.state, 'application')].map(([address]) => address as ApplicationAddress);
  const access = clients
    .filter((client) => index.application(client)?.metadata?.grant_types?.includes('client_credentials') === true)
    .flatMap((client) => {
      const kept = new Set(grantedOf(without, client, now).map(({ audience }) => audience));
      return grantedOf(index, client, now)
        .filter(({ audience }) => !kept.has(audience))
        .map(({ audience, chain }) => ({ client, audience, chain }));
    });
  let logins = 0;
  let obtained = 0;
  const groups: readonly Address[] = [group, ...within];
  const isNamed = (client: ApplicationAddress) => {
    const { allowed_to = [], access_rules } = index.application(client) ?? {};
    const rules = accessRulesOf(access_rules === undefined ? {} : { access_rules });
    return (
      allowed_to.some(({ to }) => groups.includes(to)) ||
      rules.some((rule) => 'group' in rule && groups.includes(rule.group))
    );
  };
  const members = membersOf(index.state, [group]);
  for (const client of clients) {
    const grant_type = index
      .application(client)
      ?.metadata?.grant_types?.find((grant) => GRANT_TYPES_WITH_USER.includes(grant) && GRANT_TYPES.includes(grant));
    const audiences = [client, ...index.allowList(client).audiences.values()];
    if (grant_type === undefined || !audiences.some(isNamed)) continue;
    for (const user of usersInReach(index, client).filter((one) => members.has(one))) {
      const question = { client, grant_type, user, scope: undefined };
      const [before, after] = [ask(index, question, now), ask(without, question, now)];
      if (!before.allowed) continue;
      if (!after.allowed) logins += 1;
      obtained += before.audiences.filter((one) => !after.allowed || !after.audiences.includes(one)).length;
    }
  }
  return { access, logins, obtained };
}

function grantedOf(index: AccessIndex, client: ApplicationAddress, now: number) {
  return reachClientCredentials(index, client, now).filter(({ granted }) => granted);
}

/**
 * The group without its members and methods. The built-in one of a site has its members by itself: what names it names nothing
 * instead. The gates stay: an application that is open to it alone is then open to nobody.
 */
function withoutGroup(state: State, group: GroupAddress): State {
  if (!isEveryone(group)) return new Map(state).set(group, { kind: 'group' });
  const nothing: GroupAddress = `${group}/`;
  const away = <L extends Link>(links: readonly L[] | undefined) =>
    links?.map((link) => (link.to === group ? { ...link, to: nothing } : link));
  const awayIn = (rules: readonly AccessRule[]) =>
    rules.map((rule) => ('group' in rule && rule.group === group ? { group: nothing } : rule));
  return new Map(
    [...state].map(([address, entity]): readonly [Address, Entity] => {
      if (entity.kind === 'application') {
        const { allowed_to, access_rules: rules } = entity;
        const access_rules: AccessRules | undefined =
          rules && ('all' in rules ? { all: awayIn(rules.all) } : { any: awayIn(rules.any) });
        const edited = Object.entries({ allowed_to: away(allowed_to), access_rules });
        return [address, { ...entity, ...Object.fromEntries(edited.filter(([, value]) => value !== undefined)) }];
      }
      if (entity.kind !== 'group' || entity.members === undefined) return [address, entity];
      return [address, { ...entity, members: away(entity.members) ?? [] }];
    }),
  );
}
