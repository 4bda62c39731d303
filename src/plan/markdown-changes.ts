// Owns the changes of entities in a plan's comment: a block that unfolds for each site, or numbers where that is too
// much. Never shows text of a spec outside of code.

import { compareText, kindOf, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { fenced, folded, htmlCode } from '../spec/outputs/markdown-text.ts';
import { groupBy } from './group.ts';
import { WHOLE_PLAN } from './notes.ts';
import type { Change, Impact } from './plan.ts';
import { columnWidth, cut, escapeControls, pad } from './style.ts';
import type { Telling } from './telling.ts';
import { SIGNS } from './text-change.ts';
import { countChanges, renderChanges } from './text-changes.ts';

/** As many changes as a reader takes in at a glance need no unfolding. */
const MOST_OPEN = 10;
const LONGEST_NAME = 80;

/** How much is told of a site: of which share of its changes what differs, and how many of a kind and action by name. */
interface Detail {
  readonly share: number;
  readonly most: number;
}

/** Of more than would fit nothing is laid out in vain. */
const MOST_LISTED = 2_000;
/** No line of a block of code is shorter, with its sign and the kind of its entity. */
const SHORTEST_LINE = 10;

/** From all there is to less and less, in steps that are never much more than a half. */
const DETAILS: readonly Detail[] = [
  ...[1, 0.6, 0.35, 0.2, 0.1, 0.05, 0].map((share) => ({ share, most: MOST_LISTED })),
  ...[1_000, 600, 400, 250, 160, 100, 60, 40, 25, 15, 10, 6, 4, 2, 1].map((most) => ({ share: 0, most })),
];

/**
 * A block for each site with as much as there is room for, in characters, of all alike; where that is not even a name of
 * each kind, the last sites in a line of numbers, and at the least the kinds alone. Empty where nothing changes.
 */
export function changesMarkdown(
  { changes, impact }: { readonly changes: readonly Change[]; readonly impact: readonly Impact[] },
  telling: Telling,
  room: number,
): string {
  if (changes.length === 0) return '';
  const sites = [...groupBy(changes, ({ address }) => siteOf(address) ?? '')].sort(([a], [b]) => compareText(a, b));
  const isOpen = changes.length <= MOST_OPEN;
  const blocks = sites.map(([site, list]) => new Block(site, list, { impact, telling, isOpen }));
  const level = fullest((at) => sizeOf(blocks, at, room) <= room);
  if (level === 0) return blocks.map((block) => block.at(0)).join('\n');
  const left = room - SHORTENED.length;
  const told = level === DETAILS.length ? fewer(blocks, sites, left) : more(blocks, level, left);
  const fits = told !== undefined && told.length <= left;
  return `${fits ? told : fenced(kindLines(changes), 'text')}${SHORTENED}`;
}

const SHORTENED = `\n\nShortened to fit: ${WHOLE_PLAN} has all of it.`;

interface How {
  readonly impact: readonly Impact[];
  readonly telling: Telling;
  readonly isOpen: boolean;
}

/** One site in a block that unfolds, in as much detail as is asked for. */
class Block {
  readonly #site: string;
  readonly #changes: readonly Change[];
  readonly #how: How;
  /** The most changes of one kind and action. */
  readonly #most: number;
  readonly #made = new Map<string, string>();

  constructor(site: string, changes: readonly Change[], how: How) {
    this.#site = site;
    this.#changes = changes;
    this.#how = how;
    const alike = groupBy(changes, ({ address, action }) => `${kindOf(address)} ${action}`);
    this.#most = Math.max(...[...alike.values()].map(({ length }) => length));
  }

  /** As few characters as it can have. */
  leastAt(level: number): number {
    const { most } = DETAILS[level] as Detail;
    return SHORTEST_LINE * Math.min(this.#changes.length, most);
  }

  at(level: number): string {
    const { share, most } = DETAILS[level] as Detail;
    const key = `${share} ${Math.min(most, this.#most)}`;
    const made = this.#made.get(key) ?? this.#make(share, most);
    this.#made.set(key, made);
    return made;
  }

  #make(share: number, most: number): string {
    const { impact, telling, isOpen } = this.#how;
    const { places, naming, style, limits } = telling;
    const whole = Math.ceil(share * this.#changes.length);
    const list = this.#changes.map((change, position) => (position < whole ? change : withoutMembers(change)));
    // The first line is the heading, which the summary is here.
    const { lines } = renderChanges(list, places, naming, style, {
      impact,
      limits: { ...limits, kind: most, action: MOST_LISTED },
    });
    const name = this.#site === '' ? 'Server' : `Site ${htmlCode(cut(this.#site, LONGEST_NAME))}`;
    const counts = countChanges({ changes: this.#changes });
    return folded(`${name}: ${counts}`, fenced(lines.slice(1).map(flush), 'diff'), isOpen);
  }
}

/** The first level that fits, by halves: each takes less than the one before. As many as there are where none does. */
function fullest(fits: (level: number) => boolean): number {
  let [from, to] = [0, DETAILS.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (fits(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Of all blocks at a level; more than the room as soon as that is certain. */
function sizeOf(blocks: readonly Block[], level: number, room: number): number {
  let size = blocks.reduce((sum, block) => sum + block.leastAt(level), 0);
  if (size > room) return size;
  size = 0;
  for (const block of blocks) {
    size += block.at(level).length + 1;
    if (size > room) break;
  }
  return size;
}

/** All at one level, and the first of them at the one before as long as there is room. */
function more(blocks: readonly Block[], level: number, room: number): string {
  let left = room - sizeOf(blocks, level, Number.POSITIVE_INFINITY);
  return blocks
    .map((block) => {
      const [plain, better] = [block.at(level), block.at(level - 1)];
      const added = better.length - plain.length;
      if (added > left) return plain;
      left -= added;
      return better;
    })
    .join('\n');
}

type Sites = readonly (readonly [site: string, changes: readonly Change[]])[];

/** For what is around the lines of numbers, and for the line that counts what is left. */
const AROUND = 300;

/** All in a line of numbers, and the first of them in a block as long as there is room; undefined where there is none. */
function fewer(blocks: readonly Block[], sites: Sites, room: number): string | undefined {
  const lines = countLines(sites);
  let left = room - AROUND;
  const counted = lines.filter((line) => {
    left -= left < 0 ? 0 : line.length + 1;
    return left >= 0;
  });
  if (counted.length === 0) return undefined;
  if (counted.length < lines.length) return fenced([...counted, moreSites(sites.slice(counted.length))], 'text');
  const shown: string[] = [];
  for (const [at, block] of blocks.entries()) {
    const text = block.at(DETAILS.length - 1);
    const added = text.length - (lines[at]?.length ?? 0);
    if (added > left) break;
    left -= added;
    shown.push(text);
  }
  const numbers = lines.slice(shown.length);
  return [shown.join('\n'), ...(numbers.length === 0 ? [] : [fenced(numbers, 'text')])].filter(Boolean).join('\n\n');
}

/** With the sign at the beginning of the line, by which a diff is coloured. */
export function flush(line: string): string {
  return line.replace(/^ {2}/, '');
}

function withoutMembers(change: Change): Change {
  return 'paths' in change ? { ...change, paths: [] } : change;
}

function countLines(sites: Sites): readonly string[] {
  const names = sites.map(([site]) => (site === '' ? 'Server' : `Site ${escapeControls(cut(site, LONGEST_NAME))}`));
  const width = columnWidth(names, LONGEST_NAME);
  return sites.map(([, changes], position) => `${pad(names[position] ?? '', width)}   ${kindCounts(changes)}`);
}

function moreSites(sites: Sites): string {
  return `… and ${count(sites.length, 'more site')}   ${kindCounts(sites.flatMap(([, changes]) => changes))}`;
}

/** `application +1 ~2, group -1` */
function kindCounts(changes: readonly Change[]): string {
  return [...groupBy(changes, ({ address }) => kindOf(address))]
    .map(([kind, some]) => `${kind} ${signs(some)}`)
    .join(', ');
}

function kindLines(changes: readonly Change[]): readonly string[] {
  const kinds = [...groupBy(changes, ({ address }) => kindOf(address))];
  const width = columnWidth(
    kinds.map(([kind]) => kind),
    LONGEST_NAME,
  );
  return kinds.map(([kind, some]) => `${pad(kind, width)}   ${signs(some)}`);
}

function signs(changes: readonly Change[]): string {
  return [...groupBy(changes, ({ action }) => action)]
    .map(([action, { length }]) => `${SIGNS[action]}${length}`)
    .join(' ');
}
