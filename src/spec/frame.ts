// Owns how diagnostics look on a terminal: the frame with the source line, the carets and the advice (DESIGN 7).
// Never prints, never counts, and never shows a secret that stands in the source.

import type { Diagnostic, Severity } from '../model/diagnostic.ts';
import { formatPlace, type SourceRange } from '../model/origin.ts';
import { cutAround, displayWidth, escapeControls, expandTabs, type Quoted, windowOf } from './frame-line.ts';
import { indexLines, type LineIndex } from './lines.ts';
import { hideLiterals, hideSecrets, literalSecrets, type Secrets, secretsOf } from './redact.ts';
import type { SourceFile } from './source.ts';

export interface FrameOptions {
  readonly color: boolean;
  /** What literalSecrets says of the whole spec, where only a part of it is rendered. */
  readonly literals?: ReadonlySet<string>;
}

/** More than anybody reads: of further diagnostics only their number is told. */
const MOST_FRAMES = 100;

/**
 * The frames of the diagnostics, at most 100, in the order given, with an empty line between them and a line break at
 * the end; an empty text for none. A diagnostic whose file is not among `files` is shown without its source line.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  options: FrameOptions,
): string {
  const sources = new Map(files.map((file) => [file.path, lazily(() => indexLines(file.text))]));
  const secrets = secretsOf(diagnostics, files);
  const literals = options.literals ?? literalSecrets(diagnostics, files);
  const paint = options.color ? painted : plain;
  const frames = diagnostics
    .slice(0, MOST_FRAMES)
    .map((diagnostic) => renderFrame(diagnostic, sources, { secrets, literals }, paint).join('\n'));
  const left = diagnostics.length - frames.length;
  if (left > 0) frames.push(`… and ${left} more ${left === 1 ? 'problem' : 'problems'}`);
  return frames.map((frame) => `${frame}\n`).join('\n');
}

interface Hidden {
  readonly secrets: Secrets;
  readonly literals: ReadonlySet<string>;
}

type Paint = (text: string, style: Severity | 'frame' | 'strong') => string;
const CODES = { error: '1;31', warning: '1;33', frame: '34', strong: '1' } as const;
const painted: Paint = (text, style) => (text === '' ? '' : `\u001B[${CODES[style]}m${text}\u001B[0m`);
const plain: Paint = (text) => text;

function renderFrame(
  diagnostic: Diagnostic,
  sources: ReadonlyMap<string, () => LineIndex>,
  hidden: Hidden,
  paint: Paint,
): string[] {
  const { severity, code, summary, detail, range } = diagnostic;
  const title = `${paint(`${severity}[${code}]`, severity)} ${paint(escapeControls(summary), 'strong')}`;
  const lines = range === undefined ? undefined : sources.get(range.file)?.();
  const gutter = ' '.repeat(range === undefined ? 1 : String(range.start.line).length);
  const told = escapeControls(detail);
  const shown: string[] = [title];
  if (range !== undefined) shown.push(`${gutter} ${paint('╭─', 'frame')} ${escapeControls(formatPlace(range))}`);
  if (range !== undefined && lines !== undefined) {
    const { text, before, width } = quoteLine(range, lines, hidden);
    shown.push(`${paint(`${range.start.line} │`, 'frame')} ${text}`.trimEnd());
    shown.push(
      `${gutter} ${paint('│', 'frame')} ${' '.repeat(before)}${paint('^'.repeat(width), severity)} ${told}`.trimEnd(),
    );
  } else {
    shown.push(`${gutter} ${paint('│', 'frame')} ${told}`);
  }
  const advice = [
    ...(diagnostic.related ?? []).map((place) => `${formatPlace(place.range)} ${place.message}`),
    ...(diagnostic.help === undefined ? [] : [diagnostic.help]),
  ];
  advice.forEach((text, position) => {
    const isLast = position === advice.length - 1;
    const [first = '', ...rest] = text.split('\n').map(escapeControls);
    shown.push(`${gutter} ${paint(isLast ? '╰─' : '├─', 'frame')} ${first}`);
    for (const line of rest) shown.push(`${gutter} ${isLast ? ' ' : paint('│', 'frame')}  ${line}`);
  });
  return shown;
}

/** The line with the range's beginning, as it can be shown, and where under it the carets go. */
function quoteLine(range: SourceRange, lines: LineIndex, { secrets, literals }: Hidden): Quoted {
  const { line, offset } = range.start;
  const from = offset - lines.lineStart(line);
  const source = lines.lineText(line);
  const to = range.end.line === line ? range.end.offset - lines.lineStart(line) : source.trimEnd().length;
  const marks = { text: source, from, to: Math.max(from, to) };
  const known = windowOf(hideSecrets(marks, lines.lineStart(line), secrets(range.file)));
  const hidden = hideLiterals(known, literals);
  const before = expandTabs(hidden.text.slice(0, hidden.from), 0);
  const marked = expandTabs(hidden.text.slice(hidden.from, hidden.to), displayWidth(before));
  const after = expandTabs(hidden.text.slice(hidden.to), displayWidth(before + marked));
  return cutAround(escapeControls(before), escapeControls(marked), escapeControls(after));
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
