// Owns what a question is asked of: one State as it is asked about, with what is known beside it. Never reads one.

import type { AccessIndex } from '../access/access-index.ts';
import type { Place } from '../access/decision.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import type { Waiver } from '../spec/waivers.ts';

export interface World {
  readonly index: AccessIndex;
  /** Undefined where nobody remembers where things were written: of a past generation. */
  readonly origins: Origins | undefined;
  /** What the spec waives: an edit may do what is waived already. */
  readonly waivers: readonly Waiver[];
  /** Milliseconds since the epoch: the instant that is asked about. */
  readonly now: number;
  /** The generation of a store; undefined for a spec, which has none. */
  readonly generation: number | undefined;
}

/** Where something is written, or would be: the place itself or the nearest that is written. */
export function rangeOfPlace({ origins }: World, place: Place | undefined): SourceRange | undefined {
  return place === undefined ? undefined : origins?.get(place.address)?.(place.pointer);
}
