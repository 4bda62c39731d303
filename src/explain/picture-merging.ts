// Owns what counts as alike in a picture, from not at all to whole sites: each merging makes fewer nodes than the one before.
// Never makes a node.

import { type Address, compareText, siteOf } from '../model/address.ts';
import type { AccessGraph, GraphEntity, GraphLink } from './graph.ts';
import type { NodeKind } from './picture.ts';

export interface Merging {
  /** Entities with the same key are one node. */
  keyOf(address: Address): string;
  /** What several entities are together; undefined where that follows from their own kinds. */
  kindOf(members: readonly Address[]): NodeKind | undefined;
}

/** In the order in which they are tried. */
export function* mergings(graph: AccessGraph, alone: ReadonlySet<Address>, most: number): Generator<Merging> {
  const { entities } = graph;
  yield byKey((address) => address);
  for (const merged of [LEAVES, GROUPS, ALL]) {
    const colours = alike(graph, (entity) => merged.has(entity.kind) && !alone.has(entity.address));
    yield byKey((address) => colours.get(address) ?? address);
  }
  const own = (address: Address, key: (entity: GraphEntity) => string): string => {
    const entity = entities.get(address);
    return entity === undefined || alone.has(address) ? address : key(entity);
  };
  yield byKey((address) => own(address, ({ kind, site = '' }) => `${kind} ${site}`));
  yield byKey((address) => own(address, ({ kind, site = '' }) => `${SORT_OF[kind]} ${site}`));
  yield bySite(
    (address) => own(address, ({ site = '' }) => `site ${site}`),
    alone,
    () => false,
  );
  const largest = largestSites(graph, Math.max(1, most - alone.size - 2));
  yield bySite(
    (address) => own(address, ({ site }) => (site === undefined || largest.has(site) ? `site ${site ?? ''}` : 'sites')),
    alone,
    (address) => {
      const site = entities.get(address)?.site;
      return site !== undefined && !largest.has(site);
    },
  );
}

const LEAVES: ReadonlySet<GraphEntity['kind']> = new Set(['user', 'client', 'application']);
const GROUPS: ReadonlySet<GraphEntity['kind']> = new Set([...LEAVES, 'group', 'everyone']);
const ALL: ReadonlySet<GraphEntity['kind']> = new Set([...GROUPS, 'server', 'both', 'scope', 'resource', 'role']);

/** What is one node for each site where the picture is told by kinds; the kind of a node of several. */
export const SORT_OF: Readonly<
  Record<GraphEntity['kind'], 'application' | 'user' | 'group' | 'scope' | 'resource' | 'role'>
> = {
  client: 'application',
  server: 'application',
  both: 'application',
  application: 'application',
  user: 'user',
  group: 'group',
  everyone: 'group',
  scope: 'scope',
  resource: 'resource',
  role: 'role',
};

function byKey(keyOf: Merging['keyOf']): Merging {
  return { keyOf, kindOf: () => undefined };
}

function bySite(keyOf: Merging['keyOf'], alone: ReadonlySet<Address>, isOther: (address: Address) => boolean): Merging {
  return {
    keyOf,
    kindOf(members) {
      const [first] = members;
      if (first === undefined || alone.has(first) || siteOf(first) === undefined) return undefined;
      return isOther(first) ? 'sites' : 'site';
    },
  };
}

/** The sites with the most links to others, then the most entities, then by name. */
function largestSites({ entities, links }: AccessGraph, most: number): ReadonlySet<string> {
  const weights = new Map<string, { links: number; entities: number }>();
  const weigh = (site: string | undefined, member: 'links' | 'entities') => {
    if (site === undefined) return;
    const weight = weights.get(site) ?? { links: 0, entities: 0 };
    weight[member] += 1;
    weights.set(site, weight);
  };
  for (const { site } of entities.values()) weigh(site, 'entities');
  for (const { from, to } of links) {
    const [one, other] = [entities.get(from)?.site, entities.get(to)?.site];
    if (one === other) continue;
    weigh(one, 'links');
    weigh(other, 'links');
  }
  const sorted = [...weights].sort(
    ([a, one], [b, other]) => other.links - one.links || other.entities - one.entities || compareText(a, b),
  );
  return new Set(sorted.slice(0, most).map(([site]) => site));
}

/**
 * What is alike: of the same kind and site, and with the same links to what is alike. The coarsest such grouping, found by
 * refining kinds until nothing is told apart any more; what is not mergeable is alike to nothing.
 */
function alike(
  { entities, links }: AccessGraph,
  isMergeable: (entity: GraphEntity) => boolean,
): ReadonlyMap<Address, string> {
  let colours = new Map<Address, string>();
  for (const [address, entity] of entities) {
    const { kind, site = '', off = '' } = entity;
    colours.set(address, isMergeable(entity) ? `${kind} ${site} ${off}` : address);
  }
  const ends = endsOf(links);
  for (let classes = new Set(colours.values()).size; ; ) {
    const refined = new Map<Address, string>();
    const names = new Map<string, string>();
    for (const [address, colour] of colours) {
      const seen = new Set<string>();
      for (const { relation, other, way, ended } of ends.get(address) ?? []) {
        seen.add(`${way}${relation}${ended ? '!' : ''} ${colours.get(other)}`);
      }
      const signature = `${colour}\n${[...seen].sort().join('\n')}`;
      // Numbers stand for signatures, so that these do not grow with each turn.
      const name = names.get(signature) ?? `c${names.size}`;
      names.set(signature, name);
      refined.set(address, name);
    }
    colours = refined;
    if (names.size === classes) return colours;
    classes = names.size;
  }
}

interface End {
  readonly other: Address;
  readonly relation: GraphLink['relation'];
  readonly way: '>' | '<';
  readonly ended: boolean;
}

function endsOf(links: readonly GraphLink[]): ReadonlyMap<Address, readonly End[]> {
  const ends = new Map<Address, End[]>();
  const add = (address: Address, end: End) => {
    const list = ends.get(address);
    if (list === undefined) ends.set(address, [end]);
    else list.push(end);
  };
  for (const { from, to, relation, ended } of links) {
    add(from, { other: to, relation, way: '>', ended });
    add(to, { other: from, relation, way: '<', ended });
  }
  return ends;
}
