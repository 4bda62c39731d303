import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import {
  coveringResource,
  judgeResource,
  type ResourceAnswer,
  type TokenAtResource,
} from '../../src/access/resource.ts';
import type { Address, ResourceAddress } from '../../src/model/address.ts';
import type { Entity, ResourceEntity, ResourceRule } from '../../src/model/entity.ts';
import { createState } from '../../src/model/state.ts';

const NOW = Date.UTC(2026, 5, 15);
const PORTAL = 'application:S/portal';
const OTHER = 'application:S/other';
const ORDERS = 'application:S/orders';
const API: ResourceAddress = 'resource:api';

const entities = (access_rules: readonly ResourceRule[]): readonly (readonly [Address, Entity])[] => [
  ['server', { kind: 'server', issuer: 'https://id.example.com' }],
  ['scope:read', { kind: 'scope', descriptions: [] }],
  ['scope:write', { kind: 'scope', descriptions: [] }],
  [PORTAL, { kind: 'application', client_id: 'p', metadata: { scope: 'read write' } }],
  [OTHER, { kind: 'application', client_id: 'other', client_ip_range: ['10.0.0.0/8'], metadata: { scope: 'read' } }],
  [ORDERS, { kind: 'application', client_id: 'o' }],
  ['user:S/alice', { kind: 'user', sub: 'alice' }],
  ['user:S/bob', { kind: 'user', sub: 'bob' }],
  ['group:S/staff', { kind: 'group', members: [{ to: 'user:S/alice' }, { to: 'user:S/bob', expires: '2026-06-16' }] }],
  ['group:S/by-password', { kind: 'group', methods: ['password.1'], members: [{ to: 'user:S/alice' }] }],
  [API, { kind: 'resource', path: '/api', access_rules }],
];

const token = (more: Partial<TokenAtResource> = {}): TokenAtResource => ({
  client: PORTAL,
  grant_type: 'client_credentials',
  user: undefined,
  method: 'cc.1',
  audiences: ['o', 'p'],
  scopes: ['read'],
  until: undefined,
  ...more,
});
const of = (user: 'alice' | 'bob', more: Partial<TokenAtResource> = {}): TokenAtResource =>
  token({ grant_type: 'authorization_code', method: 'password.1', user: `user:S/${user}`, ...more });

function judge(rules: readonly ResourceRule[], presented: TokenAtResource, ip?: string, now = NOW): ResourceAnswer {
  return judgeResource(indexState(createState(entities(rules))), API, presented, { ip, now });
}

function codeOf(...asked: Parameters<typeof judge>): string {
  const answer = judge(...asked);
  return answer.passed ? 'passed' : answer.code;
}

describe('a rule about tokens', () => {
  it('lets through what was issued to its client, is for its audience and holds all its scopes', () => {
    expect(codeOf([{ client: PORTAL }], token())).toBe('passed');
    expect(codeOf([{ audience: ORDERS }], token())).toBe('passed');
    expect(codeOf([{ client: PORTAL, audience: ORDERS, scopes: ['read'] }], token())).toBe('passed');
    expect(codeOf([{ client: OTHER }], token())).toBe('RESOURCE_CLIENT');
    expect(codeOf([{ audience: OTHER }], token())).toBe('RESOURCE_AUDIENCE');
    expect(codeOf([{ client: PORTAL, audience: OTHER }], token())).toBe('RESOURCE_AUDIENCE');
    expect(codeOf([{ client: PORTAL, scopes: ['read', 'write'] }], token())).toBe('RESOURCE_SCOPE');
    expect(codeOf([{ client: PORTAL }], token({ scopes: [] }))).toBe('passed');
  });

  it('X-14: is enough where it passes, whatever the others say', () => {
    const rules: ResourceRule[] = [
      { client: OTHER },
      { audience: OTHER },
      { client: PORTAL, scopes: ['write'] },
      { audience: ORDERS },
    ];
    const answer = judge(rules, token());
    expect(answer).toMatchObject({ passed: true, rule: { audience: ORDERS } });
    expect(answer.chain).toEqual([
      { relation: 'may_use', from: PORTAL, to: API, at: { address: API, pointer: '/access_rules/3' } },
    ]);
  });

  it('of several the closest one is told: of another audience only where no rule is for one of the token', () => {
    expect(codeOf([{ audience: OTHER }, { client: OTHER }], token())).toBe('RESOURCE_CLIENT');
    expect(codeOf([{ audience: OTHER }, { client: OTHER, audience: ORDERS }], token())).toBe('RESOURCE_CLIENT');
    expect(codeOf([{ client: OTHER }, { client: PORTAL, scopes: ['write'] }], token())).toBe('RESOURCE_SCOPE');
  });

  it('N-03: tells all scopes of the rule that lacks least, where the client can get them', () => {
    const rules: ResourceRule[] = [
      { client: PORTAL, scopes: ['write', 'more', 'most'] },
      { audience: ORDERS, scopes: ['read', 'write'] },
    ];
    expect(judge(rules, token())).toMatchObject({
      code: 'RESOURCE_SCOPE',
      scopes: ['read', 'write'],
      missing: { address: API, pointer: '/access_rules/1/scopes/1' },
    });
    const beyond = judge([{ audience: ORDERS, scopes: ['write'] }], token({ client: OTHER }));
    expect(beyond).toMatchObject({ code: 'RESOURCE_SCOPE' });
    expect(beyond).not.toHaveProperty('scopes');
    // A token with them would be refused all the same.
    const closed = judge([{ client: PORTAL, scopes: ['write'] }, { group: 'group:S/staff' }], token());
    expect(closed).toMatchObject({ code: 'RESOURCE_SCOPE' });
    expect(closed).not.toHaveProperty('scopes');
  });
});

describe('a condition', () => {
  const open: ResourceRule = { client: PORTAL };

  it('X-14: must hold beside the rule that passes', () => {
    expect(codeOf([open, { ip: ['10.0.0.0/8'] }], token(), '10.1.1.1')).toBe('passed');
    expect(codeOf([open, { ip: ['10.0.0.0/8'] }], token(), '11.1.1.1')).toBe('RESOURCE_CONDITION');
    expect(codeOf([open, { ip: ['10.0.0.0/8'] }, { ip: ['10.1.0.0/16'] }], token(), '10.2.1.1')).toBe(
      'RESOURCE_CONDITION',
    );
  });

  it('about a group or a method asks for a token with a user', () => {
    expect(codeOf([open, { group: 'group:S/staff' }], token())).toBe('RESOURCE_CONDITION');
    expect(codeOf([open, { method: 'cc.1' }], token())).toBe('RESOURCE_CONDITION');
    expect(codeOf([open, { group: 'group:S/staff' }], of('alice'))).toBe('passed');
    expect(codeOf([open, { group: 'group:S/everyone' }], of('bob'))).toBe('passed');
    expect(codeOf([open, { group: 'group:T/everyone' }], of('bob'))).toBe('RESOURCE_CONDITION');
    expect(codeOf([open, { method: 'password.1' }], of('bob'))).toBe('passed');
    expect(codeOf([open, { method: 'password.2' }], of('bob'))).toBe('RESOURCE_CONDITION');
    expect(codeOf([open, { group: 'group:S/by-password' }], of('alice', { method: 'other' }))).toBe(
      'RESOURCE_CONDITION',
    );
  });

  it('about a group ends with the membership, and the answer says when', () => {
    const rules = [open, { group: 'group:S/staff' }] as const;
    const end = Date.UTC(2026, 5, 16);
    expect(judge(rules, of('bob'))).toMatchObject({ passed: true, until: end });
    expect(judge(rules, of('bob'), undefined, end)).toMatchObject({
      code: 'RESOURCE_CONDITION',
      missing: { address: 'group:S/staff', pointer: '/members/1' },
    });
    expect(judge(rules, of('alice')).until).toBeUndefined();
    expect(judge(rules, of('bob', { until: end - 1 })).until).toBe(end - 1);
  });

  it('about addresses, and the range of the client, are told where the address is not known', () => {
    const answer = judge([{ client: OTHER }, { ip: ['10.1.0.0/16'] }], token({ client: OTHER }));
    expect(answer).toMatchObject({ passed: true, networks: [['10.0.0.0/8'], ['10.1.0.0/16']] });
    expect(judge([open], token())).not.toHaveProperty('networks');
  });
});

it('A-17: the range of the client holds wherever it uses a token', () => {
  const asked = [[{ client: OTHER }], token({ client: OTHER })] as const;
  expect(codeOf(...asked, '10.1.1.1')).toBe('passed');
  expect(judge(...asked, '11.1.1.1')).toMatchObject({
    code: 'CLIENT_IP_NOT_ALLOWED',
    missing: { address: OTHER, pointer: '/client_ip_range' },
  });
});

it('a resource that is not there lets nobody through', () => {
  const answer = judgeResource(indexState(createState([])), API, token(), { ip: undefined, now: NOW });
  expect(answer).toMatchObject({ passed: false, code: 'RESOURCE_UNKNOWN' });
});

type Shape = Pick<ResourceEntity, 'host' | 'path' | 'methods'>;
const stateOf = (shapes: readonly Shape[]) =>
  createState(
    shapes.map((shape, position) => [
      `resource:${String(position).padStart(3, '0')}` as const,
      { kind: 'resource' as const, ...shape, access_rules: [] },
    ]),
  );
const at = (shapes: readonly Shape[], host: string, path: string, method = 'GET') => {
  const found = coveringResource(indexState(stateOf(shapes)), { host, path, method });
  return found === undefined ? undefined : shapes[Number(found.slice('resource:'.length))];
};

describe('of several resources that cover a request the most specific one decides alone', () => {
  const everywhere = { path: '/' };
  const api = { path: '/api' };
  const apiGet = { path: '/api', methods: ['GET'] };
  const apiPost = { path: '/api', methods: ['POST'] };
  const hosted = { host: 'a.example', path: '/' };
  const all = [everywhere, api, apiGet, apiPost, hosted];

  it('a host before none, then the longer path, then methods', () => {
    expect(at(all, 'b.example', '/x')).toBe(everywhere);
    expect(at(all, 'b.example', '/api')).toBe(apiGet);
    expect(at(all, 'b.example', '/api/orders/1', 'POST')).toBe(apiPost);
    expect(at(all, 'b.example', '/api', 'DELETE')).toBe(api);
    expect(at(all, 'b.example', '/apix')).toBe(everywhere);
    expect(at(all, 'a.example', '/api')).toBe(hosted);
  });

  it('what none covers has none', () => {
    expect(at([api], 'a.example', '/')).toBeUndefined();
    expect(at([apiGet], 'a.example', '/api', 'POST')).toBeUndefined();
    expect(at([hosted], 'b.example', '/')).toBeUndefined();
    expect(at([], 'a.example', '/')).toBeUndefined();
  });

  it('a longer path that leaves out the method leaves the request to the shorter one', () => {
    expect(at([everywhere, apiGet], 'a.example', '/api', 'POST')).toBe(everywhere);
  });

  it('is the one that comparing all of them finds', () => {
    const steps = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 3 });
    const paths = steps.map((some) => `/${some.join('/')}`);
    const methods = fc.constantFrom(undefined, ['GET'], ['POST'], ['GET', 'POST']);
    const shapes = fc
      .array(fc.record({ host: fc.constantFrom(undefined, 'x', 'y'), path: paths, methods }), { maxLength: 8 })
      .map((some) =>
        some.map(({ host, path, methods: listed }) => ({
          ...(host && { host }),
          path,
          ...(listed && { methods: listed }),
        })),
      );
    const covers = (shape: Shape, host: string, path: string, method: string) =>
      (shape.host ?? host) === host &&
      `${path}/`.startsWith(shape.path === '/' ? '/' : `${shape.path}/`) &&
      (shape.methods ?? [method]).includes(method);
    const rank = (shape: Shape) =>
      (shape.host === undefined ? 0 : 1000) + 2 * shape.path.length + (shape.methods === undefined ? 0 : 1);
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom('x', 'y', 'z'),
        paths,
        fc.constantFrom('GET', 'POST'),
        (all, host, path, method) => {
          const covering = all.filter((shape) => covers(shape, host, path, method));
          const best = Math.max(...covering.map(rank));
          const found = at(all, host, path, method);
          expect(found === undefined ? Number.NEGATIVE_INFINITY : rank(found)).toBe(best);
          if (found !== undefined) expect(covers(found, host, path, method)).toBe(true);
        },
      ),
    );
  });

  it('is found in the index of the next State as in a new one', () => {
    const before = stateOf([everywhere, api]);
    const after = createState([
      ...stateOf([everywhere, apiGet]),
      ...[...stateOf([hosted])].map(([, one]) => ['resource:more', one] as const),
    ]);
    const changed: Address[] = ['resource:001', 'resource:more'];
    const [next, anew] = [indexState(before).next(after, changed), indexState(after)];
    for (const host of ['a.example', 'b.example'])
      for (const path of ['/', '/api'])
        for (const method of ['GET', 'POST'])
          expect(coveringResource(next, { host, path, method })).toBe(coveringResource(anew, { host, path, method }));
    const gone = indexState(after).next(before, changed);
    expect(coveringResource(gone, { host: 'a.example', path: '/x', method: 'GET' })).toBe('resource:000');
  });
});
