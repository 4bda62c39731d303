import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { bindsAddress, boundTo, judgeUserAgent, userAgentOf } from '../../src/access/token-address.ts';
import { reviewForUser } from '../../src/access/user-grant.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { CLIENT1, EX2, EX3, edited, LOGIN, USER1 } from '../model/example-state.ts';

const ADA = '203.0.113.7';
const RANGE = ['192.0.2.0/24', '2001:db8::/32'];
const application = (more: Partial<ApplicationEntity>) => ({ ...more }) as ApplicationEntity;
const indexed = (more: Partial<ApplicationEntity>) => indexState(edited(EX2, 'application', CLIENT1, more));

describe('S:A-19 for whom a client calls', () => {
  it.each([
    ['a stranger calls for itself, whatever it says', undefined, '198.51.100.1', ADA, '198.51.100.1'],
    ['so does one outside the range', RANGE, '198.51.100.1', ADA, '198.51.100.1'],
    ['an empty range makes nobody known', [], '192.0.2.1', ADA, '192.0.2.1'],
    ['who is within says for whom', RANGE, '192.0.2.1', ADA, ADA],
    ['or says nothing, and calls for itself', RANGE, '192.0.2.1', undefined, '192.0.2.1'],
    ['what is said and is no address is nobody', RANGE, '192.0.2.1', '', undefined],
    ['of IPv6 too', RANGE, '2001:db8::1', '::ffff:203.0.113.7', ADA],
    ['who is not known calls for nobody', RANGE, '', ADA, undefined],
  ])('%s', (_, client_ip_range, ip, forwarded, expected) => {
    const range = client_ip_range === undefined ? {} : { client_ip_range };
    expect(userAgentOf(application(range), { ip, forwarded })).toBe(expected);
  });
});

describe('S:A-19 a token', () => {
  const bound = { to: ADA };

  it('is for the address that it is bound to', () => {
    const index = indexed({ bind_token_ip: true });
    expect(judgeUserAgent(index, CLIENT1, bound, { ip: '::ffff:203.0.113.7' })).toBeUndefined();
    expect(judgeUserAgent(index, CLIENT1, bound, { ip: '203.0.113.8' })).toEqual({
      code: 'TOKEN_IP_MISMATCH',
      missing: { address: CLIENT1, pointer: '/bind_token_ip' },
      detail: 'bound to 203.0.113.7, used for 203.0.113.8',
    });
  });

  it('that no user let the client have is bound to nothing, and one that is bound to nothing is for nobody', () => {
    const index = indexed({ bind_token_ip: true });
    expect(judgeUserAgent(index, CLIENT1, undefined, { ip: '203.0.113.8' })).toBeUndefined();
    expect(judgeUserAgent(index, CLIENT1, { to: undefined }, { ip: '' })?.code).toBe('TOKEN_IP_MISMATCH');
    expect(judgeUserAgent(index, CLIENT1, { to: undefined }, { ip: ADA })?.code).toBe('TOKEN_IP_MISMATCH');
  });

  it('of a client that does not bind is for everybody, and is not bound when it is issued', () => {
    for (const bind_token_ip of [undefined, false]) {
      const index = indexed(bind_token_ip === undefined ? {} : { bind_token_ip });
      expect(judgeUserAgent(index, CLIENT1, bound, { ip: '203.0.113.8' })).toBeUndefined();
      expect(bindsAddress(index, { client: CLIENT1, grant_type: 'authorization_code' })).toBe(false);
    }
    expect(boundTo(application({}), ADA)).toBeUndefined();
    expect(boundTo(application({ bind_token_ip: true }), ADA)).toBe(ADA);
  });
});

describe('S:A-19 what was let before', () => {
  const grant = {
    ...{ client: CLIENT1, user: USER1, grant_type: 'authorization_code', method: LOGIN },
    ...{ audiences: ['Client1'], scopes: ['openid'] },
  };
  const reviewed = (more: Partial<ApplicationEntity>, bound_ip?: string) =>
    reviewForUser(indexState(edited(EX3, 'application', CLIENT1, more)), { ...grant, bound_ip }, 0);

  it('is refused where the client binds and no address is known of it', () => {
    expect(reviewed({ bind_token_ip: true })).toMatchObject({
      allowed: false,
      code: 'TOKEN_IP_UNKNOWN',
      missing: { address: CLIENT1, pointer: '/bind_token_ip' },
    });
    expect(reviewed({ bind_token_ip: true }, ADA).allowed).toBe(true);
    expect(reviewed({ bind_token_ip: false }).allowed).toBe(true);
    expect(reviewed({}).allowed).toBe(true);
  });
});
