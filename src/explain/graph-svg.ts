// Owns the picture as SVG inside the page: shapes, texts and what a screen reader says of them. Colours are the style sheet's.
// Never puts a name into it unescaped.

import { nameOf } from '../model/address.ts';
import { LONGEST_LABEL, LONGEST_SUBLABEL, type Placed, type Placement, timesOf } from './graph-layout.ts';
import { edgeSentence, labelOf, nounOf, shorten, speak, sublabelOf } from './graph-words.ts';
import type { NodeKind, Picture, PictureEdge, PictureNode } from './picture.ts';

/** Space around the picture. */
const MARGIN = 24;

/** Lines on a square of 20, drawn from its middle. */
const ICONS: Readonly<Record<NodeKind, string>> = {
  client: 'M-7 -5H7V6H-7ZM-7 -1.5H7M-4 -3.3H-3.9',
  server: 'M-7 -7H7V-1H-7ZM-7 1H7V7H-7ZM-4 -4H-3.9M-4 4H-3.9',
  both: 'M-7 -7H7V-1H-7ZM-7 1H7V7H-7ZM0 -4H4M0 4H4',
  application: 'M-7 -6H7V6H-7ZM-7 -2H7',
  user: 'M-3.2 -4A3.2 3.2 0 1 1 3.2 -4A3.2 3.2 0 1 1 -3.2 -4M-6.5 7C-6.5 -0.5 6.5 -0.5 6.5 7',
  group:
    'M-6 -4A2.7 2.7 0 1 1 -0.6 -4A2.7 2.7 0 1 1 -6 -4M-8 6C-8 -0.5 1.4 -0.5 1.4 6M2 -6.2A2.7 2.7 0 0 1 3.5 -1.4M4 1.4C6.4 1.6 8 3.2 8 6',
  everyone:
    'M-7.5 0A7.5 7.5 0 1 1 7.5 0A7.5 7.5 0 1 1 -7.5 0M-7.5 0H7.5M0 -7.5C4.5 -3 4.5 3 0 7.5C-4.5 3 -4.5 -3 0 -7.5',
  scope: 'M-2 -3.5A3.5 3.5 0 1 0 -2 3.5A3.5 3.5 0 1 0 -2 -3.5M1.5 0H8M5 0V3M8 0V4',
  resource: 'M-6 -4.5C-6 -7.5 6 -7.5 6 -4.5V4.5C6 7.5 -6 7.5 -6 4.5ZM-6 -4.5C-6 -1.5 6 -1.5 6 -4.5',
  role: 'M0 -7.5L6.5 -4.5V1C6.5 4.5 3 7 0 8C-3 7 -6.5 4.5 -6.5 1V-4.5Z',
  site: 'M-7 -5H-1L1 -3H7V6H-7Z',
  sites: 'M-7 -5H-1L1 -3H7V6H-7Z',
};

/** `selected` is drawn by the page itself, so that the picture of a State is one text whatever is asked about it. */
export function renderSvg(picture: Picture, placement: Placement): string {
  const { width, height } = placement;
  const box = `${-MARGIN} ${-MARGIN} ${round(width + 2 * MARGIN)} ${round(height + 2 * MARGIN)}`;
  const parts = [
    `<svg id="picture" role="group" aria-label="Access graph" aria-describedby="keys" viewBox="${box}">`,
    `<defs>${['line', 'faint', 'yes', 'no', 'pick'].map(marker).join('')}</defs>`,
  ];
  for (const [number, site] of picture.sites.entries()) {
    const placed = placement.sites.get(number);
    if (placed !== undefined) parts.push(siteShape(site, placed));
  }
  const names = new Map(picture.nodes.map((node) => [node.id, labelOf(node)]));
  for (const edge of picture.edges) parts.push(edgeShape(edge, placement, names));
  parts.push('<g id="added"></g>');
  for (const node of picture.nodes) {
    const placed = placement.nodes.get(node.id);
    if (placed !== undefined) parts.push(nodeShape(node, picture, placed));
  }
  parts.push('</svg>');
  return parts.join('\n');
}

function marker(name: string): string {
  return (
    `<marker id="tip-${name}" class="tip ${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" ` +
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.6L8 4L0 7.4Z"/></marker>'
  );
}

function siteShape(name: string, { x, y, width, height }: Placed): string {
  const left = round(x - width / 2);
  const top = round(y - height / 2);
  return (
    `<g class="site"><rect x="${left}" y="${top}" width="${width}" height="${height}" rx="14"/>` +
    `<text x="${left + 14}" y="${round(top + 20)}">${escapeXml(shorten(name, LONGEST_LABEL))}</text></g>`
  );
}

function edgeShape(edge: PictureEdge, { edges }: Placement, names: ReadonlyMap<string, string>): string {
  const placed = edges.get(edge.id);
  if (placed === undefined) return '';
  const words = edgeSentence(edge, names.get(edge.from) ?? '', names.get(edge.to) ?? '');
  const times = timesOf(edge);
  const label =
    placed.label === undefined || times === ''
      ? ''
      : `<text x="${placed.label.x}" y="${round(placed.label.y + 4)}">${times}</text>`;
  return (
    `<g class="edge ${edge.relation}${edge.ended ? ' ended' : ''}" id="${edge.id}"><title>${escapeXml(words)}</title>` +
    `<path class="hit" d="${placed.path}"/><path class="stroke" d="${placed.path}"/>${label}</g>`
  );
}

function nodeShape(node: PictureNode, picture: Picture, { x, y, width, height }: Placed): string {
  const [left, top] = [round(x - width / 2), round(y - height / 2)];
  const several = node.members.length > 1;
  const rect = (by: number, name: string) =>
    `<rect class="${name}" x="${round(left + by)}" y="${round(top + by)}" width="${width}" height="${height}" rx="10"/>`;
  const label = shorten(labelOf(node), LONGEST_LABEL);
  const sublabel = shorten(sublabelOf(node, picture), LONGEST_SUBLABEL);
  const where = node.site === undefined || node.kind === 'site' ? '' : `, site ${node.site}`;
  const said = several
    ? `${labelOf(node)}${where}: ${shorten(node.members.map(nameOf).join(', '), 120)}`
    : `${nounOf(node.kind)} ${labelOf(node)}${where}${node.off ? ', does not count now' : ''}`;
  return (
    `<g class="node ${node.kind}${several ? ' several' : ''}${node.off ? ' off' : ''}" id="${node.id}" role="button" ` +
    `tabindex="-1" aria-label="${escapeXml(said)}"><title>${escapeXml(shorten(node.members.map(speak).join(', '), 300))}</title>` +
    `${several ? `${rect(7, 'behind')}${rect(3.5, 'behind')}` : ''}${rect(0, 'card')}` +
    `<path class="icon" transform="translate(${round(left + 22)} ${y})" d="${ICONS[node.kind]}"/>` +
    `<text class="label" x="${round(left + 42)}" y="${round(y - 3)}">${escapeXml(label)}</text>` +
    `<text class="sublabel" x="${round(left + 42)}" y="${round(y + 13)}">${escapeXml(sublabel)}</text></g>`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text or a quoted attribute of HTML. What no document may hold is left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
  );
}
