// Owns planning against a store: the one way by which plan, apply and serve come to the same Plan. Never applies.

import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE, serverOf } from '../model/state.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { StorePlan } from '../plan/plan.ts';
import type { ConfigStore, StoredConfiguration } from '../plan/port.ts';
import type { Declared } from './load.ts';

export interface Planned {
  readonly plan: StorePlan;
  /** Undefined when nothing was ever applied. */
  readonly stored: StoredConfiguration | undefined;
}

/**
 * The plan that leads from the store's newest generation to the declared State; from nothing when there is no store.
 * Throws Failure `store_other_issuer` when the store belongs to another issuer, and `store_unavailable`.
 */
export async function planAgainst(
  store: Pick<ConfigStore, 'read'> | undefined,
  declared: Declared,
  now: number,
): Promise<Planned> {
  const stored = await store?.read();
  refuseOtherIssuer(stored, declared);
  const plan = makePlan({
    base: {
      kind: 'store',
      generation: stored?.generation ?? 0,
      digest: stored?.digest ?? digestState(EMPTY_STATE),
    },
    before: stored?.state ?? EMPTY_STATE,
    beforeOrigins: stored?.origins ?? new Map(),
    after: declared.state,
    afterOrigins: declared.origins,
    moves: declared.moves,
    tests: declared.tests,
    now,
  });
  return { plan, stored };
}

/** Tokens, clients and verifiers of resource servers know one issuer: a store cannot pass from one to another. */
function refuseOtherIssuer(stored: StoredConfiguration | undefined, declared: Declared): void {
  const held = stored === undefined ? undefined : serverOf(stored.state)?.issuer;
  const wanted = serverOf(declared.state)?.issuer;
  if (held === undefined || wanted === undefined || held === wanted) return;
  throw new Failure(
    'store_other_issuer',
    `The store belongs to the issuer ${held}, and this spec's issuer is ${wanted}. Correct server.issuer, ` +
      'or give the new issuer a store of its own with --store: tokens of one issuer mean nothing to another.',
  );
}
