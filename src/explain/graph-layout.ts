// Owns what is asked of Graphviz for the page, and how its answer is read: sizes and ids go in, places come out. No name of the
// spec is part of either. Never draws, and never runs Graphviz: that is handed in.

import { labelOf, sublabelOf } from './graph-words.ts';
import type { Picture, PictureEdge, PictureNode } from './picture.ts';

/** Lays out a DOT text by one of Graphviz's engines, and answers with Graphviz's own JSON. */
export type Layout = (dot: string, engine: Engine) => string;
/** In layers from who asks to what is reached; or, of whole sites, which have no such order, by who is near to whom. */
export type Engine = 'dot' | 'fdp';

/** In pixels, from the top left; of a node the middle. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  /** An SVG path, which ends where the tip of the arrow is. */
  readonly path: string;
  /** The middle of its label. */
  readonly label: { readonly x: number; readonly y: number } | undefined;
}

export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly edges: ReadonlyMap<string, PlacedEdge>;
  /** By the position of the site in the picture. */
  readonly sites: ReadonlyMap<number, Placed>;
}

export const LONGEST_LABEL = 26;
export const LONGEST_SUBLABEL = 34;
const HEIGHT = 46;
/** A wide guess at a character's width, as fonts differ: 13 px and 11 px. */
const LABEL_CHARACTER = 7.7;
const SUBLABEL_CHARACTER = 6.3;
/** The icon, and the space around the text. */
const BESIDE_TEXT = 54;

export function placePicture(picture: Picture, layout: Layout): Placement {
  return readPlacement(layout(layoutDot(picture), engineFor(picture)));
}

export function engineFor({ nodes }: Picture): Engine {
  return nodes.some(({ kind }) => kind === 'site' || kind === 'sites') ? 'fdp' : 'dot';
}

/** How many links an edge stands for, where that is told: ×12. */
export function timesOf({ links }: PictureEdge): string {
  return links.length > 1 ? `×${links.length}` : '';
}

function layoutDot(picture: Picture): string {
  const lines = [
    'digraph {',
    '  graph [rankdir=LR, nodesep=0.22, ranksep=0.75, pad=0, margin=0, overlap=false, splines=true, K=1.1];',
    '  node [shape=box, fixedsize=true, label=""]; edge [fontsize=11];',
  ];
  const nodeLine = (node: PictureNode) =>
    `    ${node.id} [width=${inches(widthOf(node, picture))}, height=${inches(HEIGHT)}];`;
  for (const [number, site] of picture.sites.entries()) {
    const inside = picture.nodes.filter((node) => node.site === site && node.kind !== 'site' && node.kind !== 'sites');
    // The label is as wide as the site's name and says nothing else.
    const title = 'x'.repeat(Math.min(site.length, LONGEST_LABEL));
    lines.push(
      `  subgraph cluster_${number} { label="${title}"; fontsize=15; margin=14;`,
      ...inside.map(nodeLine),
      '  }',
    );
  }
  for (const node of picture.nodes) {
    if (node.site === undefined || node.kind === 'site' || node.kind === 'sites') lines.push(nodeLine(node));
  }
  const kinds = new Map(picture.nodes.map(({ id, kind }) => [id, kind]));
  for (const edge of picture.edges) {
    const times = timesOf(edge);
    // A client that is open to its own users would otherwise turn the direction of reading round.
    const isBack = edge.relation === 'open_to' && kinds.get(edge.to) === 'client';
    const attributes = [
      `id=${edge.id}`,
      ...(times === '' ? [] : [`label="${'x'.repeat(times.length)}"`]),
      ...(isBack ? ['constraint=false'] : []),
      ...(edge.relation === 'may_ask_for' ? ['weight=0'] : []),
    ];
    lines.push(`  ${edge.from} -> ${edge.to} [${attributes.join(', ')}];`);
  }
  lines.push('}');
  return lines.join('\n');
}

function widthOf(node: PictureNode, picture: Picture): number {
  const label = Math.min(labelOf(node).length, LONGEST_LABEL) * LABEL_CHARACTER;
  const sublabel = Math.min(sublabelOf(node, picture).length, LONGEST_SUBLABEL) * SUBLABEL_CHARACTER;
  return Math.round(Math.max(label, sublabel, 60) + BESIDE_TEXT);
}

function inches(pixels: number): string {
  return (pixels / 72).toFixed(4);
}

interface GraphvizObject {
  readonly name: string;
  readonly pos?: string;
  readonly width?: string;
  readonly height?: string;
  readonly bb?: string;
}

interface GraphvizJson {
  readonly bb: string;
  readonly objects?: readonly GraphvizObject[];
  readonly edges?: readonly { readonly id: string; readonly pos: string; readonly lp?: string }[];
}

function readPlacement(json: string): Placement {
  const { bb, objects = [], edges = [] } = JSON.parse(json) as GraphvizJson;
  const [, , width = 0, height = 0] = numbers(bb);
  const nodes = new Map<string, Placed>();
  const sites = new Map<number, Placed>();
  for (const { name, pos, bb: box, width: wide = '0', height: high = '0' } of objects) {
    if (box !== undefined) {
      const [left = 0, bottom = 0, right = 0, top = 0] = numbers(box);
      sites.set(Number(name.slice('cluster_'.length)), {
        x: round((left + right) / 2),
        y: round(height - (top + bottom) / 2),
        width: round(right - left),
        height: round(top - bottom),
      });
    } else if (pos !== undefined) {
      const [x = 0, y = 0] = numbers(pos);
      const size = { width: round(Number(wide) * 72), height: round(Number(high) * 72) };
      nodes.set(name, { x: round(x), y: round(height - y), ...size });
    }
  }
  const placed = edges.map(({ id, pos, lp }): [string, PlacedEdge] => {
    const [x, y] = numbers(lp ?? '');
    const label = x === undefined || y === undefined ? undefined : { x: round(x), y: round(height - y) };
    return [id, { path: pathOf(pos, height), label }];
  });
  return { width: round(width), height: round(height), nodes, sites, edges: new Map(placed) };
}

/** `e,TIP START C C POINT C C POINT …`: a start and cubic curves, and behind the last of them the tip. */
function pathOf(pos: string, height: number): string {
  const points: string[] = [];
  let tip = '';
  for (const part of pos.split(' ')) {
    const [x = 0, y = 0] = numbers(part.replace(/^[es],/, ''));
    const point = `${round(x)} ${round(height - y)}`;
    if (part.startsWith('e,')) tip = `L${point}`;
    else if (!part.startsWith('s,')) points.push(point);
  }
  const [start, ...rest] = points;
  return `M${start ?? '0 0'}C${rest.join(' ')}${tip}`;
}

function numbers(text: string): readonly number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
