// The law of plan documents: nothing of a plan is lost in one, so that who reads it sees what its author saw.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlanContext, type PlanOutcome, planFromJson, planToJson } from '../../src/plan/json.ts';
import type { PlanJson } from '../../src/plan/json-types.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { digestPlan } from '../../src/plan/plan-digest.ts';
import { type PlanTextOptions, renderPlan } from '../../src/plan/text.ts';
import type { Places } from '../../src/plan/text-changes.ts';
import { CLIENT1, EX2, edited } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';
import { plans } from './plan-arbitrary.ts';

const OUTCOME: PlanOutcome = { exit_code: 2, changes: true };
const CONTEXT: PlanContext = {
  engine_version: '1.2.3',
  timestamp: 1_760_000_000_123,
  config: { commit: 'a1'.repeat(20), author: 'A. Author <a@example.com>', dirty: false },
  applied: { generation: 8, secrets: [CLIENT1] },
};

function readBack(document: PlanJson): ReturnType<typeof planFromJson> {
  return planFromJson(JSON.parse(JSON.stringify(document)));
}

function expectLossless(plan: Plan, known: Places, options: PlanTextOptions): PlanJson {
  // Whoever says when the plan was made tells it as of then.
  const places = { ...known, circumstances: { ...known.circumstances, now: Number(CONTEXT.timestamp) } };
  const document = planToJson(plan, places, OUTCOME, CONTEXT);
  const read = readBack(document);
  expect(renderPlan(read.plan, read.places, options)).toBe(renderPlan(plan, places, options));
  expect(JSON.stringify(planToJson(read.plan, read.places, read.outcome, read.context))).toBe(JSON.stringify(document));
  return document;
}

describe('a plan that is read back from its document', () => {
  it('is told in the same text and written as the same document, whatever it holds', () => {
    const met = { hashes: 0, moves: 0, drift: 0, present: 0 };
    const options: fc.Arbitrary<PlanTextOptions> = fc.record({
      color: fc.boolean(),
      full: fc.boolean(),
      groupBy: fc.constantFrom(undefined, 'client', 'audience', 'cause'),
    });
    fc.assert(
      fc.property(plans, options, ({ plan, places }, how) => {
        const text = JSON.stringify(expectLossless(plan, places, how));
        if (text.includes('withheld_hash')) met.hashes++;
        if (text.includes('previous_address')) met.moves++;
        if (plan.drift !== undefined) met.drift++;
        if (text.includes('"present"')) met.present++;
      }),
      { numRuns: 40 },
    );
    // The law is about something.
    for (const number of Object.values(met)) expect(number).toBeGreaterThan(0);
  });

  it('has everything of the plan but written hashes', () => {
    fc.assert(
      fc.property(plans, ({ plan, places }) => {
        const { plan: read, outcome, context } = readBack(planToJson(plan, places, OUTCOME, CONTEXT));
        const { changes, drift, ...others } = plan;
        expect(read).toMatchObject(others);
        expect(read.changes.map(({ action, address }) => [action, address])).toEqual(
          changes.map(({ action, address }) => [action, address]),
        );
        expect(digestPlan(read)).toBe(digestPlan(plan));
        expect(read.drift?.changes.length).toBe(drift?.changes.length);
        expect([outcome, context]).toEqual([OUTCOME, CONTEXT]);
      }),
      { numRuns: 40 },
    );
  });

  it('tells hashes that came and went apart, without showing any', () => {
    const hash = (salt: string) => `$argon2id$v=19$m=19456,t=2,p=1$${salt}$SENSITIVE`;
    const secrets = (...salts: readonly string[]) =>
      edited(EX2, 'application', CLIENT1, { secret: undefined, secrets: salts.map((salt) => ({ hash: hash(salt) })) });
    const [before, after] = [secrets('first', 'second'), secrets('second', 'third')];
    const document = expectLossless(planOf(before, after), placesOf(before, after), { color: false });
    expect(document.resource_changes[0]?.change).toMatchObject({
      before: { secrets: [{ withheld_hash: 1 }, { withheld_hash: 2 }] },
      after: { secrets: [{ withheld_hash: 2 }, { withheld_hash: 3 }] },
    });
    const other = secrets('second', 'first');
    expectLossless(planOf(before, other), placesOf(before, other), { color: false });
  });

  it('knows where each member of what it leads to is written, as a store keeps it', () => {
    const after = edited(EX2, 'application', CLIENT1, { enabled: false });
    const places = placesOf(EX2, after);
    const { places: read } = readBack(planToJson(planOf(EX2, after), places, OUTCOME));
    for (const pointer of ['', '/enabled', '/metadata/scope', '/allowed_to/0']) {
      expect(read.afterOrigins.get(CLIENT1)?.(pointer)).toEqual(places.afterOrigins.get(CLIENT1)?.(pointer));
    }
  });
});

const CASES = fileURLToPath(new URL('cases/', import.meta.url));

describe.each(readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'plan.json'))))(
  'the golden document of %s',
  (name) => {
    const document: PlanJson = JSON.parse(readFileSync(join(CASES, name, 'plan.json'), 'utf8'));

    it('reads like plan.txt', () => {
      const { plan, places } = planFromJson(document);
      const text = readFileSync(join(CASES, name, 'plan.txt'), 'utf8');
      expect(renderPlan(plan, places, { color: false })).toBe(text);
    });

    it('is written again as it is', () => {
      const { plan, places, outcome, context } = planFromJson(document);
      expect(planToJson(plan, places, outcome, context)).toEqual(document);
    });
  },
);
