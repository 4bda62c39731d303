// Owns the text of the edits that would allow something, and of why there is none. Never finds one.

import type { Question } from '../access/decision.ts';
import { EMPTY_LINE, type Line, plainLine } from '../plan/columns.ts';
import { escapeControls, widthOf, wrap } from '../plan/style.ts';
import { type Help, isOtherTeams, placeWords, type SuggestedEdit, type Suggestion } from './edits.ts';
import type { Telling } from './telling.ts';

const INDENT = 4;
const WIDTH = 80;

/** What would allow it: alternatives, each of one edit or of several together. What all of them need is told once. */
export function helpLines(help: Help | undefined, { client }: Question, telling: Telling): readonly Line[] {
  if (help === undefined) return [];
  const { suggestions, why } = help;
  const [first, ...others] = suggestions;
  if (first === undefined) return [EMPTY_LINE, ...wrap(why ?? '', WIDTH - 2).map((text) => plainLine(text))];
  const isIn = (edit: SuggestedEdit, suggestion: Suggestion) => suggestion.some((one) => keyOf(one) === keyOf(edit));
  const needed = others.length === 0 ? [] : first.filter((edit) => others.every((one) => isIn(edit, one)));
  const rests = suggestions.map((suggestion) => suggestion.filter((edit) => !isIn(edit, needed)));
  const lay = layoutOf(suggestions.flat(), telling);
  const list = (edits: Suggestion) => edits.flatMap((edit) => editLines(edit, client, lay));
  const isPlain = rests.every((rest) => rest.length === 1);
  return [
    EMPTY_LINE,
    ...(needed.length === 0 ? [] : [plainLine('This would be needed'), ...list(needed)]),
    plainLine(
      others.length === 0
        ? `This would allow it${first.length > 1 ? ', all together' : ''}`
        : `${needed.length === 0 ? 'Any one of these would allow it' : 'and with it any one of these'}`,
    ),
    ...(isPlain || others.length === 0
      ? rests.flatMap(list)
      : rests.flatMap((rest, position) => [...(position === 0 ? [] : [plainLine('or')]), ...list(rest)])),
  ];
}

function keyOf({ edit }: SuggestedEdit): string {
  return JSON.stringify(edit);
}

/** Places stand at the right where all fit a line, else below. */
function layoutOf(edits: Suggestion, { world }: Telling): 'right' | 'below' | 'none' {
  if (world.origins === undefined) return 'none';
  const widest = Math.max(...edits.map(({ words }) => widthOf(words)));
  const places = Math.max(...edits.map(({ range }) => widthOf(placeWords(range) ?? '')));
  // A team that writes it is told below its edit.
  return INDENT + widest + 2 + places <= WIDTH ? 'right' : 'below';
}

function editLines(edit: SuggestedEdit, client: Question['client'], lay: ReturnType<typeof layoutOf>): readonly Line[] {
  const place = lay === 'none' ? undefined : placeWords(edit.range);
  // Who gives writes it: a team may not help itself.
  const team = isOtherTeams(edit, client) ? `, by the team of ${escapeControls(edit.site ?? '')}` : '';
  if (place === undefined) return [{ indent: INDENT, text: `${edit.words}${team}` }];
  if (lay === 'right') return [{ indent: INDENT, text: edit.words, place }];
  return [
    { indent: INDENT, text: edit.words },
    { indent: INDENT + 4, text: `${place}${team}`, tone: 'aside' },
  ];
}
