// Owns the lines that tell one change: its entity, each member with what its change means, and what it does to tokens.
// Never chooses which changes are told.

import { type Address, kindOf } from '../model/address.ts';
import type { Renames } from '../model/move.ts';
import { formatPlace, type SourceRange } from '../model/origin.ts';
import type { Meaning } from './change-rules.ts';
import type { Line } from './columns.ts';
import { type Naming, speakEntity } from './naming.ts';
import type { Change, PathChange } from './plan.ts';
import { type KnownEntity, membersOf } from './read-plan.ts';
import { type About, meaningsOf, speakMeanings, speakNoEffect } from './semantics.ts';
import { columnWidth, escapeControls, pad, type Sign, type Tone } from './style.ts';
import type { Telling } from './telling.ts';
import { asideLines } from './text-aside.ts';
import type { Places } from './text-changes.ts';
import { type Impacts, speakEnded } from './text-impact.ts';
import { speakPath } from './values.ts';

/** One of a plan that was made, or of one that was read. */
export type KnownChange = Change<KnownEntity>;

export const SIGNS = { create: '+', update: '~', move: '>', delete: '-' } as const satisfies Record<
  Change['action'],
  Sign
>;

const WIDEST_MEMBER = 40;

/** What is known of the plan that a change is part of. */
export interface Surroundings {
  readonly impacts: Impacts;
  readonly renames: Renames;
}

export function changeLines(
  change: KnownChange,
  { impacts, renames }: Surroundings,
  telling: Telling,
): readonly Line[] {
  const { naming, places, limits } = telling;
  const head: Line = {
    indent: 2,
    sign: SIGNS[change.action],
    text: speakHead(change, naming),
    place: placeOf(change, places),
  };
  const ended = speakEnded(change, impacts);
  const below: readonly Line[] = [
    ...asideLines(change, telling),
    ...(ended === '' ? [] : [{ indent: 6, text: ended, tone: 'caution' } as const]),
  ];
  if (change.action !== 'update' && change.action !== 'move') return [head, ...below];
  const shown = change.paths.slice(0, limits.paths);
  const about: About = {
    renames,
    before: membersOf(change.before),
    after: membersOf(change.after),
    now: places.circumstances?.now,
  };
  const spoken = shown.map((path) => speakPath(path, naming, { limits, renames }));
  const width = columnWidth(
    spoken.map(({ name }) => name),
    WIDEST_MEMBER,
  );
  const lines = spoken.map(({ sign, name, value }, position): Line => {
    const path = shown[position] as PathChange;
    const kind = kindOf(change.address);
    const meanings = meaningsOf(kind, path, about);
    const note = speakMeanings(meanings) || speakNoEffect(kind, path, about);
    return {
      indent: 6,
      sign,
      text: `${pad(name, width)}   ${value}`,
      ...(note === '' ? {} : { note: { text: note, tone: toneOf(meanings) } }),
      ...elsewhere(change.address, path.pointer, places),
    };
  });
  const hidden = change.paths.length - shown.length;
  return [head, ...lines, ...(hidden > 0 ? [{ indent: 6, text: `… and ${hidden} more` }] : []), ...below];
}

/** `application Client1`; of a move both names. */
export function speakHead(change: KnownChange, naming: Naming): string {
  if (change.action !== 'move') return speakEntity(change.address, naming);
  return `${speakEntity(change.from, naming)} → ${naming.name(change.address)}`;
}

function toneOf(meanings: readonly Meaning[]): Tone {
  if (meanings.includes('weakening') || meanings.includes('breaking')) return 'alarm';
  return meanings.includes('widening') ? 'caution' : 'aside';
}

/** Where the entity is written, or was: a line is enough to find in Git what is no longer there. */
export function placeOf(change: KnownChange, places: Places): string {
  const origins = change.action === 'delete' ? places.beforeOrigins : places.afterOrigins;
  // Many files write one site: of what changed there the place is told, not that of its first file.
  const pointer =
    change.action === 'update' && kindOf(change.address) === 'site' ? (change.paths[0]?.pointer ?? '') : '';
  const range = origins.get(change.address)?.(pointer);
  if (range === undefined) return '';
  return change.action === 'delete' ? formerPlace(range) : escapeControls(formatPlace(range));
}

/** `(was groups.yaml:31)` */
export function formerPlace({ file, start }: SourceRange): string {
  return escapeControls(`(was ${file}:${start.line})`);
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
