// What is said of resources: by explain and who-can, and by tests of access.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, test } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { answerToJson, type Told } from '../../src/explain/answer-json.ts';
import { answerSchema } from '../../src/explain/answer-schema.gen.ts';
import { callingsOf } from '../../src/explain/callings.ts';
import { coverageOf } from '../../src/explain/coverage.ts';
import { explainResource } from '../../src/explain/explain-resource.ts';
import { resourceLines } from '../../src/explain/explain-resource-text.ts';
import { footprintOf } from '../../src/explain/footprint.ts';
import { graphOf } from '../../src/explain/graph.ts';
import { renderDot } from '../../src/explain/graph-dot.ts';
import { renderMermaid } from '../../src/explain/graph-mermaid.ts';
import { selectClients } from '../../src/explain/graph-select.ts';
import { stepWords } from '../../src/explain/link-words.ts';
import { findWhat } from '../../src/explain/names.ts';
import { pictureOf } from '../../src/explain/picture.ts';
import { whatCan } from '../../src/explain/what-can.ts';
import { whatCanLines } from '../../src/explain/what-can-text.ts';
import { whoCan } from '../../src/explain/who-can.ts';
import { whoCanLines } from '../../src/explain/who-can-text.ts';
import type { World } from '../../src/explain/world.ts';
import type { AccessTest } from '../../src/model/access-test.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import { compile } from '../../src/spec/compile.ts';

const NOW = Date.UTC(2026, 5, 1);
const text = readFileSync(new URL('resources.yaml', import.meta.url), 'utf8');
const compiled = compile([{ path: 'a.yaml', text }], { now: NOW });
if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
const { state, origins, tests } = compiled.value;
const index = indexState(state);
const world: World = { index, origins, waivers: [], now: NOW, generation: undefined };
const telling = { world, naming: callingsOf(state), full: false };

function asked(client: 'portal' | 'batch' | 'closed', more: object = {}) {
  const question = { grant_type: undefined, scope: undefined, user: undefined, method: undefined, ip: undefined };
  return { ...question, client: `application:Shop/${client}` as const, ...more };
}

function said(...[client, resource, more]: [Parameters<typeof asked>[0], string, object?]): readonly string[] {
  const answer = explainResource(world, asked(client, more), `resource:${resource}`);
  return resourceLines(answer, telling).map(({ sign = '', text: words }) => `${sign} ${words}`.trim());
}

describe('explain says of a resource', () => {
  it('a yes with the links that it rests on, what to ask for, and from where', () => {
    expect(said('portal', 'orders', { user: 'user:Shop/bob' })).toEqual([
      '✓ portal may use resource orders by authorization_code for bob',
      'portal may ask for orders-api',
      'bob is a user of Shop',
      'portal is open to everyone of Shop',
      'orders-api is open to everyone of Shop',
      'resource orders takes tokens of portal',
      'bob is a member of Staff until 2027-01-01',
      'resource orders is for members of Staff',
      'with a token for orders-api orders:read',
      'until 2027-01-01, only from 10.0.0.0/8',
    ]);
  });

  it('a no with the rule and what is missing', () => {
    expect(said('portal', 'orders', { user: 'user:Shop/eve' })).toEqual([
      '✗ portal may not use resource orders by authorization_code for eve (RESOURCE_CONDITION)',
      'resource orders takes tokens of portal',
      '✗ eve is not in Staff, as it asks for',
    ]);
    expect(said('portal', 'orders', { user: 'user:Shop/ada', scope: ['orders-api'] })).toEqual([
      '✗ portal may not use resource orders by authorization_code for ada with orders-api (RESOURCE_SCOPE)',
      'it takes portal reads: tokens of portal for orders-api with orders:read',
      '✗ the token holds orders-api',
    ]);
    expect(said('portal', 'orders', { user: 'user:Shop/ada', ip: '192.0.2.1' }).at(-1)).toBe(
      '✗ it is open from 10.0.0.0/8 only',
    );
    expect(said('batch', 'orders').at(-1)).toBe('✗ it asks for a user, and no user is behind the token');
    expect(said('closed', 'closed').at(-1)).toBe('✗ it asks for a user, and no user is behind the token');
    expect(said('batch', 'closed').at(-1)).toBe('✗ no rule is about tokens of batch');
    expect(said('closed', 'open')).toEqual([
      '✗ closed may not use resource open (RESOURCE_CLIENT)',
      'it takes tokens for orders-api',
      'it takes tokens of batch with orders:read',
      '✗ no rule is about tokens of closed',
    ]);
  });

  it('of users whom nobody names how many get through, and why the others do not', () => {
    expect(said('portal', 'orders')).toEqual([
      '✓ portal may use resource orders by authorization_code, for 2 of 3 users',
      'not: RESOURCE_CONDITION 1',
      'resource orders is for members of Staff',
      '',
      '--user NAME tells of one user, link by link',
    ]);
  });

  it('the same as JSON', () => {
    const json = (client: 'portal' | 'batch') =>
      answerToJson({ kind: 'resource', explanation: explainResource(world, asked(client), 'resource:orders') }, world);
    expect(json('portal')).toMatchObject({
      kind: 'explain',
      question: { client: 'application:Shop/portal', resource: 'resource:orders' },
      grants: [
        {
          granted: true,
          use: {
            rule: { pointer: '/access_rules/0' },
            networks: [['10.0.0.0/8']],
            users: { total: 3, passed: 2, refused: { RESOURCE_CONDITION: 1 } },
          },
        },
      ],
    });
    expect(json('batch')).toMatchObject({
      grants: [
        { granted: false, use: { reason: { code: 'RESOURCE_CONDITION', missing: { pointer: '/access_rules/2' } } } },
      ],
    });
  });
});

describe('who-can says of a resource', () => {
  const lines = (name: string) => {
    const found = findWhat(state, name);
    if (!found.ok) return [found.message];
    const answer = whoCan(world, found.value, {});
    return whoCanLines(answer, telling).map(({ sign = '', text: words }) => `${sign} ${words}`.trim());
  };

  it('which clients get through, with how many users, and which do not', () => {
    expect(lines('resource:orders')).toEqual([
      '✓ resource orders may be used by 1 client',
      '✓ portal  2 users, by authorization_code, through Staff 2, only from 10.0.0.0/8',
      '',
      '1 more client may hold a token that a rule is about, and does not get through',
      'RESOURCE_CONDITION: batch',
    ]);
    expect(lines('resource:closed')).toEqual([
      '✗ Nobody may use resource closed',
      'RESOURCE_CONDITION: closed',
      '',
      'charter explain closed --resource closed tells what is missing',
    ]);
  });

  it('that a name without its kind is a resource, and which one may have been meant', () => {
    expect(lines('orders')).toEqual(['"orders" is a resource: write resource:orders.']);
    expect(lines('resource:order')[0]).toContain('Did you mean "orders"?');
  });
});

describe('what-can says', () => {
  const lines = (subject: Parameters<typeof whatCan>[1]) => {
    const answer = whatCan(world, subject, { ip: undefined }, telling.naming);
    const all = whatCanLines(answer, telling).map(({ sign = '', text: words }) => `${sign} ${words}`.trim());
    return all.slice(all.findIndex((line) => line.startsWith('Resources')));
  };

  it('which resources a client gets through to', () => {
    expect(lines('application:Shop/portal')).toEqual([
      'Resources that a rule may let it through to',
      '✓ open    3 of 3 users',
      '✓ orders  2 of 3 users, only from 10.0.0.0/8',
    ]);
    expect(lines('application:Shop/batch')).toEqual([
      'Resources that a rule may let it through to',
      '✓ open',
      '✗ orders  RESOURCE_CONDITION',
    ]);
  });

  it('which a user gets through to, and by way of what', () => {
    expect(lines('user:Shop/bob')).toEqual([
      'Resources that bob gets through to',
      '✓ open  by way of portal',
      '✓ orders  by way of portal, until 2027-01-01, only from 10.0.0.0/8',
    ]);
    expect(lines('user:Shop/eve')).toEqual(['Resources that eve gets through to', '✓ open  by way of portal']);
  });

  it('which are for the members of a group', () => {
    expect(lines('group:Shop/Staff').slice(0, 2)).toEqual(['Resources that are for its members alone', '✓ orders']);
  });

  it('the same as JSON, of the form that the schema has', () => {
    const fits = new Ajv2020({ strict: true, strictRequired: false, formats: { 'date-time': true } }).compile(
      answerSchema,
    );
    const tell = (told: Told) => {
      const json = JSON.parse(JSON.stringify(answerToJson(told, world)));
      fits(json);
      expect(fits.errors ?? []).toEqual([]);
      return json;
    };
    const can = (subject: Parameters<typeof whatCan>[1]) =>
      tell({ kind: 'what-can', ip: undefined, answer: whatCan(world, subject, { ip: undefined }, telling.naming) });
    expect(can('application:Shop/batch').client.resources).toMatchObject([
      { resource: 'resource:open', granted: true, use: { rule: { pointer: '/access_rules/1' } } },
      { resource: 'resource:orders', granted: false, use: { reason: { code: 'RESOURCE_CONDITION' } } },
    ]);
    expect(can('user:Shop/eve').user.resources).toEqual([
      { resource: 'resource:open', client: 'application:Shop/portal' },
    ]);
    expect(can('group:Shop/Staff').group.resources).toMatchObject([
      { resource: 'resource:orders', group: 'group:Shop/Staff' },
    ]);
    tell({ kind: 'resource', explanation: explainResource(world, asked('portal'), 'resource:orders') });
    tell({
      kind: 'who-can',
      answer: whoCan(world, { resource: 'resource:orders' }, {}),
      grant_type: undefined,
      ip: undefined,
    });
  });
});

describe('a picture', () => {
  const graph = graphOf(state, index, NOW);
  const links = graph.links.filter(({ to }) => to.startsWith('resource:'));

  it('has resources, with what leads to them: clients, what tokens are for, and the groups of conditions', () => {
    expect(links.map(({ from, relation, to }) => `${from} ${relation} ${to}`)).toEqual([
      'application:Shop/batch may_use resource:open',
      'application:Shop/batch may_use resource:orders',
      'application:Shop/closed may_use resource:closed',
      'application:Shop/orders-api may_use resource:open',
      'application:Shop/portal may_use resource:orders',
      'group:Shop/Staff access_rule resource:orders',
    ]);
    expect(graph.entities.get('resource:orders')?.facts).toEqual([
      ['host', 'api.example.com'],
      ['path', '/orders'],
      ['rule', 'tokens of Shop/portal for Shop/orders-api with orders:read'],
      ['rule', 'tokens of Shop/batch'],
      ['rule', 'group Shop/Staff'],
      ['rule', 'from 10.0.0.0/8'],
    ]);
  });

  it('of one client shows the resources that take its tokens, or tokens for what it asks for', () => {
    const ofClient = (client: 'portal' | 'closed') =>
      [...selectClients(graph, [`application:Shop/${client}`], new Set()).entities.keys()].filter((one) =>
        one.startsWith('resource:'),
      );
    expect(ofClient('portal')).toEqual(['resource:open', 'resource:orders']);
    expect(ofClient('closed')).toEqual(['resource:closed']);
  });

  it('shows them in every format', () => {
    const picture = pictureOf(graph);
    expect(renderMermaid(picture)).toContain('may use');
    expect(renderMermaid(picture)).toMatch(/\[\("orders/);
    expect(renderDot(picture)).toContain('cylinder');
  });
});

it('a rule of a resource that no test would miss is told', () => {
  const uncovered = (some: readonly AccessTest[]) =>
    coverageOf(state, some, NOW)
      .uncovered.filter(({ relation }) => relation === 'may_use')
      .map((step) => stepWords(step, telling.naming));
  expect(uncovered([])).toEqual([
    'resource closed takes tokens of closed',
    'resource open takes tokens for orders-api',
    'resource open takes tokens of batch',
    'resource orders takes tokens of portal',
    'resource orders takes tokens of batch',
  ]);
  // What no rule lets through all the same no test can miss, but for the reason.
  expect(uncovered(tests)).toEqual([]);
});

describe('a test of access about a resource', () => {
  test.each(tests.map((one) => [one.name, one] as const))('passes: %s', (_, { assertion }) => {
    expect(judgeTest(assertion, index, NOW)).toEqual([]);
  });

  it('is called by what it asks', () => {
    expect(tests.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'portal may use orders for ada by authorization_code',
        'portal may not use orders with orders-api for ada by authorization_code (RESOURCE_SCOPE)',
        'only ada, bob can use orders through portal at 2026-06-01',
        'nobody can use closed',
      ]),
    );
  });

  const turned = ({ assertion }: AccessTest) => {
    if (assertion.kind === 'allow') return { ...assertion, kind: 'deny' as const, reason: undefined };
    return assertion.kind === 'deny' ? { kind: 'allow' as const, request: assertion.request } : undefined;
  };
  test.each(tests.map((one) => [one.name, one] as const))('fails where the opposite is said: %s', (_, one) => {
    const opposite = turned(one);
    if (opposite !== undefined) expect(judgeTest(opposite, index, NOW)).not.toEqual([]);
  });

  it('says why, with the links', () => {
    const fails = (assertion: Parameters<typeof judgeTest>[0]) =>
      judgeTest(assertion, index, NOW).map(({ text: why }) => why);
    const request = {
      client: 'application:Shop/portal',
      grant_type: 'authorization_code',
      method: undefined,
      scope: undefined,
      ip: undefined,
      time: undefined,
      resource: 'resource:orders',
    } as const;
    expect(fails({ kind: 'allow', request: { ...request, user: 'user:Shop/eve' } })).toEqual([
      'resource orders: expected to be usable; it is not (RESOURCE_CONDITION: A condition of the resource does not hold)',
    ]);
    expect(fails({ kind: 'deny', reason: undefined, request: { ...request, user: 'user:Shop/ada' } })).toEqual([
      'resource orders: expected to be refused; it may be used',
    ]);
    expect(fails({ kind: 'deny', reason: 'RESOURCE_SCOPE', request: { ...request, user: 'user:Shop/eve' } })).toEqual([
      'resource orders: expected to be refused with RESOURCE_SCOPE; it is with RESOURCE_CONDITION',
    ]);
    const who = {
      target: { resource: 'resource:orders' },
      grant_type: undefined,
      client: undefined,
      ip: undefined,
      time: undefined,
    } as const;
    expect(fails({ kind: 'who_can', who, compare: 'exactly', names: ['application:Shop/batch'] })).toEqual([
      'Shop/portal can, by authorization_code for Shop/ada, and is not listed',
      'Shop/batch cannot, and is listed: RESOURCE_CONDITION',
    ]);
  });

  it('looks at the resource and the groups of its conditions', () => {
    const [first] = tests;
    const footprint = first && footprintOf(first.assertion, index);
    expect(footprint?.has('resource:orders')).toBe(true);
    expect(footprint?.has('group:Shop/Staff')).toBe(true);
  });
});
