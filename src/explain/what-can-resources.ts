// Owns what a client, a user or a group can at resources. Never decides: each answer is one of the engine's.

import { networksOfWay, wayTo } from '../access/reach.ts';
import { isAboutClient } from '../access/resource-reach.ts';
import type { ApplicationAddress, GroupAddress, ResourceAddress, UserAddress } from '../model/address.ts';
import type { Networks } from '../model/network.ts';
import { explainResource, type ResourceGrant } from './explain-resource.ts';
import type { ExplainQuestion } from './nameable.ts';
import type { World } from './world.ts';

/** A resource that a rule may let the client through to, by its first grant that does, else by its first one. */
export interface ResourceOfClient {
  readonly resource: ResourceAddress;
  readonly grant: ResourceGrant;
}

export function resourcesOfClient(world: World, asked: ExplainQuestion): readonly ResourceOfClient[] {
  const { index } = world;
  return [...index.resources.entities.keys()].sort().flatMap((resource): readonly ResourceOfClient[] => {
    if (!isAboutClient(index, resource, asked.client)) return [];
    const { grants } = explainResource(world, asked, resource);
    const grant = grants.find((one) => passes(one)) ?? grants[0];
    return grant === undefined ? [] : [{ resource, grant }];
  });
}

/** Whether anybody gets through by a grant. */
export function passes({ granted, users }: ResourceGrant): boolean {
  return users === undefined ? granted : users.passed > 0;
}

/** A resource that the user gets through to by way of a client. */
export interface ResourceOfUser {
  readonly resource: ResourceAddress;
  readonly client: ApplicationAddress;
  /** Milliseconds since the epoch. */
  readonly until: number | undefined;
  readonly networks: readonly Networks[] | undefined;
}

/** `logins` are the clients that the user may log in to, each with the grant. */
export function resourcesOfUser(
  { index, now }: World,
  user: UserAddress,
  logins: readonly { readonly client: ApplicationAddress; readonly grant_type: string }[],
  ip: string | undefined,
): readonly ResourceOfUser[] {
  return [...index.resources.entities.keys()].sort().flatMap((resource) => {
    const clients = new Set<ApplicationAddress>();
    return logins.flatMap(({ client, grant_type }): readonly ResourceOfUser[] => {
      const way = clients.has(client) ? undefined : wayTo(index, { resource }, { client, grant_type, user, ip }, now);
      if (way === undefined) return [];
      clients.add(client);
      return [{ resource, client, until: way.answer?.until, networks: networksOfWay(way) }];
    });
  });
}

/** A resource that is for members of the group, or of one that it is in. */
export interface ResourceOfGroup {
  readonly resource: ResourceAddress;
  readonly group: GroupAddress;
  readonly pointer: string;
}

export function resourcesOfGroup({ index }: World, groups: readonly GroupAddress[]): readonly ResourceOfGroup[] {
  return [...index.resources.entities]
    .sort()
    .flatMap(([resource, { access_rules }]) =>
      access_rules.flatMap((rule, position): readonly ResourceOfGroup[] =>
        'group' in rule && groups.includes(rule.group)
          ? [{ resource, group: rule.group, pointer: `/access_rules/${position}` }]
          : [],
      ),
    );
}
