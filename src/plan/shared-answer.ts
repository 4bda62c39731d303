// Owns how an answer of one side of a plan reads in the names of the plan. Never looks at what the answer says.

import type { AudienceAnswer, HeldScope, Place, Step } from '../access/decision.ts';
import type { ComparedSide } from './compared.ts';

type Names = Pick<ComparedSide, 'shared'>;

/**
 * The answer with every entity by its new name. A pointer goes on leading into the entity as its own side has it.
 */
export function sharedAnswer<Answer extends AudienceAnswer>(answer: Answer, side: Names): Answer {
  const { application, chain } = answer;
  return {
    ...answer,
    application: side.shared(application),
    chain: chain.map((step) => sharedStep(step, side)),
    ...('missing' in answer ? { missing: sharedPlace(answer.missing, side) } : {}),
  };
}

export function sharedScope({ scope, asks, by }: HeldScope, side: Names): HeldScope {
  return { scope, asks: sharedStep(asks, side), by: sharedAnswer(by, side) };
}

export function sharedPlace({ address, pointer }: Place, side: Names): Place {
  return { address: side.shared(address), pointer };
}

export function sharedStep({ from, to, at, ...more }: Step, side: Names): Step {
  return { ...more, from: side.shared(from), to: side.shared(to), at: sharedPlace(at, side) };
}
