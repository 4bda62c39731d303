// Owns what is told of a test of access that fails. Never judges one.

import type { Place, Step } from '../access/decision.ts';
import type { ReasonCode } from '../access/reason.ts';

/** One thing that is otherwise than a test expects. */
export interface TestProblem {
  /** What is expected and what is so instead, a sentence. May hold names of the spec, unescaped. */
  readonly text: string;
  /** Why something that is expected is refused, or is refused otherwise; undefined where something is granted. */
  readonly code?: ReasonCode | undefined;
  /** Of what is granted the links that give it; of what is refused those that are there. */
  readonly chain: readonly Step[];
  /** Of what is refused: where the first link that is missing should be written. */
  readonly missing?: Place | undefined;
}
