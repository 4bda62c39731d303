// Owns what is drawn of a graph: nodes that stand for one entity or for several alike, and edges that stand for their links.
// Every entity is in exactly one node and every link in one edge or inside one node: nothing is dropped. Never draws.

import { type Address, compareText } from '../model/address.ts';
import type { AccessGraph, GraphKind, GraphLink, GraphRelation } from './graph.ts';
import { linkKey } from './graph.ts';
import { type Merging, mergings, SORT_OF } from './picture-merging.ts';

/** As an entity, or what several are together. */
export type NodeKind = GraphKind | 'site' | 'sites';

export interface PictureNode {
  /** `n0`, `n1`, … in the order of the picture. */
  readonly id: string;
  readonly kind: NodeKind;
  /** Undefined where it belongs to none or to several. */
  readonly site: string | undefined;
  /** In address order; never empty. */
  readonly members: readonly Address[];
  /** Whether none of them counts now. */
  readonly off: boolean;
}

export interface PictureEdge {
  /** `e0`, `e1`, … */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly relation: GraphRelation;
  /** The links that it stands for; never empty. */
  readonly links: readonly GraphLink[];
  /** Whether all of them have ended. */
  readonly ended: boolean;
}

export interface Picture {
  readonly graph: AccessGraph;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly nodeOf: ReadonlyMap<Address, PictureNode>;
  /** By linkKey. A link inside a node has none. */
  readonly edgeOf: ReadonlyMap<string, PictureEdge>;
  /** The sites that are drawn around their nodes, in order. */
  readonly sites: readonly string[];
}

/** From so many nodes on a picture is read better when alike things stand together. */
export const MOST_NODES = 60;

/**
 * The picture with at most `most` nodes, merged no further than that takes. What is in `alone` is never merged, even where that
 * takes more nodes.
 */
export function pictureOf(graph: AccessGraph, alone: ReadonlySet<Address> = new Set(), most = MOST_NODES): Picture {
  let last: readonly PictureNode[] = [];
  for (const merging of mergings(graph, alone, most)) {
    last = nodesOf(graph, merging);
    if (last.length <= most) break;
  }
  const nodeOf = new Map(last.flatMap((node) => node.members.map((address) => [address, node] as const)));
  const edges = edgesOf(graph, nodeOf);
  return {
    graph,
    nodes: last,
    edges,
    nodeOf,
    edgeOf: new Map(edges.flatMap((edge) => edge.links.map((link) => [linkKey(link), edge] as const))),
    sites: [...new Set(last.flatMap(({ site, kind }) => (site === undefined || kind === 'site' ? [] : [site])))].sort(
      compareText,
    ),
  };
}

function nodesOf({ entities }: AccessGraph, { keyOf, kindOf }: Merging): readonly PictureNode[] {
  const merged = new Map<string, Address[]>();
  for (const address of entities.keys()) {
    const key = keyOf(address);
    const members = merged.get(key);
    if (members === undefined) merged.set(key, [address]);
    else members.push(address);
  }
  return [...merged.values()].map((members, number): PictureNode => {
    const all = members.flatMap((address) => entities.get(address) ?? []);
    const sites = new Set(all.map(({ site }) => site));
    const kinds = new Set(all.map(({ kind }) => kind));
    const [only] = kinds;
    return {
      id: `n${number}`,
      kind: kindOf(members) ?? (only === undefined ? 'application' : kinds.size === 1 ? only : SORT_OF[only]),
      site: sites.size === 1 ? [...sites][0] : undefined,
      members,
      off: all.every(({ off }) => off !== undefined),
    };
  });
}

function edgesOf(graph: AccessGraph, nodeOf: ReadonlyMap<Address, PictureNode>): readonly PictureEdge[] {
  const merged = new Map<string, { from: PictureNode; to: PictureNode; relation: GraphRelation; links: GraphLink[] }>();
  for (const link of graph.links) {
    const from = nodeOf.get(link.from);
    const to = nodeOf.get(link.to);
    if (from === undefined || to === undefined || (from === to && from.members.length > 1)) continue;
    const key = `${from.id} ${to.id} ${link.relation}`;
    const edge = merged.get(key);
    if (edge === undefined) merged.set(key, { from, to, relation: link.relation, links: [link] });
    else edge.links.push(link);
  }
  return [...merged.values()].map(({ from, to, relation, links }, number) => ({
    id: `e${number}`,
    from: from.id,
    to: to.id,
    relation,
    links,
    ended: links.every(({ ended }) => ended),
  }));
}
