// Owns a State turned round: applications by client_id, users and groups by whom they list; of a whole State, and of the
// next one out of those of the one before. Never answers a question.

import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  kindOf,
  type ResourceAddress,
  type UserAddress,
} from '../model/address.ts';
import type { Entity, ResourceEntity } from '../model/entity.ts';
import type { State } from '../model/state.ts';
import { type Backlink, type Backlinks, editBacklinks, type Links, type ListEdit, turnRound } from './backlinks.ts';
import { editLayered, type LayeredMap, layeredMap } from './layered-map.ts';
import { type ResourceTable, tableOf } from './resource-table.ts';

export interface Tables {
  readonly clients: LayeredMap<string, ApplicationAddress>;
  readonly impersonators: Backlinks<UserAddress>;
  readonly memberships: Backlinks<GroupAddress>;
  readonly resources: ResourceTable;
}

export function tabulate(state: State): Tables {
  const clients = new Map<string, ApplicationAddress>();
  const impersonators = new Map<Address, Backlink<UserAddress> | Backlink<UserAddress>[]>();
  const memberships = new Map<Address, Backlink<GroupAddress> | Backlink<GroupAddress>[]>();
  const resources = new Map<ResourceAddress, ResourceEntity>();
  for (const [address, entity] of state) {
    if (entity.kind === 'application') clients.set(entity.client_id, address as ApplicationAddress);
    else if (entity.kind === 'user') turnRound(impersonators, address as UserAddress, entity.impersonated_by);
    else if (entity.kind === 'group') turnRound(memberships, address as GroupAddress, entity.members);
    else if (entity.kind === 'resource') resources.set(address as ResourceAddress, entity);
  }
  return {
    clients: layeredMap(clients),
    impersonators: layeredMap(impersonators),
    memberships: layeredMap(memberships),
    resources: tableOf(resources),
  };
}

/**
 * What `tabulate` makes of `after`, when `before` is what these were made of and every address at which the two differ is
 * among `changed`. Costs what changed, whatever the size of the State is.
 */
export function editTables(tables: Tables, before: State, after: State, changed: ReadonlySet<Address>): Tables {
  const clients = new Map<string, ApplicationAddress | undefined>();
  const impersonators: ListEdit<UserAddress>[] = [];
  const memberships: ListEdit<GroupAddress>[] = [];
  for (const address of changed) {
    const [was, is] = [before.get(address), after.get(address)];
    // An identifier may pass from one application to another: who has it now counts, not who had it.
    const [id, idAfter] = [was, is].map(clientIdOf);
    if (id !== undefined && id !== idAfter && !clients.has(id)) clients.set(id, undefined);
    if (idAfter !== undefined && id !== idAfter) clients.set(idAfter, address as ApplicationAddress);
    const users = listEdit(address as UserAddress, actingAs(was), actingAs(is));
    if (users !== undefined) impersonators.push(users);
    const groups = listEdit(address as GroupAddress, membersOf(was), membersOf(is));
    if (groups !== undefined) memberships.push(groups);
  }
  return {
    clients: editLayered(tables.clients, clients),
    impersonators: editBacklinks(tables.impersonators, impersonators),
    memberships: editBacklinks(tables.memberships, memberships),
    resources: editResources(tables.resources, after, changed),
  };
}

/** There are few of them: where one changed the table is made anew. */
function editResources(table: ResourceTable, after: State, changed: ReadonlySet<Address>): ResourceTable {
  const edited = [...changed].filter((address) => kindOf(address) === 'resource') as ResourceAddress[];
  if (edited.length === 0) return table;
  const entities = new Map(table.entities);
  for (const address of edited) {
    const entity = after.get(address);
    if (entity?.kind === 'resource') entities.set(address, entity);
    else entities.delete(address);
  }
  return tableOf(entities);
}

function listEdit<H extends Address>(holder: H, before: Links, after: Links): ListEdit<H> | undefined {
  return before === after ? undefined : { holder, before, after };
}

function clientIdOf(entity: Entity | undefined): string | undefined {
  return entity?.kind === 'application' ? entity.client_id : undefined;
}

function actingAs(entity: Entity | undefined): Links {
  return entity?.kind === 'user' ? entity.impersonated_by : undefined;
}

function membersOf(entity: Entity | undefined): Links {
  return entity?.kind === 'group' ? entity.members : undefined;
}
