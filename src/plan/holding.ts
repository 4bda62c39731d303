// Owns what one row of an access diff is about: what is held, as whom, and where the row stands among the others. Never
// compares two States.

import type { Step } from '../access/decision.ts';
import { type Address, compareText, scopeAddress, type UserAddress } from '../model/address.ts';
import type { AccessChange } from './plan.ts';

/** The entity that is held: an application or a scope. */
export function targetOf({
  scope,
  held,
}: {
  readonly scope?: string | undefined;
  readonly held: AccessChange['held'];
}): Address {
  return scope === undefined ? held.application : scopeAddress(scope);
}

/** The link by which a chain rests on a user; undefined when the client acts as itself. */
export function impersonationOf(chain: readonly Step[]): Step | undefined {
  return chain.find((step) => step.relation === 'impersonates');
}

/** The user as whom it is held; undefined when the client acts as itself. */
export function userOf(chain: readonly Step[]): UserAddress | undefined {
  return impersonationOf(chain)?.to as UserAddress | undefined;
}

/** Whether something is lost as soon as the plan is applied: not one that was to begin later, or ends later than that. */
export function isLostNow({ effect, from, otherwise }: Pick<AccessChange, 'effect' | 'from' | 'otherwise'>): boolean {
  return effect === 'revoke' && from === undefined && (otherwise === undefined || otherwise.from !== undefined);
}

/**
 * The total order of access changes: client, audiences before scopes, what is held, effect (a grant before a revoke),
 * then what tells apart the rows of one name: the application, from when on, and as whom.
 */
export function compareAccessChanges(a: AccessChange, b: AccessChange): number {
  return (
    compareText(a.client, b.client) ||
    Number(a.scope !== undefined) - Number(b.scope !== undefined) ||
    compareText(a.audience ?? a.scope, b.audience ?? b.scope) ||
    compareText(a.effect, b.effect) ||
    compareText(a.held.application, b.held.application) ||
    Math.sign((a.from ?? 0) - (b.from ?? 0)) ||
    compareText(userOf(a.held.chain) ?? '', userOf(b.held.chain) ?? '') ||
    // What the client holds by itself comes first; of users the first of them tells rows apart.
    compareText(a.users?.through ?? '', b.users?.through ?? '') ||
    compareText(a.users?.users[0] ?? '', b.users?.users[0] ?? '')
  );
}
