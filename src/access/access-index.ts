// Owns the State turned round for questions: look-ups that a decision needs, built once per generation.
// Never decides and never knows time.

import type { Address, ApplicationAddress, GroupAddress, UserAddress } from '../model/address.ts';
import { methodAddress, scopeAddress, siteAddress, siteOf } from '../model/address.ts';
import {
  type ApplicationEntity,
  type GroupEntity,
  type MethodEntity,
  PROTOCOL_SCOPES,
  type ServerEntity,
  type UserEntity,
} from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import { entitiesOf, entityAt, type State, serverOf } from '../model/state.ts';
import type { Step } from './decision.ts';

export interface AccessIndex {
  readonly server: ServerEntity | undefined;
  application(address: ApplicationAddress): ApplicationEntity | undefined;
  /** The application with this client_id. */
  client(client_id: string): ApplicationAddress | undefined;
  user(address: UserAddress): UserEntity | undefined;
  group(address: GroupAddress): GroupEntity | undefined;
  method(name: string): MethodEntity | undefined;
  /** The methods of a site, in order. */
  siteMethods(site: string): readonly string[];
  /** The user that the application impersonates, with the link that says so. */
  impersonates(application: ApplicationAddress): { user: UserAddress; step: Step } | undefined;
  /** Every group that the user is in, directly or through groups, with the chain of memberships from the user on. */
  groupsOf(user: UserAddress): ReadonlyMap<GroupAddress, readonly Step[]>;
  /** What the client may ask for by name (SEMANTICS U-22). */
  allowList(application: ApplicationAddress): AllowList;
}

export interface AllowList {
  /** Applications that may become audiences, by client_id, in metadata order. The client itself is not among them. */
  readonly audiences: ReadonlyMap<string, ApplicationAddress>;
  /** Catalogue scopes, in metadata order. */
  readonly scopes: readonly string[];
  /** The member of the application that names the audiences: `/metadata/scope` or `/metadata/aud`. */
  readonly pointer: string;
}

const protocolScopes: ReadonlySet<string> = new Set(PROTOCOL_SCOPES);

export function isProtocolScope(value: string): boolean {
  return protocolScopes.has(value);
}

/** Builds the index of a State. Linear in its size; closures of groups are computed on first use and kept. */
export function indexState(state: State): AccessIndex {
  const clients = new Map<string, ApplicationAddress>();
  const impersonated = new Map<ApplicationAddress, { user: UserAddress; step: Step }>();
  const memberships = new Map<Address, { group: GroupAddress; step: Step }[]>();
  const closures = new Map<UserAddress, ReadonlyMap<GroupAddress, readonly Step[]>>();
  const allowLists = new Map<ApplicationAddress, AllowList>();

  for (const [address, application] of entitiesOf(state, 'application')) {
    clients.set(application.client_id, address as ApplicationAddress);
  }
  for (const [address, user] of entitiesOf(state, 'user')) {
    (user.impersonated_by ?? []).forEach((link, position) => {
      const at = { address, pointer: `/impersonated_by/${position}` };
      impersonated.set(link.to, {
        user: address as UserAddress,
        step: { relation: 'impersonates', from: link.to, to: address, at },
      });
    });
  }
  for (const [address, group] of entitiesOf(state, 'group')) {
    (group.members ?? []).forEach((link, position) => {
      const at = { address, pointer: `/members/${position}` };
      const groups = memberships.get(link.to) ?? [];
      groups.push({ group: address as GroupAddress, step: { relation: 'member_of', from: link.to, to: address, at } });
      memberships.set(link.to, groups);
    });
  }

  return {
    server: serverOf(state),
    application: (address) => entityAt(state, 'application', address),
    client: (client_id) => clients.get(client_id),
    user: (address) => entityAt(state, 'user', address),
    group: (address) => entityAt(state, 'group', address),
    method: (name) => entityAt(state, 'method', methodAddress(name)),
    siteMethods: (site) => entityAt(state, 'site', siteAddress(site))?.methods ?? [],
    impersonates: (application) => impersonated.get(application),
    groupsOf(user) {
      const known = closures.get(user);
      if (known !== undefined) return known;
      const closure = closeOver(user, memberships);
      closures.set(user, closure);
      return closure;
    },
    allowList(address) {
      const known = allowLists.get(address);
      if (known !== undefined) return known;
      const list = readAllowList(state, address, clients);
      allowLists.set(address, list);
      return list;
    },
  };
}

/** Breadth first, so that each group is reached by a shortest chain; a group already reached is not entered again. */
function closeOver(
  user: UserAddress,
  memberships: ReadonlyMap<Address, readonly { group: GroupAddress; step: Step }[]>,
): ReadonlyMap<GroupAddress, readonly Step[]> {
  const reached = new Map<GroupAddress, readonly Step[]>();
  const queue: { member: Address; chain: readonly Step[] }[] = [{ member: user, chain: [] }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const { group, step } of memberships.get(next.member) ?? []) {
      if (reached.has(group)) continue;
      const chain = [...next.chain, step];
      reached.set(group, chain);
      queue.push({ member: group, chain });
    }
  }
  return reached;
}

/** With `aud`, it alone names the audiences and `scope` holds attribute scopes only; without, `scope` does both. */
function readAllowList(
  state: State,
  address: ApplicationAddress,
  clients: ReadonlyMap<string, ApplicationAddress>,
): AllowList {
  const metadata = entityAt(state, 'application', address)?.metadata;
  const scope = scopeValues(metadata?.scope);
  const audiences = new Map<string, ApplicationAddress>();
  for (const client_id of metadata?.aud ?? scope) {
    const application = clients.get(client_id);
    if (application !== undefined && application !== address) audiences.set(client_id, application);
  }
  return {
    audiences,
    scopes: scope.filter((value) => entityAt(state, 'scope', scopeAddress(value)) !== undefined),
    pointer: metadata?.aud === undefined ? '/metadata/scope' : '/metadata/aud',
  };
}

/** The site of an address that has one. */
export function siteNameOf(address: ApplicationAddress | GroupAddress | UserAddress): string {
  return siteOf(address) as string;
}
