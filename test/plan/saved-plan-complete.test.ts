import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entity, Secret } from '../../src/model/entity.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { applyChanges } from '../../src/plan/diff.ts';
import { planFromJson, planToJson } from '../../src/plan/json.ts';
import type { ReadChange } from '../../src/plan/read-plan.ts';
import { completeChanges } from '../../src/plan/saved-plan-complete.ts';
import { CLIENT1, EX2, edited, SERVER1, without } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';
import { plans } from './plan-arbitrary.ts';

const hash = (salt: string) => ({ hash: `$argon2id$v=19$m=19456,t=2,p=1$${salt}$SENSITIVE` });

/** The changes as they come out of a file. */
function saved(before: State, after: State): readonly ReadChange[] {
  const document = planToJson(planOf(before, after), placesOf(before, after), { exit_code: 0, changes: true });
  expect(JSON.stringify(document)).not.toContain('SENSITIVE');
  return planFromJson(JSON.parse(JSON.stringify(document))).plan.changes;
}

const withSecrets = (...secrets: readonly Secret[]): State =>
  edited(EX2, 'application', CLIENT1, { secret: undefined, secrets });

/** The changes, completed, or what is missing. */
function complete(before: State, after: State, declared?: State, stored = before) {
  return completeChanges(saved(before, after), { stored, declared });
}

describe('changes that were saved', () => {
  it('are completed from the store and the spec to exactly the changes of the plan', () => {
    let withheld = 0;
    fc.assert(
      fc.property(plans, ({ plan, places, before, after }) => {
        const document = JSON.stringify(planToJson(plan, places, { exit_code: 0, changes: true }));
        if (document.includes('withheld_hash')) withheld++;
        const { changes } = planFromJson(JSON.parse(document)).plan;
        const completed = completeChanges(changes, { stored: before, declared: after });
        expect(completed).toEqual({ ok: true, changes: plan.changes });
        expect([...applyChanges(before, completed.ok ? completed.changes : [])]).toEqual([...after]);
      }),
      { numRuns: 60 },
    );
    expect(withheld).toBeGreaterThan(10);
  });

  it('need no spec where the store has every hash: what changed stands beside it', () => {
    const before = withSecrets(hash('first'), { env: 'OTHER' });
    const after = edited(
      withSecrets({ env: 'NEXT' }, { ...hash('first'), expires: '2027-01-01' }),
      'application',
      SERVER1,
      {
        enabled: false,
      },
    );
    expect(complete(before, after)).toEqual({ ok: true, changes: planOf(before, after).changes });
    expect(complete(before, without(before, CLIENT1))).toMatchObject({ ok: true });
  });

  it('take a hash from the spec, and from nowhere else, where it is new', () => {
    const after = withSecrets(hash('first'), hash('second'));
    const missing = [
      { address: CLIENT1, side: 'after', reason: 'hash-missing', pointers: ['/secrets/0', '/secrets/1'] },
    ];
    expect(complete(EX2, after)).toEqual({ ok: false, missing });
    expect(complete(EX2, after, after)).toEqual({ ok: true, changes: planOf(EX2, after).changes });
    expect(complete(EMPTY_STATE, after, after)).toMatchObject({ ok: true });
    // The spec moved on, and still has the hashes.
    const later = edited(after, 'application', CLIENT1, { enabled: false });
    expect(complete(EX2, after, later)).toMatchObject({ ok: true });
  });

  it('never take another hash than that of the plan', () => {
    const after = withSecrets(hash('first'));
    const other = withSecrets(hash('changed'));
    const missing = [{ address: CLIENT1, side: 'after', reason: 'hash-missing', pointers: ['/secrets/0'] }];
    expect(complete(EX2, after, other)).toEqual({ ok: false, missing });
    expect(complete(EX2, after, withSecrets({ env: 'A' }))).toEqual({ ok: false, missing });
    expect(complete(after, EX2, undefined, other)).toMatchObject({
      ok: false,
      missing: [{ address: CLIENT1, side: 'before' }],
    });
  });

  it('are refused where an entity is not that of its digest', () => {
    const [change] = saved(EX2, edited(EX2, 'application', CLIENT1, { enabled: false }));
    if (change?.action !== 'update') throw new Error('no update');
    const forged = {
      ...change,
      after: { ...change.after, shown: { ...change.after.shown, enabled: true } },
    } as ReadChange;
    const sources = { stored: EX2, declared: undefined };
    expect(completeChanges([forged], sources)).toEqual({
      ok: false,
      missing: [{ address: CLIENT1, side: 'after', reason: 'digest-differs', pointers: [] }],
    });
    // A hash that is known does not make the rest true.
    const before = withSecrets(hash('first'));
    const [kept] = saved(before, edited(before, 'application', CLIENT1, { enabled: false }));
    if (kept?.action !== 'update') throw new Error('no update');
    const bent = { ...kept, after: { ...kept.after, shown: { ...kept.after.shown, client_id: 'x' } } } as ReadChange;
    expect(completeChanges([bent], { stored: before, declared: undefined })).toMatchObject({
      missing: [{ reason: 'digest-differs' }],
    });
  });

  it('are refused where an entity has a member that this version does not know', () => {
    const later = { ...EX2.get(CLIENT1), added_later: true } as unknown as Entity;
    const after = createState(new Map(EX2).set(CLIENT1, later));
    expect(complete(EX2, after, after)).toEqual({
      ok: false,
      missing: [{ address: CLIENT1, side: 'after', reason: 'member-unknown', pointers: ['/added_later'] }],
    });
  });

  it('find anew what changed and whose tokens end, instead of believing it', () => {
    const before = edited(EX2, 'application', CLIENT1, { enabled: false });
    const [change] = saved(before, EX2);
    if (change?.action !== 'update') throw new Error('no update');
    expect(change.renews).toBe(true);
    const forged: ReadChange = { ...change, renews: false, paths: [{ pointer: '/audience_mode', after: 'strict' }] };
    const sources = { stored: before, declared: undefined };
    expect(completeChanges([forged], sources)).toEqual({ ok: true, changes: planOf(before, EX2).changes });
  });
});
