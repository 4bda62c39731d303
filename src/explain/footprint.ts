// Owns what the removal of a link can change at all: the entities that a test of access looks at, and the users whom a link
// concerns. Never runs a test, and never says what time it is: what has ended or is yet to begin counts too.

import { type AccessIndex, isScopeOf, siteNameOf } from '../access/access-index.ts';
import type { Step } from '../access/decision.ts';
import { membersOf, usersInReach } from '../access/reach.ts';
import { isAboutClient } from '../access/resource-reach.ts';
import type { Assertion, TestTarget } from '../model/access-test.ts';
import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  kindOf,
  type ResourceAddress,
  siteAddress,
  type UserAddress,
} from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { entitiesOf } from '../model/state.ts';

/** The entities whose links decide what a test asks; undefined for one that looks at every client. */
export function footprintOf(assertion: Assertion, index: AccessIndex): ReadonlySet<Address> | undefined {
  switch (assertion.kind) {
    case 'never':
      return undefined;
    case 'who_can': {
      const { client, target } = assertion.who;
      const clients = client === undefined ? clientsNaming(target, index) : [client];
      const found = clients.flatMap((one) => [...clientFootprint(one, index)]);
      return new Set([...found, ...('resource' in target ? resourceFootprint(target.resource, index) : [])]);
    }
    default: {
      const { client, user, resource } = assertion.request;
      const found = requestFootprint(client, user === undefined ? [] : [user], index);
      return resource === undefined ? found : new Set([...found, ...resourceFootprint(resource, index)]);
    }
  }
}

/** The users for whom anything can be otherwise without a link; undefined for any user. */
export function usersOfLink(
  { relation, from, at }: Step,
  { state }: AccessIndex,
): ReadonlySet<UserAddress> | undefined {
  if (relation === 'member_of') {
    return kindOf(from) === 'user' ? new Set([from as UserAddress]) : membersOf(state, [from as GroupAddress]);
  }
  if (relation === 'has_role' && kindOf(from) === 'user') return new Set([from as UserAddress]);
  if (relation === 'has_role' && kindOf(from) === 'group') return membersOf(state, [from as GroupAddress]);
  // A client acts as a user without the user.
  if (relation === 'impersonates') return new Set();
  return relation === 'has_method' && kindOf(at.address) === 'user' ? new Set([at.address as UserAddress]) : undefined;
}

/** The entities whose links decide what a client can obtain, by any of its grants. */
export function clientFootprint(client: ApplicationAddress, index: AccessIndex): ReadonlySet<Address> {
  const grants = index.application(client)?.metadata?.grant_types ?? [];
  const ofUsers = grants.some((grant) => GRANT_TYPES_WITH_USER.includes(grant));
  return requestFootprint(client, ofUsers ? usersInReach(index, client) : [], index);
}

function requestFootprint(
  client: ApplicationAddress,
  users: readonly UserAddress[],
  index: AccessIndex,
): ReadonlySet<Address> {
  const found = new Set<Address>();
  // What a role holds is found by all that have it.
  for (const [role] of entitiesOf(index.state, 'role')) found.add(role);
  const impersonated = index.impersonates(client)?.user;
  for (const user of impersonated === undefined ? users : [...users, impersonated]) {
    found.add(user);
    for (const group of index.groupsOf(user).keys()) found.add(group);
  }
  for (const application of [client, ...index.allowList(client).audiences.values()]) {
    found.add(application);
    found.add(siteAddress(siteNameOf(application)));
    for (const { to } of index.application(application)?.allowed_to ?? []) found.add(to);
  }
  return found;
}

/** The clients that may ask for something, and the application itself that is an audience. */
function clientsNaming(target: TestTarget, index: AccessIndex): readonly ApplicationAddress[] {
  return [...entitiesOf(index.state, 'application')].flatMap(([address]) => {
    const client = address as ApplicationAddress;
    const allowList = index.allowList(client);
    const { audiences } = allowList;
    const names = () => {
      if ('resource' in target) return isAboutClient(index, target.resource, client);
      if ('scope' in target) return isScopeOf(allowList, target.scope);
      return client === target.audience || [...audiences.values()].includes(target.audience);
    };
    return names() ? [client] : [];
  });
}

/** The resource itself, and the groups that its conditions are about. */
function resourceFootprint(resource: ResourceAddress, index: AccessIndex): readonly Address[] {
  const { access_rules = [] } = index.resources.entities.get(resource) ?? {};
  return [resource, ...access_rules.flatMap((rule) => ('group' in rule ? [rule.group] : []))];
}
