// Owns the changes of entities in a plan's comment: a block that unfolds for each site, or numbers where that is too
// much. Never shows text of a spec outside of code.

import { compareText, kindOf, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import { fenced, folded, htmlCode } from '../spec/outputs/markdown-text.ts';
import { groupBy } from './group.ts';
import type { Change, Impact } from './plan.ts';
import { columnWidth, cut, pad } from './style.ts';
import type { Telling } from './telling.ts';
import { SIGNS } from './text-change.ts';
import { countChanges, renderChanges } from './text-changes.ts';

/** As many changes as a reader takes in at a glance need no unfolding. */
const MOST_OPEN = 10;
const MOST_COUNTED = 100;
const LONGEST_NAME = 80;

/** `members`: each change with what of it differs; `entities`: a line for each; `counts`: by site and kind; `totals`: by kind. */
export type ChangeDetail = 'members' | 'entities' | 'counts' | 'totals';

/** Empty where nothing changes. */
export function changesMarkdown(
  { changes, impact }: { readonly changes: readonly Change[]; readonly impact: readonly Impact[] },
  detail: ChangeDetail,
  telling: Telling,
): string {
  if (changes.length === 0) return '';
  const sites = [...groupBy(changes, ({ address }) => siteOf(address) ?? '')].sort(([a], [b]) => compareText(a, b));
  switch (detail) {
    case 'members':
      return bySite(sites, impact, telling);
    case 'entities':
      return bySite(
        sites.map(([site, list]) => [site, list.map(withoutMembers)]),
        impact,
        telling,
      );
    case 'counts':
      return fenced(countLines(sites), 'text');
    case 'totals':
      return fenced(kindLines(changes), 'text');
  }
}

type Sites = readonly (readonly [site: string, changes: readonly Change[]])[];

/** More sites than there can be room for are told in numbers at once. */
function bySite(sites: Sites, impact: readonly Impact[], { places, naming, style, limits }: Telling): string {
  if (sites.length > limits.sites) return fenced(countLines(sites), 'text');
  const isShort = sites.reduce((sum, [, changes]) => sum + changes.length, 0) <= MOST_OPEN;
  const blocks = sites.map(([site, changes]) => {
    // The first line is the heading, which the summary is here.
    const [, ...lines] = renderChanges(changes, places, naming, style, { impact, limits }).lines;
    const name = site === '' ? 'Server' : `Site ${htmlCode(cut(site, LONGEST_NAME))}`;
    return folded(`${name}: ${countChanges({ changes })}`, fenced(lines.map(flush), 'diff'), isShort);
  });
  return blocks.join('\n');
}

/** With the sign at the beginning of the line, by which a diff is coloured. */
export function flush(line: string): string {
  return line.replace(/^ {2}/, '');
}

function withoutMembers(change: Change): Change {
  return 'paths' in change ? { ...change, paths: [] } : change;
}

function countLines(sites: Sites): readonly string[] {
  const shown = sites.slice(0, MOST_COUNTED);
  const names = shown.map(([site]) => (site === '' ? 'Server' : `Site ${cut(site, LONGEST_NAME)}`));
  const width = columnWidth(names, LONGEST_NAME);
  const lines = shown.map(([, changes], position) => `${pad(names[position] ?? '', width)}   ${kindCounts(changes)}`);
  const hidden = sites.slice(shown.length);
  if (hidden.length === 0) return lines;
  const rest = hidden.flatMap(([, changes]) => changes);
  return [...lines, `… and ${count(hidden.length, 'more site')}   ${kindCounts(rest)}`];
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
