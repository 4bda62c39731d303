import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { type AppliedMove, followRenames, nameNow } from '../../src/model/move.ts';
import { EX2 } from './example-state.ts';

const user = (name: string): Address => `user:Example/${name}`;
const moves = (...all: readonly (readonly [number, string, string])[]): readonly AppliedMove[] =>
  all.map(([generation, from, to]) => ({ generation, from: user(from), to: user(to) }));

describe('what an entity is called now', () => {
  it('is found along the moves that came after', () => {
    const chain = moves([2, 'a', 'b'], [5, 'b', 'c']);
    expect(nameNow(user('a'), 1, chain)).toBe(user('c'));
    expect(nameNow(user('b'), 2, chain)).toBe(user('c'));
    expect(nameNow(user('b'), 5, chain)).toBe(user('b'));
    expect(nameNow(user('x'), 1, chain)).toBe(user('x'));
  });

  it('is not what took its name later', () => {
    const taken = moves([2, 'a', 'b'], [3, 'c', 'a'], [4, 'a', 'd']);
    expect(nameNow(user('a'), 1, taken)).toBe(user('b'));
    expect(nameNow(user('a'), 3, taken)).toBe(user('d'));
    expect(nameNow(user('c'), 1, taken)).toBe(user('d'));
  });

  it('is the other name where two changed theirs in one generation', () => {
    const swapped = moves([2, 'a', 'b'], [2, 'b', 'a']);
    expect(nameNow(user('a'), 1, swapped)).toBe(user('b'));
    expect(nameNow(user('b'), 1, swapped)).toBe(user('a'));
  });
});

describe('an entity whose links follow renames', () => {
  const renames = new Map<Address, Address>([
    ['group:Example/Group1', 'group:Example/Zebra'],
    ['user:Example/User1', 'user:Far/Robot'],
    ['application:Example/Client1', 'application:Example/Batch'],
    ['method:client.credentials.1', 'method:cc'],
    ['scope:WS', 'scope:WT'],
    ['policy:Example/Staff', 'policy:Far/People'],
    ['role:Viewer', 'role:Zebra'],
    ['customer:north', 'customer:zebra'],
  ]);
  const rows: readonly (readonly [what: string, entity: Entity, followed: Entity])[] = [
    [
      'an application leads to its groups by their new names, sorted again, with what else a link says',
      {
        kind: 'application',
        client_id: 'a',
        allowed_to: [{ to: 'group:Example/Group1', expires: '2030-01-01' }, { to: 'group:Example/Group2' }],
      },
      {
        kind: 'application',
        client_id: 'a',
        allowed_to: [{ to: 'group:Example/Group2' }, { to: 'group:Example/Zebra', expires: '2030-01-01' }],
      },
    ],
    [
      'a group leads to users and groups',
      { kind: 'group', members: [{ to: 'group:Example/Group1' }, { to: 'user:Example/User1' }] },
      { kind: 'group', members: [{ to: 'group:Example/Zebra' }, { to: 'user:Far/Robot' }] },
    ],
    [
      'a user leads to its clients',
      { kind: 'user', sub: 'u', impersonated_by: [{ to: 'application:Example/Client1' }] },
      { kind: 'user', sub: 'u', impersonated_by: [{ to: 'application:Example/Batch' }] },
    ],
    [
      'methods keep their order',
      { kind: 'site', methods: ['z', 'client.credentials.1', 'a'] },
      { kind: 'site', methods: ['z', 'cc', 'a'] },
    ],
    [
      'an application leads to its policy, and its rules to methods and groups, in their order',
      {
        kind: 'application',
        client_id: 'a',
        policy: 'policy:Example/Staff',
        access_rules: { any: [{ group: 'group:Example/Group1' }, { method: 'client.credentials.1' }, { ip: ['::1'] }] },
      },
      {
        kind: 'application',
        client_id: 'a',
        policy: 'policy:Far/People',
        access_rules: { any: [{ group: 'group:Example/Zebra' }, { method: 'cc' }, { ip: ['::1'] }] },
      },
    ],
    [
      'all rules stay all',
      { kind: 'application', client_id: 'a', access_rules: { all: [{ group: 'group:Example/everyone' }] } },
      { kind: 'application', client_id: 'a', access_rules: { all: [{ group: 'group:Example/everyone' }] } },
    ],
    [
      'a policy leads to the groups of its items, in their order',
      {
        kind: 'policy',
        items: [
          { group: 'group:Example/Group1', name: 'a', value: 'text:group:Example/Group1' },
          { name: 'b', value: 'user:b' },
        ],
        required: ['a'],
      },
      {
        kind: 'policy',
        items: [
          { group: 'group:Example/Zebra', name: 'a', value: 'text:group:Example/Group1' },
          { name: 'b', value: 'user:b' },
        ],
        required: ['a'],
      },
    ],
    [
      'who has roles has them by their new names, for customers by theirs, sorted again',
      {
        kind: 'user',
        sub: 'u',
        roles: [
          { role: 'role:Viewer', customer: 'customer:a' },
          { role: 'role:Viewer', customer: 'customer:north', expires: '2030-01-01' },
          { role: 'role:Writer' },
        ],
      },
      {
        kind: 'user',
        sub: 'u',
        roles: [
          { role: 'role:Writer' },
          { role: 'role:Zebra', customer: 'customer:a' },
          { role: 'role:Zebra', customer: 'customer:zebra', expires: '2030-01-01' },
        ],
      },
    ],
    [
      'a role leads to those that it contains, sorted again, and functions keep their names',
      { kind: 'role', functions: ['view'], roles: ['role:Viewer', 'role:Writer'] },
      { kind: 'role', functions: ['view'], roles: ['role:Writer', 'role:Zebra'] },
    ],
    [
      'a customer leads to its parent',
      { kind: 'customer', parent: 'customer:north' },
      { kind: 'customer', parent: 'customer:zebra' },
    ],
    [
      'an application asks for roles by their names, beside functions, and for a customer',
      {
        kind: 'application',
        client_id: 'a',
        required_role: 'Viewer',
        customer: 'customer:north',
        permission_scope: ['view', 'Viewer'],
      },
      {
        kind: 'application',
        client_id: 'a',
        required_role: 'Zebra',
        customer: 'customer:zebra',
        permission_scope: ['view', 'Zebra'],
      },
    ],
    [
      'the rules of a resource lead to applications, groups and methods, in their order',
      {
        kind: 'resource',
        path: '/',
        access_rules: [
          { client: 'application:Example/Client1', audience: 'application:Example/Client1', scopes: ['Client1'] },
          { group: 'group:Example/Group1' },
          { method: 'client.credentials.1' },
        ],
      },
      {
        kind: 'resource',
        path: '/',
        access_rules: [
          { client: 'application:Example/Batch', audience: 'application:Example/Batch', scopes: ['Client1'] },
          { group: 'group:Example/Zebra' },
          { method: 'cc' },
        ],
      },
    ],
    [
      'what clients ask for by name is no link',
      { kind: 'application', client_id: 'a', metadata: { scope: 'Client1 WS' } },
      { kind: 'application', client_id: 'a', metadata: { scope: 'Client1 WS' } },
    ],
  ];
  it.each(rows)('%s', (_, entity, followed) => {
    expect(followRenames(entity, renames)).toEqual(followed);
  });

  it('has no member that it had not, and is the same without renames', () => {
    for (const entity of EX2.values()) {
      expect(Object.keys(followRenames(entity, renames)).sort()).toEqual(Object.keys(entity).sort());
      expect(followRenames(entity, new Map())).toEqual(entity);
    }
  });
});
