// Owns what the schema keyword uniqueItems asks, in linear time. ajv compares every item with every other where the items are
// not plainly scalars: a list of 40,000 references took it 18 seconds. Never says anything else than ajv's own keyword.

import { canonicalJson } from '../model/digest.ts';

/** The last item that stands earlier too, and the nearest place where it does: the pair that ajv tells. */
export function lastRepeated(items: readonly unknown[]): { readonly i: number; readonly j: number } | undefined {
  const places = new Map<string, number>();
  let pair: { readonly i: number; readonly j: number } | undefined;
  items.forEach((item, position) => {
    // NaN and the infinities are no JSON, and are three values all the same.
    const key = typeof item === 'number' ? String(item) : canonicalJson(item);
    const earlier = places.get(key);
    if (earlier !== undefined) pair = { i: position, j: earlier };
    places.set(key, position);
  });
  return pair;
}
