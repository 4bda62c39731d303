// Owns which stretch of a source text is a reference to a secret, such as `env: NAME`, and therefore may be read. Works
// on text that is no YAML. Never finds secrets (secret-text.ts).

/** The keys that name a place of a secret. */
export const PLACES: readonly string[] = ['env', 'file', 'hash'];

const PLACE_VALUES: Readonly<Record<string, RegExp>> = {
  env: /^(["']?)[A-Za-z_]\w*\1$/,
  file: /^(?:[\w./@+~-]+|"[^"\\\n]+"|'[^'\n]+')$/,
  hash: /^(["']?)\$argon2[^\s"']*\1$/,
};

/** The time in which one of several secrets counts: nothing but a date is one. */
const PERIOD =
  /(?:^|,)\s*(["']?)(?:not_before|expires)\1\s*:\s+(["']?)\d{4}-\d\d-\d\d(?:[Tt][\d:.Zz+-]{1,24})?\2\s*(?=,|$)/g;

/** Whether a text is one place of a secret and nothing else. */
export function isReference(text: string): boolean {
  const match = /^\s*(?:(["'])(env|file|hash)\1\s*:|(env|file|hash)\s*:(?=\s))([^\n]*)$/.exec(text.trimEnd());
  const value = withoutComment(match?.[4] ?? '')
    .replace(/,\s*$/, '')
    .trim();
  return PLACE_VALUES[match?.[2] ?? match?.[3] ?? '']?.test(value) === true;
}

/** Whether the text between the brackets of a list holds maps only, each one place of a secret and perhaps its time. */
export function isReferenceList(text: string): boolean {
  const items = /^\s*(?:\{[^{}]*\}\s*(?:,\s*|$))*$/.test(text) ? [...text.matchAll(/\{([^{}]*)\}/g)] : [];
  return items.length > 0 && items.every(([, inside = '']) => isTimedReference(inside.replace(/\s*\n\s*/g, ' ')));
}

/** Whether a line is part of a list of secrets in lines: an item, a place, or a date. */
export function isReferenceLine(text: string): boolean {
  const line = withoutComment(text)
    .replace(/^\s*(?:-\s+)?/, '')
    .trimEnd();
  if (line.startsWith('{') && line.endsWith('}')) return isTimedReference(line.slice(1, -1));
  return isReference(line) || (line !== '' && line.replace(PERIOD, '') === '');
}

function isTimedReference(text: string): boolean {
  return isReference(text.replace(PERIOD, '').replace(/^\s*,/, ''));
}

function withoutComment(text: string): string {
  return text.replace(/\s#.*$/, '');
}
