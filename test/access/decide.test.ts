import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { reviewClientCredentials } from '../../src/access/client-credentials.ts';
import { REASONS } from '../../src/access/reason.ts';
import { applicationAddress, groupAddress, methodAddress, SERVER, siteAddress } from '../../src/model/address.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  METHOD1,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { allowed, ask, codeOf, refused } from './ask.ts';

const outsideGroup2 = edited(EX2, 'group', GROUP2, { members: undefined });

describe('the vectors of SEMANTICS 6', () => {
  it('vector V1 a single application gets a token for itself', () => {
    const decision = allowed(ask(EX1, 'oidc'));
    expect(decision.audiences).toEqual(['Client1']);
    expect(decision.user).toBeUndefined();
    expect(decision.claims).toEqual({});
    expect(decision.subject).toBe('Client1');
  });

  it.each([
    ['the method on the site', edited(EX1, 'site', SITE, { methods: undefined }), 'METHOD_NOT_ON_SITE'],
    [
      'the method on the application',
      edited(EX1, 'application', CLIENT1, { methods: undefined }),
      'METHOD_NOT_ON_APPLICATION',
    ],
    ['the method on the group', edited(EX1, 'group', GROUP1, { methods: undefined }), 'METHOD_NOT_ON_GROUP'],
    [
      'the group on the application',
      edited(EX1, 'application', CLIENT1, { allowed_to: undefined }),
      'NOT_IN_ALLOWED_GROUP',
    ],
  ])('vector V2 without %s the single application is refused', (_, state, code) => {
    const refusal = refused(ask(state, undefined));
    expect(refusal.error).toBe('unauthorized_client');
    const told = refusal.code === 'NO_AUDIENCE' ? codeOf(refusal.reasons, 'Client1') : refusal.code;
    expect(told).toBe(code);
    expect(refusal.description).toContain(code);
  });

  it('vector V3 the named server comes first, the client itself last', () => {
    const decision = allowed(ask(EX2, 'Server2'));
    expect(decision.audiences).toEqual(['Server2', 'Client1']);
    expect(decision.scopes).toEqual(['Server2']);
    expect(decision.claims).toEqual({ impersonates: 'Example/User1' });
    expect(decision).toMatchObject({ client_id: 'Client1', subject: 'Client1', user: USER1, method: METHOD });
  });

  it('vector V5 a named server that is lost narrows the answer, and scope says so', () => {
    const decision = allowed(ask(outsideGroup2, 'Server1 Server2'));
    expect(decision.audiences).toEqual(['Server1', 'Client1']);
    expect(decision.scopes).toEqual(['Server1']);
    expect(codeOf(decision.reasons, 'Server2')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('vector V6 the client alone does not satisfy a request that named a server', () => {
    const refusal = refused(ask(outsideGroup2, 'Server2'));
    expect(refusal).toMatchObject({ error: 'invalid_scope', code: 'NO_AUDIENCE' });
    expect(refusal.description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP');
    expect(codeOf(refusal.reasons, 'Client1')).toBe('granted');
  });

  it('vector V6 S:A.11 nor does the client that named itself beside the server', () => {
    const refusal = refused(ask(outsideGroup2, 'Client1 Server2'));
    expect(refusal).toMatchObject({ error: 'invalid_scope', code: 'NO_AUDIENCE' });
    expect(refusal.description).toBe('NO_AUDIENCE: Server2 NOT_IN_ALLOWED_GROUP');
  });

  it('vector V7 S:X-11 without ClientGroup no server named gives the servers without the client', () => {
    const ubisecure = edited(without(EX2, CLIENT_GROUP), 'application', CLIENT1, { allowed_to: undefined });
    const decision = allowed(ask(ubisecure, 'oidc'));
    expect(decision.audiences).toEqual(['Server1', 'Server2']);
    expect(codeOf(decision.reasons, 'Client1')).toBe('NOT_IN_ALLOWED_GROUP');
  });

  it('vector V8 a value that is not in the metadata is no scope of the client', () => {
    const refusal = refused(ask(EX2, 'Server1 Server3'));
    expect(refusal).toMatchObject({ error: 'invalid_scope', code: 'SCOPE_NOT_ALLOWED' });
    expect(refusal.description).toBe('SCOPE_NOT_ALLOWED: Server3');
    expect(refusal.missing).toEqual({ address: CLIENT1, pointer: '/metadata/scope' });
  });

  it.each([[undefined], [[]], [['authorization_code']]])(
    'vector V9 S:X-06 with grant_types %j the grant is not allowed',
    (grant_types) => {
      const metadata = grant_types === undefined ? { scope: 'Server1' } : { scope: 'Server1', grant_types };
      const refusal = refused(ask(edited(EX2, 'application', CLIENT1, { metadata }), undefined));
      expect(refusal).toMatchObject({ error: 'unauthorized_client', code: 'GRANT_NOT_ALLOWED' });
    },
  );

  it('vector V11 without the impersonation no server can be named', () => {
    const state = edited(EX2, 'user', USER1, { impersonated_by: undefined });
    expect(refused(ask(state, 'Server1'))).toMatchObject({ error: 'invalid_scope', code: 'NO_IMPERSONATION' });
    expect(refused(ask(state, 'Server1')).description).toBe('NO_IMPERSONATION: Server1');
  });
});

describe('S:A the first missing link is told, in the order of the algorithm', () => {
  const other = siteAddress('Other');
  const far = applicationAddress('Other', 'Far');
  const gate = groupAddress('Other', 'Gate');
  const whole = added(
    edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'], scope: 'far' } }),
    [
      [other, { kind: 'site', methods: [METHOD] }],
      [far, { kind: 'application', client_id: 'far', methods: [METHOD], allowed_to: [{ to: gate }] }],
      [gate, { kind: 'group', members: [{ to: USER1 }] }],
    ],
  );
  const openToAll = edited(whole, 'application', CLIENT1, { client_ip_range: ['192.168.1.0/24'] });

  // From the last step to the first: each breaks one more link of what the entry before it left.
  const broken = [
    ['METHOD_NOT_ON_GROUP', (state) => edited(state, 'group', gate, { methods: ['password.1'] })],
    ['NOT_IN_ALLOWED_GROUP', (state) => edited(state, 'group', gate, { members: undefined })],
    ['METHOD_NOT_ON_APPLICATION', (state) => edited(state, 'application', far, { methods: ['password.1'] })],
    ['METHOD_NOT_ON_SITE', (state) => edited(state, 'site', other, { methods: [] })],
    ['APPLICATION_DISABLED', (state) => edited(state, 'application', far, { enabled: false })],
    ['METHOD_NOT_ON_USER', (state) => edited(state, 'user', USER1, { methods: [] })],
    ['USER_NOT_ACTIVE', (state) => edited(state, 'user', USER1, { enabled: false })],
    ['NO_IMPERSONATION', (state) => edited(state, 'user', USER1, { impersonated_by: undefined })],
    [
      'SCOPE_NOT_ALLOWED',
      (state) => edited(state, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'] } }),
    ],
    ['METHOD_NOT_ON_SITE', (state) => edited(state, 'site', SITE, { methods: ['password.1'] })],
    ['METHOD_DISABLED', (state) => edited(state, 'method', METHOD1, { enabled: false })],
    ['METHOD_NOT_ON_APPLICATION', (state) => edited(state, 'application', CLIENT1, { methods: ['password.1'] })],
    [
      'CLIENT_IS_PUBLIC',
      (state) =>
        edited(state, 'application', CLIENT1, {
          metadata: { grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' },
        }),
    ],
    [
      'GRANT_NOT_ALLOWED',
      (state) => edited(state, 'application', CLIENT1, { metadata: { token_endpoint_auth_method: 'none' } }),
    ],
    ['CLIENT_AUTHENTICATION_FAILED', (state) => edited(state, 'application', CLIENT1, { enabled: false })],
  ] as const satisfies readonly (readonly [string, (state: typeof EX2) => typeof EX2])[];

  it('whole, it is granted', () => {
    expect(allowed(ask(openToAll, 'far', { ip: '192.168.1.7' })).audiences).toEqual(['far', 'Client1']);
  });

  it.each(broken.map(([code], depth) => [depth, code] as const))('%d links broken: %s', (depth, code) => {
    const state = broken.slice(0, depth + 1).reduce((left, [, breakLink]) => breakLink(left), openToAll);
    const refusal = refused(ask(state, 'far', { ip: '192.168.1.7' }));
    expect(refusal.code === 'NO_AUDIENCE' ? codeOf(refusal.reasons, 'far') : refusal.code).toBe(code);
    expect(refusal.missing).toBeDefined();
  });

  it('a wrong address comes before the grant, an unknown grant before the client’s own', () => {
    const state = edited(openToAll, 'application', CLIENT1, { metadata: {} });
    expect(refused(ask(state, 'far', { ip: '10.0.0.1', grant_type: 'device' }))).toMatchObject({
      error: 'invalid_client',
      code: 'CLIENT_IP_NOT_ALLOWED',
    });
    expect(refused(ask(state, 'far', { ip: '192.168.1.7', grant_type: 'device' }))).toMatchObject({
      error: 'unsupported_grant_type',
      code: 'GRANT_UNKNOWN',
      missing: undefined,
    });
  });

  it('every code is one that the test above or vector V6 has told, or user-grant.test.ts tells', () => {
    const told = new Set<string>(broken.map(([code]) => code));
    const beside = ['NO_AUDIENCE', 'CLIENT_IP_NOT_ALLOWED', 'GRANT_UNKNOWN', 'OAUTH2_DISABLED'];
    const byUsersOrPolicies = [
      'USER_MISSING',
      'ACCESS_RULE_NOT_MET',
      'ROLE_MISSING',
      'CUSTOMER_NOT_COVERED',
      'POLICY_NOT_MET',
    ];
    // resource.test.ts tells those of resources, token-address.test.ts those of what was issued.
    const ofResources = Object.keys(REASONS).filter((code) => /^(RESOURCE|TOKEN)_/.test(code));
    expect([...told, ...beside, ...byUsersOrPolicies, ...ofResources].sort()).toEqual(Object.keys(REASONS).sort());
  });

  it('S:A.6 a bad scope is told before the state of the user', () => {
    const state = edited(EX2, 'user', USER1, { enabled: false });
    expect(refused(ask(state, 'Server3')).code).toBe('SCOPE_NOT_ALLOWED');
    expect(refused(ask(state, 'Server1')).code).toBe('USER_NOT_ACTIVE');
  });
});

describe('S:A.2 to S:A.5 the client and its method', () => {
  it('S:U-33 a client that is disabled, or not there, fails to authenticate', () => {
    const disabled = edited(EX2, 'application', CLIENT1, { enabled: false });
    for (const refusal of [ask(disabled, 'Server1'), ask(EX2, 'Server1', { client: 'application:Example/Nobody' })]) {
      expect(refused(refusal)).toMatchObject({ error: 'invalid_client', code: 'CLIENT_AUTHENTICATION_FAILED' });
    }
  });

  it('S:N-42 where OAuth 2.0 is off nobody gets a token, and no token gives anything', () => {
    const state = edited(EX2, 'server', SERVER, { oauth2: { enabled: false } });
    const off = { code: 'OAUTH2_DISABLED', missing: { address: SERVER, pointer: '/oauth2/enabled' } };
    expect(refused(ask(state, 'Server1'))).toMatchObject(off);
    const held = { client: CLIENT1, audiences: ['Server1'], scopes: ['Server1'] };
    expect(reviewClientCredentials(indexState(state), held, Date.UTC(2027, 0, 1))).toMatchObject(off);
    for (const grant_type of ['authorization_code', 'password', 'refresh_token']) {
      expect(refused(ask(state, 'Server1', { grant_type, user: USER1 }))).toMatchObject(off);
    }
    const on = edited(EX2, 'server', SERVER, { oauth2: { enabled: true } });
    expect(ask(on, 'Server1').allowed).toBe(true);
  });

  it('S:A-17 an address outside the range is refused; a plan, which has none, is not', () => {
    const state = edited(EX2, 'application', CLIENT1, { client_ip_range: ['192.168.1.0/24', '2001:db8::/32'] });
    expect(ask(state, 'Server1', { ip: '10.0.0.1' })).toMatchObject({ allowed: false, code: 'CLIENT_IP_NOT_ALLOWED' });
    expect(ask(state, 'Server1', { ip: '::ffff:192.168.1.9' }).allowed).toBe(true);
    expect(ask(state, 'Server1', { ip: '2001:db8::1' }).allowed).toBe(true);
    expect(ask(state, 'Server1').allowed).toBe(true);
  });

  it('an empty range restricts nothing', () => {
    expect(
      ask(edited(EX2, 'application', CLIENT1, { client_ip_range: [] }), 'Server1', { ip: '10.0.0.1' }).allowed,
    ).toBe(true);
  });

  it('S:A.4 a grant type that nobody knows is unknown, whatever objects are called', () => {
    expect(refused(ask(EX2, 'Server1', { grant_type: 'toString' })).code).toBe('GRANT_UNKNOWN');
  });

  it('S:A.5 the method is the first of the type that can serve, and servers need that one', () => {
    const second = methodAddress('cc.2');
    const two = edited(
      added(edited(EX2, 'site', SITE, { methods: [METHOD, 'cc.2'] }), [
        [second, { kind: 'method', type: 'client_credentials' }],
      ]),
      'application',
      CLIENT1,
      { methods: ['password.1', 'cc.2', METHOD] },
    );
    expect(refused(ask(two, 'Server1')).code).toBe('METHOD_NOT_ON_USER');
    expect(allowed(ask(edited(two, 'method', second, { enabled: false }), 'Server1')).method).toBe(METHOD);
    expect(allowed(ask(edited(two, 'site', SITE, { methods: [METHOD] }), 'Server1')).method).toBe(METHOD);
    const neither = edited(edited(two, 'method', second, { enabled: false }), 'site', SITE, { methods: [] });
    expect(refused(ask(neither, 'Server1'))).toMatchObject({
      code: 'METHOD_DISABLED',
      missing: { address: second, pointer: '/enabled' },
    });
  });
});

describe('S:A.6 and S:U-22 the allow-list', () => {
  it('S:X-02 protocol scopes are always legal and never an audience', () => {
    const decision = allowed(ask(EX2, 'openid userinfo oidc'));
    expect(decision.audiences).toEqual(['Server1', 'Server2', 'Client1']);
    expect(decision.scopes).toEqual(['openid', 'userinfo', 'oidc', 'Server1', 'Server2']);
  });

  it('S:X-02 an empty list gives the client itself, never all', () => {
    const state = edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'] } });
    expect(allowed(ask(state, undefined)).audiences).toEqual(['Client1']);
    expect(refused(ask(state, 'Server1')).code).toBe('SCOPE_NOT_ALLOWED');
  });

  it('S:U-22 with aud, it alone names the audiences and scope holds attribute scopes only', () => {
    const metadata = { grant_types: ['client_credentials'], aud: ['Server2', 'Server1'], scope: 'WS Server2' };
    const state = edited(EX2, 'application', CLIENT1, { metadata });
    expect(allowed(ask(state, undefined))).toMatchObject({
      audiences: ['Server2', 'Server1', 'Client1'],
      scopes: ['Server2', 'Server1', 'WS'],
    });
    const narrow = edited(EX2, 'application', CLIENT1, { metadata: { ...metadata, aud: ['Server1'] } });
    expect(refused(ask(narrow, 'Server2'))).toMatchObject({
      code: 'SCOPE_NOT_ALLOWED',
      missing: { address: CLIENT1, pointer: '/metadata/aud' },
    });
    expect(allowed(ask(narrow, 'WS')).scopes).toEqual(['WS', 'Server1']);
  });

  it('a catalogue scope has to be listed, and to exist', () => {
    expect(refused(ask(EX2, 'WS')).code).toBe('SCOPE_NOT_ALLOWED');
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 WS Gone' };
    const state = edited(EX2, 'application', CLIENT1, { metadata });
    expect(allowed(ask(state, 'WS Server1'))).toMatchObject({
      scopes: ['WS', 'Server1'],
      audiences: ['Server1', 'Client1'],
    });
    expect(refused(ask(state, 'Gone')).code).toBe('SCOPE_NOT_ALLOWED');
  });

  it('RFC 6749 3.2 a scope without a value counts as none', () => {
    expect(ask(EX2, undefined)).toEqual(ask(EX2, ''));
  });
});
