// Owns State: all entities by address, frozen, in address order. Desired and stored are this one type.
// Never knows where a State came from.

import { type Address, compareText } from './address.ts';
import { type Edits, editTable } from './edited-table.ts';
import type { Entity, EntityOfKind, ServerEntity } from './entity.ts';

export type State = ReadonlyMap<Address, Entity>;

export const EMPTY_STATE: State = new Map();

/** Builds a State: sorts by address (so that no order of files or keys is left in it) and freezes each entity deeply. */
export function createState(entities: Iterable<readonly [Address, Entity]>): State {
  return whole(new Map(sorted(entities).map(([address, entity]) => [address, deepFreeze(entity)])));
}

/** The State of entities that are frozen and in address order already, as pages of createState one after the other are. */
export function completeState(entities: ReadonlyMap<Address, Entity>): State {
  return whole(entities);
}

/** The State after some edits. What it has of the other one is not looked at again. */
export function editState(state: State, edits: Edits<Entity>): State {
  for (const entity of edits.values()) deepFreeze(entity);
  return whole(editTable(state, edits));
}

type ByKind = ReadonlyMap<Entity['kind'], readonly (readonly [Address, Entity])[]>;

/** Of the States that were made here, which nobody changes any more: their entities by kind, from the first question on. */
const byKind = new WeakMap<State, ByKind | undefined>();

function whole(state: State): State {
  if (!byKind.has(state)) byKind.set(state, undefined);
  return state;
}

function sorted<V>(entries: Iterable<readonly [Address, V]>): (readonly [Address, V])[] {
  return [...entries].sort(([a], [b]) => compareText(a, b));
}

/**
 * What two tables have at each address, in address order; undefined where one has nothing. Of tables that are in that order,
 * as States are, each is walked once and nothing is looked up.
 */
export function* pairUp<A, B>(
  first: ReadonlyMap<Address, A>,
  second: ReadonlyMap<Address, B>,
): Generator<readonly [address: Address, first: A | undefined, second: B | undefined]> {
  const others = inAddressOrder(second)[Symbol.iterator]();
  let other = others.next();
  for (const [address, value] of inAddressOrder(first)) {
    while (other.done !== true && other.value[0] < address) {
      yield [other.value[0], undefined, other.value[1]];
      other = others.next();
    }
    if (other.done === true || other.value[0] !== address) {
      yield [address, value, undefined];
    } else {
      yield [address, value, other.value[1]];
      other = others.next();
    }
  }
  for (; other.done !== true; other = others.next()) yield [other.value[0], undefined, other.value[1]];
}

/** The entries by address. What is in that order already is not copied. */
function inAddressOrder<V>(table: ReadonlyMap<Address, V>): Iterable<readonly [Address, V]> {
  let last = '';
  for (const address of table.keys()) {
    if (address < last) return sorted(table);
    last = address;
  }
  return table;
}

/** The entity at an address when it is of that kind, else undefined. */
export function entityAt<K extends Entity['kind']>(
  state: State,
  kind: K,
  address: Address,
): EntityOfKind<K> | undefined {
  const entity = state.get(address);
  return entity?.kind === kind ? (entity as EntityOfKind<K>) : undefined;
}

/** The server entity. A State that was compiled or stored always has one; the empty State has none. */
export function serverOf(state: State): ServerEntity | undefined {
  return entityAt(state, 'server', 'server');
}

/** All entities of one kind, in address order. Of a State each is looked at once, however often it is asked; of what is put together yet, every time. */
export function entitiesOf<K extends Entity['kind']>(
  state: State,
  kind: K,
): Iterable<readonly [Address, EntityOfKind<K>]> {
  const found = byKind.has(state) ? (kindsOf(state).get(kind) ?? []) : eachOf(state, kind);
  return found as Iterable<readonly [Address, EntityOfKind<K>]>;
}

function* eachOf(state: State, kind: Entity['kind']): Generator<readonly [Address, Entity]> {
  for (const entry of state) if (entry[1].kind === kind) yield entry;
}

function kindsOf(state: State): ByKind {
  const known = byKind.get(state);
  if (known !== undefined) return known;
  const kinds = new Map<Entity['kind'], (readonly [Address, Entity])[]>();
  for (const entry of state) {
    const { kind } = entry[1];
    const some = kinds.get(kind);
    if (some === undefined) kinds.set(kind, [entry]);
    else some.push(entry);
  }
  byKind.set(state, kinds);
  return kinds;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
