// Access rules: SEMANTICS N-46, and X-13 for grants without a user.

import { describe, expect, it } from 'vitest';
import { everyoneOf, groupAddress } from '../../src/model/address.ts';
import type { AccessRule, AccessRules } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { added, CLIENT1, EX1, EX3, edited, GROUP1, GROUP2, LOGIN, METHOD, USER1 } from '../model/example-state.ts';
import { allowed, ask, logIn, refused } from './ask.ts';

const DAY = 86_400_000;
const closed = groupAddress('Example', 'Closed');
const people = added(EX3, [[closed, { kind: 'group', members: [] }]]);

const ruled = (access_rules: AccessRules, gated = true, state: State = people): State =>
  edited(state, 'application', CLIENT1, { access_rules, ...(gated ? {} : { allowed_to: undefined }) });

const YES: AccessRule[] = [{ method: LOGIN }, { group: GROUP1 }, { ip: ['10.0.0.0/8'] }];
const NO: AccessRule[] = [{ method: METHOD }, { group: closed }, { ip: ['192.168.0.0/16'] }];
const ip = '10.1.2.3';

describe.each([
  ['with allowed_to', true],
  ['without allowed_to', false],
])('S:N-46 %s', (_, gated) => {
  it.each(YES.map((rule) => [JSON.stringify(rule), rule] as const))('%s holds', (_, rule) => {
    for (const rules of [{ all: [rule] }, { any: [rule] }, { any: [NO[0] as AccessRule, rule] }]) {
      expect(allowed(logIn(ruled(rules, gated), 'Server1', { ip })).audiences).toEqual(['Server1', 'Client1']);
    }
  });

  it.each(NO.map((rule) => [JSON.stringify(rule), rule] as const))('%s does not', (_, rule) => {
    const told = { error: 'access_denied', code: 'ACCESS_RULE_NOT_MET' };
    expect(refused(logIn(ruled({ all: [...YES, rule] }, gated), 'Server1', { ip }))).toMatchObject({
      ...told,
      missing: { address: CLIENT1, pointer: '/access_rules/all/3' },
    });
    expect(refused(logIn(ruled({ any: [rule] }, gated), 'Server1', { ip }))).toMatchObject({
      ...told,
      missing: { address: CLIENT1, pointer: '/access_rules/any' },
    });
  });

  it('all of them, or any', () => {
    expect(logIn(ruled({ all: YES }, gated), 'Server1', { ip }).allowed).toBe(true);
    expect(logIn(ruled({ any: [...NO, ...YES] }, gated), 'Server1', { ip }).allowed).toBe(true);
    expect(logIn(ruled({ any: NO }, gated), 'Server1', { ip }).allowed).toBe(false);
  });
});

describe('S:N-46 rules', () => {
  it('about addresses are not looked at where none is known', () => {
    const state = ruled({ all: [{ ip: ['192.168.0.0/16'] }] });
    expect(logIn(state, 'Server1').allowed).toBe(true);
    expect(logIn(state, 'Server1', { ip }).allowed).toBe(false);
    expect(logIn(state, 'Server1', { ip: '::ffff:192.168.3.4' }).allowed).toBe(true);
  });

  it('S:U-26 a group counts by its methods, and what it lacks is told as a rule that is not met', () => {
    const state = edited(ruled({ all: [{ group: GROUP1 }] }), 'group', GROUP1, { methods: [METHOD] });
    expect(refused(logIn(state, 'Server2'))).toMatchObject({
      code: 'ACCESS_RULE_NOT_MET',
      missing: { address: GROUP1, pointer: '/methods' },
    });
  });

  it('everyone is a group of every user of the site', () => {
    expect(logIn(ruled({ all: [{ group: everyoneOf('Example') }] }), 'Server1').allowed).toBe(true);
    expect(logIn(ruled({ all: [{ group: everyoneOf('Other') }] }), 'Server1').allowed).toBe(false);
  });

  it('are links of the chain, and end with what they rest on', () => {
    const state = edited(people, 'group', GROUP2, { members: [{ to: USER1, expires: '1970-01-02' }] });
    const all = allowed(logIn(ruled({ all: [{ method: LOGIN }, { group: GROUP2 }] }, false, state), 'Client1'));
    expect(all.until).toBe(DAY);
    expect(
      all.reasons
        .at(-1)
        ?.chain.slice(-4)
        .map(({ relation, at }) => `${relation} ${at.address}${at.pointer}`),
    ).toEqual([
      `has_method ${CLIENT1}/access_rules/all/0`,
      `member_of ${GROUP2}/members/0`,
      `has_method ${GROUP2}/methods/1`,
      `open_to ${CLIENT1}/access_rules/all/1`,
    ]);
    // Of any the one that lasts longest.
    const any = allowed(logIn(ruled({ any: [{ group: GROUP2 }, { group: GROUP1 }] }, false, state), 'Client1'));
    expect(any.until).toBeUndefined();
    expect(any.reasons.at(-1)?.chain.at(-1)?.at.pointer).toBe('/access_rules/any/1');
  });

  it('that are not met are so until one before them is not', () => {
    const state = edited(people, 'group', GROUP2, { members: [{ to: USER1, expires: '1970-01-02' }] });
    const rules: AccessRules = { all: [{ group: GROUP2 }, { method: METHOD }] };
    expect(refused(logIn(ruled(rules, true, state), 'Server1'))).toMatchObject({
      missing: { address: CLIENT1, pointer: '/access_rules/all/1' },
      until: DAY,
    });
    expect(refused(logIn(ruled(rules, true, state), 'Server1', { now: DAY })).missing).toEqual({
      address: GROUP2,
      pointer: '/members/0',
    });
  });
});

describe('S:X-13 by client_credentials', () => {
  const itself = (access_rules: AccessRules) => edited(EX1, 'application', CLIENT1, { access_rules });

  it('only rules about addresses count', () => {
    for (const access_rules of [{ all: [...NO.slice(0, 2), { ip: ['10.0.0.0/8'] }] }, { all: NO.slice(0, 2) }]) {
      expect(allowed(ask(itself(access_rules), undefined, { ip })).audiences).toEqual(['Client1']);
      expect(allowed(ask(ruled(access_rules), 'Server1', { ip })).audiences).toEqual(['Server1', 'Client1']);
    }
    // The others are not there: they do not hold either.
    expect(refused(ask(itself({ any: [...YES.slice(0, 2), { ip: ['192.168.0.0/16'] }] }), undefined, { ip }))).toEqual(
      expect.objectContaining({
        error: 'unauthorized_client',
        code: 'ACCESS_RULE_NOT_MET',
        missing: { address: CLIENT1, pointer: '/access_rules/any' },
      }),
    );
    expect(
      refused(ask(itself({ all: [YES[0] as AccessRule, { ip: ['192.168.0.0/16'] }] }), undefined, { ip })),
    ).toEqual(expect.objectContaining({ missing: { address: CLIENT1, pointer: '/access_rules/all/1' } }));
  });

  it('a plan, which has no address, is not refused', () => {
    expect(ask(itself({ all: [{ ip: ['192.168.0.0/16'] }] }), undefined).allowed).toBe(true);
  });
});
