// Owns the digest of a plan: what a reviewer saw, and what --rebase compares. Never includes the base, a place or a word.

import { digestValue } from '../model/digest.ts';
import { userOf } from './holding.ts';
import type { PermissionChange, Plan, UseChange } from './plan.ts';
import { digestOf, type KnownEntity } from './read-plan.ts';

/** JSON has no infinite number. */
export function contentOf({ cause: _, otherwise, ...change }: PermissionChange): object {
  return otherwise === undefined ? change : { ...change, otherwise: Number.isFinite(otherwise) ? otherwise : null };
}

type Reviewed = Pick<Plan<KnownEntity>, 'changes' | 'access' | 'released' | 'permissions' | 'uses' | 'logins'>;

/**
 * Of each change by what it makes of what, each gain and loss of access, what is released of whom, what may be done for whom, who
 * gets through to which resource, and for whom logins are otherwise. The same for a plan that was read.
 */
export function digestPlan({ changes, access, released, permissions, uses = [], logins = [] }: Reviewed): string {
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
    ...(uses.length === 0 ? [] : [{ uses: uses.map(usePart) }]),
    ...(permissions.length === 0 ? [] : [{ permissions: permissions.map(contentOf) }]),
    ...(logins.length === 0 ? [] : [{ logins: logins.map(({ effect, client, users }) => [effect, client, users]) }]),
  ]);
}

function usePart({ effect, resource, client, as, users, until, networks }: UseChange) {
  return [effect, resource, client, as ?? null, users?.users ?? null, until ?? null, networks ?? null];
}
