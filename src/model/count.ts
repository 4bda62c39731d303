// Owns how a number of things reads. Never cuts a list.

/** `1 file`, `2 files`. */
export function count(value: number, one: string, many = plural(one)): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** `files`, `policies`. */
export function plural(one: string): string {
  return /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;
}
