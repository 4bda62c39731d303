// Owns the lines of a plan's text that tell what ends soon. Never chooses what does.

import { formatPlace } from '../model/origin.ts';
import type { Ending } from './ending.ts';
import { type Naming, speakEntity } from './naming.ts';
import { speakInstant } from './period-words.ts';
import { columnWidth, cut, escapeControls, pad, type Style, widthOf } from './style.ts';
import { PLACE_COLUMN, type Rendered, WIDEST_LEFT } from './text-changes.ts';
import { speakReference } from './values.ts';

const MOST_ENDINGS = 20;
const WIDEST_NAME = 60;

/** One line for each: what ends, when, and where that is written. */
export function renderEnding(endings: readonly Ending[], naming: Naming, style: Style): Rendered {
  const shown = endings.slice(0, MOST_ENDINGS);
  const names = shown.map((ending) => speakEnding(ending, naming));
  const nameWidth = columnWidth(names, WIDEST_NAME);
  const lefts = shown.map(
    ({ end }, position) => `${pad(names[position] ?? '', nameWidth)}   until ${speakInstant(end)}`,
  );
  const width = Math.max(PLACE_COLUMN - 2, columnWidth(lefts, WIDEST_LEFT) + 2);
  const lines = shown.map(({ range }, position) => {
    const left = lefts[position] ?? '';
    if (range === undefined) return `  ${left}`;
    const gap = widthOf(left) + 2 > width ? `${left}  ` : pad(left, width);
    return `  ${gap}${style.aside(escapeControls(formatPlace(range)))}`;
  });
  const hidden = endings.length - shown.length;
  return { lines: hidden > 0 ? [...lines, `  … and ${hidden} more`] : lines, cut: hidden > 0 };
}

function speakEnding({ what, place: { address } }: Ending, naming: Naming): string {
  switch (what.kind) {
    case 'entity':
      return speakEntity(address, naming);
    case 'secret':
      return `secret ${speakReference(what.secret)} of ${naming.name(address)}`;
    case 'redirect_uri':
      return `${escapeControls(cut(what.uri, WIDEST_NAME))} of ${naming.name(address)}`;
    case 'link': {
      const [from, to] = [naming.name(what.from), naming.name(what.to)];
      if (what.relation === 'member_of') return `${from} in ${to}`;
      return what.relation === 'open_to' ? `${from} open to ${to}` : `${from} as ${to}`;
    }
  }
}
