// Owns the section of a plan's text that tells who gets through to which resource otherwise. Never finds it out.

import { REASONS } from '../access/reason.ts';
import { count } from '../model/count.ts';
import { formatPlace } from '../model/origin.ts';
import { speakNetworks } from './access-words.ts';
import { type Line, layOut } from './columns.ts';
import type { Naming } from './naming.ts';
import { speakInstant } from './period-words.ts';
import type { UseChange } from './plan.ts';
import { columnWidth, escapeControls, pad } from './style.ts';
import type { Rendered, Telling } from './telling.ts';
import { formerPlace } from './text-change.ts';

const WIDEST_NAME = 40;

/** The lines below the heading `Resources`; none where nothing changes. */
export function renderUses(uses: readonly UseChange[] | undefined, { naming, style, limits }: Telling): Rendered {
  const all = uses ?? [];
  const shown = all.slice(0, limits.single);
  const names = shown.map(({ client }) => naming.name(client));
  const resources = shown.map(({ resource }) => naming.name(resource));
  const widths = [columnWidth(names, WIDEST_NAME), columnWidth(resources, WIDEST_NAME)] as const;
  const lines = shown.map((change, position): Line => {
    const left = `${pad(names[position] ?? '', widths[0])} → ${pad(resources[position] ?? '', widths[1])}`;
    const sign = change.effect === 'grant' ? '+' : '-';
    return { indent: 2, sign, text: `${left}     ${speakUse(change, naming)}`, place: speakUseCause(change) };
  });
  const hidden = all.length - shown.length;
  const more: readonly Line[] = hidden === 0 ? [] : [{ indent: 2, text: `… and ${hidden} more` }];
  return { lines: layOut([...lines, ...more], style, 4), cut: hidden > 0 };
}

/** `2 users, through Staff, until 2027-01-31, from 10.0.0.0/8`; of a loss why. */
export function speakUse(change: UseChange, naming: Naming): string {
  const { effect, as, users, code, otherwise, until, networks } = change;
  const who =
    users === undefined
      ? [as === undefined ? 'as itself' : `as ${naming.name(as)}`]
      : [
          count(users.users.length, 'user'),
          ...(users.through === undefined ? [] : [`through ${naming.name(users.through)}`]),
        ];
  const span = [
    ...(until === undefined ? [] : [`until ${speakInstant(until)}`]),
    ...(networks === undefined ? [] : [speakNetworks(networks)]),
  ];
  if (otherwise !== undefined) {
    const [is, was] = effect === 'grant' ? [change, otherwise] : [otherwise, change];
    const isSame = speakNetworks(is.networks) === speakNetworks(was.networks);
    const speak = is.until === was.until ? speakFrom : isSame ? speakUntil : speakSpan;
    return `${who.join(', ')}: ${speak(is)} (was ${speak(was)})`;
  }
  if (effect === 'grant') return [...who, ...span].join(', ');
  return code === undefined ? who.join(', ') : `${who.join(', ')}: ${code} (${REASONS[code]})`;
}

type Told = Pick<UseChange, 'until' | 'networks'>;

function speakUntil({ until }: Told): string {
  return until === undefined ? 'without end' : `until ${speakInstant(until)}`;
}

function speakFrom({ networks }: Told): string {
  return speakNetworks(networks);
}

function speakSpan(told: Told): string {
  return `${speakUntil(told)}, ${speakFrom(told)}`;
}

/** Where the line is that did it; of one that is gone, where it was. */
export function speakUseCause({ cause: { range, removed } }: UseChange): string {
  if (range === undefined) return '';
  return removed === true ? formerPlace(range) : escapeControls(formatPlace(range));
}

/** `+1 −2`, of all rows; empty where there are none. */
export function speakUses(uses: readonly UseChange[] | undefined): string {
  if (uses === undefined || uses.length === 0) return '';
  const added = uses.filter(({ effect }) => effect === 'grant').length;
  return `+${added} −${uses.length - added}`;
}
