// Grants with a user: SEMANTICS algorithm B, step by step.

import { describe, expect, it } from 'vitest';
import { methodAddress, userAddress } from '../../src/model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../../src/model/grant-type.ts';
import type { State } from '../../src/model/state.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX3,
  edited,
  GROUP1,
  GROUP2,
  LOGIN,
  METHOD,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
  withPolicy,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, logIn, refused } from './ask.ts';

const metadata = (changed: object): State =>
  edited(EX3, 'application', CLIENT1, {
    metadata: { grant_types: GRANT_TYPES_WITH_USER, scope: 'Server1 Server2 WS', ...changed },
  });

describe('S:B a user lets a client act', () => {
  it.each(GRANT_TYPES_WITH_USER)('by %s: the named server, then the client; the subject is the user', (grant_type) => {
    const decision = allowed(logIn(EX3, 'openid Server2', { grant_type }));
    expect(decision).toMatchObject({
      grant_type,
      client_id: 'Client1',
      subject: 'Example/User1',
      user: USER1,
      method: LOGIN,
      audiences: ['Server2', 'Client1'],
      scopes: ['openid', 'Server2'],
      lifetime: 3600,
    });
    // Nobody is impersonated: the user is the subject.
    expect(decision.claims).toEqual({});
  });

  it('rests on links that are told with their places', () => {
    const [about] = allowed(logIn(EX3, 'Server2')).reasons;
    expect(about?.chain.map(({ relation, at }) => `${relation} ${at.address}${at.pointer}`)).toEqual([
      `may_ask_for ${CLIENT1}/metadata/scope`,
      `has_method ${USER1}/methods/1`,
      // The gates of the client, on which each server rests,
      `has_method ${SITE}/methods/1`,
      `has_method ${CLIENT1}/methods/1`,
      `member_of ${CLIENT_GROUP}/members/0`,
      `open_to ${CLIENT1}/allowed_to/0`,
      // and its own.
      `has_method ${SITE}/methods/1`,
      `has_method ${SERVER2}/methods/1`,
      `member_of ${GROUP2}/members/0`,
      `has_method ${GROUP2}/methods/1`,
      `open_to ${SERVER2}/allowed_to/0`,
    ]);
  });

  it('S:A.9 with no server named gives all of the list, in the order of its metadata', () => {
    expect(allowed(logIn(EX3, undefined))).toMatchObject({
      audiences: ['Server1', 'Server2', 'Client1'],
      scopes: ['Server1', 'Server2', 'WS'],
    });
    expect(allowed(logIn(EX3, 'openid')).scopes).toEqual(['openid', 'Server1', 'Server2']);
  });
});

describe('S:B the first missing link is told, in the order of the algorithm', () => {
  const ready = edited(EX3, 'application', CLIENT1, {
    client_ip_range: ['10.0.0.0/8'],
    access_rules: { all: [{ ip: ['10.1.0.0/16'] }] },
  });
  const whole = withPolicy(ready, CLIENT1, { items: [{ name: 'm', value: 'user:mail' }], required: ['m'] });
  const complete = edited(whole, 'user', USER1, { attributes: { mail: 'u@example.org' } });
  const asked = { ip: '10.1.2.3' };
  const at = (address: string, pointer: string) => ({ address, pointer });
  const client = (changed: object) => (state: State) => edited(state, 'application', CLIENT1, changed);
  const meta = (changed: object) => client({ metadata: { scope: 'Server1', ...changed } });

  // From the last step to the first: each breaks one more link of what the entry before it left.
  const broken: readonly (readonly [string, string, object | undefined, (state: State) => State])[] = [
    [
      'POLICY_NOT_MET',
      'access_denied',
      at(USER1, '/attributes/mail'),
      (state) => edited(state, 'user', USER1, { attributes: {} }),
    ],
    [
      'ACCESS_RULE_NOT_MET',
      'access_denied',
      at(CLIENT1, '/access_rules/all/0'),
      client({ access_rules: { all: [{ ip: ['10.2.0.0/16'] }] } }),
    ],
    [
      'METHOD_NOT_ON_GROUP',
      'access_denied',
      at(CLIENT_GROUP, '/methods'),
      (state) => edited(state, 'group', CLIENT_GROUP, { methods: [METHOD] }),
    ],
    [
      'NOT_IN_ALLOWED_GROUP',
      'access_denied',
      at(CLIENT1, '/allowed_to'),
      (state) => edited(state, 'group', CLIENT_GROUP, { members: [] }),
    ],
    [
      'USER_NOT_ACTIVE',
      'access_denied',
      at(USER1, '/enabled'),
      (state) => edited(state, 'user', USER1, { enabled: false }),
    ],
    [
      'METHOD_NOT_ON_USER',
      'access_denied',
      at(USER1, '/methods'),
      (state) => edited(state, 'user', USER1, { methods: [METHOD] }),
    ],
    ['METHOD_NOT_ON_APPLICATION', 'access_denied', at(CLIENT1, '/methods'), client({ methods: [METHOD] })],
    [
      'METHOD_NOT_ON_SITE',
      'access_denied',
      at(SITE, '/methods'),
      (state) => edited(state, 'site', SITE, { methods: [METHOD] }),
    ],
    [
      'METHOD_DISABLED',
      'access_denied',
      at('method:password.1', '/enabled'),
      (state) => edited(state, 'method', methodAddress(LOGIN), { enabled: false }),
    ],
    [
      'SCOPE_NOT_ALLOWED',
      'invalid_scope',
      at(CLIENT1, '/metadata/scope'),
      meta({ scope: '', grant_types: ['password'] }),
    ],
    [
      'CLIENT_IS_PUBLIC',
      'unauthorized_client',
      at(CLIENT1, '/metadata/token_endpoint_auth_method'),
      meta({ grant_types: ['password'], token_endpoint_auth_method: 'none' }),
    ],
    [
      'GRANT_NOT_ALLOWED',
      'unauthorized_client',
      at(CLIENT1, '/metadata/grant_types'),
      meta({ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }),
    ],
    ['CLIENT_AUTHENTICATION_FAILED', 'invalid_client', at(CLIENT1, '/enabled'), client({ enabled: false })],
  ];

  it('whole, it is granted', () => {
    const decision = allowed(logIn(complete, 'Server1', { ...asked, grant_type: 'password' }));
    expect(decision.audiences).toEqual(['Server1', 'Client1']);
  });

  it.each(broken.map(([code], depth) => [depth + 1, code] as const))('%d links broken: %s', (depth) => {
    const state = broken.slice(0, depth).reduce((left, [, , , breakLink]) => breakLink(left), complete);
    const [code, error, missing] = broken[depth - 1] ?? [];
    expect(refused(logIn(state, 'Server1', { ...asked, grant_type: 'password' }))).toMatchObject({
      code,
      error,
      missing,
    });
  });

  it('a grant with a user needs one, and that comes behind the scope', () => {
    const asker = { grant_type: 'authorization_code' };
    expect(refused(ask(EX3, 'Server1', asker))).toMatchObject({ error: 'access_denied', code: 'USER_MISSING' });
    expect(refused(ask(EX3, 'Server3', asker)).code).toBe('SCOPE_NOT_ALLOWED');
  });

  it('a user who is not there is not active', () => {
    const user = userAddress('Example', 'Nobody');
    expect(refused(logIn(EX3, 'Server1', { user }))).toMatchObject({
      code: 'USER_NOT_ACTIVE',
      missing: { address: user, pointer: '/enabled' },
    });
  });
});

describe('S:B.1 and S:N-10 the client', () => {
  it.each([
    ['password', 'CLIENT_IS_PUBLIC'],
    ['client_credentials', 'CLIENT_IS_PUBLIC'],
    ['authorization_code', undefined],
    ['implicit', undefined],
    ['refresh_token', undefined],
  ])('that is public, by %s: %s', (grant_type, code) => {
    const grant_types = [...GRANT_TYPES_WITH_USER, 'client_credentials'];
    const answer = logIn(metadata({ grant_types, token_endpoint_auth_method: 'none' }), 'Server1', { grant_type });
    if (code === undefined) expect(answer.allowed).toBe(true);
    else expect(refused(answer)).toMatchObject({ error: 'unauthorized_client', code });
  });
});

describe('S:B.3 the method of the login', () => {
  const second = 'password.2';
  const both = [LOGIN, second];
  const lists = [SERVER1, SERVER2].reduce(
    (state, address) => edited(state, 'application', address, { methods: both }),
    added(EX3, [[methodAddress(second), { kind: 'method', type: 'password' }]]),
  );
  const open = [GROUP1, GROUP2].reduce((state, address) => edited(state, 'group', address, { methods: [] }), lists);
  const two = edited(
    edited(edited(open, 'site', SITE, { methods: both }), 'application', CLIENT1, { methods: both }),
    'user',
    USER1,
    { methods: [second, LOGIN] },
  );
  // A question that knows of no login.
  const ask2 = (state: State, scope?: string) => ask(state, scope, { grant_type: 'implicit', user: USER1 });

  it('that is not said is the first of the client that the user has', () => {
    expect(allowed(ask2(two)).method).toBe(LOGIN);
    expect(allowed(ask2(edited(two, 'user', USER1, { methods: [second] }))).method).toBe(second);
  });

  it('that is not said is the one by which a gate lets the user in, where another does not', () => {
    const rules = edited(two, 'application', CLIENT1, { access_rules: { all: [{ method: second }] } });
    expect(allowed(ask2(rules)).method).toBe(second);
    const server = edited(two, 'application', SERVER2, { methods: [second] });
    expect(allowed(ask2(server, 'Server2'))).toMatchObject({ method: second, audiences: ['Server2', 'Client1'] });
    expect(refused(ask(rules, undefined, { grant_type: 'implicit', user: USER1, method: LOGIN })).code).toBe(
      'ACCESS_RULE_NOT_MET',
    );
  });

  it('a method of the client’s own logs nobody in, and a password is sent by a method of that type', () => {
    for (const grant_type of GRANT_TYPES_WITH_USER) {
      expect(refused(logIn(EX3, 'Server1', { grant_type, method: METHOD })).code).toBe('METHOD_NOT_ON_APPLICATION');
    }
    expect(refused(logIn(EX3, 'Server1', { method: 'gone' })).code).toBe('METHOD_NOT_ON_APPLICATION');
  });

  it('S:A.10 has to be on each server and its site too', () => {
    const state = edited(EX3, 'application', SERVER2, { methods: [METHOD] });
    const decision = allowed(logIn(state, undefined));
    expect(decision.audiences).toEqual(['Server1', 'Client1']);
    expect(codeOf(decision.reasons, 'Server2')).toBe('METHOD_NOT_ON_APPLICATION');
  });
});

describe('S:B.4 and S:U-32 the user', () => {
  const day = 86_400_000;

  it.each([
    ['before not_before', { not_before: '1970-01-03' }, '/not_before', 2 * day],
    ['from expires on', { expires: '1970-01-02' }, '/expires', undefined],
  ])('is not active %s', (_, dates, pointer, until) => {
    expect(refused(logIn(edited(EX3, 'user', USER1, dates), 'Server1', { now: day }))).toMatchObject({
      code: 'USER_NOT_ACTIVE',
      missing: { address: USER1, pointer },
      until,
    });
  });

  it('ends what was granted', () => {
    const state = edited(EX3, 'user', USER1, { expires: '1970-01-02' });
    expect(allowed(logIn(state, 'Server1', { now: day - 60_500 }))).toMatchObject({ until: day, lifetime: 60 });
  });
});

describe('S:B.5 the gates of the client', () => {
  it('none written lets nobody in', () => {
    const state = edited(EX3, 'application', CLIENT1, { allowed_to: undefined });
    expect(refused(logIn(state, 'Server1'))).toMatchObject({
      error: 'access_denied',
      code: 'NOT_IN_ALLOWED_GROUP',
      missing: { address: CLIENT1, pointer: '/allowed_to' },
    });
  });

  it('an allowed_to all of whose links have ended is written all the same', () => {
    const state = edited(EX3, 'application', CLIENT1, {
      allowed_to: [{ to: CLIENT_GROUP, expires: '1970-01-02' }],
      access_rules: { any: [{ method: LOGIN }] },
    });
    expect(allowed(logIn(state, 'Server1')).until).toBe(86_400_000);
    expect(refused(logIn(state, 'Server1', { now: 86_400_000 })).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('both written must both pass', () => {
    const rules = { any: [{ method: 'other' }] };
    expect(refused(logIn(edited(EX3, 'application', CLIENT1, { access_rules: rules }), 'Server1')).code).toBe(
      'ACCESS_RULE_NOT_MET',
    );
    const access_rules = { any: [{ method: LOGIN }] };
    const alone = edited(EX3, 'application', CLIENT1, { allowed_to: undefined, access_rules });
    expect(allowed(logIn(alone, 'Server1')).audiences).toEqual(['Server1', 'Client1']);
    const closed = edited(EX3, 'application', CLIENT1, { allowed_to: [], access_rules });
    expect(refused(logIn(closed, 'Server1')).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('a refusal that rests on a link holds until that ends, with which another is the first one missing', () => {
    const state = edited(
      edited(EX3, 'application', CLIENT1, { access_rules: { all: [{ method: 'other' }] } }),
      'group',
      CLIENT_GROUP,
      { members: [{ to: USER1, expires: '1970-01-02' }] },
    );
    expect(refused(logIn(state, 'Server1'))).toMatchObject({ code: 'ACCESS_RULE_NOT_MET', until: 86_400_000 });
    expect(refused(logIn(state, 'Server1', { now: 86_400_000 })).code).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('the rules of a server do not gate it: they are about who uses it as a client', () => {
    const state = edited(EX3, 'application', SERVER1, { access_rules: { all: [{ method: 'other' }] } });
    expect(allowed(logIn(state, 'Server1')).audiences).toEqual(['Server1', 'Client1']);
  });
});

describe('S:B.6 the servers', () => {
  const outside = edited(EX3, 'group', GROUP2, { members: [] });

  it('that are lost narrow the answer, and its scope says so', () => {
    const decision = allowed(logIn(outside, 'Server2 Server1'));
    expect(decision).toMatchObject({ audiences: ['Server1', 'Client1'], scopes: ['Server1'] });
    expect(codeOf(decision.reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('a scope of lost servers only is refused, with each of them', () => {
    const refusal = refused(logIn(outside, 'Server2'));
    expect(refusal).toMatchObject({
      error: 'invalid_scope',
      description: 'NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP',
      missing: { address: SERVER2, pointer: '/allowed_to' },
    });
    expect(codeOf(refusal.reasons, 'Client1')).toBe('granted');
  });

  it('what else is asked for is given without them', () => {
    expect(allowed(logIn(outside, 'openid Server2'))).toMatchObject({ audiences: ['Client1'], scopes: ['openid'] });
    expect(allowed(logIn(outside, 'Client1 Server2'))).toMatchObject({ audiences: ['Client1'], scopes: ['Client1'] });
  });

  it('S:X-01 strict refuses any loss of what was named, and no other', () => {
    const strict = edited(outside, 'application', CLIENT1, { audience_mode: 'strict' });
    expect(refused(logIn(strict, 'Server1 Server2'))).toMatchObject({ error: 'invalid_scope', code: 'NO_AUDIENCE' });
    expect(allowed(logIn(strict, undefined)).audiences).toEqual(['Server1', 'Client1']);
    expect(allowed(logIn(strict, 'Server1')).audiences).toEqual(['Server1', 'Client1']);
  });

  it('that are not there any more are no scope of the client', () => {
    expect(refused(logIn(without(EX3, SERVER2), 'Server2')).code).toBe('SCOPE_NOT_ALLOWED');
  });
});

describe('S:B.7 what the user consented to', () => {
  it('bounds audiences and scope', () => {
    expect(allowed(logIn(EX3, 'openid Server1 Server2 WS', { consented: ['openid', 'Server2'] }))).toMatchObject({
      audiences: ['Server2', 'Client1'],
      scopes: ['openid', 'Server2'],
    });
    expect(allowed(logIn(EX3, undefined, { consented: ['Server1'] }))).toMatchObject({
      audiences: ['Server1', 'Client1'],
      scopes: ['Server1'],
    });
  });

  it('gives nothing that was not asked for, nor what is not allowed', () => {
    const outside = edited(EX3, 'group', GROUP2, { members: [] });
    const consented = ['Server1', 'Server2', 'WS'];
    expect(allowed(logIn(outside, 'Server1 Server2', { consented }))).toMatchObject({
      audiences: ['Server1', 'Client1'],
      scopes: ['Server1'],
    });
  });

  it('of nothing leaves the client alone, without a scope', () => {
    expect(allowed(logIn(EX3, 'openid Server1', { consented: [] }))).toMatchObject({
      audiences: ['Client1'],
      scopes: [],
    });
  });

  it('bounds what a policy releases by a scope', () => {
    const items = [{ scopes: ['WS'], name: 'm', value: 'text:x' }];
    const state = withPolicy(EX3, CLIENT1, { items });
    expect(allowed(logIn(state, 'openid Client1 WS')).claims).toEqual({ m: ['x'] });
    expect(allowed(logIn(state, 'openid Client1 WS', { consented: ['openid', 'Client1'] })).claims).toEqual({});
  });
});
