// Owns the lines of a plan's text that tell what ends soon. Never chooses what does.

import { formatPlace } from '../model/origin.ts';
import { type Line, layOut, plainLine } from './columns.ts';
import type { Ending } from './ending.ts';
import { BRIEF, type Limits } from './limits.ts';
import { type Naming, speakEntity } from './naming.ts';
import { speakInstant } from './period-words.ts';
import { columnWidth, cut, escapeControls, pad, type Style } from './style.ts';
import type { Rendered } from './telling.ts';
import { speakReference } from './values.ts';

const WIDEST_NAME = 60;

/** One line for each: what ends, when, and where that is written. */
export function renderEnding(
  endings: readonly Ending[],
  naming: Naming,
  style: Style,
  limits: Limits = BRIEF,
): Rendered {
  const shown = endings.slice(0, limits.entries);
  const names = shown.map((ending) => speakEnding(ending, naming, limits));
  const width = columnWidth(names, WIDEST_NAME);
  const lines = shown.map(({ end, range }, position): Line => {
    const text = `${pad(names[position] ?? '', width)}   until ${speakInstant(end)}`;
    return { indent: 2, text, place: range === undefined ? '' : escapeControls(formatPlace(range)) };
  });
  const hidden = endings.length - shown.length;
  const more = hidden > 0 ? [plainLine(`… and ${hidden} more`)] : [];
  return { lines: layOut([...lines, ...more], style), cut: hidden > 0 };
}

function speakEnding({ what, place: { address } }: Ending, naming: Naming, limits: Limits): string {
  switch (what.kind) {
    case 'entity':
      return speakEntity(address, naming);
    case 'secret':
      return `secret ${speakReference(what.secret, limits)} of ${naming.name(address)}`;
    case 'redirect_uri':
      return `${escapeControls(cut(what.uri, limits.value))} of ${naming.name(address)}`;
    case 'link': {
      const [from, to] = [naming.name(what.from), naming.name(what.to)];
      if (what.relation === 'member_of') return `${from} in ${to}`;
      if (what.relation === 'has_role') {
        return `role ${to}${what.customer === undefined ? '' : ` for ${naming.name(what.customer)}`} of ${from}`;
      }
      return what.relation === 'open_to' ? `${from} open to ${to}` : `${from} as ${to}`;
    }
  }
}
