// Owns the entity half of a plan's text: headings, which changes are told one by one, and what is left out of a long
// list. Never tells a single change (text-change.ts does), and never access.

import { compareText, kindOf, siteOf } from '../model/address.ts';
import { count } from '../model/count.ts';
import type { Origins } from '../model/origin.ts';
import type { Circumstances } from './circumstances.ts';
import { EMPTY_LINE, type Line, layOut } from './columns.ts';
import { renamesIn } from './follow-links.ts';
import { groupBy } from './group.ts';
import { BRIEF, type Limits } from './limits.ts';
import type { Naming } from './naming.ts';
import type { Change, Impact, Plan } from './plan.ts';
import type { KnownEntity } from './read-plan.ts';
import { escapeControls, type Style } from './style.ts';
import { summarize } from './summary.ts';
import type { Rendered } from './telling.ts';
import { changeLines, type KnownChange, SIGNS } from './text-change.ts';
import { impactsOf } from './text-impact.ts';

/** Where what a plan tells is written, and what its maker knew besides. */
export interface Places {
  readonly afterOrigins: Origins;
  readonly beforeOrigins: Origins;
  readonly circumstances?: Circumstances | undefined;
}

/** The changes under their headings, the server's first, then site by site; in the order of the plan within each. */
export function renderChanges(
  changes: readonly KnownChange[],
  places: Places,
  naming: Naming,
  style: Style,
  { impact = [], limits = BRIEF }: { readonly impact?: readonly Impact[]; readonly limits?: Limits } = {},
): Rendered {
  const telling = { places, naming, style, limits };
  const surroundings = { impacts: impactsOf(impact), renames: renamesIn(changes) };
  const sites = [...groupBy(changes, ({ address }) => siteOf(address) ?? '')].sort(([a], [b]) => compareText(a, b));
  const shown = chooseSites(sites, limits);
  const left = { create: limits.action, update: limits.action, move: limits.action, delete: limits.action };
  const lines: Line[] = [];
  let isCut = false;
  for (const [site, list] of sites.filter(([name]) => shown.has(name))) {
    if (lines.length > 0) lines.push(EMPTY_LINE);
    lines.push({ indent: 0, text: site === '' ? 'Server' : `Site ${escapeControls(site)}`, tone: 'heading' });
    for (const sameKind of groupBy(list, ({ address }) => kindOf(address)).values()) {
      const { chosen, more } = choose(sameKind, left, limits);
      for (const change of sameKind) if (chosen.has(change)) lines.push(...changeLines(change, surroundings, telling));
      lines.push(...more);
      isCut ||= more.length > 0 || sameKind.some((change) => hasMorePaths(change, limits));
    }
  }
  const rest = sites.filter(([site]) => !shown.has(site));
  if (rest.length > 0) lines.push(EMPTY_LINE, { indent: 0, text: restLine(rest) });
  return { lines: layOut(lines, style), cut: isCut || rest.length > 0 };
}

function hasMorePaths(change: KnownChange, { paths }: Limits): boolean {
  return 'paths' in change && change.paths.length > paths;
}

/** Which changes of one kind in one site get a line of their own, and the lines that count the others. */
function choose(
  sameKind: readonly KnownChange[],
  left: Record<Change['action'], number>,
  limits: Limits,
): { chosen: ReadonlySet<KnownChange>; more: readonly Line[] } {
  const chosen = new Set<KnownChange>();
  const more: Line[] = [];
  for (const [action, all] of groupBy(sameKind, (change) => change.action)) {
    const some = all.slice(0, Math.min(left[action], limits.kind));
    left[action] -= some.length;
    for (const change of some) chosen.add(change);
    const [first] = all.slice(some.length);
    if (first === undefined) continue;
    const [hidden, kind] = [all.length - some.length, kindOf(first.address)];
    const text = some.length === 0 ? count(hidden, kind) : `… and ${count(hidden, `more ${kind}`)}`;
    more.push({ indent: 2, sign: SIGNS[action], text });
  }
  return { chosen, more };
}

type Sites = readonly (readonly [site: string, changes: readonly KnownChange[]])[];

/** Updates and deletes are never hidden behind the mass of a first creation: their sites are chosen first. */
function chooseSites(sites: Sites, limits: Limits): ReadonlySet<string> {
  const onlyCreates = ([, list]: (typeof sites)[number]) => list.every(({ action }) => action === 'create');
  const ranked = [...sites.filter((site) => !onlyCreates(site)), ...sites.filter(onlyCreates)];
  return new Set(ranked.slice(0, limits.sites).map(([site]) => site));
}

function restLine(sites: Sites): string {
  const changes = sites.flatMap(([, list]) => list);
  return `… and ${count(sites.length, 'more site')}: ${countChanges({ changes })}`;
}

/** `1 to add, 0 to change, 2 to delete`; moves, which are rare, only where there are some. */
export function countChanges({ changes }: Pick<Plan<KnownEntity>, 'changes'>): string {
  const {
    add,
    change,
    delete: gone,
    move,
  } = summarize({ changes, access: [], released: [], permissions: [], unchanged: 0 });
  return `${add} to add, ${change} to change, ${gone} to delete${move === 0 ? '' : `, ${move} to move`}`;
}
