// Owns the order of the checks that compare entities with each other. Never holds a check.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { collectAudiences } from './check-audiences.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkClients } from './check-clients.ts';
import { checkEffects, type EffectOptions } from './check-effects.ts';
import { checkCycles } from './check-groups.ts';
import { checkIdentities } from './check-identities.ts';
import { checkMoments } from './check-moments.ts';
import { checkPolicyScopes } from './check-policies.ts';
import { checkResources } from './check-resources.ts';
import { checkRoles } from './check-roles.ts';
import { checkStrength } from './check-strength.ts';
import { checkUnsound } from './check-unsound.ts';
import type { Declarations } from './merge.ts';
import type { Moves } from './moves.ts';
import { readWaivers, type WrittenWaiver, withoutWaived } from './waivers.ts';

export interface CheckOptions extends EffectOptions {
  readonly incomplete: boolean;
  readonly moves: Moves;
  readonly now?: number | undefined;
}

export interface Checks {
  readonly waivers: readonly WrittenWaiver[];
  /** Whether all that could be told was: what rests on something being absent too. */
  readonly isWhole: boolean;
}

/**
 * Tells what is wrong between entities: of a whole spec, or of a part that no link leaves, which says the same about it.
 * Checks that rest on what *is* written always run; those that rest on something
 * being absent run only when everything could be read, or they would tell the consequences of another mistake. What the
 * waivers waive is among the problems still. `now` in milliseconds since the epoch.
 */
export function checkAll(
  declarations: Declarations,
  bound: Bound,
  options: CheckOptions,
  problems: Diagnostic[],
): Checks {
  checkIdentities(bound, problems);
  checkCycles(bound, problems);
  const audiences = collectAudiences(declarations, bound, options, problems);
  checkPolicyScopes(declarations, bound, options, problems);
  checkRoles(declarations, bound, problems);
  checkResources(declarations, bound, options, problems);
  checkClients(bound, audiences, problems);
  checkCertificates(bound, options, problems);
  checkStrength(bound, problems);
  checkUnsound(declarations, problems);
  checkMoments(bound, options.now, problems);
  const waivers = readWaivers(declarations, problems);
  const isWhole =
    !options.incomplete && withoutWaived(problems, waivers).every((problem) => problem.severity !== 'error');
  if (isWhole) checkEffects(bound, audiences, options, problems);
  return { waivers, isWhole };
}
