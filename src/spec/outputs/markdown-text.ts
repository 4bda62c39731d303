// Owns how text of an author stands in a Markdown comment: only ever as code, in a fence or a span that it cannot close,
// so that it is no markup, no link, and calls nobody by @name or #number. Never decides what is told.

import { digestBody } from '../../model/digest.ts';
import { escapeControls } from '../frame-line.ts';

/** GitHub refuses a comment of more; counted in UTF-16 code units, which are no fewer than what it counts. */
const MOST_OF_GITHUB = 65_536;
/** For what a CI job puts around it. */
const ROOM = 1_536;
export const MOST_OF_COMMENT = MOST_OF_GITHUB - ROOM;

const LONGEST_LINE = 300;

/** Text within a line, as code. */
export function codeSpan(text: string): string {
  const shown = escapeControls(cutLine(text));
  if (shown === '') return '`""`';
  const ticks = ticksFor(shown, 1);
  // Spaces at both ends are taken off by the reader of the Markdown: they keep a backtick apart from the fence.
  const space = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${ticks}${space}${shown}${space}${ticks}`;
}

/** Lines as a block of code. `info` is a word of Charter's. */
export function fenced(lines: readonly string[], info: 'text' | 'diff' | 'yaml'): string {
  // What is copied from here has to be whole.
  const shown = lines.map((line) => escapeControls(info === 'yaml' ? line : cutLine(line)).trimEnd());
  const ticks = ticksFor(shown.join('\n'), 3);
  return [`${ticks}${info}`, ...shown, ticks].join('\n');
}

/** What is folded until somebody opens it. `summary` is HTML: Charter's own words, and `htmlCode` for those of others. */
export function folded(summary: string, content: string, open = false): string {
  return `<details${open ? ' open' : ''}>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Text as code within HTML, where no Markdown is read. */
export function htmlCode(text: string): string {
  const shown = escapeControls(cutLine(text));
  return `<code>${shown.replace(/[^A-Za-z0-9 ]/gu, (mark) => `&#${mark.codePointAt(0)};`)}</code>`;
}

/**
 * The comment by which a CI job finds what it wrote before: the same for the same words, and never the end of itself.
 */
export function marker(words: readonly string[]): string {
  const encoded = words.map((word) => encodeURIComponent(word.replace(/\p{Cs}/gu, '\uFFFD')).replaceAll('%2F', '/'));
  const key = encoded.join('+').replaceAll('--', '%2D%2D');
  return `<!-- charter-plan:${key.length <= LONGEST_LINE ? key : digestBody(key)} -->`;
}

/** More backticks than any run of them in the text. */
function ticksFor(text: string, least: number): string {
  let most = least;
  for (const [run] of text.matchAll(/`+/g)) most = Math.max(most, run.length + 1);
  return '`'.repeat(most);
}

function cutLine(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  const characters = [...line];
  return characters.length <= LONGEST_LINE ? line : `${characters.slice(0, LONGEST_LINE - 1).join('')}…`;
}
