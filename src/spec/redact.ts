// Owns what a diagnostic never shows: secrets that were written where only their place should be, in messages, fixes and
// quoted lines. Never judges whether that is an error.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { SourceRange } from '../model/origin.ts';
import type { Marked } from './frame-line.ts';
import { findSecrets, HIDDEN, type HiddenStretch, hidePatterns, merged } from './secret-text.ts';
import { isOwnWord } from './sensitive-keys.ts';
import type { SourceFile } from './source.ts';

const SENSITIVE_CODES: ReadonlySet<string> = new Set(['secret.literal', 'secret.invalid', 'jwks.private-key']);
/** Shorter values are hidden only where they are quoted: they are parts of many words. */
const SHORTEST = 4;
/** Messages may cut a long value short: by its beginning it is known. */
const BEGINNING = 40;

/** `findSecrets` of the text of a file, or what it found before. */
export type FindSecrets = (file: SourceFile) => readonly HiddenStretch[];

const findInText: FindSecrets = ({ text }) => findSecrets(text);

/** What is hidden of each file, in order of the text; found out at the first question. */
export type Secrets = (file: string) => readonly HiddenStretch[];

/** Of the files at hand and of what diagnostics know besides. */
export function secretsOf(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  find: FindSecrets = findInText,
): Secrets {
  const told = new Map<string, SourceRange[]>();
  for (const { code, range } of diagnostics) {
    if (range === undefined || !SENSITIVE_CODES.has(code)) continue;
    const known = told.get(range.file) ?? [];
    told.set(range.file, known);
    known.push(range);
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = new Map<string, readonly HiddenStretch[]>();
  return (file) => {
    const known = found.get(file);
    if (known !== undefined) return known;
    const ranges = (told.get(file) ?? []).map(({ start, end }) => ({
      from: start.offset,
      to: end.offset,
      shown: HIDDEN,
    }));
    const source = byPath.get(file);
    const stretches = merged([...ranges, ...(source === undefined ? [] : find(source))]);
    found.set(file, stretches);
    return stretches;
  };
}

/** The values that diagnostics call secrets: hidden wherever a quoted line repeats them, in every file. */
export function literalSecrets(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): ReadonlySet<string> {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const values = new Set<string>();
  for (const { code, range } of diagnostics) {
    if (range === undefined || !SENSITIVE_CODES.has(code)) continue;
    const written = texts.get(range.file)?.slice(range.start.offset, range.end.offset).trim() ?? '';
    for (const value of [written, unquoted(written)]) {
      if (value.length >= SHORTEST && !isOwnWord(value)) values.add(value);
    }
  }
  return values;
}

/** The line with every value of a set replaced by asterisks. */
export function hideLiterals(line: Marked, values: ReadonlySet<string>): Marked {
  const stretches: HiddenStretch[] = [];
  for (const value of values) {
    for (let at = line.text.indexOf(value); at >= 0; at = line.text.indexOf(value, at + value.length)) {
      stretches.push({ from: at, to: at + value.length, shown: HIDDEN });
    }
  }
  return stretches.length === 0 ? line : hideSecrets(line, 0, merged(stretches));
}

/**
 * The line with every secret replaced by asterisks, as many for each, so that not even its length is told; `from` and
 * `to` move along. `start` is the line's offset in the file.
 */
export function hideSecrets(line: Marked, start: number, secrets: readonly HiddenStretch[]): Marked {
  let text = '';
  let end = 0;
  let { from, to } = line;
  for (let position = firstBehind(secrets, start); position < secrets.length; position += 1) {
    const stretch = secrets[position];
    if (stretch === undefined || stretch.from >= start + line.text.length) break;
    const first = Math.max(0, stretch.from - start);
    const last = Math.min(line.text.length, stretch.to - start);
    text += line.text.slice(end, first);
    // A mark behind the stretch moves along with its text; one inside it takes in the whole of it.
    const { length } = stretch.shown;
    if (line.from > first) from = line.from < last ? text.length : text.length + length + line.from - last;
    else if (line.from === first) from = text.length;
    if (line.to > first) to = text.length + length + Math.max(0, line.to - last);
    text += stretch.shown;
    end = last;
  }
  return { text: text + line.text.slice(end), from, to: Math.max(from, to) };
}

/** The first stretch that ends behind an offset. */
function firstBehind(secrets: readonly HiddenStretch[], offset: number): number {
  let low = 0;
  let high = secrets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((secrets[middle]?.to ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The diagnostics with no secret of these files in any of their sentences; fixes that would repeat one are left out. */
export function withoutSecrets(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  find: FindSecrets = findInText,
): readonly Diagnostic[] {
  if (diagnostics.length === 0) return diagnostics;
  const values = new Set<string>();
  const secrets = secretsOf(diagnostics, files, find);
  for (const { path, text } of files) for (const { from, to } of secrets(path)) note(text.slice(from, to), values);
  const lengths = [...new Set([...values].map(({ length }) => length))].sort((a, b) => b - a);
  // Thousands of diagnostics say much the same: each sentence is looked through once.
  const cleaned = new Map<string, string>();
  const clean = (text: string): string => {
    const known = cleaned.get(text) ?? hideValues(hidePatterns(text), values, lengths);
    cleaned.set(text, known);
    return known;
  };
  return diagnostics.map((diagnostic) => {
    const { address, detail, help, related, fixes } = diagnostic;
    const kept = fixes?.filter(
      ({ title, edits }) => clean(title) === title && edits.every(({ text }) => clean(text) === text),
    );
    const { fixes: _all, address: _where, ...rest } = diagnostic;
    return {
      ...rest,
      // A secret that was taken for a name.
      ...(address === undefined || hidePatterns(address) !== address ? {} : { address }),
      detail: clean(detail),
      ...(help === undefined ? {} : { help: clean(help) }),
      ...(related === undefined
        ? {}
        : { related: related.map(({ message, range }) => ({ message: clean(message), range })) }),
      ...(kept === undefined || kept.length === 0 ? {} : { fixes: kept }),
    };
  });
}

/** Notes a hidden stretch as messages may repeat it: as a whole, without quotes, and word by word. */
function note(stretch: string, values: Set<string>): void {
  const whole = stretch.trim().replace(/^(?:[&!]\S+\s+)+/, '');
  const words = whole.split(/[\s"'{}[\],;:&*!|>?$=()\\]+/);
  for (const value of [whole, unquoted(whole), JSON.stringify(unquoted(whole)).slice(1, -1), ...words]) {
    if (value === '' || isOwnWord(value)) continue;
    values.add(value.length < SHORTEST ? `"${value}"` : value);
    if (value.length > BEGINNING) values.add(value.slice(0, BEGINNING));
  }
}

function unquoted(text: string): string {
  if (/^'.*'$/s.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (!/^".*"$/s.test(text)) return text;
  return text
    .slice(1, -1)
    .replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U000([\da-f]{5}))/gi, (_all, ...codes: (string | undefined)[]) => {
      const code = Number.parseInt(codes.slice(0, 3).find((one) => one !== undefined) ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replace(/\\(.)/g, '$1');
}

function hideValues(text: string, values: ReadonlySet<string>, lengths: readonly number[]): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const length = lengths.find((one) => at + one <= text.length && values.has(text.slice(at, at + one)));
    if (length === undefined) {
      out += text[at];
      at += 1;
      continue;
    }
    out += HIDDEN;
    at += length;
    // The rest of a value that is known by its beginning.
    if (length === BEGINNING) while (at < text.length && !/["\s]/.test(text[at] ?? '')) at += 1;
  }
  return out;
}
