// Owns how one text is spelled by the formatter: quotes only where they are of use, double ones, and the margin of texts of
// several lines. Never changes what a text means.

import type { TextNode } from './format-tree.ts';

/** What every YAML reads as text without quotes, inside brackets and outside. */
const PLAIN = /^[A-Za-z_](?:[A-Za-z0-9_./@+~-]|:(?=[A-Za-z0-9_./@+~-])| (?=[A-Za-z0-9_.(/@+~-]))*$/;
/** Words that YAML 1.1, which other tools read, or YAML 1.2 takes for something else. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A scalar in quotes with the quotes that it needs. One that is not in quotes, or of several lines, stays as it is. */
export function tidyQuotes(source: string): string {
  const mark = source[0];
  if ((mark !== '"' && mark !== "'") || source.length < 2 || source.includes('\n')) return source;
  const inner = source.slice(1, -1);
  if (PLAIN.test(inner) && !WORDS.test(inner)) return inner;
  if (mark === '"' || /["\\]/.test(inner)) return source;
  return `"${inner.replaceAll("''", "'")}"`;
}

/** The lines of a plain or quoted scalar, those after the first at the margin: YAML folds them without their spaces. */
export function indentLines(source: string, margin: string): string[] {
  const [first = '', ...rest] = source.split('\n');
  // A space at the end of a line means nothing, unless a backslash in front of it says otherwise.
  const trim = (line: string) => line.replace(/(?<![\\ \t])[ \t]+$/, '');
  return [trim(first), ...rest.map((line) => trim(line.replace(/^[ \t]+/, ''))).map((line) => line && margin + line)];
}

/** The header of a block scalar and its lines at the margin. */
export function indentBlockText({ source, contentColumn }: TextNode, margin: string): string[] {
  const [header = '', ...lines] = source.split('\n');
  // The text ends with a line break, so the last part is empty.
  if (lines.at(-1)?.trim() === '') lines.pop();
  const first = lines.find((line) => line.trim() !== '');
  const column = contentColumn ?? (first === undefined ? Number.POSITIVE_INFINITY : first.search(/[^ ]/));
  const content = lines.map((line) => line.slice(Math.min(column, line.length)));
  return [header.replace(/\d/, '2'), ...content.map((line) => (line === '' ? '' : margin + line))];
}
