// Authorization policies: SEMANTICS U-60…U-65.

import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials } from '../../src/access/client-credentials.ts';
import { tokenClaims } from '../../src/access/token-content.ts';
import { reachForUser } from '../../src/access/user-grant.ts';
import { everyoneOf, groupAddress, policyAddress } from '../../src/model/address.ts';
import type { GroupEntity, PolicyEntity, PolicyItem } from '../../src/model/entity.ts';
import { RESERVED_CLAIMS } from '../../src/model/policy-value.ts';
import { createState, type State } from '../../src/model/state.ts';
import {
  CLIENT1,
  EX1,
  EX2,
  EX3,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  POLICY,
  SERVER1,
  SERVER2,
  USER1,
  without,
  withPolicy,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, logIn, refused } from './ask.ts';

const DAY = 86_400_000;

const directory = edited(EX3, 'server', 'server', { directory: { base_dn: 'dc=test' } });
const person = edited(directory, 'user', USER1, {
  attributes: { mail: 'u@example.org', many: ['a', 'b', 'a'], none: [], empty: '', jpeg: 'é' },
});

/** What the policy of Server2 releases in a token for it, by the impersonated User1. */
function released(policy: Omit<PolicyEntity, 'kind'>, scope = 'Server2', state: State = person) {
  const decision = allowed(ask(withPolicy(state, SERVER2, policy), scope));
  const about = decision.reasons.find(({ audience }) => audience === 'Server2');
  return about?.granted === true ? about.attributes : undefined;
}

const item = (value: string, changed: Partial<PolicyItem> = {}): PolicyItem => ({ name: 'n', value, ...changed });
const bare = (inside: string) => `\${${inside}}`;

describe('S:U-62 values', () => {
  it.each([
    ['text:Hello there', ['Hello there']],
    ['text:user:mail', ['user:mail']],
    ['user:mail', ['u@example.org']],
    ['user:many', ['a', 'b']],
    ['user:jpeg;binary', ['w6k=']],
    ['user:many;binary', ['YQ==', 'Yg==']],
    [bare('user.mail'), ['u@example.org']],
    [bare("user['mail']"), ['u@example.org']],
    ['method:grant_type', ['client_credentials']],
    ['method:issuer', ['Client1']],
    ['method:issuer_dn', ['cn=Client1,ou=Example,dc=test']],
    [bare('method.dn'), ['cn=User1,ou=Example,dc=test']],
    [bare('method["ldap"]'), ['ldap:///dc=test']],
  ])('%s', (value, told) => {
    expect(released({ items: [item(value)] })).toEqual({ n: told });
  });

  it.each(['text:', 'user:gone', 'user:none', 'user:empty', 'user:constructor', 'method:gone', 'method:toString', 'x'])(
    '%s has none',
    (value) => {
      expect(released({ items: [item(value)] })).toEqual({});
    },
  );

  it('of a login tell of the user and of that grant', () => {
    const state = withPolicy(person, SERVER2, { items: [item('method:grant_type'), item('method:dn', { name: 'd' })] });
    expect(allowed(logIn(state, 'Server2', { grant_type: 'password' })).claims).toEqual({
      n: ['password'],
      d: ['cn=User1,ou=Example,dc=test'],
    });
  });
});

describe('S:U-64 shape', () => {
  it('a name that may have one value is a string, every other one a list', () => {
    const items = [item('user:mail'), item('text:x', { name: 's' }), item('text:1', { name: 't' })];
    expect(released({ items, single_value: ['s'] })).toEqual({ n: ['u@example.org'], s: 'x', t: ['1'] });
  });

  it('values of several items stand in their order, each once', () => {
    const items = [item('text:b'), item('text:a'), item('text:b'), item('user:many')];
    expect(released({ items })).toEqual({ n: ['b', 'a'] });
  });
});

describe('S:U-61 items', () => {
  const other = groupAddress('Example', 'Other');
  const inGroup = (group: Omit<GroupEntity, 'kind'>): State =>
    createState([...person, [other, { kind: 'group', ...group }]]);
  const items = [item('text:x', { group: other })];

  it('apply to the members of the group', () => {
    expect(released({ items }, 'Server2', inGroup({ members: [{ to: USER1 }] }))).toEqual({ n: ['x'] });
    expect(released({ items }, 'Server2', inGroup({ members: [{ to: GROUP1 }] }))).toEqual({ n: ['x'] });
    expect(released({ items }, 'Server2', inGroup({ members: [] }))).toEqual({});
    expect(released({ items }, 'Server2', person)).toEqual({});
    expect(released({ items: [item('text:x', { group: everyoneOf('Example') })] })).toEqual({ n: ['x'] });
    expect(released({ items: [item('text:x', { group: everyoneOf('Other') })] })).toEqual({});
  });

  it('S:U-26 of a group that counts for the method', () => {
    const members = [{ to: USER1 }];
    expect(released({ items }, 'Server2', inGroup({ members, methods: [METHOD] }))).toEqual({ n: ['x'] });
    expect(released({ items }, 'Server2', inGroup({ members, methods: ['password.1'] }))).toEqual({});
  });

  it('apply where one of their scopes is requested', () => {
    const scoped = [item('text:x', { scopes: ['WS', 'openid'] }), item('text:y', { scopes: ['Server2'] })];
    expect(released({ items: scoped }, 'Server2')).toEqual({ n: ['y'] });
    expect(released({ items: scoped }, 'Server2 WS')).toEqual({ n: ['x', 'y'] });
    expect(released({ items: scoped }, 'openid Server2 Server1')).toEqual({ n: ['x', 'y'] });
  });

  it('where nothing is requested the whole list is, and no server named stands for all of them', () => {
    const scoped = [
      item('text:a', { scopes: ['WS'] }),
      item('text:b', { scopes: ['Server1'] }),
      item('text:c', { scopes: ['openid'] }),
    ];
    const policy = { items: scoped };
    const values = (scope: string | undefined) => {
      const answer = allowed(ask(withPolicy(person, SERVER2, policy), scope));
      return answer.reasons.map((one) => (one.granted ? one.attributes?.n : undefined))[1];
    };
    expect(values(undefined)).toEqual(['a', 'b']);
    expect(values('openid')).toEqual(['b', 'c']);
  });

  it('a scope that the client may not ask for releases nothing by not being asked for', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server2' };
    const state = edited(person, 'application', CLIENT1, { metadata });
    const policy = withPolicy(state, SERVER2, { items: [item('text:salary', { scopes: ['WS'] })] });
    expect(refused(ask(policy, 'Server2 WS')).code).toBe('SCOPE_NOT_ALLOWED');
    expect(allowed(ask(policy, undefined)).claims).toEqual({ impersonates: 'Example/User1' });
  });

  it('end with the membership that gives them, and bound the token', () => {
    const ending = inGroup({ members: [{ to: USER1, expires: '1970-01-02' }] });
    const state = withPolicy(ending, SERVER2, { items });
    const decision = allowed(ask(state, 'Server2', { now: DAY - 10_000 }));
    expect(decision).toMatchObject({ claims: { n: ['x'] }, until: DAY, lifetime: 10 });
    // The access itself does not end with a value that nothing requires.
    expect(decision.reasons[0]).toMatchObject({ until: undefined, attributesUntil: DAY });
    expect(allowed(ask(state, 'Server2', { now: DAY }))).toMatchObject({ until: undefined, lifetime: 3600 });
    expect(allowed(ask(state, 'Server2', { now: DAY })).claims).not.toHaveProperty('n');
  });

  it('of two that give a value the one that lasts longest counts', () => {
    const ending = inGroup({ members: [{ to: USER1, expires: '1970-01-02' }] });
    const both = [...items, item('text:x')];
    const decision = allowed(ask(withPolicy(ending, SERVER2, { items: both, required: ['n'] }), 'Server2'));
    expect(decision.until).toBeUndefined();
    const alone = allowed(ask(withPolicy(ending, SERVER2, { items, required: ['n'] }), 'Server2'));
    expect(alone.reasons[0]).toMatchObject({ until: DAY });
  });
});

describe('S:U-63 constraints', () => {
  const failing = (policy: Omit<PolicyEntity, 'kind'>, state: State = person) =>
    refused(ask(withPolicy(state, SERVER2, policy), 'Server2'));

  it('vector V13 S:U-63 a required attribute without a value: Server2 is dropped, and nothing else', () => {
    const policy = { items: [item('user:phone')], required: ['n'] };
    const decision = allowed(ask(withPolicy(person, SERVER2, policy), 'Server1 Server2'));
    expect(decision).toMatchObject({ audiences: ['Server1', 'Client1'], scopes: ['Server1'] });
    expect(codeOf(decision.reasons, 'Server2')).toBe('POLICY_NOT_MET');
    expect(failing(policy)).toMatchObject({
      error: 'invalid_scope',
      description: 'NO_AUDIENCE: Server2 POLICY_NOT_MET',
      missing: { address: USER1, pointer: '/attributes/phone' },
    });
  });

  it('a required name that no item gives is missing in the policy', () => {
    expect(failing({ items: [item('text:x')], required: ['n', 'role'] }).missing).toEqual({
      address: POLICY,
      pointer: '/required/1',
    });
    expect(failing({ items: [item('text:', { name: 'role' })], required: ['role'] }).missing).toEqual({
      address: POLICY,
      pointer: '/required/0',
    });
  });

  it('a pointer to an attribute is escaped', () => {
    const state = edited(person, 'user', USER1, { attributes: {} });
    expect(failing({ items: [item('user:a~b')], required: ['n'] }, state).missing?.pointer).toBe('/attributes/a~0b');
  });

  it('a single value may not be two, but may be told twice', () => {
    expect(failing({ items: [item('user:many')], single_value: ['n'] }).missing).toEqual({
      address: POLICY,
      pointer: '/single_value/0',
    });
    expect(released({ items: [item('text:x'), item('text:x')], single_value: ['n'] })).toEqual({ n: 'x' });
  });

  it('S:U-61 an item that does not apply meets no constraint', () => {
    expect(failing({ items: [item('text:x', { scopes: ['WS'] })], required: ['n'] }).code).toBe('NO_AUDIENCE');
    expect(released({ items: [item('text:x', { scopes: ['WS'] })], required: ['n'] }, 'Server2 WS')).toEqual({
      n: ['x'],
    });
  });

  it('of the client: the user may not use it', () => {
    const state = withPolicy(person, CLIENT1, { items: [item('user:phone')], required: ['n'] });
    expect(refused(logIn(state, 'Server1'))).toMatchObject({
      error: 'access_denied',
      code: 'POLICY_NOT_MET',
      missing: { address: USER1, pointer: '/attributes/phone' },
    });
    // By client_credentials it is one audience among others (A.10).
    expect(allowed(ask(state, 'Server1')).audiences).toEqual(['Server1']);
  });

  it('are told after groups, and the chain names what gives a required value', () => {
    const policy = { items: [item('user:mail')], required: ['n'] };
    const outside = edited(withPolicy(person, SERVER2, policy), 'group', GROUP2, { members: [] });
    expect(codeOf(refused(ask(outside, 'Server2')).reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
    const [about] = allowed(ask(withPolicy(person, SERVER2, policy), 'Server2')).reasons;
    expect(about?.chain.at(-1)).toEqual({
      relation: 'has_value',
      from: USER1,
      to: POLICY,
      at: { address: USER1, pointer: '/attributes/mail' },
    });
  });

  it('a second value that ends gives the application back, and the refusal says when', () => {
    const other = groupAddress('Example', 'Other');
    const ending = createState([
      ...person,
      [other, { kind: 'group', members: [{ to: USER1, expires: '1970-01-02' }] }],
    ]);
    const policy = { items: [item('text:x'), item('text:y', { group: other })], single_value: ['n'] };
    const state = withPolicy(ending, SERVER2, policy);
    expect(refused(ask(state, 'Server2')).until).toBe(DAY);
    expect(allowed(ask(state, 'Server2', { now: DAY })).claims).toMatchObject({ n: 'x' });
  });

  it('S:U-61 what rests on another audience of the token is had for as long as that one', () => {
    const ending = edited(person, 'group', GROUP1, { members: [{ to: USER1, expires: '1970-01-02' }] });
    const policy = { items: [item('text:x', { scopes: ['Server1'] })], required: ['n'] };
    const index = indexState(withPolicy(ending, SERVER2, policy));
    const asked = { client: CLIENT1, user: USER1, grant_type: 'authorization_code' };
    for (const reach of [reachClientCredentials(index, CLIENT1, 0), reachForUser(index, asked, 0)]) {
      expect(reach.find(({ audience }) => audience === 'Server2')).toMatchObject({ granted: true, until: DAY });
    }
    for (const reach of [reachClientCredentials(index, CLIENT1, DAY), reachForUser(index, asked, DAY)]) {
      expect(codeOf(reach, 'Server2')).toBe('POLICY_NOT_MET');
    }
  });

  it('of a policy that is not there none holds', () => {
    const state = without(withPolicy(person, SERVER2, {}), POLICY);
    expect(codeOf(refused(ask(state, 'Server2')).reasons, 'Server2')).toBe('POLICY_NOT_MET');
    expect(refused(ask(state, 'Server2')).missing).toEqual({ address: SERVER2, pointer: '/policy' });
  });

  it('S:U-05 are skipped where a client acts as itself: there is no user', () => {
    const state = withPolicy(EX1, CLIENT1, { items: [item('user:phone')], required: ['n'] });
    expect(allowed(ask(state, 'oidc'))).toMatchObject({ audiences: ['Client1'], claims: {} });
  });
});

describe('S:U-60 and S:U-65 what a token says', () => {
  const twice = withPolicy(
    withPolicy(person, SERVER2, { items: [item('text:2')] }),
    SERVER1,
    { items: [item('text:1')] },
    policyAddress('Example', 'Q'),
  );
  const all = withPolicy(twice, CLIENT1, { items: [item('text:c')] }, policyAddress('Example', 'R'));

  it.each([
    ['Server1', { n: ['1'] }],
    ['Server2', { n: ['2'] }],
    ['Server1 Server2', {}],
    ['Client1', { n: ['c'] }],
    [undefined, {}],
  ])('to %s: %j', (scope, claims) => {
    expect(allowed(logIn(all, scope)).claims).toEqual(claims);
    expect(allowed(ask(all, scope)).claims).toEqual({ ...claims, impersonates: 'Example/User1' });
  });

  it('the only server without a policy has no values of the client’s', () => {
    const state = withPolicy(person, CLIENT1, { items: [item('text:c')] });
    expect(allowed(logIn(state, 'Server1')).claims).toEqual({});
  });

  it('each audience is released its own, whatever the token says', () => {
    const { reasons } = allowed(logIn(all, undefined));
    expect(reasons.map((one) => (one.granted ? one.attributes : undefined))).toEqual([
      { n: ['1'] },
      { n: ['2'] },
      { n: ['c'] },
    ]);
    expect(allowed(ask(EX2, 'Server1')).reasons[0]).toMatchObject({ granted: true, attributes: undefined });
  });

  it.each(RESERVED_CLAIMS.map((name) => [name]))('%s is never released', (name) => {
    expect(released({ items: [{ name, value: 'text:x' }, item('text:y')] })).toEqual({ n: ['y'] });
  });

  it('a claim of the token is never another', () => {
    const decision = allowed(ask(all, 'Server1'));
    const forged = { ...decision, claims: { ...decision.claims, sub: 'root', aud: ['x'], scope: 'admin' } };
    expect(tokenClaims(forged)).toEqual(tokenClaims(decision));
    const own = ['sub', 'aud', 'client_id', 'scope', 'impersonates'];
    expect(RESERVED_CLAIMS).toEqual(expect.arrayContaining(own));
  });
});
