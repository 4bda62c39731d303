import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AccessIndex, indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials } from '../../src/access/client-credentials.ts';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { snapshotAfter, snapshotOfStored, withValues } from '../../src/reconcile/build-snapshot.ts';
import type { SecretValues } from '../../src/reconcile/secrets.ts';
import { CLIENT1, EX2, edited, GROUP2 } from '../model/example-state.ts';
import { planOf } from '../plan/make.ts';

const AFTER = edited(EX2, 'group', GROUP2, { members: [] });

const counting = (values: SecretValues) => ({ values, instead: new Map<string, string>() });

/** The snapshot after a plan, and of what it was told that changed in the index that is served; undefined when it was not asked. */
function build(digest: string) {
  let told: readonly Address[] | undefined;
  const index: AccessIndex = {
    ...indexState(EX2),
    next(state: State, changed: Iterable<Address>) {
      told = [...changed];
      return indexState(EX2).next(state, told);
    },
  };
  const plan = planOf(EX2, AFTER);
  const snapshot = snapshotAfter({
    plan,
    stored: undefined,
    serving: { digest, index, verifiers: new Map() },
    state: AFTER,
    weighed: { values: new Map(), instead: new Map() },
    keys: [],
    checker: createSecretChecker({ key: new Uint8Array(32) }),
  });
  return { snapshot, told };
}

describe('DESIGN 5: the index of the next snapshot', () => {
  it('is the one that is served plus the changes of the plan', () => {
    const { snapshot, told } = build(digestState(EX2));
    expect(told).toEqual([GROUP2]);
    expect(reachClientCredentials(snapshot.index, CLIENT1, 0)).toEqual(
      reachClientCredentials(indexState(AFTER), CLIENT1, 0),
    );
  });

  it('has the verifiers that are served plus those of what changed, and all anew where something else counts', () => {
    const checker = createSecretChecker({ key: new Uint8Array(32) });
    const one = (name: string, secret: string) =>
      [`application:Example/${name}`, { kind: 'application', client_id: name, secret: { env: secret } }] as [
        Address,
        Entity,
      ];
    const before = createState([one('A', 'X'), one('B', 'X'), one('C', 'X')]);
    const after = createState([one('A', 'X'), one('B', 'Y'), one('D', 'X')]);
    const values = new Map(
      ['A', 'B', 'C', 'D'].map((name) => [
        `application:Example/${name}` as Address,
        new Map([
          ['env:X', `${name}-x`],
          ['env:Y', `${name}-y`],
        ]),
      ]),
    );
    const weighed = counting(values);
    const to = (state: State, serving: Snapshot | undefined, counts = weighed) =>
      snapshotAfter({
        ...{ plan: planOf(serving?.state ?? new Map(), state), stored: undefined, serving, state, weighed: counts },
        ...{ keys: [], checker },
      });
    const first = to(before, undefined);
    const next = to(after, first);
    expect([...next.verifiers]).toEqual([...to(after, undefined).verifiers]);
    expect(next.verifiers.get('application:Example/A')).toBe(first.verifiers.get('application:Example/A'));
    const others = to(after, first, counting(new Map(values)));
    expect([...others.verifiers]).toEqual([...next.verifiers]);
    expect(others.verifiers.get('application:Example/A')).not.toBe(first.verifiers.get('application:Example/A'));
  });

  it('is made of the State where something else is served than the plan begins with', () => {
    const { snapshot, told } = build(digestState(AFTER));
    expect(told).toBeUndefined();
    expect(snapshot.index.groupsOf('user:Example/User1').has(GROUP2)).toBe(false);
  });
});

describe('who proves who it is by a secret', () => {
  const CLIENT: Address = 'application:Example/Mac';
  const SENT: Address = 'application:Example/Sent';
  const USER: Address = 'user:Example/User1';
  const VALUE = 'a-value-that-is-long-enough-to-be-a-key';
  const metadata = { token_endpoint_auth_method: 'client_secret_jwt' } as const;
  const state = createState([
    [
      CLIENT,
      {
        kind: 'application',
        client_id: 'Mac',
        metadata,
        secrets: [{ env: 'OLD', expires: '2027-01-01' }, { env: 'NEW' }, { env: 'UNKNOWN' }],
      },
    ],
    [SENT, { kind: 'application', client_id: 'Sent', secret: { env: 'OLD' } }],
    [USER, { kind: 'user', sub: 'Example/User1', password: { env: 'PASSWORD' } }],
  ]);
  const checker = createSecretChecker({ key: new Uint8Array(32) });
  const values = (own: string, password: string) =>
    new Map([
      [
        CLIENT,
        new Map([
          ['env:OLD', VALUE],
          ['env:NEW', own],
        ]),
      ],
      [SENT, new Map([['env:OLD', VALUE]])],
      [USER, new Map([['env:PASSWORD', password]])],
    ]);
  const stored = { generation: 1, digest: '', state, moves: [], since: new Map() };
  const snapshotWith = (given: ReturnType<typeof values>) =>
    snapshotOfStored({ stored: stored as never, verifiers: [], values: given, keys: [], checker });
  const keysOf = ({ macKeys }: ReturnType<typeof snapshotWith>) =>
    [...macKeys].map(([address, keys]) => [address, keys.map(({ slot, key }) => [slot, key.export().toString()])]);

  it('has its values as keys where it signs with them, each with its time, and no other application has any', () => {
    const snapshot = snapshotWith(values(`${VALUE}-new`, 'pw'));
    expect(keysOf(snapshot)).toEqual([
      [
        CLIENT,
        [
          ['env:OLD', VALUE],
          ['env:NEW', `${VALUE}-new`],
        ],
      ],
    ]);
    expect(snapshot.macKeys.get(CLIENT)?.map(({ period }) => period.end)).toEqual([
      Date.UTC(2027, 0, 1),
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('is known by a verifier where it is a user with a password, whose time has no end', async () => {
    const [verifier, ...others] = snapshotWith(values(VALUE, 'the password of User1')).verifiers.get(USER) ?? [];
    expect(others).toEqual([]);
    expect(verifier?.period).toEqual({ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
    expect(verifier && (await checker.recognise('the password of User1', [verifier]))).toBe(verifier);
    expect(verifier && (await checker.recognise('another password', [verifier]))).toBeUndefined();
  });

  it('is checked by a value that changed, and by what was known where none is at hand', async () => {
    const before = snapshotWith(values(VALUE, 'the first password'));
    expect(withValues(before, counting(values(VALUE, 'the first password')), checker)).toBe(before);
    const after = withValues(before, counting(new Map([[CLIENT, new Map([['env:NEW', `${VALUE}-2`]])]])), checker);
    expect(keysOf(after)).toEqual([
      [
        CLIENT,
        [
          ['env:OLD', VALUE],
          ['env:NEW', `${VALUE}-2`],
        ],
      ],
    ]);
    expect(after.verifiers.get(USER)).toEqual(before.verifiers.get(USER));
    const renewed = withValues(before, counting(values(VALUE, 'the second password')), checker);
    const verifiers = renewed.verifiers.get(USER) ?? [];
    expect(await checker.recognise('the first password', verifiers)).toBeUndefined();
    expect(await checker.recognise('the second password', verifiers)).toBe(verifiers[0]);
  });

  it('is checked by what somebody else stored, where that counts and not the value that is here', async () => {
    const before = snapshotWith(values(VALUE, 'the first password'));
    const phc = await checker.hash('the second password');
    const instead = new Map([
      [`${USER}\nenv:PASSWORD`, phc],
      [`${CLIENT}\nenv:NEW`, await checker.hash(`${VALUE}-2`)],
    ]);
    const weighed = { values: new Map([[CLIENT, new Map([['env:OLD', VALUE]])]]), instead };
    const renewed = withValues(before, weighed, checker);
    expect(renewed.verifiers.get(USER)).toMatchObject([{ kind: 'argon2id', phc }]);
    expect(keysOf(renewed), 'nobody here has the new key, and the old one is over').toEqual([
      [CLIENT, [['env:OLD', VALUE]]],
    ]);
    expect(withValues(renewed, weighed, checker)).toBe(renewed);
  });

  it('is not shown by a snapshot that is printed', () => {
    const snapshot = snapshotWith(values(VALUE, 'the password of User1'));
    const shown = [inspect(snapshot, { depth: null, showHidden: true }), JSON.stringify([...snapshot.macKeys])].join();
    expect(shown).toContain('env:NEW');
    for (const value of [VALUE, 'the password of User1']) {
      expect(shown).not.toContain(value);
      expect(shown).not.toContain(Buffer.from(value).toString('hex'));
    }
  });
});
