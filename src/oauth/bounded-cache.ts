// Owns a map that never grows over its size: who was used longest ago goes first. Never knows what it holds.

export interface BoundedCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

export function boundedCache<V>(size: number): BoundedCache<V> {
  // A Map keeps the order of insertion; what is used is inserted again, unless it is the last already, as in a burst of one client.
  const entries = new Map<string, V>();
  let last: string | undefined;
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined && key !== last) {
        entries.delete(key);
        entries.set(key, value);
        last = key;
      }
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      last = key;
      if (entries.size > size) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
    },
  };
}
