import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/model/digest.ts';
import type { ApplicationEntity, Entity, UserEntity } from '../../src/model/entity.ts';
import { sameValue } from '../../src/model/same-value.ts';
import { createState, type State } from '../../src/model/state.ts';
import { compareChanges, diffStates } from '../../src/plan/diff.ts';
import { spokenPath, valueAt } from '../../src/plan/paths.ts';
import { isEmptyPlan, type PathChange } from '../../src/plan/plan.ts';
import { CLIENT1, EX2, edited, GROUP1, USER1 } from '../model/example-state.ts';
import { planOf } from './make.ts';

function pathsOf(before: State, after: State): readonly PathChange[] {
  return diffStates(before, after).flatMap((change) => (change.action === 'update' ? change.paths : []));
}

const client = (edit: Partial<Record<keyof ApplicationEntity, unknown>>) =>
  edited(EX2, 'application', CLIENT1, edit as Partial<ApplicationEntity>);
const user = (edit: Partial<Record<keyof UserEntity, unknown>>) =>
  edited(EX2, 'user', USER1, edit as Partial<UserEntity>);

describe('the paths of an update', () => {
  it('are top-level members, with what they were and are', () => {
    expect(pathsOf(EX2, client({ methods: ['a', 'b'], audience_mode: 'strict' }))).toEqual([
      { pointer: '/audience_mode', after: 'strict' },
      { pointer: '/methods', before: ['client.credentials.1'], after: ['a', 'b'] },
    ]);
    expect(pathsOf(client({ audience_mode: 'strict' }), EX2)).toEqual([
      { pointer: '/audience_mode', before: 'strict' },
    ]);
  });

  it('go one level into metadata, tokens and directory', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1', client_name: 'One' };
    expect(pathsOf(EX2, client({ metadata, tokens: { format: 'opaque', access_ttl: '5m' } }))).toEqual([
      { pointer: '/metadata/client_name', after: 'One' },
      { pointer: '/metadata/scope', before: 'Server1 Server2', after: 'Server1' },
      { pointer: '/tokens/access_ttl', after: '5m' },
      { pointer: '/tokens/format', after: 'opaque' },
    ]);
    const directory = edited(EX2, 'server', 'server', { directory: { base_dn: 'dc=test' } });
    expect(pathsOf(EX2, directory)).toEqual([{ pointer: '/directory/base_dn', after: 'dc=test' }]);
  });

  it('are told attribute by attribute, their names escaped as RFC 6901 says', () => {
    const before = user({ attributes: { mail: 'a@x', 'a/b~c': 'old', gone: '1' } });
    const after = user({ attributes: { mail: 'a@x', 'a/b~c': 'new', '': 'empty' } });
    const paths = pathsOf(before, after);
    expect(paths.map(({ pointer }) => pointer)).toEqual(['/attributes/', '/attributes/a~1b~0c', '/attributes/gone']);
    expect(spokenPath('/attributes/a~1b~0c')).toBe('attributes.a/b~c');
    expect(valueAt(before.get(USER1), '/attributes/a~1b~0c')).toBe('old');
  });

  it('name an attribute that is called like a member of every object', () => {
    const after = user({ attributes: JSON.parse('{"constructor":"c","__proto__":"p"}') });
    expect(pathsOf(user({ attributes: {} }), after).map(({ pointer }) => pointer)).toEqual([
      '/attributes/__proto__',
      '/attributes/constructor',
    ]);
  });

  it('are never none: an empty object that comes or goes is a change', () => {
    expect(pathsOf(EX2, user({ attributes: {} }))).toEqual([{ pointer: '/attributes', after: {} }]);
    expect(pathsOf(user({ attributes: {} }), EX2)).toEqual([{ pointer: '/attributes', before: {} }]);
  });

  it('take the order of a list for a change, that of keys for none', () => {
    const order = client({ methods: ['b', 'a'] });
    expect(pathsOf(client({ methods: ['a', 'b'] }), order)).toHaveLength(1);
    const metadata = { scope: 'Server1 Server2', grant_types: ['client_credentials'] };
    expect(diffStates(EX2, client({ metadata }))).toEqual([]);
  });
});

describe('two values are the same', () => {
  const keys = fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString');
  const { value: values } = fc.letrec((tie) => ({
    value: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(undefined, null, '', 'x', 0, false) },
      fc.array(tie('value'), { maxLength: 2 }).map((items) => items.map((item) => item ?? null)),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 3 }).map((members) => {
        const object = {};
        for (const [key, value] of members) {
          Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
        }
        return object;
      }),
    ),
  }));

  it('exactly when their canonical JSON is', () => {
    let same = 0;
    fc.assert(
      fc.property(values, values, (a, b) => {
        const expected = canonicalJson(a) === canonicalJson(b);
        if (expected) same++;
        expect(sameValue(a, b)).toBe(expected);
        expect(sameValue(b, a)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
    expect(same).toBeGreaterThan(200);
  });

  it('is no question of what every object inherits', () => {
    expect(sameValue({}, JSON.parse('{"__proto__":{}}'))).toBe(false);
    expect(sameValue(JSON.parse('{"__proto__":{}}'), {})).toBe(false);
    expect(sameValue(JSON.parse('{"__proto__":{}}'), { a: {} })).toBe(false);
  });
});

describe('S:R-4 and S:R-8 an update renews', () => {
  const rows: readonly (readonly [string, State, State, boolean])[] = [
    ['an application that is enabled again', client({ enabled: false }), client({ enabled: true }), true],
    ['an application that no longer says that it is disabled', client({ enabled: false }), EX2, true],
    ['an application that is disabled', EX2, client({ enabled: false }), false],
    ['an application that says that it is enabled', EX2, client({ enabled: true }), false],
    ['an application of another client_id', EX2, client({ client_id: 'other' }), true],
    ['an application of another secret', EX2, client({ secret: { env: 'OTHER' } }), false],
    ['a user that is enabled again', user({ enabled: false }), EX2, true],
    ['a user that is disabled', EX2, user({ enabled: false }), false],
    ['a user of another sub', EX2, user({ sub: 'other' }), true],
    ['a user of another method', EX2, user({ methods: [] }), false],
    ['a group that loses its members', EX2, edited(EX2, 'group', GROUP1, { members: [] }), false],
    ['a method that is enabled again', edited(EX2, 'method', 'method:password.1', { enabled: false }), EX2, false],
  ];

  it.each(rows)('%s', (_, before, after, renews) => {
    expect(diffStates(before, after)).toMatchObject([{ action: 'update', renews }]);
  });
});

describe('the order of changes', () => {
  it('is server, methods, scopes, sites, applications, groups, users, each by site and name', () => {
    const entities: [Parameters<State['get']>[0], Entity][] = [
      ['server', { kind: 'server', issuer: 'https://a.example' }],
      ['method:z', { kind: 'method', type: 'password' }],
      ['scope:a', { kind: 'scope', descriptions: [] }],
      ['site:B', { kind: 'site' }],
      ['site:B-1', { kind: 'site' }],
      ['application:B/z', { kind: 'application', client_id: 'z' }],
      ['application:B-1/a', { kind: 'application', client_id: 'a' }],
      ['group:B/a', { kind: 'group' }],
      ['user:A/a', { kind: 'user', sub: 'A/a' }],
      ['user:B/a', { kind: 'user', sub: 'B/a' }],
    ];
    const state = createState([...entities].reverse());
    const order = entities.map(([address]) => address);
    expect(diffStates(new Map(), state).map(({ address }) => address)).toEqual(order);
    expect(diffStates(state, new Map()).map(({ address }) => address)).toEqual(order);
    const mixed = diffStates(createState(entities.slice(0, 5)), createState(entities.slice(5)));
    expect([...mixed].reverse().sort(compareChanges)).toEqual(mixed);
  });
});

describe('a plan', () => {
  it('S:R-5 of the same State is empty', () => {
    expect(planOf(EX2, EX2)).toMatchObject({ changes: [], access: [], unchanged: EX2.size });
    expect(isEmptyPlan(planOf(EX2, EX2))).toBe(true);
  });

  it('holds of its base what the store has to recheck, and no State', () => {
    expect(Object.keys(planOf(EX2, EX2).base).sort()).toEqual(['digest', 'generation', 'kind']);
  });

  it('is plain JSON: it can be a file', () => {
    const plan = planOf(EX2, edited(EX2, 'group', GROUP1, { members: [] }));
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});
