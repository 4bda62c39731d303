import { describe, expect, it } from 'vitest';
import { CLIENT1, EX1, EX2, edited, USER1 } from '../model/example-state.ts';
import { allowed, ask, refused } from './ask.ts';

const at = (text: string): number => Date.parse(text);
const withUser = (edit: { not_before?: string; expires?: string; enabled?: boolean }) =>
  edited(EX2, 'user', USER1, edit);

describe('S:U-32 the dates of the impersonated user', () => {
  const bounded = withUser({ not_before: '2026-03-01', expires: '2026-04-01T12:00:00+02:00' });
  const start = at('2026-03-01T00:00:00Z');
  const end = at('2026-04-01T10:00:00Z');

  it('before not_before the user is not active, and until says when that changes', () => {
    const refusal = refused(ask(bounded, 'Server1', { now: start - 1 }));
    expect(refusal).toMatchObject({
      error: 'unauthorized_client',
      code: 'USER_NOT_ACTIVE',
      missing: { address: USER1, pointer: '/not_before' },
      until: start,
    });
  });

  it('from not_before on the user is active, until expires', () => {
    expect(allowed(ask(bounded, 'Server1', { now: start })).until).toBe(end);
    expect(allowed(ask(bounded, 'Server1', { now: end - 1 })).until).toBe(end);
  });

  it('on and after expires the user is not active, for good', () => {
    for (const now of [end, end + 86_400_000]) {
      expect(refused(ask(bounded, 'Server1', { now }))).toMatchObject({
        code: 'USER_NOT_ACTIVE',
        missing: { address: USER1, pointer: '/expires' },
        until: undefined,
      });
    }
  });

  it('a disabled user is not active whatever the dates say', () => {
    const disabled = withUser({ not_before: '2026-03-01', expires: '2026-04-01', enabled: false });
    expect(refused(ask(disabled, 'Server1', { now: start }))).toMatchObject({
      code: 'USER_NOT_ACTIVE',
      missing: { address: USER1, pointer: '/enabled' },
      until: undefined,
    });
  });

  it('a text that is no instant never opens', () => {
    expect(ask(withUser({ expires: 'next year' }), 'Server1', { now: start }).allowed).toBe(false);
    expect(ask(withUser({ not_before: '2026-02-30' }), 'Server1', { now: start })).toMatchObject({
      allowed: false,
      until: undefined,
    });
  });

  it('a refusal after the user was judged ends with the user', () => {
    const state = edited(bounded, 'application', 'application:Example/Server1', { enabled: false });
    expect(refused(ask(state, 'Server1', { now: start })).until).toBe(end);
  });

  it('a refusal that comes before the user does not end', () => {
    expect(refused(ask(bounded, 'Server3', { now: start })).until).toBeUndefined();
  });

  it('an answer without dates does not end', () => {
    expect(allowed(ask(EX2, 'Server1')).until).toBeUndefined();
    expect(allowed(ask(EX1, undefined)).until).toBeUndefined();
  });
});

describe('the lifetime of a token', () => {
  it('S:U-40 is an hour where nothing is written', () => {
    expect(allowed(ask(EX2, 'Server1')).lifetime).toBe(3600);
  });

  it('S:U-50 is the smaller of what server and application write', () => {
    const ttl = (server: string | undefined, application: string | undefined) =>
      allowed(
        ask(
          edited(
            edited(EX2, 'server', 'server', { tokens: server === undefined ? undefined : { access_ttl: server } }),
            'application',
            CLIENT1,
            { tokens: application === undefined ? undefined : { access_ttl: application } },
          ),
          'Server1',
        ),
      ).lifetime;
    expect(ttl('10m', undefined)).toBe(600);
    expect(ttl('10m', '5m')).toBe(300);
    expect(ttl('10m', '2h')).toBe(600);
    expect(ttl(undefined, '2h')).toBe(7200);
    expect(ttl('0s', '5m')).toBe(0);
  });

  it('ends no later than the links it rests on, in whole seconds', () => {
    const state = withUser({ expires: '2026-04-01' });
    const end = at('2026-04-01T00:00:00Z');
    expect(allowed(ask(state, 'Server1', { now: end - 90_500 })).lifetime).toBe(90);
    expect(allowed(ask(state, 'Server1', { now: end - 999 })).lifetime).toBe(0);
    expect(allowed(ask(state, 'Server1', { now: end - 7_200_000 })).lifetime).toBe(3600);
  });
});
