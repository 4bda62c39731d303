// Owns whether two plain values are the same. Never knows what they are of, and never says in what they differ.

/**
 * Whether two values are the same in the sense of the digest: keys in any order, a member that is undefined is none,
 * lists in their order. Agrees with comparing `canonicalJson`, without building the text.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameItems(a, b);
  return !Array.isArray(b) && sameMembers(a as Members, b as Members);
}

interface Members {
  readonly [key: string]: unknown;
}

/** Every entity of two States passes here: plain loops, and nothing is made. */
function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let position = 0; position < a.length; position += 1) {
    if (!sameValue(a[position], b[position])) return false;
  }
  return true;
}

function sameMembers(a: Members, b: Members): boolean {
  let found = 0;
  for (const key in a) {
    const value = a[key];
    const other = b[key];
    // What every object inherits is nothing that was written, and never the very value that the other has.
    if (value !== other && !sameValue(value, Object.hasOwn(b, key) ? other : undefined)) return false;
    if (value !== undefined) found += 1;
  }
  // All that `a` has is in `b`: when that is as much as `b` has, `b` has no more.
  for (const key in b) if (b[key] !== undefined) found -= 1;
  return found === 0;
}
