// Owns warnings about a place that several entities have, by an alias or by the defaults of a site. Never what is wrong there.

import type { Address } from '../model/address.ts';
import type { Bound } from './bind.ts';
import type { Tell } from './check-effects.ts';
import { spanIn } from './entities.ts';

/** What is written once for many applications, as a default, is told where it works for none of them, and once. */
export class SharedPlaces {
  readonly #all: Bound;
  readonly #tell: Tell;
  readonly #working = new Set<string>();
  readonly #failing = new Map<string, Parameters<Tell>>();

  constructor(all: Bound, tell: Tell) {
    this.#all = all;
    this.#tell = tell;
  }

  works(address: Address, pointer: string): void {
    this.#working.add(this.#place(address, pointer));
  }

  fails(...told: Parameters<Tell>): void {
    const place = this.#place(told[1], told[2]);
    if (!this.#failing.has(place)) this.#failing.set(place, told);
  }

  end(): void {
    for (const [place, told] of this.#failing) if (!this.#working.has(place)) this.#tell(...told);
  }

  #place(address: Address, pointer: string): string {
    const { source, start, end } = spanIn(this.#all, address, pointer);
    return `${source.path}\n${start}\n${end}`;
  }
}
