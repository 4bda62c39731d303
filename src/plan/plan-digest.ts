// Owns the digest of a plan: what a reviewer saw, and what --rebase compares. Never includes the base, a place or a word.

import { digestValue } from '../model/digest.ts';
import { userOf } from './holding.ts';
import type { AccessChange, Change, ReleasedChange } from './plan.ts';
import { digestOf, type KnownEntity } from './read-plan.ts';

/**
 * Of each change by what it makes of what, each gain and loss of access, and what is released of whom. The same for a plan that
 * was read.
 */
export function digestPlan(
  changes: readonly Change<KnownEntity>[],
  access: readonly AccessChange[],
  released: readonly ReleasedChange[],
): string {
  return digestValue([
    changes.map((change) => [
      change.action,
      change.address,
      change.action === 'move' ? change.from : null,
      change.action === 'create' ? null : digestOf(change.before),
      change.action === 'delete' ? null : digestOf(change.after),
    ]),
    access.map(({ effect, client, client_id, audience, scope, held, users }) => [
      effect,
      client,
      client_id,
      audience ?? null,
      scope ?? null,
      held.application,
      userOf(held.chain) ?? null,
      // Not when it begins, which is told only as long as that is to come: the day makes no other plan of it.
      held.until ?? null,
      ...(held.networks === undefined ? [] : [{ networks: held.networks }]),
      ...(users === undefined ? [] : [users.users]),
    ]),
    ...(released.length === 0 ? [] : [released.map(({ cause: _, ...change }) => change)]),
  ]);
}
