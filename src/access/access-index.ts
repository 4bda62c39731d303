// Owns the State turned round for questions: look-ups that a decision needs, built once, and for the next generation out of
// those of the one before. Never decides and never knows what time it is: ends are told with what ends.

import type {
  Address,
  ApplicationAddress,
  GroupAddress,
  PolicyAddress,
  RoleAddress,
  UserAddress,
} from '../model/address.ts';
import { isEveryone, methodAddress, scopeAddress, siteAddress, siteOf } from '../model/address.ts';
import {
  type ApplicationEntity,
  type GroupEntity,
  type MethodEntity,
  type PolicyEntity,
  PROTOCOL_SCOPES,
  type ServerEntity,
  type UserEntity,
} from '../model/entity.ts';
import { isStandardScope } from '../model/registered-scope.ts';
import { scopeValues } from '../model/settings.ts';
import { entityAt, type State, serverOf } from '../model/state.ts';
import { type Backlink, linksTo } from './backlinks.ts';
import type { Step } from './decision.ts';
import { type Membership, membershipsOf } from './membership.ts';
import type { ResourceTable } from './resource-table.ts';
import { closureOfRole, type RoleClosure } from './role-closure.ts';
import { editTables, type Tables, tabulate } from './tables.ts';

export interface AccessIndex {
  readonly state: State;
  readonly server: ServerEntity | undefined;
  application(address: ApplicationAddress): ApplicationEntity | undefined;
  /** The application with this client_id. */
  client(client_id: string): ApplicationAddress | undefined;
  user(address: UserAddress): UserEntity | undefined;
  /** A declared group, or the built-in one of a site: that lists no method. */
  group(address: GroupAddress): GroupEntity | undefined;
  policy(address: PolicyAddress): PolicyEntity | undefined;
  /** The resources, by address and by where they are. */
  readonly resources: ResourceTable;
  method(name: string): MethodEntity | undefined;
  /** The methods of a site, in order. */
  siteMethods(site: string): readonly string[];
  /** The user that the application impersonates, now or until the link ended. */
  impersonates(application: ApplicationAddress): Impersonation | undefined;
  /** Every group that the user is in, directly or through groups, now or until the memberships ended. */
  groupsOf(user: UserAddress): ReadonlyMap<GroupAddress, Membership>;
  /** What a role holds; of one that is not there nothing. */
  closureOf(role: RoleAddress): RoleClosure;
  /** What the client may ask for by name (SEMANTICS U-22). */
  allowList(application: ApplicationAddress): AllowList;
  /**
   * The index of another State: the same as `indexState` of it, for less. `changed` names every address at which the two
   * States differ, and may name others. This index stays as it is.
   */
  next(state: State, changed: Iterable<Address>): AccessIndex;
}

export interface Impersonation {
  readonly user: UserAddress;
  readonly step: Step;
  /** Milliseconds since the epoch; infinite where the link has no end. */
  readonly end: number;
}

export interface AllowList {
  /** Applications that may become audiences, by client_id, in metadata order. The client itself is not among them. */
  readonly audiences: ReadonlyMap<string, ApplicationAddress>;
  /** Catalogue scopes, in metadata order. */
  readonly scopes: readonly string[];
  /** Of STANDARD_SCOPES, in metadata order: given where they are asked for by name. */
  readonly standard: readonly string[];
  /** The member of the application that names the audiences: `/metadata/scope` or `/metadata/aud`. */
  readonly pointer: string;
}

const protocolScopes: ReadonlySet<string> = new Set(PROTOCOL_SCOPES);

export function isProtocolScope(value: string): boolean {
  return protocolScopes.has(value);
}

/** Whether a value is a scope that a client with this list may ask for: no audience. */
export function isScopeOf({ scopes, standard }: AllowList, value: string): boolean {
  return isProtocolScope(value) || scopes.includes(value) || standard.includes(value);
}

/** Builds the index of a State. Linear in its size; closures of groups are computed on first use and kept. */
export function indexState(state: State): AccessIndex {
  return indexOf(state, tabulate(state));
}

const EVERYONE_GROUP: GroupEntity = { kind: 'group' };

/** An entity that is edited costs about so many times what one that is taken in does. */
const EDIT_COST = 2;

function indexOf(state: State, tables: Tables): AccessIndex {
  const { clients, impersonators, memberships } = tables;
  const closures = new Map<UserAddress, ReadonlyMap<GroupAddress, Membership>>();
  const roles = new Map<RoleAddress, RoleClosure>();
  const allowLists = new Map<ApplicationAddress, AllowList>();
  return {
    state,
    server: serverOf(state),
    application: (address) => entityAt(state, 'application', address),
    client: (client_id) => clients.get(client_id),
    user: (address) => entityAt(state, 'user', address),
    group: (address) => (isEveryone(address) ? EVERYONE_GROUP : entityAt(state, 'group', address)),
    policy: (address) => entityAt(state, 'policy', address),
    resources: tables.resources,
    method: (name) => entityAt(state, 'method', methodAddress(name)),
    siteMethods: (site) => entityAt(state, 'site', siteAddress(site))?.methods ?? [],
    impersonates: (application) => impersonationOf(application, linksTo(impersonators, application)),
    groupsOf(user) {
      const known = closures.get(user);
      if (known !== undefined) return known;
      const closure = membershipsOf(user, memberships);
      closures.set(user, closure);
      return closure;
    },
    closureOf(role) {
      const known = roles.get(role);
      if (known !== undefined) return known;
      const closure = closureOfRole(state, role);
      roles.set(role, closure);
      return closure;
    },
    allowList(address) {
      const known = allowLists.get(address);
      if (known !== undefined) return known;
      const list = readAllowList(state, address, clients);
      allowLists.set(address, list);
      return list;
    },
    next(after, changed) {
      const addresses = new Set(changed);
      // Where much changed, a new one costs less than to edit this.
      if (addresses.size * EDIT_COST > after.size) return indexState(after);
      return indexOf(after, editTables(tables, state, after, addresses));
    },
  };
}

function impersonationOf(
  application: ApplicationAddress,
  links: readonly Backlink<UserAddress>[],
): Impersonation | undefined {
  const [first] = links;
  if (first === undefined) return undefined;
  // The compiler leaves one link at most. Should there be more, one that has ended does not hide one that has not.
  const { holder: user, position, end } = links.reduce((best, link) => (best.end > link.end ? best : link), first);
  const at = { address: user, pointer: `/impersonated_by/${position}` };
  return { user, step: { relation: 'impersonates', from: application, to: user, at }, end };
}

/** With `aud`, it alone names the audiences and `scope` holds attribute scopes only; without, `scope` does both. */
function readAllowList(state: State, address: ApplicationAddress, clients: Tables['clients']): AllowList {
  const metadata = entityAt(state, 'application', address)?.metadata;
  const scope = scopeValues(metadata?.scope);
  const audiences = new Map<string, ApplicationAddress>();
  for (const client_id of metadata?.aud ?? scope) {
    const application = clients.get(client_id);
    if (application !== undefined && application !== address) audiences.set(client_id, application);
  }
  return {
    audiences,
    // The catalogue may describe a standard scope: that makes it no scope of its own.
    scopes: scope.filter(
      (value) => !isStandardScope(value) && entityAt(state, 'scope', scopeAddress(value)) !== undefined,
    ),
    standard: scope.filter(isStandardScope),
    pointer: metadata?.aud === undefined ? '/metadata/scope' : '/metadata/aud',
  };
}

/** The site of an address that has one. */
export function siteNameOf(address: ApplicationAddress | GroupAddress | UserAddress): string {
  return siteOf(address) as string;
}
