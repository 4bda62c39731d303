// Owns the answers of the argus family where they differ from the standard ones (SEMANTICS A-09): clients that were written for
// that system read these. Never decides what is given.

import type { Answer } from './endpoint.ts';

/** The answer of the token endpoint: what is not given stands there as null. */
export function argusTokenAnswer(answer: Answer): Answer {
  return { ...answer, body: { id_token: null, refresh_token: null, ...(answer.body as object) } };
}
