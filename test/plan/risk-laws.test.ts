// The laws of risks, over random States: what arms one, nothing unrelated disarms, and an approval is of that one alone.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';
import { digestEntity } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { approvalOf, approve, unapproved } from '../../src/plan/approving.ts';
import type { Plan, Risk } from '../../src/plan/plan.ts';
import { edited } from '../model/example-state.ts';
import { movedPairs } from '../model/moved-arbitrary.ts';
import { statePairs } from '../model/state-arbitrary.ts';
import { planOf } from './make.ts';

const RUNS = { numRuns: 300 };

/** Entities that nothing refers to and that refer to nothing, in a site of the random States and in one of their own. */
const unrelated: fc.Arbitrary<readonly (readonly [Address, Entity])[]> = fc
  .array(fc.tuple(fc.constantFrom('East', 'North'), fc.nat(30), fc.constantFrom('application', 'group', 'user')), {
    minLength: 1,
    maxLength: 40,
  })
  .map((some) =>
    some.map(([site, number, kind]): readonly [Address, Entity] => {
      const name = `unrelated-${number}`;
      if (kind === 'group') return [groupAddress(site, name), { kind }];
      if (kind === 'user') return [userAddress(site, name), { kind: 'user', sub: `${site}/${name}` }];
      return [applicationAddress(site, name), { kind: 'application', client_id: `${site}.${name}`, restricted: true }];
    }),
  );

const withAll = (state: State, entities: readonly (readonly [Address, Entity])[]) =>
  createState([...state, ...entities]);
/** The State in which every delete is one too many. */
const strict = (state: State): State =>
  edited(state, 'server', 'server', { safety: { deletes: { percent: 0, at_least: 1 } } });
const strictly = fc.boolean().map((is) => (is ? strict : (state: State) => state));
const spoken = ({ kind, subject, digest }: Risk) => `${kind}:${subject}@${digest}`;

describe('an unrelated entity', () => {
  it('that the change creates, or that another site has on both sides, disarms no risk and changes none', () => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(movedPairs, unrelated, strictly, (pair, entities, judged) => {
        const { moves } = pair;
        const [before, after] = [judged(pair.before), pair.after];
        const risks = planOf(before, after, 0, [], moves).risks;
        for (const { kind } of risks) found.set(kind, (found.get(kind) ?? 0) + 1);
        const created = planOf(before, withAll(after, entities), 0, [], moves).risks;
        expect(created.map(spoken)).toEqual(risks.map(spoken));
        const elsewhere = entities.filter(([address]) => address.includes(':North/'));
        const both = planOf(withAll(before, elsewhere), withAll(after, elsewhere), 0, [], moves).risks;
        expect(both.map(spoken)).toEqual(risks.map(spoken));
      }),
      RUNS,
    );
    expect([...found.keys()].sort()).toEqual(['deletes', 'emptied', 'issuer', 'protected', 'restricted']);
  });
});

describe('an approval', () => {
  it('of a risk of one plan lifts one of another exactly where that stands for the same', () => {
    const compared = { same: 0, other: 0 };
    fc.assert(
      fc.property(statePairs, statePairs, strictly, ([one, after], [, another], judged) => {
        const before = judged(one);
        const first = planOf(before, after);
        const second = planOf(before, another);
        for (const risk of first.risks) {
          for (const other of second.risks) {
            if (!risk.approvable || risk.kind !== other.kind || risk.subject !== other.subject) continue;
            const same = contentOf(risk, first) === contentOf(other, second);
            compared[same ? 'same' : 'other']++;
            const lifted = unapproved(approve([other], [approvalOf(risk)])).length === 0;
            expect(lifted).toBe(same);
          }
        }
      }),
      RUNS,
    );
    expect(compared.same).toBeGreaterThan(20);
    expect(compared.other).toBeGreaterThan(50);
  });

  it('of all risks lets a plan pass unless something protected goes', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const { risks } = planOf(before, after);
        const left = unapproved(approve(risks, risks.map(approvalOf)));
        expect(left).toEqual(risks.filter(({ kind }) => kind === 'protected'));
      }),
      RUNS,
    );
  });
});

/** What a risk stands for, read out of what it shows and of the plan: entities as they were, and who gains what. */
function contentOf({ kind, items }: Risk, { changes }: Plan): string {
  const before = new Map(
    changes.map((change) => [change.address, 'before' in change ? digestEntity(change.before) : '']),
  );
  const isDelete = kind === 'deletes' || kind === 'emptied';
  const was = (address: Address) => (isDelete ? before.get(address) : undefined);
  return JSON.stringify(items.map(({ address, text }) => [address, was(address as Address), text]));
}
