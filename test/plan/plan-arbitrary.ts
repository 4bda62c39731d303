// Owns random plans with all that a plan can hold: changes between random States, moves too, and beside them tokens, tests,
// risks, impact and drift as a store or a spec would give them. Never decides what is expected.

import fc from 'fast-check';
import {
  type Address,
  applicationAddress,
  customerAddress,
  groupAddress,
  policyAddress,
  roleAddress,
  userAddress,
} from '../../src/model/address.ts';
import { RISK_KINDS } from '../../src/model/approval.ts';
import { digestState } from '../../src/model/digest.ts';
import { followRenames, type Renames } from '../../src/model/move.ts';
import type { Origins, SourceRange } from '../../src/model/origin.ts';
import { createState, type State } from '../../src/model/state.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type {
  Impact,
  PermissionChange,
  Plan,
  PlanBase,
  ReleasedChange,
  Risk,
  TestResult,
  TokenChange,
} from '../../src/plan/plan.ts';
import { digestPlan } from '../../src/plan/plan-digest.ts';
import type { Places } from '../../src/plan/text-changes.ts';
import { originsOf } from '../model/example-state.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';

export interface RandomPlan {
  readonly plan: Plan;
  readonly places: Places;
  readonly before: State;
  readonly after: State;
}

/** What may be called otherwise afterwards: nothing of random States has these names. */
const MOVES: Renames = new Map<Address, Address>([
  [applicationAddress('East', 'a'), applicationAddress('West', 'moved-a')],
  [groupAddress('East', 'g'), groupAddress('East', 'moved-g')],
  [userAddress('West', 'u'), userAddress('East', 'moved-u')],
  [policyAddress('East', 'p'), policyAddress('West', 'moved-p')],
]);

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', 'a b', 'line\nbreak', '\u001b[31mred', '\u202eturned', '__proto__', '<b>'),
);
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
const range: fc.Arbitrary<SourceRange> = fc
  .tuple(fc.constantFrom('a.yaml', 'sites/b c.yaml', 'c:1:2.yaml', 'd-1:2:3.yaml'), fc.nat(50), fc.nat(50))
  .map(([file, line, column]) => ({
    file,
    start: { line: line + 1, column: column + 1, offset: 60 * line + column },
    end: { line: line + 2, column: 1, offset: 60 * line + 60 },
  }));
const clients = fc.constantFrom(applicationAddress('East', 'a'), applicationAddress('West', 'b'));

const tests: fc.Arbitrary<TestResult> = fc.record({
  name: text,
  range,
  outcome: fc.constantFrom('passed', 'failed'),
  before: fc.constantFrom('passed', 'failed', 'absent'),
  problems: fc.array(text, { maxLength: 2 }),
});

/** JSON has no negative zero: what a claim says can be written. */
const jsonValues = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

const content = fc.record({
  claims: fc.dictionary(fc.constantFrom('aud', 'scope', 'sub', 'nested'), jsonValues),
  lifetime: fc.constantFrom(0, 300, 3600),
});

const tokens: fc.Arbitrary<TokenChange> = fc
  .record({
    client: clients,
    client_id: text,
    scope: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
    before: fc.option(content, { nil: undefined }),
    after: fc.option(content, { nil: undefined }),
    refused: fc.constantFrom(undefined, 'NOT_IN_ALLOWED_GROUP'),
  })
  .chain((change) =>
    fc.constantFrom(
      { ...change, grant_type: 'client_credentials' },
      { ...change, grant_type: 'authorization_code', user: userAddress('East', 'u') },
    ),
  );

const values = fc.array(
  fc.record(
    {
      value: text,
      scopes: fc.array(text, { minLength: 1, maxLength: 2 }),
      methods: fc.constant(['cc']),
      until: instant,
    },
    { requiredKeys: ['value'] },
  ),
  { maxLength: 2 },
);

const released: fc.Arbitrary<ReleasedChange> = fc.record(
  {
    effect: fc.constantFrom('add', 'change', 'remove'),
    application: clients,
    name: text,
    through: fc.constant(groupAddress('East', 'g')),
    users: fc.constantFrom([userAddress('East', 'u')], [userAddress('East', 'u'), userAddress('West', 'v')]),
    before: values,
    after: values,
    cause: fc.record(
      {
        place: fc.constant({ address: policyAddress('East', 'p'), pointer: '/items/0' }),
        range: fc.option(range, { nil: undefined }),
        removed: fc.constant(true),
      },
      { requiredKeys: ['place', 'range'] },
    ),
  },
  { requiredKeys: ['effect', 'application', 'name', 'users', 'before', 'after', 'cause'] },
);

const permissions: fc.Arbitrary<PermissionChange> = fc
  .record(
    {
      effect: fc.constantFrom('grant', 'revoke'),
      client: clients,
      functions: fc.array(text, { minLength: 1, maxLength: 3 }),
      customer: fc.constant(customerAddress('c')),
      role: fc.constant(roleAddress('R')),
      who: fc.constantFrom(
        { users: { users: [userAddress('East', 'u')] } },
        { users: { through: groupAddress('East', 'g'), users: [userAddress('East', 'u'), userAddress('West', 'v')] } },
        { as: userAddress('East', 'u') },
        {},
      ),
      until: fc.constantFrom(NOW, NOW + 1000),
      otherwise: fc.constantFrom(NOW + 500, Number.POSITIVE_INFINITY),
      cause: fc.record(
        {
          place: fc.constant({ address: roleAddress('R'), pointer: '/functions/0' }),
          range: fc.option(range, { nil: undefined }),
          removed: fc.constant(true),
        },
        { requiredKeys: ['place', 'range'] },
      ),
    },
    { requiredKeys: ['effect', 'client', 'functions', 'role', 'who', 'cause'] },
  )
  .map(({ who, ...change }) => ({ ...change, ...who }) as PermissionChange);

const risks: fc.Arbitrary<Risk> = fc
  .record({
    kind: fc.constantFrom(...RISK_KINDS),
    subject: fc.constantFrom('East', 'East/a', 'server'),
    digest: fc.constantFrom('0123456789abcdef', 'fedcba9876543210'),
    summary: text,
    items: fc.array(
      fc.oneof(
        text.map((one) => ({ text: one })),
        fc.tuple(clients, text).map(([address, one]) => ({ address, text: one })),
      ),
      { maxLength: 3 },
    ),
    approvable: fc.boolean(),
    approved: fc.constantFrom('no', 'flag', 'spec'),
    range,
  })
  .map(({ approved, range: at, ...risk }) => {
    const { kind, subject, digest, approvable } = risk;
    const approval = { risk: kind, subject, digest };
    if (approved === 'no' || !approvable) return { ...risk, approved: undefined };
    return { ...risk, approved: approved === 'spec' ? { ...approval, range: at } : approval };
  });

const impacts: fc.Arbitrary<Impact> = fc.record({
  address: fc.oneof(clients, fc.constant(userAddress('East', 'u'))),
  ends: fc.boolean(),
  stopsRefresh: fc.boolean(),
  liveTokens: fc.constantFrom(undefined, 0, 1, 7),
  families: fc.constantFrom(undefined, 0, 1, 7),
  users: fc.constantFrom(undefined, 0, 1, 7),
  sessions: fc.constantFrom(undefined, 0, 1, 7),
  lastUsed: fc.option(instant, { nil: undefined }),
  offlineSeconds: fc.constantFrom(undefined, 300, 3600),
});

const digests = fc.constantFrom('a', 'b').map((digit) => `sha256:${digit.repeat(64)}`);
const bases: fc.Arbitrary<PlanBase> = fc.oneof(
  fc.record({ kind: fc.constant('store' as const), generation: fc.nat(), digest: digests }),
  fc.record({ kind: fc.constant('ref' as const), ref: text, commit: fc.constant('c0'.repeat(20)), digest: digests }),
  fc.record({ kind: fc.constant('dir' as const), path: text, digest: digests }),
);

/** Origins of which some members stand in another file than their entity, as an overlay's do. */
function scattered(state: State): Origins {
  return new Map(
    [...originsOf(state)].map(([address, origin]) => [
      address,
      (pointer) => {
        const at = origin(pointer);
        return /^\/(enabled|attributes|tokens\/|secrets|methods)/.test(pointer) ? { ...at, file: 'overlay.yaml' } : at;
      },
    ]),
  );
}

const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, arbitrary);

export const plans: fc.Arbitrary<RandomPlan> = fc
  .record({
    states: statePairs,
    drifted: seldom(states),
    moved: seldom(fc.subarray([...MOVES])),
    base: bases,
    tests: fc.array(tests, { maxLength: 3 }),
    tokens: fc.array(tokens, { maxLength: 2 }),
    told: seldom(fc.array(released, { maxLength: 3 })),
    permitted: seldom(fc.array(permissions, { maxLength: 3 })),
    risks: fc.array(risks, { maxLength: 3 }),
    impact: seldom(fc.uniqueArray(impacts, { maxLength: 3, selector: ({ address }) => address })),
  })
  .map(({ states: [before, declared], drifted, moved = [], base, impact, told, permitted, ...parts }) => {
    const renames: Renames = new Map(moved);
    const after = createState(
      [...declared].map(([address, entity]) => [renames.get(address) ?? address, followRenames(entity, renames)]),
    );
    const places = { beforeOrigins: scattered(before), afterOrigins: scattered(after) };
    const moves = moved.map(([from, to]) => ({ from, to, range: undefined }));
    const plan = makePlan({ base, before, after, ...places, moves, now: NOW });
    const drift =
      drifted === undefined
        ? undefined
        : { recorded: digestState(drifted), found: digestState(before), changes: diffStates(drifted, before) };
    const more = { released: told ?? plan.released, permissions: permitted ?? plan.permissions };
    const digest = digestPlan({ ...plan, ...more });
    return {
      plan: { ...plan, ...more, digest, ...parts, impact: impact ?? plan.impact, drift },
      places,
      before,
      after,
    };
  });
