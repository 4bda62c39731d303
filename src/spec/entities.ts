// Owns reading bound entities by kind. Never builds one.

import {
  type Address,
  type ApplicationAddress,
  type CustomerAddress,
  type GroupAddress,
  nameOf,
  type PolicyAddress,
  type ResourceAddress,
  type RoleAddress,
  type UserAddress,
} from '../model/address.ts';
import type { Entity, EntityOfKind } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import type { Bound } from './bind.ts';
import { placeAt } from './places.ts';
import { rangeOf, type Span, stepsOf } from './tree.ts';

interface Addresses {
  application: ApplicationAddress;
  customer: CustomerAddress;
  group: GroupAddress;
  method: Address;
  policy: PolicyAddress;
  resource: ResourceAddress;
  role: RoleAddress;
  user: UserAddress;
}

/** All entities of a kind, in the order of their declaration. */
export function bound<K extends keyof Addresses>(
  { entities }: Pick<Bound, 'entities'>,
  kind: K,
): readonly (readonly [Addresses[K], EntityOfKind<K>])[] {
  const byKind = BY_KIND.get(entities) ?? sortByKind(entities);
  BY_KIND.set(entities, byKind);
  return (byKind.get(kind) ?? []) as readonly (readonly [Addresses[K], EntityOfKind<K>])[];
}

type ByKind = ReadonlyMap<Entity['kind'], readonly (readonly [Address, Entity])[]>;

/** Each check asks for the same again. */
const BY_KIND = new WeakMap<Bound['entities'], ByKind>();

function sortByKind(entities: Bound['entities']): ByKind {
  const byKind = new Map<Entity['kind'], (readonly [Address, Entity])[]>();
  for (const entry of entities) {
    const of = byKind.get(entry[1].kind);
    if (of === undefined) byKind.set(entry[1].kind, [entry]);
    else of.push(entry);
  }
  return byKind;
}

/** Whether an application or a group lists a method of that type. */
export function listsClientCredentials(
  all: Bound,
  entity: { readonly methods?: readonly string[] } | undefined,
): boolean {
  return (entity?.methods ?? []).some((name) => isClientCredentials(all, name));
}

export function isClientCredentials(all: Bound, name: string): boolean {
  const methods = CLIENT_CREDENTIALS.get(all.entities) ?? clientCredentialsMethods(all);
  CLIENT_CREDENTIALS.set(all.entities, methods);
  return methods.has(name);
}

/** Asked of every application and group, several times. */
const CLIENT_CREDENTIALS = new WeakMap<Bound['entities'], ReadonlySet<string>>();

function clientCredentialsMethods(all: Bound): ReadonlySet<string> {
  const methods = bound(all, 'method').filter(([, { type }]) => type === 'client_credentials');
  return new Set(methods.map(([address]) => nameOf(address)));
}

/** Where a pointer of an entity was written. */
export function spanIn({ places }: Bound, address: Address, pointer: string): Span {
  const placed = places.get(address);
  if (placed === undefined) throw new Error(`no place for ${address}`);
  return placeAt(placed, stepsOf(pointer));
}

export function rangeIn(all: Bound, address: Address, pointer: string): SourceRange {
  return rangeOf(spanIn(all, address, pointer));
}
