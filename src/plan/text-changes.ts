// Owns the entity half of a plan's text: headings, one line for each change, its members, and what is left out of a
// long list. Never tells access.

import { type Address, compareText, type Kind, kindOf, siteOf } from '../model/address.ts';
import { formatPlace, type Origins, type SourceRange } from '../model/origin.ts';
import { groupBy } from './group.ts';
import { type Naming, speakEntity } from './naming.ts';
import type { Change } from './plan.ts';
import { columnWidth, escapeControls, pad, type Sign, type Style, widthOf } from './style.ts';
import { speakPath } from './values.ts';

/** Where the right column begins; a section whose lines are longer moves it. */
export const PLACE_COLUMN = 54;
/** No line moves the right column further than this; a longer one is followed by two spaces. */
export const WIDEST_LEFT = 90;

/** A list of one kind and action in one site is cut at the first, all of one action at the second. */
const MOST_OF_A_KIND = 20;
const MOST_OF_AN_ACTION = 100;
const MOST_SITES = 40;
const MOST_PATHS = 20;

export const SIGNS = { create: '+', update: '~', move: '>', delete: '-' } as const satisfies Record<
  Change['action'],
  Sign
>;

export interface Places {
  readonly afterOrigins: Origins;
  readonly beforeOrigins: Origins;
}

export interface Rendered {
  readonly lines: readonly string[];
  /** Whether something is told by its number only. */
  readonly cut: boolean;
}

/** The changes under their headings, the server's first, then site by site; in the order of the plan within each. */
export function renderChanges(changes: readonly Change[], places: Places, naming: Naming, style: Style): Rendered {
  const sites = [...groupBy(changes, ({ address }) => siteOf(address) ?? '')].sort(([a], [b]) => compareText(a, b));
  const shown = chooseSites(sites);
  const left = {
    create: MOST_OF_AN_ACTION,
    update: MOST_OF_AN_ACTION,
    move: MOST_OF_AN_ACTION,
    delete: MOST_OF_AN_ACTION,
  };
  const rows: Row[] = [];
  let isCut = false;
  for (const [site, list] of sites.filter(([site]) => shown.has(site))) {
    if (rows.length > 0) rows.push({ text: '' });
    rows.push({ text: style.heading(site === '' ? 'Server' : `Site ${escapeControls(site)}`) });
    for (const sameKind of groupBy(list, ({ address }) => kindOf(address)).values()) {
      const { chosen, more } = choose(sameKind, left);
      for (const change of sameKind) if (chosen.has(change)) rows.push(...rowsOf(change, places, naming));
      rows.push(...more);
      isCut ||= more.length > 0;
    }
  }
  const rest = sites.filter(([site]) => !shown.has(site));
  if (rest.length > 0) rows.push({ text: '' }, { text: restLine(rest) });
  return { lines: layOut(rows, style), cut: isCut || rest.length > 0 };
}

/** Which changes of one kind in one site get a line of their own, and the lines that count the others. */
function choose(
  sameKind: readonly Change[],
  left: Record<Change['action'], number>,
): { chosen: ReadonlySet<Change>; more: readonly Row[] } {
  const chosen = new Set<Change>();
  const more: Row[] = [];
  for (const [action, all] of groupBy(sameKind, (change) => change.action)) {
    const some = all.slice(0, Math.min(left[action], MOST_OF_A_KIND));
    left[action] -= some.length;
    for (const change of some) chosen.add(change);
    const [first] = all.slice(some.length);
    if (first === undefined) continue;
    const hidden = all.length - some.length;
    const amount = some.length === 0 ? String(hidden) : `… and ${hidden} more`;
    more.push({ sign: SIGNS[action], text: `${amount} ${plural(kindOf(first.address), hidden)}` });
  }
  return { chosen, more };
}

interface Row {
  readonly sign?: Sign;
  /** Set in below the row before it. */
  readonly inner?: true;
  readonly text: string;
  readonly place?: string;
}

function layOut(rows: readonly Row[], style: Style): string[] {
  const lefts = rows.filter((row) => row.place).map((row) => `${row.inner ? INNER : ''}${row.text}`);
  const width = Math.max(PLACE_COLUMN - 4, columnWidth(lefts, WIDEST_LEFT) + 2);
  return rows.map(({ sign, inner, text, place }) => {
    const before = inner ? `  ${INNER}` : '  ';
    if (sign === undefined) return inner ? `${before}${text}` : text;
    if (!place) return `${before}${style.sign(sign)} ${text}`;
    const room = inner ? width - INNER.length : width;
    const gap = widthOf(text) + 2 > room ? `${text}  ` : pad(text, room);
    return `${before}${style.sign(sign)} ${gap}${style.aside(place)}`;
  });
}

/** How far a row is set in below the row before it. */
const INNER = '    ';

function rowsOf(change: Change, places: Places, naming: Naming): Row[] {
  const head: Row = {
    sign: SIGNS[change.action],
    text: speakEntity(change.address, naming),
    place: placeOf(change, places),
  };
  if (change.action !== 'update' && change.action !== 'move') return [head];
  const paths = change.paths.slice(0, MOST_PATHS).map((path) => speakPath(path, naming));
  const width = columnWidth(
    paths.map(({ name }) => name),
    40,
  );
  const rows = paths.map(({ sign, name, value }, position): Row => {
    const pointer = change.paths[position]?.pointer ?? '';
    return { sign, inner: true, text: `${pad(name, width)}   ${value}`, ...elsewhere(change.address, pointer, places) };
  });
  const hidden = change.paths.length - paths.length;
  if (hidden > 0) rows.push({ inner: true, text: `… and ${hidden} more` });
  if (change.renews) rows.push({ inner: true, text: 'ends the tokens issued before' });
  return [head, ...rows];
}

/** Where the entity is written, or was: a line is enough to find in Git what is no longer there. */
export function placeOf(change: Change, places: Places): string {
  const origins = change.action === 'delete' ? places.beforeOrigins : places.afterOrigins;
  // Many files write one site: of what changed there the place is told, not that of its first file.
  const pointer =
    change.action === 'update' && kindOf(change.address) === 'site' ? (change.paths[0]?.pointer ?? '') : '';
  const range = origins.get(change.address)?.(pointer);
  if (range === undefined) return '';
  const place = change.action === 'delete' ? `(was ${range.file}:${range.start.line})` : formatPlace(range);
  return escapeControls(place);
}

/**
 * Where a value is written that does not stand in its entity's file: an overlay, or a file that gives the defaults. Of a
 * value that is gone, where an overlay removed it.
 */
export function originElsewhere(address: Address, pointer: string, { afterOrigins }: Places): SourceRange | undefined {
  const origin = afterOrigins.get(address);
  const range = origin?.(pointer);
  // The place of a site is that of its first change.
  if (range === undefined || kindOf(address) === 'site' || range.file === origin?.('').file) return undefined;
  return range;
}

function elsewhere(address: Address, pointer: string, places: Places): { place?: string } {
  const range = originElsewhere(address, pointer, places);
  return range === undefined ? {} : { place: escapeControls(formatPlace(range)) };
}

/** Updates and deletes are never hidden behind the mass of a first creation: their sites are chosen first. */
function chooseSites(sites: readonly (readonly [string, readonly Change[]])[]): ReadonlySet<string> {
  const onlyCreates = ([, list]: (typeof sites)[number]) => list.every(({ action }) => action === 'create');
  const ranked = [...sites.filter((site) => !onlyCreates(site)), ...sites.filter(onlyCreates)];
  return new Set(ranked.slice(0, MOST_SITES).map(([site]) => site));
}

function restLine(sites: readonly (readonly [string, readonly Change[]])[]): string {
  const rest = groupBy(
    sites.flatMap(([, list]) => list),
    ({ action }) => action,
  );
  const of = (action: Change['action']) => rest.get(action)?.length ?? 0;
  const counts = `${of('create')} to add, ${of('update')} to change, ${of('delete')} to delete`;
  return `… and ${sites.length} more ${plural('site', sites.length)}: ${counts}`;
}

export function plural(noun: Kind | 'client', amount: number): string {
  return amount === 1 ? noun : `${noun}s`;
}
