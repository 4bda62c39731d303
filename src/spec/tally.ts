// Owns how often each of many texts is there, where single ones come and go. Never knows what they are.

export class Tally {
  readonly #counts = new Map<string, number>();

  has(text: string): boolean {
    return this.#counts.has(text);
  }

  /** All that are there. */
  keys(): Iterable<string> {
    return this.#counts.keys();
  }

  /** How often those would be there that go or come, if they did. */
  after(gone: Iterable<string>, come: Iterable<string>): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const add = (text: string, by: number) => counts.set(text, (counts.get(text) ?? this.#counts.get(text) ?? 0) + by);
    for (const text of gone) add(text, -1);
    for (const text of come) add(text, 1);
    return counts;
  }

  take(counts: ReadonlyMap<string, number>): void {
    for (const [text, count] of counts) {
      if (count > 0) this.#counts.set(text, count);
      else this.#counts.delete(text);
    }
  }
}
