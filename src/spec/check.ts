// Owns the order of the checks that compare entities with each other. Never holds a check.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { collectAudiences } from './check-audiences.ts';
import { checkClients } from './check-clients.ts';
import { checkEffects } from './check-effects.ts';
import { checkCycles } from './check-groups.ts';
import { checkIdentities } from './check-identities.ts';
import type { Declarations } from './merge.ts';
import type { Suggestions } from './nearest.ts';

/**
 * Tells what is wrong between entities. Checks that rest on what *is* written always run; those that rest on something
 * being absent run only when everything could be read, or they would tell the consequences of another mistake.
 */
export function checkAll(
  declarations: Declarations,
  bound: Bound,
  options: { readonly incomplete: boolean; readonly suggestions: Suggestions },
  problems: Diagnostic[],
): void {
  checkIdentities(bound, problems);
  checkCycles(bound, problems);
  const audiences = collectAudiences(declarations, bound, options, problems);
  checkClients(bound, audiences, problems);
  const isWhole = !options.incomplete && problems.every((problem) => problem.severity !== 'error');
  if (isWhole) checkEffects(bound, audiences, problems);
}
