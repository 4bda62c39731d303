// What a plan says of resources: who gets through otherwise, and by which line.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { userGrantsOf, wayTo } from '../../src/access/reach.ts';
import { type Address, type ApplicationAddress, resourceAddress, type UserAddress } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { ResourceEntity, ResourceRule } from '../../src/model/entity.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { planFindings } from '../../src/plan/findings.ts';
import { planFromJson, planToJson } from '../../src/plan/json.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import type { UseChange } from '../../src/plan/plan.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { compile } from '../../src/spec/compile.ts';
import { NOW, statePairs } from '../model/state-arbitrary.ts';

const NAMES = ['r', 's'] as const;
const applications: readonly ApplicationAddress[] = ['application:East/a', 'application:East/b', 'application:West/a'];

const rules: fc.Arbitrary<readonly ResourceRule[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.constantFrom(...applications).map((client) => ({ client })),
        fc.constantFrom(...applications).map((audience) => ({ audience })),
        fc.constantFrom(...applications).map((client) => ({ client, scopes: ['WS'] })),
      ),
      { minLength: 1, maxLength: 2 },
    ),
    fc.array(
      fc.oneof(
        fc
          .constantFrom('group:East/g', 'group:West/h', 'group:East/everyone')
          .map((group) => ({ group: group as 'group:East/g' })),
        fc.constant({ method: 'password.1' }),
        fc.constant({ ip: ['10.0.0.0/8'] }),
      ),
      { maxLength: 1 },
    ),
  )
  .map((parts) => parts.flat());

/** Some resources beside the other entities; those whose rules name what is not there are left out. */
function withResources(state: State, all: readonly (readonly ResourceRule[] | undefined)[]): State {
  const isThere = (rule: ResourceRule) =>
    Object.entries(rule).every(([key, value]) =>
      key === 'client' || key === 'audience' || (key === 'group' && !String(value).endsWith('everyone'))
        ? state.has(value as Address)
        : key !== 'method' || state.has('method:password.1'),
    );
  const resources = all.flatMap((access_rules, position): (readonly [Address, ResourceEntity])[] =>
    access_rules?.every(isThere) === true
      ? [[resourceAddress(NAMES[position] ?? ''), { kind: 'resource', path: `/${position}`, access_rules }]]
      : [],
  );
  return createState([...state, ...resources]);
}

const resourceSets = fc.tuple(...NAMES.map(() => fc.option(rules, { nil: undefined })));
const pairs = fc
  .tuple(statePairs, resourceSets, fc.option(resourceSets, { nil: undefined }))
  .map(
    ([[before, after], first, second]) =>
      [withResources(before, first), withResources(after, second ?? first)] as const,
  );

const places = new Map();
const planOf = (before: State, after: State) =>
  makePlan({
    base: { kind: 'store', generation: 1, digest: digestState(before) },
    ...{ before, beforeOrigins: places, after, afterOrigins: places, now: NOW },
  });

/** Every way that is open, asked one by one. */
function open(state: State): ReadonlyMap<string, string> {
  const index = indexState(state);
  const ways = new Map<string, string>();
  for (const [resource] of entitiesOf(state, 'resource')) {
    for (const [address] of entitiesOf(state, 'application')) {
      const client = address as ApplicationAddress;
      const users = [...entitiesOf(state, 'user')].map(([user]) => user as UserAddress);
      for (const user of [undefined, ...users]) {
        const grants = user === undefined ? ['client_credentials'] : userGrantsOf(index, client);
        const target = { resource: resource as `resource:${string}` };
        const way = grants.map((grant_type) => wayTo(index, target, { client, grant_type, user }, NOW)).find(Boolean);
        const as = user === undefined ? way?.decision.user : undefined;
        if (way !== undefined) ways.set(`${resource} ${client} ${user ?? ''}`, JSON.stringify([as, way.answer?.until]));
      }
    }
  }
  return ways;
}

const keysOf = ({ resource, client, users }: UseChange) =>
  (users?.users ?? ['']).map((user) => `${resource} ${client} ${user}`);

it('exactly those are told who get through on one side and not on the other', () => {
  let told = 0;
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      const { uses = [] } = planOf(before, after);
      const [was, is] = [open(before), open(after)];
      const whole = uses.filter(({ otherwise }) => otherwise === undefined);
      const of = (effect: UseChange['effect']) =>
        whole
          .filter((one) => one.effect === effect)
          .flatMap(keysOf)
          .sort();
      expect(of('grant')).toEqual([...is.keys()].filter((key) => !was.has(key)).sort());
      expect(of('revoke')).toEqual([...was.keys()].filter((key) => !is.has(key)).sort());
      told += whole.length;
    }),
    { numRuns: 150 },
  );
  expect(told).toBeGreaterThan(20);
});

it('a plan document says the same, and reading it gives the same rows', () => {
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      const plan = planOf(before, after);
      const outcome = { exit_code: 0, changes: true } as never;
      const json = planToJson(plan, { beforeOrigins: places, afterOrigins: places }, outcome, {});
      const read = planFromJson(JSON.parse(JSON.stringify(json))).plan;
      expect(read.uses).toEqual(plan.uses);
      expect(
        JSON.parse(JSON.stringify(planToJson(read, { beforeOrigins: places, afterOrigins: places }, outcome, {}))),
      ).toEqual(JSON.parse(JSON.stringify(json)));
    }),
    { numRuns: 40 },
  );
});

describe('the cause', () => {
  const spec = (resource: string, more = '') => {
    const text = `
server: { issuer: https://id.example.com }
methods: { cc.1: { type: client_credentials } }
scopes: { WS: { descriptions: [{ key: en, value: Manage }] } }
resources:
  api: ${resource}
---
site: S
methods: [cc.1]
applications:
  a: { secret: { env: A }, methods: [cc.1], allowed_to: [M], metadata: { grant_types: [client_credentials], scope: WS } }
  b: { secret: { env: B }, methods: [cc.1], allowed_to: [M], metadata: { grant_types: [client_credentials], scope: WS }${more} }
groups: { M: { methods: [cc.1] } }
`;
    const compiled = compile([{ path: 'a.yaml', text }], { now: NOW });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
    return compiled.value;
  };
  const rows = (before: ReturnType<typeof spec>, after: ReturnType<typeof spec>) =>
    makePlan({
      base: { kind: 'store', generation: 1, digest: '' },
      ...{
        before: before.state,
        beforeOrigins: before.origins,
        after: after.state,
        afterOrigins: after.origins,
        now: NOW,
      },
    }).uses?.map(({ effect, client, code, cause: { place, removed } }) =>
      [effect, client.slice(-1), code ?? '', place.address, place.pointer, removed === true ? 'was' : 'is'].join(' '),
    );
  const only = '{ path: /, access_rules: [{ client: a }] }';

  it('is the rule that came, and the rule that went', () => {
    const both = '{ path: /, access_rules: [{ client: a }, { client: b }] }';
    expect(rows(spec(only), spec(both))).toEqual(['grant b RESOURCE_CLIENT resource:api /access_rules/1 is']);
    expect(rows(spec(both), spec(only))).toEqual(['revoke b RESOURCE_CLIENT resource:api /access_rules/1 was']);
  });

  it('is the condition that came, and the condition that went', () => {
    const guarded = '{ path: /, access_rules: [{ client: a }, { group: S/everyone }] }';
    expect(rows(spec(only), spec(guarded))).toEqual(['revoke a RESOURCE_CONDITION resource:api /access_rules/1 is']);
    expect(rows(spec(guarded), spec(only))).toEqual(['grant a RESOURCE_CONDITION resource:api /access_rules/1 was']);
  });

  it('is what a client lost elsewhere', () => {
    const off = spec('{ path: /, access_rules: [{ client: b }] }', ', enabled: false');
    expect(rows(spec('{ path: /, access_rules: [{ client: b }] }'), off)).toEqual([
      'revoke b CLIENT_AUTHENTICATION_FAILED application:S/b /enabled is',
    ]);
  });

  it('of addresses is the line that names them, and nothing is told where nobody gets through otherwise', () => {
    const wide = '{ path: /, access_rules: [{ client: a }, { ip: [10.0.0.0/8] }] }';
    const narrow = '{ path: /, access_rules: [{ client: a }, { ip: [10.1.0.0/16] }] }';
    expect(rows(spec(wide), spec(narrow))).toEqual(['revoke a  resource:api /access_rules is']);
    expect(rows(spec(narrow), spec(wide))).toEqual(['grant a  resource:api /access_rules is']);
    expect(rows(spec(wide), spec(wide.replace('path: /', 'path: /, methods: [GET]')))).toBeUndefined();
  });
});

it('findings and the lines of a reload tell each row, gains first', () => {
  const spec = (more: string) => {
    const text = `server: { issuer: https://id.example.com }
methods: { cc.1: { type: client_credentials } }
resources:
  api: { path: /, access_rules: [${more}] }
---
site: S
methods: [cc.1]
applications:
  a: { secret: { env: A }, methods: [cc.1], allowed_to: [M], metadata: { grant_types: [client_credentials] } }
  b: { secret: { env: B }, methods: [cc.1], allowed_to: [M], metadata: { grant_types: [client_credentials] } }
groups: { M: { methods: [cc.1] } }
`;
    const compiled = compile([{ path: 'a.yaml', text }], { now: NOW });
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
    return compiled.value;
  };
  const [before, after] = [spec('{ client: a }'), spec('{ client: b }')];
  const origins = { beforeOrigins: before.origins, afterOrigins: after.origins };
  const plan = makePlan({
    base: { kind: 'store', generation: 1, digest: '' },
    ...{ before: before.state, after: after.state, ...origins, now: NOW },
  });
  expect(
    planFindings(plan, origins).map(({ code, detail, range }) => `${code} ${range?.start.line}: ${detail}`),
  ).toEqual([
    'resource.opened 4: b gets through to resource api, as itself',
    'resource.closed 4: a no longer gets through to resource api, as itself: RESOURCE_CLIENT (No rule of the resource is about the client of the token)',
  ]);
  expect(renderReload(plan, origins, { color: false }).split('\n').slice(0, 2)).toEqual([
    '- a → resource api as itself: RESOURCE_CLIENT (No rule of the resource is about the client of the token)   (was a.yaml:4)',
    '+ b → resource api as itself   a.yaml:4:34',
  ]);
});
