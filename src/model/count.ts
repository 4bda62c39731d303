// Owns how a number of things reads. Never cuts a list.

/** `1 file`, `2 files`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}
