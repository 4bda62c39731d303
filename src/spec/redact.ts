// Owns what of a source line is never shown: secrets that were written where only their place should be.
// Never judges whether that is an error.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { SourceRange } from '../model/origin.ts';

const SENSITIVE_CODES: ReadonlySet<string> = new Set(['secret.literal', 'secret.invalid']);
const HIDDEN = '********';

/** The stretches of each file that hold a secret, as far as diagnostics know of them. */
export type Secrets = ReadonlyMap<string, readonly SourceRange[]>;

export function secretsOf(diagnostics: readonly Diagnostic[]): Secrets {
  const secrets = new Map<string, SourceRange[]>();
  for (const { code, range } of diagnostics) {
    if (range === undefined || !SENSITIVE_CODES.has(code)) continue;
    secrets.set(range.file, [...(secrets.get(range.file) ?? []), range]);
  }
  return secrets;
}

interface Marked {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The line with every secret replaced by asterisks, as many for each, so that not even its length is told; `from` and
 * `to` move along. `start` is the line's offset in the file.
 */
export function hideSecrets(line: Marked, file: string, start: number, secrets: Secrets): Marked {
  const known = (secrets.get(file) ?? []).map(
    (range) => [range.start.offset - start, range.end.offset - start] as const,
  );
  const stretches = [...known, ...writtenSecrets(line.text)]
    .map(([from, to]) => [Math.max(0, from), Math.min(line.text.length, to)] as const)
    .filter(([from, to]) => from < to)
    .sort(([a], [b]) => a - b);
  let text = '';
  let end = 0;
  let { from, to } = line;
  for (const [first, last] of stretches) {
    if (first < end) continue;
    text += line.text.slice(end, first);
    // A mark behind the stretch moves along with its text; one inside it takes in the whole of it.
    if (line.from > first) from = line.from < last ? text.length : text.length + HIDDEN.length + line.from - last;
    else if (line.from === first) from = text.length;
    if (line.to > first) to = text.length + HIDDEN.length + Math.max(0, line.to - last);
    text += HIDDEN;
    end = last;
  }
  return { text: text + line.text.slice(end), from, to: Math.max(from, to) };
}

/**
 * A net for lines whose secret no diagnostic knows of, such as those of a syntax error: what stands behind a key that
 * is called a secret or a password and is not the beginning of a map.
 */
function writtenSecrets(text: string): readonly (readonly [number, number])[] {
  const pattern =
    /(?:^|[\s{,])["']?[\w.-]*(?:secret|password|passwd)["']?\s*:\s+(?![{#\s])((?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^,}#\n]+))/gi;
  const found: (readonly [number, number])[] = [];
  for (const match of text.matchAll(pattern)) {
    const value = match[1] ?? '';
    const at = match.index + match[0].length - value.length;
    found.push([at, at + value.trimEnd().length]);
  }
  return found;
}
