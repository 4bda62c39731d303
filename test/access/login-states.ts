// Owns random States in which users mostly may log in at a client and let it reach servers, through groups that end, with
// policies and access rules: what the laws of grants with a user are tried on. The States of test/model are sparser.

import fc from 'fast-check';
import {
  type Address,
  applicationAddress,
  customerAddress,
  everyoneOf,
  groupAddress,
  policyAddress,
  roleAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { AccessRule, AccessRules, Entity, Link, PolicyItem, RoleGrant } from '../../src/model/entity.ts';
import { GRANT_TYPES } from '../../src/model/grant-type.ts';
import { createState, type State } from '../../src/model/state.ts';

const CLIENT = applicationAddress('East', 'a');
const SERVERS = [applicationAddress('East', 'b'), applicationAddress('West', 'a')];
const GROUPS = ['g', 'h', 'i'].map((name) => groupAddress('East', name));
const USERS = [userAddress('East', 'u'), userAddress('West', 'v')];
const EVERYONE = everyoneOf('East');
const POLICIES = ['p', 'q'].map((name) => policyAddress('East', name));
const LOGINS = ['password.1', 'password.2'];

const seldom = fc.integer({ min: 0, max: 5 }).map((value) => value === 0);
const ends = fc.option(fc.constantFrom('2026-06-15', '2026-06-15T00:00:01Z', '2026-06-16', '2026-06-20'), {
  nil: undefined,
  freq: 3,
});
const logins = fc.oneof({ weight: 4, arbitrary: fc.constant(LOGINS) }, fc.shuffledSubarray(LOGINS));

const groupMethods = fc.constantFrom<readonly string[]>([], [], LOGINS, ['password.1'], ['password.2'], ['other']);

function clean<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

function linksTo<To extends Address>(targets: readonly To[]): fc.Arbitrary<readonly Link<To>[]> {
  return fc
    .tuple(fc.subarray([...targets], { minLength: 1 }), fc.array(ends, { minLength: 9, maxLength: 9 }))
    .map(([some, expires]) => some.map((to, position) => clean({ to, expires: expires[position] }) as Link<To>));
}

const item: fc.Arbitrary<PolicyItem> = fc
  .record({
    group: fc.option(fc.constantFrom(EVERYONE, ...GROUPS), { nil: undefined }),
    scopes: fc.option(fc.subarray(['openid', 'WS', 'East.b', 'West.a'], { minLength: 1 }), { nil: undefined, freq: 1 }),
    name: fc.constantFrom('mail', 'mail', 'role', 'scope'),
    value: fc.constantFrom('text:x', 'text:y', 'user:mail', 'user:mail;binary', 'method:dn', 'user:gone'),
  })
  .map((members) => clean(members) as PolicyItem);

const policy = fc
  .record({
    items: fc.array(item, { maxLength: 4 }),
    single_value: fc.subarray(['mail', 'role']),
    required: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.subarray(['mail', 'role'])),
  })
  .map((members): Entity => ({ kind: 'policy', ...members }));

const rule: fc.Arbitrary<AccessRule> = fc.oneof(
  fc.constantFrom(...LOGINS).map((method) => ({ method })),
  fc.constantFrom(EVERYONE, ...GROUPS).map((group) => ({ group })),
  fc.constant({ ip: ['10.0.0.0/8'] }),
);
const someRules = fc.array(rule, { minLength: 1, maxLength: 3 });
const rules: fc.Arbitrary<AccessRules | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  someRules.map((all) => ({ all })),
  someRules.map((any) => ({ any })),
);

const ROLES = ['R', 'S', 'T'].map(roleAddress);
const CUSTOMERS = ['c', 'd', 'e'].map(customerAddress);
const FUNCTIONS = ['f', 'g'];
/** Of the one namespace of roles and functions, and one that is neither. */
const NAMED = ['R', 'S', 'T', ...FUNCTIONS, ...FUNCTIONS, 'gone'];

const someCustomer = fc.option(fc.constantFrom(...CUSTOMERS), { nil: undefined, freq: 2 });
const grants: fc.Arbitrary<readonly RoleGrant[] | undefined> = fc.option(
  fc.array(
    fc
      .record({ role: fc.constantFrom(...ROLES), customer: someCustomer, expires: ends })
      .map((grant) => clean(grant) as RoleGrant),
    { maxLength: 3 },
  ),
  { nil: undefined, freq: 2 },
);
const role = fc
  .record({ functions: fc.subarray(FUNCTIONS), roles: fc.subarray([...ROLES]) })
  .map((members): Entity => ({ kind: 'role', ...members }));
const required = fc.constantFrom(undefined, undefined, ...NAMED);

const policyLink = fc.option(fc.constantFrom(...POLICIES), { nil: undefined, freq: 2 });

/** One client of all grants, two servers of two sites, three groups, two users. */
export const loginStates: fc.Arbitrary<State> = fc
  .record({
    open: fc.tuple(...[CLIENT, ...SERVERS].map(() => linksTo([EVERYONE, everyoneOf('West'), ...GROUPS]))),
    closed: seldom,
    unlisted: fc.constantFrom(undefined, undefined, []),
    applied: fc.tuple(policyLink, policyLink, policyLink),
    methods: fc.tuple(logins, logins, logins),
    rules,
    strict: seldom,
    groups: fc.tuple(...GROUPS.map(() => fc.tuple(linksTo([...USERS, ...GROUPS, EVERYONE]), groupMethods))),
    users: fc.tuple(
      ...USERS.map(() => fc.tuple(logins, ends, fc.constantFrom(undefined, 'x', 'y', ['x', 'y'], ['y', 'y'], ''))),
    ),
    policies: fc.tuple(...POLICIES.map(() => policy)),
    // Circles and all: nothing that a State could hold may end in one.
    roles: fc.tuple(...ROLES.map(() => role)),
    parents: fc.tuple(...CUSTOMERS.map(() => someCustomer)),
    granted: fc.tuple(...[...USERS, ...GROUPS].map(() => grants)),
    required,
    customer: someCustomer,
    permission_scope: fc.option(fc.subarray(NAMED), { nil: undefined }),
  })
  .map((some) => {
    const entities = new Map<Address, Entity>([
      ['server', { kind: 'server', issuer: 'https://a.example', directory: { base_dn: 'dc=test' } }],
      ['scope:WS', { kind: 'scope', descriptions: [{ key: 'en', value: 'Manage' }] }],
      ...LOGINS.map((name): [Address, Entity] => [`method:${name}`, { kind: 'method', type: 'password' }]),
      ['site:East', { kind: 'site', methods: LOGINS }],
      ['site:West', { kind: 'site', methods: LOGINS }],
    ]);
    for (const [position, address] of [CLIENT, ...SERVERS].entries()) {
      const isClient = address === CLIENT;
      const entity = clean({
        kind: 'application' as const,
        client_id: address.slice('application:'.length).replace('/', '.'),
        methods: some.methods[position] ?? [],
        allowed_to: isClient && some.closed ? some.unlisted : some.open[position],
        policy: some.applied[position],
        access_rules: isClient ? some.rules : undefined,
        required_role: isClient ? some.required : undefined,
        customer: isClient ? some.customer : undefined,
        permission_scope: isClient ? some.permission_scope : undefined,
        audience_mode: isClient && some.strict ? ('strict' as const) : undefined,
        metadata: isClient ? { grant_types: GRANT_TYPES, scope: 'East.b West.a WS' } : undefined,
      });
      entities.set(address, entity as Entity);
    }
    for (const [position, address] of GROUPS.entries()) {
      const [members, methods] = some.groups[position] ?? [[], []];
      const roles = some.granted[USERS.length + position];
      entities.set(address, clean({ kind: 'group' as const, members, methods, roles }) as Entity);
    }
    for (const [position, address] of USERS.entries()) {
      const [methods, expires, mail] = some.users[position] ?? [[], undefined, undefined];
      const attributes = mail === undefined ? undefined : { mail };
      const sub = address.slice('user:'.length);
      entities.set(
        address,
        clean({ kind: 'user' as const, sub, methods, expires, attributes, roles: some.granted[position] }) as Entity,
      );
    }
    for (const [position, address] of POLICIES.entries()) {
      const entity = some.policies[position];
      if (entity !== undefined) entities.set(address, entity);
    }
    for (const [position, address] of ROLES.entries()) {
      const entity = some.roles[position];
      if (entity !== undefined) entities.set(address, entity);
    }
    for (const [position, address] of CUSTOMERS.entries()) {
      entities.set(address, clean({ kind: 'customer' as const, parent: some.parents[position] }) as Entity);
    }
    return createState(entities);
  });

/** Half of the entities of another State: what a commit may change of one. */
export const loginPairs = fc
  .tuple(loginStates, loginStates, fc.infiniteStream(fc.boolean()))
  .map(([before, other, picks]) => {
    const merged = [...before].map(([address, entity]): readonly [Address, typeof entity] => [
      address,
      (picks.next().value && other.get(address)) || entity,
    ]);
    return [before, createState(merged)] as const;
  });
