// Owns which clients a set of changes can give or take access at all, so that a small edit of a large spec asks about
// few. Never decides access: who is named here may well have lost and gained nothing.

import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  isEveryone,
  kindOf,
  nameOf,
  siteOf,
  type UserAddress,
} from '../model/address.ts';
import type { ApplicationEntity, Entity } from '../model/entity.ts';
import { selecting } from '../model/selection.ts';
import { accessRulesOf, scopeValues } from '../model/settings.ts';
import { entitiesOf, entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { Change } from './plan.ts';

/** Members that no answer about access rests on; one that is not listed here counts as one that does. */
const NO_ACCESS: Readonly<Record<string, readonly string[]>> = {
  application: [
    '/secret',
    '/secrets',
    '/tokens/format',
    '/tokens/typ',
    '/tokens/alg',
    '/tokens/access_ttl',
    '/tokens/code_ttl',
    '/tokens/id_token_claims',
    '/consent',
    '/metadata/client_name',
    '/metadata/redirect_uris',
    '/assertion_audience',
    '/certificate_authority',
    '/audience_mode',
    '/restricted',
    '/protected',
    '/permission_scope',
    '/roles',
  ],
  user: ['/sub', '/password', '/certificate'],
};

/**
 * The clients of either side whose reach may differ between the two whoever uses them, as the plan calls them; undefined where
 * nothing changed that access rests on.
 */
export function affectedClients({ before, after, changes }: Compared): ReadonlySet<ApplicationAddress> | undefined {
  const affected = new Set<ApplicationAddress>();
  const relevant = changes.filter(touchesAccess);
  if (relevant.length === 0) return undefined;
  const addresses = relevant.map(({ address }) => address);
  const sites = new Set(addresses.filter((address) => kindOf(address) === 'site'));
  const groups = new Set(addresses.filter(isGroup));
  const isForAll = addresses.some((address) => kindOf(address) === 'method' || kindOf(address) === 'server');
  const isOfRoles = relevant.some(touchesRoles);
  const policies = new Set(addresses.filter((address) => kindOf(address) === 'policy'));

  // What a client may ask for is found by name: the client_ids of changed applications, before and after, and of all
  // applications in a changed site; scopes that come or go.
  const named = new Set<string>(relevant.filter(isScope).map(({ address }) => nameOf(address)));
  for (const side of [before, after]) {
    if (isOfRoles) for (const client of clientsRequiring(side)) affected.add(client);
    for (const client of clientsOfGroups(side, groups)) affected.add(client);
    for (const address of addresses) addDirectly(side, address, affected, named);
    for (const [address, { client_id }] of withPolicies(side, policies)) {
      affected.add(address);
      named.add(client_id);
    }
    if (sites.size === 0 && !isForAll) continue;
    for (const [address, application] of entitiesOf(side.state, 'application')) {
      if (!isForAll && !sites.has(`site:${siteOf(address)}`)) continue;
      affected.add(side.shared(address as ApplicationAddress));
      named.add(application.client_id);
    }
  }
  // A client that changed is in the set already; one that did not is the same in both States. Each is looked at: to keep
  // who asks for what turned round would cost every plan, and every server, more than it saves here.
  if (groups.size === 0 && named.size === 0) return affected;
  for (const [address, entity] of after.state) {
    if (entity.kind !== 'application') continue;
    if (isOpenTo(entity, groups) || asksFor(entity, named)) affected.add(address as ApplicationAddress);
  }
  return affected;
}

function touchesAccess(change: Change): boolean {
  const kind = kindOf(change.address);
  // Nobody's access rests on the server but by the one switch that takes it from all.
  if (kind === 'server')
    return change.action === 'update' && change.paths.some(({ pointer }) => pointer.startsWith('/oauth2'));
  if (change.action === 'create' || change.action === 'delete') return true;
  if (kind === 'scope') return false;
  if (change.action === 'move' && siteOf(change.from) !== siteOf(change.address)) return true;
  const without = NO_ACCESS[kind] ?? [];
  return change.paths.some(({ pointer }) => !without.some((at) => pointer === at || pointer.startsWith(`${at}/`)));
}

/** A role or a customer, or whom a group gives a role: what a client requires may be had by others. Of one user the user tells. */
function touchesRoles(change: Change): boolean {
  const kind = kindOf(change.address);
  if (kind === 'role' || kind === 'customer') return true;
  if (kind !== 'group') return false;
  if ('paths' in change) return change.paths.some(({ pointer }) => /^\/(?:roles|methods)(?=\/|$)/.test(pointer));
  const entity = change.action === 'create' ? change.after : change.before;
  return entity.kind === 'group' && entity.roles !== undefined;
}

function* clientsRequiring(side: ComparedSide): Generator<ApplicationAddress> {
  for (const address of requiringRole(side.state).keys()) yield side.shared(address as ApplicationAddress);
}

const requiringRole = selecting(['application'], ({ required_role }) => required_role !== undefined);

/** An application counts as a client and as an audience; a user for the clients that act as it. */
function addDirectly(
  side: ComparedSide,
  address: Address,
  affected: Set<ApplicationAddress>,
  named: Set<string>,
): void {
  const entity: Entity | undefined = side.state.get(side.own(address));
  if (entity?.kind === 'application') {
    affected.add(address as ApplicationAddress);
    named.add(entity.client_id);
  }
  if (entity?.kind === 'user') for (const { to } of entity.impersonated_by ?? []) affected.add(side.shared(to));
}

/** The clients that act as a member of the groups, directly or through groups. */
function* clientsOfGroups(side: ComparedSide, groups: ReadonlySet<GroupAddress>): Generator<ApplicationAddress> {
  const seen = new Set<UserAddress | GroupAddress>([...groups].map(side.own));
  for (const member of seen) {
    if (isEveryone(member)) {
      for (const [user] of entitiesOf(side.state, 'user')) {
        if (siteOf(user) === siteOf(member)) seen.add(user as UserAddress);
      }
    } else if (isGroup(member)) {
      // A Set is walked to its end, with what is added on the way.
      for (const { to } of entityAt(side.state, 'group', member)?.members ?? []) seen.add(to);
    } else {
      for (const { to } of entityAt(side.state, 'user', member)?.impersonated_by ?? []) yield side.shared(to);
    }
  }
}

/** An application whose policy changed is another audience, to whoever can name it. */
function* withPolicies(
  side: ComparedSide,
  policies: ReadonlySet<Address>,
): Generator<readonly [ApplicationAddress, ApplicationEntity]> {
  if (policies.size === 0) return;
  for (const [address, application] of entitiesOf(side.state, 'application')) {
    if (application.policy === undefined || !policies.has(side.shared(application.policy))) continue;
    yield [side.shared(address as ApplicationAddress), application];
  }
}

function isOpenTo(application: ApplicationEntity, groups: ReadonlySet<GroupAddress>): boolean {
  if (groups.size === 0) return false;
  const { allowed_to = [] } = application;
  const rules = accessRulesOf(application);
  return allowed_to.some(({ to }) => groups.has(to)) || rules.some((rule) => 'group' in rule && groups.has(rule.group));
}

function asksFor({ metadata }: ApplicationEntity, names: ReadonlySet<string>): boolean {
  if (names.size === 0 || metadata === undefined) return false;
  const isNamed = (value: string) => names.has(value);
  return (metadata.aud?.some(isNamed) ?? false) || scopeValues(metadata.scope).some(isNamed);
}

function isScope(change: Change): boolean {
  return kindOf(change.address) === 'scope';
}

function isGroup(address: Address): address is GroupAddress {
  return kindOf(address) === 'group';
}
