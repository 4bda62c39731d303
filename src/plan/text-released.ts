// Owns the section of a plan's text that tells what policies release otherwise: a row for each application, claim and group, or
// numbers where that is too much. Never words a single change (released-words.ts does).

import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { type Line, layOut } from './columns.ts';
import { groupBy } from './group.ts';
import type { ReleasedChange } from './plan.ts';
import { speakAbout, speakName } from './released-words.ts';
import { columnWidth, escapeControls, pad, type Sign } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { formerPlace } from './text-change.ts';

const WIDEST_NAME = 40;

export const RELEASE_SIGNS = { add: '+', change: '~', remove: '-' } as const satisfies Record<
  ReleasedChange['effect'],
  Sign
>;

interface Row {
  readonly sign: Sign;
  readonly claim: string;
  readonly application: string;
  readonly about: string;
  readonly place: string;
}

/** The lines below the heading `Released`; none where nothing is. More than the limit of one effect in numbers, before the rest. */
export function renderReleased(released: readonly ReleasedChange[], telling: Telling): Rendered {
  const { limits, style } = telling;
  const effects = [...groupBy(released, ({ effect }) => effect).values()];
  const many = effects.filter(({ length }) => length > limits.single);
  const numbered = new Set(many.flat());
  const rows = [
    ...many.flatMap((changes) => numberRows(changes, telling)),
    ...released.filter((change) => !numbered.has(change)).map((change) => rowOf(change, telling)),
  ];
  return { lines: layOut(linesOf(rows), style, 4), cut: many.length > 0 };
}

function rowOf(change: ReleasedChange, { naming, limits }: Telling): Row {
  return {
    sign: RELEASE_SIGNS[change.effect],
    claim: speakName(change.name, limits),
    application: naming.name(change.application),
    about: speakAbout(change, naming, limits),
    place: speakReleaseCause(change),
  };
}

/** Where the line is that did it; of one that is gone, where it was. */
export function speakReleaseCause({ cause: { range, removed } }: ReleasedChange): string {
  if (range === undefined) return '';
  return removed === true ? formerPlace(range) : escapeControls(formatPlace(range));
}

/** Of one effect: by claim or by application, whichever are fewer. */
function numberRows(changes: readonly ReleasedChange[], { naming, limits }: Telling): readonly Row[] {
  const claims = groupBy(changes, ({ name }) => name);
  const applications = groupBy(changes, ({ application }) => application as string);
  const byClaim = claims.size <= applications.size;
  const groups = [...(byClaim ? claims : applications).values()];
  const sign = RELEASE_SIGNS[(changes[0] as ReleasedChange).effect];
  const rows = groups.slice(0, limits.groups).map((members): Row => {
    const { name, application } = members[0] as ReleasedChange;
    const names = new Set(members.map((one) => (byClaim ? naming.name(one.application) : speakName(one.name, limits))));
    const amount = count(names.size, byClaim ? 'application' : 'claim');
    const hidden = names.size - limits.named;
    const users = new Set(members.flatMap((one) => one.users));
    const told = [...[...names].slice(0, limits.named), ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join(', ');
    return {
      sign,
      claim: byClaim ? speakName(name, limits) : amount,
      application: byClaim ? amount : naming.name(application),
      about: `about ${count(users.size, 'user')}: ${told}`,
      place: '',
    };
  });
  const hidden = groups.slice(limits.groups);
  if (hidden.length === 0) return rows;
  const more = `… and ${count(hidden.length, byClaim ? 'more claim' : 'more application')}`;
  return [...rows, { sign, claim: more, application: '', about: `${hidden.flat().length} more`, place: '' }];
}

function linesOf(rows: readonly Row[]): readonly Line[] {
  const width = (texts: readonly string[]) => columnWidth(texts, WIDEST_NAME);
  const whole = rows.filter(({ application }) => application !== '');
  const claimWidth = width(whole.map(({ claim }) => claim));
  const applicationWidth = width(whole.map(({ application }) => application));
  return rows.map(({ sign, claim, application, about, place }) => {
    const left = application === '' ? claim : `${pad(claim, claimWidth)} → ${pad(application, applicationWidth)}`;
    return { indent: 2, sign, text: `${left}     ${about}`, place };
  });
}
