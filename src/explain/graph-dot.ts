// Owns the picture as a DOT text, for Graphviz and what reads its language. Never puts a name into it unescaped.

import { type Highlight, refusalWords } from './graph-highlight.ts';
import { engineFor } from './graph-layout.ts';
import { MOST_TOLD_EDGES } from './graph-mermaid.ts';
import { answerWords, edgeWords, labelOf, shorten, speak, sublabelOf } from './graph-words.ts';
import type { NodeKind, Picture, PictureEdge, PictureNode } from './picture.ts';

/** Shape, fill and line of a node. */
const LOOKS: Readonly<Record<NodeKind, readonly [shape: string, fill: string, line: string]>> = {
  client: ['box', '#dbeafe', '#1d4ed8'],
  server: ['box', '#ccfbf1', '#0f766e'],
  both: ['box', '#e0e7ff', '#4338ca'],
  application: ['box', '#f1f5f9', '#475569'],
  user: ['ellipse', '#fef3c7', '#b45309'],
  group: ['hexagon', '#fce7f3', '#be185d'],
  everyone: ['hexagon', '#fce7f3', '#be185d'],
  scope: ['note', '#f3e8ff', '#7e22ce'],
  resource: ['cylinder', '#ecfccb', '#4d7c0f'],
  role: ['septagon', '#cffafe', '#0e7490'],
  site: ['folder', '#f1f5f9', '#475569'],
  sites: ['folder', '#f1f5f9', '#475569'],
};

const LINES: Readonly<Record<PictureEdge['relation'], readonly (readonly [name: string, value: string])[]>> = {
  impersonates: [],
  member_of: [],
  open_to: [['penwidth', '2']],
  access_rule: [['arrowhead', 'empty']],
  may_use: [['arrowhead', 'dot']],
  has_role: [],
  contains: [['arrowhead', 'empty']],
  requires: [['penwidth', '2']],
  may_ask_for: [
    ['style', 'dashed'],
    ['color', '#64748b'],
  ],
};

const YES = '#15803d';
const NO = '#dc2626';

export function renderDot(picture: Picture, highlight?: Highlight): string {
  const caption =
    highlight === undefined
      ? 'bold: opens, dashed: may ask for'
      : [answerWords(highlight.answer), refusalWords(highlight.answer)].filter((text) => text !== '').join('\n');
  const lines = [
    'digraph access {',
    '  graph [rankdir=LR, compound=true, fontname="Helvetica", fontsize=12, nodesep=0.25, ranksep=0.7, ' +
      `${engineFor(picture) === 'dot' ? '' : 'layout=fdp, overlap=false, splines=true, '}label=${quote(caption)}];`,
    '  node [fontname="Helvetica", fontsize=12, style="filled,rounded", margin="0.15,0.08"];',
    '  edge [fontname="Helvetica", fontsize=10, color="#334155", fontcolor="#334155"];',
  ];
  const nodeLine = (node: PictureNode): string => `${node.id} ${nodeAttributes(node, picture, highlight)};`;
  for (const [number, site] of picture.sites.entries()) {
    lines.push(`  subgraph cluster_${number} {`, `    label=${quote(site)}; color="#94a3b8"; style=rounded;`);
    for (const node of picture.nodes) if (isIn(node, site)) lines.push(`    ${nodeLine(node)}`);
    lines.push('  }');
  }
  for (const node of picture.nodes)
    if (!picture.sites.some((site) => isIn(node, site))) lines.push(`  ${nodeLine(node)}`);
  for (const edge of picture.edges) {
    const isTold = picture.edges.length <= MOST_TOLD_EDGES || edge.links.length > 1 || edge.ended;
    const attributes = [
      ...LINES[edge.relation],
      ...(isTold ? [['label', edgeWords(edge)] as const] : []),
      ...(edge.ended ? [['style', 'dotted'] as const] : []),
      ...(highlight?.edges.has(edge.id) ? highlighted(YES) : []),
    ];
    lines.push(`  ${edge.from} -> ${edge.to}${bracket(attributes)};`);
  }
  for (const { from, to, words, refused } of highlight?.added ?? []) {
    const attributes = [['style', 'dashed'] as const, ['label', words] as const, ...highlighted(refused ? NO : YES)];
    lines.push(`  ${from} -> ${to}${bracket(attributes)};`);
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function isIn({ site, kind }: PictureNode, name: string): boolean {
  return site === name && kind !== 'site' && kind !== 'sites';
}

function highlighted(color: string): readonly (readonly [string, string])[] {
  return [
    ['color', color],
    ['fontcolor', color],
    ['penwidth', '4'],
  ];
}

function nodeAttributes(node: PictureNode, picture: Picture, highlight: Highlight | undefined): string {
  const [shape, fill, line] = LOOKS[node.kind];
  const label =
    node.members.length === 1 ? labelOf(node) : `${labelOf(node)}\n${shorten(sublabelOf(node, picture), 40)}`;
  const mark = highlight?.missing.has(node.id) ? NO : highlight?.nodes.has(node.id) ? YES : undefined;
  return bracket([
    ['label', label],
    ['shape', shape],
    // Rounded, the corners of a hexagon are gone.
    ...(shape === 'hexagon' ? [['style', 'filled'] as const] : []),
    ['fillcolor', node.off ? '#f1f5f9' : fill],
    ['color', mark ?? line],
    ...(mark === undefined ? [] : [['penwidth', '4'] as const]),
    ...(node.off ? [['fontcolor', '#64748b'] as const] : []),
    ['tooltip', shorten(node.members.map(speak).join(', '), 200)],
  ]).trim();
}

/** A later attribute of the same name wins, as in DOT itself. */
function bracket(attributes: readonly (readonly [string, string])[]): string {
  const last = new Map(attributes);
  if (last.size === 0) return '';
  return ` [${[...last].map(([name, value]) => `${name}=${quote(value)}`).join(', ')}]`;
}

/**
 * A quoted string that Graphviz shows as it is: no backslash of a name is an escape (`\N` would be the node's id), and no `&amp;` an
 * entity. Lines are broken by what broke them here.
 */
function quote(text: string): string {
  const shown = text
    .replaceAll('&', '&amp;')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f]/g, ' ');
  return `"${shown}"`;
}
