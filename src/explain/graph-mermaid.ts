// Owns the picture as Mermaid text, for pages that render it (pull requests, wikis). Never puts a name into it unescaped.

import { type Highlight, refusalWords } from './graph-highlight.ts';
import { answerWords, edgeWords, labelOf, shorten, sublabelOf } from './graph-words.ts';
import type { NodeKind, Picture, PictureEdge, PictureNode } from './picture.ts';

/** The two sides of a node's text: its shape. */
const SHAPES: Readonly<Record<NodeKind, readonly [string, string]>> = {
  client: ['[', ']'],
  server: ['[', ']'],
  both: ['[', ']'],
  application: ['[', ']'],
  user: ['(', ')'],
  group: ['{{', '}}'],
  everyone: ['{{', '}}'],
  scope: ['([', '])'],
  resource: ['[(', ')]'],
  role: ['>', ']'],
  site: ['[[', ']]'],
  sites: ['[[', ']]'],
};

const ARROWS: Readonly<Record<PictureEdge['relation'], string>> = {
  impersonates: '-->',
  member_of: '-->',
  open_to: '==>',
  access_rule: '-->',
  may_ask_for: '-.->',
  may_use: '--o',
  has_role: '-->',
  contains: '-->',
  requires: '==>',
};

/** Colours that can be read on white and on black: each node says its own text colour. */
const CLASSES: readonly string[] = [
  'classDef client fill:#dbeafe,stroke:#1d4ed8,color:#172554',
  'classDef server fill:#ccfbf1,stroke:#0f766e,color:#042f2e',
  'classDef both fill:#e0e7ff,stroke:#4338ca,color:#1e1b4b',
  'classDef application fill:#f1f5f9,stroke:#475569,color:#0f172a',
  'classDef user fill:#fef3c7,stroke:#b45309,color:#451a03',
  'classDef group fill:#fce7f3,stroke:#be185d,color:#500724',
  'classDef everyone fill:#fce7f3,stroke:#be185d,color:#500724,stroke-dasharray:4 3',
  'classDef scope fill:#f3e8ff,stroke:#7e22ce,color:#3b0764',
  'classDef resource fill:#ecfccb,stroke:#4d7c0f,color:#1a2e05',
  'classDef role fill:#cffafe,stroke:#0e7490,color:#083344',
  'classDef site fill:#f1f5f9,stroke:#475569,color:#0f172a',
  'classDef sites fill:#f1f5f9,stroke:#475569,color:#0f172a',
];
const OFF = 'classDef off fill:#f1f5f9,stroke:#94a3b8,color:#64748b,stroke-dasharray:4 3';
const PATH = 'classDef path stroke:#15803d,stroke-width:4px';
const MISSING = 'classDef missing stroke:#dc2626,stroke-width:4px';

/** Where a picture has more edges than this, only what cannot be seen otherwise is written on them. */
export const MOST_TOLD_EDGES = 40;

export function renderMermaid(picture: Picture, highlight?: Highlight): string {
  const lines = [...titleLines(highlight), 'flowchart LR'];
  const nodeLine = (node: PictureNode) => {
    const [open, close] = SHAPES[node.kind];
    return `${node.id}${open}"${textOf(node, picture)}"${close}`;
  };
  for (const [number, site] of picture.sites.entries()) {
    lines.push(`  subgraph s${number}["${escapeMermaid(site)}"]`);
    for (const node of picture.nodes) if (isIn(node, site)) lines.push(`    ${nodeLine(node)}`);
    lines.push('  end');
  }
  for (const node of picture.nodes)
    if (!picture.sites.some((site) => isIn(node, site))) lines.push(`  ${nodeLine(node)}`);

  const styles = picture.sites.map((_, site) => `  style s${site} fill:none,stroke:#94a3b8`);
  let number = 0;
  for (const edge of picture.edges) {
    const told = picture.edges.length <= MOST_TOLD_EDGES || edge.links.length > 1 || edge.ended;
    const words = told ? `|"${escapeMermaid(edgeWords(edge))}"|` : '';
    lines.push(`  ${edge.from} ${edge.ended ? '-.-' : ARROWS[edge.relation]}${words} ${edge.to}`);
    if (highlight?.edges.has(edge.id)) styles.push(`  linkStyle ${number} stroke:#15803d,stroke-width:4px`);
    number += 1;
  }
  for (const { from, to, words, refused } of highlight?.added ?? []) {
    lines.push(`  ${from} -.->|"${escapeMermaid(words)}"| ${to}`);
    styles.push(`  linkStyle ${number} stroke:${refused ? '#dc2626' : '#15803d'},stroke-width:4px`);
    number += 1;
  }
  lines.push(...styles, ...classLines(picture, highlight));
  return `${lines.join('\n')}\n`;
}

/** The question as the title: YAML, where a text in JSON is one. */
function titleLines(highlight: Highlight | undefined): readonly string[] {
  if (highlight === undefined) return [];
  const told = [answerWords(highlight.answer), refusalWords(highlight.answer)].filter((text) => text !== '');
  return ['---', `title: ${JSON.stringify(told.join('. '))}`, '---'];
}

function isIn({ site, kind }: PictureNode, name: string): boolean {
  return site === name && kind !== 'site' && kind !== 'sites';
}

function textOf(node: PictureNode, picture: Picture): string {
  const label = escapeMermaid(labelOf(node));
  return node.members.length === 1
    ? label
    : `${label}<br/>${escapeMermaid(shorten(sublabelOf(node, picture), LONGEST))}`;
}

const LONGEST = 40;

function classLines({ nodes }: Picture, highlight: Highlight | undefined): readonly string[] {
  const used = new Map<string, string[]>();
  const add = (name: string, id: string) => used.set(name, [...(used.get(name) ?? []), id]);
  for (const { id, kind, off } of nodes) {
    add(off ? 'off' : kind, id);
    if (highlight?.missing.has(id)) add('missing', id);
    else if (highlight?.nodes.has(id)) add('path', id);
  }
  const definitions = [...CLASSES, OFF, PATH, MISSING].filter((line) => used.has(line.split(' ')[1] ?? ''));
  return [
    ...definitions.map((line) => `  ${line}`),
    ...[...used]
      .sort(([a], [b]) => definitionRank(a) - definitionRank(b))
      .map(([name, ids]) => `  class ${ids.join(',')} ${name}`),
  ];
}

function definitionRank(name: string): number {
  return [...CLASSES, OFF, PATH, MISSING].findIndex((line) => line.startsWith(`classDef ${name} `));
}

/**
 * Text that Mermaid shows as it is, between quotes: every character that could mean something to it, to Markdown or to HTML
 * is written by its number, which Mermaid turns back last of all.
 */
function escapeMermaid(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,+@/×…-]|-(?=-)|(?<=-)-/gu, (mark) => {
    const code = mark.codePointAt(0) ?? 0;
    return code < 32 || code === 127 ? ' ' : `#${code};`;
  });
}
