// Owns findings as workflow commands of GitHub Actions, which become annotations of a pull request. Never writes a
// line that an author could turn into another command: everything of theirs is escaped.

import { escapeControls } from '../frame-line.ts';
import { type Finding, type Findings, LEVELS, type Level, messageOf } from './findings.ts';

/** GitHub shows ten annotations of each level and step, and drops the rest without a word. */
const MOST_OF_LEVEL = 10;

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<Level, string>;

/**
 * One command a line, errors first and notes last; an empty text for none. Of more than ten of one level the tenth says
 * how many more there are. What is to be known beside counts as a warning, and comes before those of a file.
 */
export function renderGithub({ diagnostics, located, failure, notes = [] }: Findings<Finding>): string {
  const failed = failure === undefined ? [] : [command('error', [['title', failure.code]], failure.message)];
  const lines = LEVELS.flatMap((level) => {
    const all = [
      ...(level === 'warning' ? notes.map((note) => command(level, [['title', 'Charter']], note)) : []),
      ...diagnostics.filter(({ severity }) => severity === level).map((finding) => annotation(finding, located)),
    ];
    const shown = all.length > MOST_OF_LEVEL ? all.slice(0, MOST_OF_LEVEL - 1) : all;
    const left = all.length - shown.length;
    const rest =
      left === 0 ? [] : [command(level, [], `… and ${left} more ${COMMANDS[level]}s: see the log of this step.`)];
    return [...shown, ...rest];
  });
  return [...failed, ...lines].map((line) => `${line}\n`).join('');
}

function annotation(finding: Finding, located: Findings['located']): string {
  const { severity, code, summary, range } = finding;
  const properties: [string, string][] = [];
  if (range !== undefined) {
    const { file, start, end } = range;
    properties.push(['file', located(file)], ['line', String(start.line)], ['endLine', String(end.line)]);
    // Columns of an annotation over several lines are refused. Those of GitHub include the last one.
    if (start.line === end.line) {
      properties.push(['col', String(start.column)], ['endColumn', String(Math.max(start.column, end.column - 1))]);
    }
  }
  properties.push(['title', `${code}: ${summary}`]);
  const related = (finding.related ?? []).map(
    (place) => `${located(place.range.file)}:${place.range.start.line}:${place.range.start.column} ${place.message}`,
  );
  return command(severity, properties, [messageOf(finding), ...related].join('\n'));
}

function command(level: Level, properties: readonly (readonly [string, string])[], message: string): string {
  const told = properties.map(([name, value]) => `${name}=${escapeProperty(value)}`).join(',');
  return `::${COMMANDS[level]}${told === '' ? '' : ` ${told}`}::${escapeMessage(message)}`;
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Line breaks are GitHub's to decode; other controls are shown as in a frame. */
function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').split('\n').map(escapeControls).join('%0A');
}
