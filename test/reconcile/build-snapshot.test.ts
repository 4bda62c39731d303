import { describe, expect, it } from 'vitest';
import { type AccessIndex, indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials } from '../../src/access/client-credentials.ts';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { State } from '../../src/model/state.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import { snapshotAfter } from '../../src/reconcile/build-snapshot.ts';
import { CLIENT1, EX2, edited, GROUP2 } from '../model/example-state.ts';
import { planOf } from '../plan/make.ts';

const AFTER = edited(EX2, 'group', GROUP2, { members: [] });

/** The snapshot after a plan, and of what it was told that changed in the index that is served; undefined when it was not asked. */
function build(digest: string) {
  let told: readonly Address[] | undefined;
  const index: AccessIndex = {
    ...indexState(EX2),
    next(state: State, changed: Iterable<Address>) {
      told = [...changed];
      return indexState(EX2).next(state, told);
    },
  };
  const plan = planOf(EX2, AFTER);
  const snapshot = snapshotAfter({
    plan,
    stored: undefined,
    serving: { digest, index },
    state: AFTER,
    values: new Map(),
    keys: [],
    checker: createSecretChecker({ key: new Uint8Array(32) }),
  });
  return { snapshot, told };
}

describe('DESIGN 5: the index of the next snapshot', () => {
  it('is the one that is served plus the changes of the plan', () => {
    const { snapshot, told } = build(digestState(EX2));
    expect(told).toEqual([GROUP2]);
    expect(reachClientCredentials(snapshot.index, CLIENT1, 0)).toEqual(
      reachClientCredentials(indexState(AFTER), CLIENT1, 0),
    );
  });

  it('is made of the State where something else is served than the plan begins with', () => {
    const { snapshot, told } = build(digestState(AFTER));
    expect(told).toBeUndefined();
    expect(snapshot.index.groupsOf('user:Example/User1').has(GROUP2)).toBe(false);
  });
});
