// Owns the answer of one check about an application: passed, with the links that it rests on, or the first one that is
// missing. Never checks.

import type { Networks } from '../model/network.ts';
import type { Place, Step } from './decision.ts';
import type { ReasonCode } from './reason.ts';

export type Verdict =
  | {
      readonly passed: true;
      readonly steps: readonly Step[];
      /** Milliseconds since the epoch at which the first of them ends; infinite where none does. */
      readonly end: number;
      /** Where the address is not known: from where it passes. */
      readonly networks?: readonly Networks[];
    }
  | {
      readonly passed: false;
      readonly code: ReasonCode;
      readonly missing: Place;
      /** What is there and stands in the way. */
      readonly steps?: readonly Step[];
      /** When something that the answer looked at ends. */
      readonly end: number;
    };

export function failed(
  code: ReasonCode,
  missing: Place,
  end = Number.POSITIVE_INFINITY,
  steps: readonly Step[] = [],
): Verdict {
  return { passed: false, code, missing, end, ...(steps.length === 0 ? {} : { steps }) };
}
