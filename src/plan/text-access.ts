// Owns the access half of a plan's text: what is gained and lost in the order of the plan, or under headings. Never
// tells entities, and never words a single row (access-rows.ts does).

import { compareText, kindOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import type { SourceRange } from '../model/origin.ts';
import { linesOf, rowsOf, speakCause } from './access-rows.ts';
import { speakEntry, speakMember, speakTarget } from './access-words.ts';
import { EMPTY_LINE, type Line, layOut } from './columns.ts';
import { groupBy } from './group.ts';
import { targetOf } from './holding.ts';
import type { Naming } from './naming.ts';
import type { AccessChange, Plan } from './plan.ts';
import type { Rendered, Telling } from './telling.ts';
import type { Places } from './text-changes.ts';
import { type Impacts, impactsOf, speakOffline } from './text-impact.ts';

/** By whom it is held, by what is held, or by the line that gave or took it. */
export const ACCESS_GROUPINGS = ['client', 'audience', 'cause'] as const;
export type AccessGrouping = (typeof ACCESS_GROUPINGS)[number];

/** The lines below the heading `Access`; none where no access changes. */
export function renderAccess(
  { access, impact }: Pick<Plan, 'access' | 'impact'>,
  telling: Telling,
  grouping?: AccessGrouping,
): Rendered {
  const impacts = impactsOf(impact);
  const { lines, cut } =
    grouping === undefined ? flat(access, impacts, telling) : grouped(access, grouping, impacts, telling);
  const offline = speakOffline(access, impacts);
  const beside: readonly Line[] =
    offline === ''
      ? []
      : [...(grouping === undefined ? [] : [EMPTY_LINE]), { indent: 2, text: offline, tone: 'caution' }];
  return { lines: layOut([...lines, ...beside], telling.style, 4), cut };
}

interface Told {
  readonly lines: readonly Line[];
  readonly cut: boolean;
}

function flat(access: readonly AccessChange[], impacts: Impacts, telling: Telling): Told {
  const { rows, cut } = rowsOf(access, telling.limits.single, telling, impacts);
  return { lines: linesOf(rows, 2), cut };
}

interface Group {
  /** Sorts groups, and is the same for all of one. */
  readonly key: string;
  readonly heading: string;
  readonly place: string;
}

/** Under headings: what a heading says is not said again in its lines. */
function grouped(access: readonly AccessChange[], grouping: AccessGrouping, impacts: Impacts, telling: Telling): Told {
  const { naming, places, limits } = telling;
  const headings = new Map<string, Group>();
  const groups = groupBy(access, (change) => {
    const group = groupOf(change, grouping, naming, places);
    // Of one line that gave and took: where it is says more than where it was.
    if (change.effect === 'grant' || !headings.has(group.key)) headings.set(group.key, group);
    return group.key;
  });
  // Each group in a few lines where all of them together would be many.
  const most = access.length > limits.single ? limits.items : limits.single;
  const keys = grouping === 'client' ? [...groups.keys()] : [...groups.keys()].sort(compareText);
  const lines: Line[] = [];
  let cut = keys.length > limits.sites;
  for (const key of keys.slice(0, limits.sites)) {
    const { heading: common, place } = headings.get(key) as Group;
    const members = groups.get(key) ?? [];
    const heading = (grouping === 'cause' ? headingOfEntry(members, naming) : undefined) ?? common;
    const { rows, cut: isCut } = rowsOf(members, most, telling, grouping === 'client' ? impacts : new Map());
    cut ||= isCut;
    if (lines.length > 0) lines.push(EMPTY_LINE);
    lines.push({ indent: 2, text: `${heading}   ${effectsOf(members)}`, place, tone: 'heading' });
    const bare = rows.map((row) => {
      if (grouping === 'cause') return { ...row, place: '' };
      // Under the heading of a client its users are still to be told.
      return row.audience === '' || (grouping === 'client' && row.isUsers) ? row : { ...row, [grouping]: '' };
    });
    lines.push(...linesOf(bare, 4));
  }
  const rest = keys.slice(limits.sites).flatMap((key) => groups.get(key) ?? []);
  if (rest.length > 0) {
    const amount = count(keys.length - limits.sites, `more ${grouping}`);
    lines.push(EMPTY_LINE, { indent: 2, text: `… and ${amount}: ${effectsOf(rest)}` });
  }
  return { lines, cut };
}

function groupOf(change: AccessChange, grouping: AccessGrouping, naming: Naming, places: Places): Group {
  switch (grouping) {
    case 'client':
      return { key: change.client, heading: naming.name(change.client), place: '' };
    case 'audience': {
      const target = targetOf(change);
      return { key: target, heading: speakTarget(target, naming), place: '' };
    }
    case 'cause': {
      const place = speakCause(change, places);
      const { address, pointer } = change.cause.place;
      const isOfMany = (change.users?.users.length ?? 0) > 1 && kindOf(address) === 'user';
      const heading = isOfMany ? 'several users' : speakMember(address, pointer, naming);
      return { key: `${orderOf(change.cause.range)} ${heading}`, heading, place };
    }
  }
}

/**
 * Names the entry, as many lists stand on one line: `User1 in group Group2`. Of one that another replaced both, the one
 * that came first. Undefined where it is no entry of a list.
 */
function headingOfEntry(changes: readonly AccessChange[], naming: Naming): string | undefined {
  const told = changes.flatMap((change) => {
    const one = speakEntry(change, naming);
    return one === undefined ? [] : [{ ...one, effect: change.effect }];
  });
  const [first] = told;
  if (first === undefined || told.length < changes.length) return undefined;
  const inOrder = [...told].sort((a, b) => compareText(a.effect, b.effect));
  return `${[...new Set(inOrder.map(({ entry }) => entry))].join(', ')} ${first.list}`;
}

/** Text that sorts as places do; what has none comes last. */
function orderOf(range: SourceRange | undefined): string {
  if (range === undefined) return '\uffff';
  const { line, column } = range.start;
  return [range.file, ...[line, column].map((number) => String(number).padStart(9, '0'))].join(' ');
}

/** `+2 −1` */
function effectsOf(changes: readonly AccessChange[]): string {
  const granted = changes.filter(({ effect }) => effect === 'grant').length;
  const revoked = changes.length - granted;
  return [...(granted > 0 ? [`+${granted}`] : []), ...(revoked > 0 ? [`−${revoked}`] : [])].join(' ');
}
