// Owns random pairs of States between which entities were renamed: within a site and into another, alone and along chains,
// with and without an entry that says so. Built on src/model's types alone.

import fc from 'fast-check';
import {
  type Address,
  applicationAddress,
  groupAddress,
  kindOf,
  methodAddress,
  nameOf,
  policyAddress,
  scopeAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { Move } from '../../src/model/move.ts';
import { createState, type State } from '../../src/model/state.ts';
import { statePairs } from './state-arbitrary.ts';

export interface MovedPair {
  readonly before: State;
  readonly after: State;
  /** As a spec lists them, history and what is wrong for these States among them. */
  readonly moves: readonly Move[];
  /** What was renamed, and a plan can know it: the new address by the old one. */
  readonly followed: ReadonlyMap<Address, Address>;
}

interface Pick {
  readonly at: number;
  readonly site: 'East' | 'West';
  readonly told: 'directly' | 'by a chain' | 'not';
}

const picks: fc.Arbitrary<readonly Pick[]> = fc.array(
  fc.record({
    at: fc.nat(),
    site: fc.constantFrom('East', 'West'),
    told: fc.constantFrom('directly', 'directly', 'by a chain', 'not'),
  }),
  { minLength: 1, maxLength: 6 },
);

/** Two States, the second with some of what both have under other names. */
export const movedPairs: fc.Arbitrary<MovedPair> = fc.tuple(statePairs, picks).map(([[before, after], chosen]) => {
  const both = [...before.keys()].filter(
    (address) => after.has(address) && newAddress(address, 'East', 0) !== undefined,
  );
  const names = new Map<Address, Address>();
  const followed = new Map<Address, Address>();
  // Of what is there under its old name still, and of what was never there.
  const moves: Move[] = [
    move('group:East/never', 'group:East/nowhere'),
    ...both.slice(0, 1).map((at) => move(at, newAddress(at, 'West', 90) ?? at)),
  ];
  for (const [number, { at, site, told }] of chosen.entries()) {
    const from = both[at % both.length];
    const to = from === undefined ? undefined : newAddress(from, site, number);
    if (from === undefined || to === undefined || names.has(from)) continue;
    names.set(from, to);
    const between = newAddress(from, 'East', 100 + number) ?? to;
    const entries = { directly: [move(from, to)], 'by a chain': [move(between, to), move(from, between)], not: [] };
    moves.push(...entries[told]);
    if (told !== 'not') followed.set(from, to);
  }
  // An entry of the start says something else of what was renamed after all.
  const said = new Map<Address, Move>();
  for (const one of moves) said.set(one.from, one);
  for (const from of names.keys()) if (!followed.has(from)) said.delete(from);
  return { before, after: renamed(after, names), moves: [...said.values()], followed };
});

function move(from: Address, to: Address): Move {
  return { from, to, range: undefined };
}

function newAddress(address: Address, site: string, number: number): Address | undefined {
  const name = `new-${number}`;
  switch (kindOf(address)) {
    case 'application':
      return applicationAddress(site, name);
    case 'group':
      return groupAddress(site, name);
    case 'policy':
      return policyAddress(site, name);
    case 'user':
      return userAddress(site, name);
    case 'method':
      return methodAddress(name);
    case 'scope':
      return scopeAddress(name);
    default:
      return undefined;
  }
}

/** Plainly: every text that names a renamed entity names it anew. */
function renamed(state: State, names: ReadonlyMap<Address, Address>): State {
  const link = ({ to, ...rest }: { to: Address }) => ({ to: names.get(to) ?? to, ...rest });
  const grouped = (one: object) =>
    'group' in one ? { ...one, group: names.get(one.group as Address) ?? one.group } : one;
  const method = (name: string) => nameOf(names.get(methodAddress(name)) ?? methodAddress(name));
  const scope = (name: string) =>
    names.has(scopeAddress(name)) ? nameOf(names.get(scopeAddress(name)) ?? 'server') : name;
  const readers: Readonly<Record<string, (value: never) => unknown>> = {
    allowed_to: (links: { to: Address }[]) => links.map(link).sort((a, b) => (a.to < b.to ? -1 : 1)),
    members: (links: { to: Address }[]) => links.map(link).sort((a, b) => (a.to < b.to ? -1 : 1)),
    impersonated_by: (links: { to: Address }[]) => links.map(link).sort((a, b) => (a.to < b.to ? -1 : 1)),
    methods: (list: string[]) => list.map(method),
    policy: (policy: Address) => names.get(policy) ?? policy,
    items: (items: object[]) => items.map(grouped),
    access_rules: (rules: Record<string, object[]>) =>
      Object.fromEntries(
        Object.entries(rules).map(([key, list]) => [
          key,
          list.map((rule) => ('method' in rule ? { method: method(String(rule.method)) } : grouped(rule))),
        ]),
      ),
    metadata: (metadata: { scope: string }) => ({ ...metadata, scope: metadata.scope.split(' ').map(scope).join(' ') }),
  };
  return createState(
    [...state].map(([address, entity]) => {
      const members = Object.entries(entity).map(([key, value]) => [key, readers[key]?.(value as never) ?? value]);
      return [names.get(address) ?? address, Object.fromEntries(members) as Entity];
    }),
  );
}

/** How the plan calls an entity of the State before; a scope is called as tokens say it. */
export function calledBy(followed: ReadonlyMap<Address, Address>): (address: Address) => Address {
  return (address) => (address.startsWith('scope:') ? address : (followed.get(address) ?? address));
}
