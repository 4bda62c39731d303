import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import type { AccessTest } from '../../src/model/access-test.ts';
import type { Address } from '../../src/model/address.ts';
import type { State } from '../../src/model/state.ts';
import { EMPTY_STATE } from '../../src/model/state.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { diffTokens } from '../../src/plan/token-diff.ts';
import { CLIENT1, EX2, edited, GROUP2, SERVER2, SITE, USER1, without } from '../model/example-state.ts';
import { ALLOW, deny, never, testOf, token, whoCan } from './access-tests.ts';
import { placesOf, planOf } from './make.ts';

function diff(before: State, after: State, ...tests: readonly AccessTest[]) {
  const sides = {
    before: before.size === 0 ? undefined : indexState(before),
    nameBefore: <A extends Address>(address: A) => address,
    after: indexState(after),
  };
  return diffTokens(tests, sides, 0);
}

const NARROW = edited(EX2, 'group', GROUP2, { members: [] });
const both = testOf(ALLOW, undefined);
const claims = { sub: 'Client1', client_id: 'Client1', impersonates: 'Example/User1' };
const WHOLE = {
  claims: { ...claims, aud: ['Server1', 'Server2', 'Client1'], scope: 'Server1 Server2' },
  lifetime: 3600,
};
const LESS = { claims: { ...claims, aud: ['Server1', 'Client1'], scope: 'Server1' }, lifetime: 3600 };
const asked = { client: CLIENT1, client_id: 'Client1', grant_type: 'client_credentials' };

describe('the tokens of a plan', () => {
  it('are those of the requests of tests that change, as they say it before and after', () => {
    expect(diff(EX2, NARROW, testOf(token({}), undefined))).toEqual([
      { ...asked, scope: undefined, before: WHOLE, after: LESS, refused: undefined },
    ]);
  });

  it('one that stays as it is is none of them, nor one of which only the entity changed', () => {
    const renamed = edited(EX2, 'application', CLIENT1, { secret: { env: 'OTHER' } });
    expect(diff(EX2, NARROW, testOf(ALLOW, 'Server1'))).toEqual([]);
    expect(diff(EX2, renamed, both)).toEqual([]);
  });

  it('another lifetime is a change', () => {
    const shorter = edited(EX2, 'application', CLIENT1, { tokens: { access_ttl: '15m' } });
    expect(diff(EX2, shorter, both)).toEqual([
      { ...asked, scope: undefined, before: WHOLE, after: { ...WHOLE, lifetime: 900 }, refused: undefined },
    ]);
  });

  it('where there is none on one side, the reason of the refusal is told', () => {
    const [gone] = diff(EX2, NARROW, testOf(ALLOW, 'Server2'));
    expect(gone).toMatchObject({ scope: ['Server2'], after: undefined, refused: 'NO_AUDIENCE' });
    expect(gone?.before?.claims.aud).toEqual(['Server2', 'Client1']);
    const [come] = diff(NARROW, EX2, testOf(ALLOW, 'Server2'));
    expect(come).toMatchObject({ before: undefined, refused: 'NO_AUDIENCE' });
  });

  it('a client that was not there was not refused', () => {
    const created = { ...asked, scope: undefined, before: undefined, after: WHOLE, refused: undefined };
    expect(diff(without(EX2, CLIENT1), EX2, both)).toEqual([created]);
    expect(diff(EMPTY_STATE, EX2, both)).toEqual([created]);
  });

  it('no token on both sides is no change, whatever the reasons are', () => {
    const disabled = edited(NARROW, 'application', CLIENT1, { enabled: false });
    expect(diff(NARROW, disabled, testOf(ALLOW, 'Server2'))).toEqual([]);
  });

  it('a request that a test denies counts where a token comes or goes, and not where it says something else', () => {
    expect(diff(NARROW, EX2, testOf(deny(), 'Server2'))).toMatchObject([{ scope: ['Server2'], before: undefined }]);
    expect(diff(EX2, NARROW, testOf(deny(), undefined))).toEqual([]);
  });

  it('one request of several tests is told once, whichever of them denies it', () => {
    const twice = [testOf(deny(), 'Server2'), testOf(ALLOW, 'Server2'), testOf(ALLOW, 'Server2')];
    expect(diff(NARROW, EX2, ...twice)).toHaveLength(1);
    expect(diff(EX2, NARROW, testOf(deny(), undefined), both)).toHaveLength(1);
    const fromHere = testOf(ALLOW, undefined, { ip: '10.0.0.1' });
    expect(diff(EX2, NARROW, both, fromHere)).toHaveLength(1);
  });

  it('two addresses that lead to different changes are two', () => {
    const bound = edited(NARROW, 'application', CLIENT1, { client_ip_range: ['10.0.0.1'] });
    const [here, there] = ['10.0.0.1', '10.0.0.2'].map((ip) => testOf(ALLOW, undefined, { ip }));
    expect(diff(EX2, bound, ...[here, there].flatMap((one) => one ?? []))).toMatchObject([
      { after: LESS },
      { after: undefined, refused: 'CLIENT_IP_NOT_ALLOWED' },
    ]);
  });

  it('of a grant of a user are told with the user', () => {
    const methods = ['client.credentials.1', 'password.1'];
    const withLogin = edited(
      edited(edited(EX2, 'site', SITE, { methods }), 'user', USER1, { methods }),
      'application',
      CLIENT1,
      { methods, metadata: { grant_types: ['password'], scope: 'Server1 Server2' } },
    );
    const test = testOf(ALLOW, undefined, { grant_type: 'password', user: USER1 });
    expect(diff(EX2, withLogin, test)).toMatchObject([
      { grant_type: 'password', user: USER1, before: undefined, after: { claims: { sub: 'Example/User1' } } },
    ]);
    const [before, after] = [EX2, withLogin];
    const text = renderPlan(planOf(before, after, 0, [test]), placesOf(before, after), { color: false });
    expect(text).toContain('  + Client1 (password for User1)   gets a token now (was GRANT_NOT_ALLOWED)\n');
  });

  it('are those of the instant that a test names', () => {
    const until = edited(EX2, 'application', CLIENT1, { expires: '1970-01-01T00:00:10Z' });
    expect(diff(EX2, until, testOf(ALLOW, undefined, { time: 10_000 }))).toMatchObject([{ after: undefined }]);
    expect(diff(EX2, until, testOf(ALLOW, undefined, { time: -10_000_000 }))).toEqual([]);
  });

  it('are none of tests about everybody', () => {
    const everybody = [never({}), whoCan({ audience: SERVER2 }, { compare: 'exactly', names: [] })];
    expect(diff(EX2, NARROW, ...everybody)).toEqual([]);
  });

  it('stand in the plan; without tests there are none', () => {
    expect(planOf(EX2, NARROW, 0, [both]).tokens).toMatchObject([{ before: WHOLE, after: LESS }]);
    expect(planOf(EX2, NARROW).tokens).toEqual([]);
  });
});
