// What roles, customers and permission scopes decide (SEMANTICS … …X-18).

import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reviewClientCredentials } from '../../src/access/client-credentials.ts';
import type { Permission } from '../../src/access/decision.ts';
import { usersInReach } from '../../src/access/reach.ts';
import { tokenClaims } from '../../src/access/token-content.ts';
import { reviewForUser } from '../../src/access/user-grant.ts';
import { type Address, customerAddress, groupAddress, roleAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, Entity, GroupEntity, RoleGrant } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { CLIENT1, EX2, EX3, edited, GROUP1, LOGIN, METHOD, USER1 } from '../model/example-state.ts';
import { allowed, ask, logIn, refused } from './ask.ts';

const VIEWER = roleAddress('DATASTORE-VIEWER');
const ADMIN = roleAddress('DATASTORE-ADMIN');
const [PARENT, CHILD, OTHER] = ['mycustomer', 'subcustomer', 'othercustomer'].map(customerAddress) as [
  `customer:${string}`,
  `customer:${string}`,
  `customer:${string}`,
];
const IN_2027 = Date.parse('2027-06-01');

/** EX3, in which DATASTORE-ADMIN contains DATASTORE-VIEWER, and subcustomer is below mycustomer. */
const BASE: State = createState([
  ...EX3,
  [VIEWER, { kind: 'role', functions: ['listStores', 'viewStore'] }],
  [ADMIN, { kind: 'role', functions: ['dropStore'], roles: [VIEWER] }],
  [PARENT, { kind: 'customer' }],
  [CHILD, { kind: 'customer', parent: PARENT }],
  [OTHER, { kind: 'customer' }],
] as readonly (readonly [Address, Entity])[]);

type Edit = { readonly [Key in keyof ApplicationEntity]?: ApplicationEntity[Key] | undefined };
const withClient = (state: State, edit: Edit) => edited(state, 'application', CLIENT1, edit);
const giving = (state: State, ...roles: readonly RoleGrant[]) => edited(state, 'user', USER1, { roles });
const givingGroup = (state: State, edit: Partial<GroupEntity>) => edited(state, 'group', GROUP1, edit);
const scoped = (state: State, ...permission_scope: readonly string[]) => withClient(state, { permission_scope });
const permissionsIn = (state: State, now = 0): readonly Permission[] | undefined =>
  allowed(logIn(state, undefined, { now })).permissions;

describe('A-10 a client asks for a role', () => {
  const state = withClient(BASE, { required_role: 'DATASTORE-VIEWER' });

  it('who does not have it is refused with the place where it would be given', () => {
    expect(refused(logIn(state, undefined))).toMatchObject({
      error: 'access_denied',
      code: 'ROLE_MISSING',
      missing: { address: USER1, pointer: '/roles' },
    });
  });

  it('it counts directly, through a group, and through a role that contains it, with the chain of links', () => {
    const through = givingGroup(state, { roles: [{ role: ADMIN }] });
    const [self] = allowed(logIn(through, 'openid')).reasons.slice(-1);
    expect(self?.chain.slice(-4).map(({ relation, from, to }) => `${from} ${relation} ${to}`)).toEqual([
      `${USER1} member_of ${GROUP1}`,
      `${GROUP1} has_role ${ADMIN}`,
      `${ADMIN} contains ${VIEWER}`,
      `${CLIENT1} requires ${VIEWER}`,
    ]);
    expect(logIn(giving(state, { role: VIEWER }), undefined).allowed).toBe(true);
    expect(logIn(giving(state, { role: ADMIN }), undefined).allowed).toBe(true);
  });

  it('X-17 the name of a function asks for any role that has it', () => {
    const asksFunction = withClient(BASE, { required_role: 'viewStore' });
    expect(refused(logIn(asksFunction, undefined)).code).toBe('ROLE_MISSING');
    const [self] = allowed(logIn(giving(asksFunction, { role: ADMIN }), 'openid')).reasons.slice(-1);
    expect(self?.chain.slice(-2)).toMatchObject([
      { relation: 'has_function', from: VIEWER, function: 'viewStore', at: { pointer: '/functions/1' } },
      { relation: 'requires', to: VIEWER, function: 'viewStore' },
    ]);
  });

  it('what is neither a role nor a function nobody has', () => {
    const unknown = giving(withClient(BASE, { required_role: 'gone' }), { role: ADMIN });
    expect(refused(logIn(unknown, undefined)).code).toBe('ROLE_MISSING');
  });

  it('it is a gate alone, and one beside groups', () => {
    const alone = giving(withClient(state, { allowed_to: undefined }), { role: VIEWER });
    expect(logIn(alone, undefined).allowed).toBe(true);
    expect(usersInReach(indexState(alone), CLIENT1)).toEqual([USER1]);
    expect(usersInReach(indexState(withClient(state, { allowed_to: undefined })), CLIENT1)).toEqual([]);
    const beside = giving(withClient(state, { allowed_to: [] }), { role: VIEWER });
    expect(refused(logIn(beside, undefined)).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('U-26 a group that lists other methods only gives no roles to who logged in by this one', () => {
    const byOther = givingGroup(state, { roles: [{ role: VIEWER }], methods: [METHOD] });
    expect(refused(logIn(byOther, undefined, { method: LOGIN })).code).toBe('ROLE_MISSING');
  });

  it('it ends with the grant, and the answer says until when it holds', () => {
    const ending = giving(state, { role: VIEWER, expires: '2027-01-31' });
    expect(allowed(logIn(ending, undefined)).until).toBe(Date.parse('2027-01-31'));
    expect(refused(logIn(ending, undefined, { now: IN_2027 }))).toMatchObject({
      code: 'ROLE_MISSING',
      missing: { address: USER1, pointer: '/roles/0' },
    });
  });

  it('of a client that acts by client_credentials nothing of it is asked', () => {
    const asks = withClient(createState([...EX2]), { required_role: 'gone' });
    expect(ask(asks, 'Server1').allowed).toBe(true);
  });

  it('it is asked again of a token in use', () => {
    const grant = { client: CLIENT1, user: USER1, grant_type: 'authorization_code', method: LOGIN };
    const issued = { ...grant, audiences: ['Client1'], scopes: ['openid'] };
    expect(reviewForUser(indexState(giving(state, { role: VIEWER })), issued, 0).allowed).toBe(true);
    expect(reviewForUser(indexState(state), issued, 0)).toMatchObject({ allowed: false, code: 'ROLE_MISSING' });
  });
});

describe('A-11 a client is of a customer', () => {
  const of = (customer: `customer:${string}`) =>
    withClient(BASE, { required_role: 'viewStore', customer, permission_scope: ['viewStore'] });

  it('the role counts for that customer, for one above it, and for all', () => {
    for (const customer of [CHILD, PARENT, undefined]) {
      const grant = { role: VIEWER, ...(customer === undefined ? {} : { customer }) };
      expect(logIn(giving(of(CHILD), grant), undefined).allowed).toBe(true);
    }
  });

  it('for another customer, or one below it, it is told that it does not count, and what is there', () => {
    for (const customer of [OTHER, CHILD]) {
      const answer = refused(logIn(giving(of(PARENT), { role: VIEWER, customer }), undefined));
      expect(answer).toMatchObject({ code: 'CUSTOMER_NOT_COVERED', missing: { address: USER1, pointer: '/roles' } });
      expect(answer.reasons[0]?.chain.at(-3)).toMatchObject({ relation: 'has_role', to: VIEWER, customer });
    }
  });

  it('the chain goes up to the customer of the grant', () => {
    const [self] = allowed(logIn(giving(of(CHILD), { role: VIEWER, customer: PARENT }), 'openid')).reasons.slice(-1);
    expect(self?.chain.at(-2)).toMatchObject({ relation: 'below', from: CHILD, to: PARENT });
    expect(self?.chain.at(-1)).toMatchObject({ relation: 'requires', customer: CHILD });
  });

  it('a client without one lets in who has the role for any', () => {
    const unbound = withClient(BASE, { required_role: 'viewStore' });
    expect(logIn(giving(unbound, { role: VIEWER, customer: OTHER }), undefined).allowed).toBe(true);
  });

  it('X-16 it limits who gets in, not what they may do', () => {
    const both = giving(of(PARENT), { role: VIEWER, customer: PARENT }, { role: VIEWER, customer: OTHER });
    expect(permissionsIn(both)).toEqual([
      { function: 'viewStore', customer: 'mycustomer' },
      { function: 'viewStore', customer: 'othercustomer' },
    ]);
  });
});

describe('A-15, A-16 what a client may do for a user', () => {
  const both = giving(BASE, { role: ADMIN, customer: PARENT }, { role: VIEWER });

  it('nothing is said where no permission scope is written, and an empty one gives nothing', () => {
    expect(permissionsIn(both)).toBeUndefined();
    expect(permissionsIn(scoped(both))).toEqual([]);
    expect(tokenClaims(allowed(logIn(both, undefined)))).not.toHaveProperty('permissions');
  });

  it('it is what the user has of the functions that it names, by roles or by themselves; each with its customer', () => {
    expect(permissionsIn(scoped(both, 'DATASTORE-ADMIN'))).toEqual([
      { function: 'dropStore', customer: 'mycustomer' },
      { function: 'listStores' },
      { function: 'listStores', customer: 'mycustomer' },
      { function: 'viewStore' },
      { function: 'viewStore', customer: 'mycustomer' },
    ]);
    expect(permissionsIn(scoped(both, 'dropStore'))).toEqual([{ function: 'dropStore', customer: 'mycustomer' }]);
    expect(tokenClaims(allowed(logIn(scoped(both, 'dropStore'), undefined))).permissions).toEqual([
      { function: 'dropStore', customer: 'mycustomer' },
    ]);
  });

  it('A-16 where nothing is left there is a token all the same', () => {
    const answer = allowed(logIn(scoped(BASE, 'viewStore'), 'openid'));
    expect([answer.permissions, answer.scopes]).toEqual([[], expect.arrayContaining(['openid'])]);
  });

  it('what a user loses is gone from a token in use', () => {
    const issued = { client: CLIENT1, user: USER1, grant_type: 'authorization_code', method: LOGIN };
    const grant = { ...issued, audiences: ['Client1'], scopes: ['openid'] };
    const left = (state: State) => reviewForUser(indexState(scoped(state, 'viewStore')), grant, 0);
    expect(left(both)).toMatchObject({ permissions: [{ function: 'viewStore' }, { customer: 'mycustomer' }] });
    expect(left(BASE)).toMatchObject({ allowed: true, permissions: [] });
  });

  it('with the end of a grant another answer begins, and no token lasts longer', () => {
    const ending = scoped(giving(BASE, { role: VIEWER, expires: '2027-01-31' }), 'viewStore');
    const now = Date.parse('2027-01-31') - 60_000;
    expect(allowed(logIn(ending, undefined, { now }))).toMatchObject({
      until: now + 60_000,
      permissionsUntil: now + 60_000,
      lifetime: 60,
    });
    expect(permissionsIn(ending, IN_2027)).toEqual([]);
  });

  it('of two ways to one permission that which lasts longest counts', () => {
    const twice = givingGroup(scoped(giving(BASE, { role: VIEWER, expires: '2027-01-31' }), 'viewStore'), {
      roles: [{ role: ADMIN }],
    });
    expect(allowed(logIn(twice, undefined)).until).toBeUndefined();
  });
});

describe('X-18 what a client may do that acts as itself', () => {
  const itself = edited(scoped(BASE, 'viewStore'), 'user', USER1, { impersonated_by: undefined });
  const own = edited(withClient(itself, { roles: [{ role: VIEWER, customer: OTHER }] }), 'group', GROUP1, {
    roles: [{ role: ADMIN }],
  });
  const GROUP = groupAddress('Example', 'ClientGroup');
  const open = edited(own, 'group', GROUP, { methods: [METHOD, LOGIN] });

  it('is what its own roles give, and with an impersonation what the user has', () => {
    expect(allowed(ask(open, 'Client1')).permissions).toEqual([{ function: 'viewStore', customer: 'othercustomer' }]);
    const acting = edited(open, 'user', USER1, { impersonated_by: [{ to: CLIENT1 }] });
    expect(allowed(ask(acting, 'Client1')).permissions).toEqual([{ function: 'viewStore' }]);
  });

  it('is evaluated anew for a token in use', () => {
    const grant = { client: CLIENT1, audiences: ['Client1'], scopes: [] };
    const lost = withClient(open, { roles: undefined });
    expect(reviewClientCredentials(indexState(lost), grant, 0)).toMatchObject({ permissions: [] });
  });

  it('gives a user who logs in nothing', () => {
    const user = withClient(edited(BASE, 'group', GROUP1, { roles: undefined }), {
      roles: [{ role: VIEWER }],
      permission_scope: ['viewStore'],
    });
    expect(permissionsIn(user)).toEqual([]);
  });
});
