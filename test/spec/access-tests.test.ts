import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../../src/model/access-test.ts';
import { digestState } from '../../src/model/digest.ts';
import { formatPlace } from '../../src/model/origin.ts';
import { type CompiledSpec, compile } from '../../src/spec/compile.ts';
import { FIXABLE_CODES } from '../../src/spec/fixable-codes.ts';
import { format } from '../../src/spec/format.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const BASE = { path: 'base.yaml', text: read('base.yaml') };
const GOOD = read('cases/tests-good.yaml');

function compiled(...files: readonly SourceFile[]): CompiledSpec {
  const result = compile([BASE, ...files]);
  if (!result.ok) throw new Error(result.diagnostics.map(({ detail }) => detail).join('\n'));
  return result.value;
}

function told(...files: readonly SourceFile[]): readonly string[] {
  const errors = compile([BASE, ...files]).diagnostics.filter(({ severity }) => severity === 'error');
  return errors.map(({ code, detail, help }) => `${code}: ${detail}. ${help}`);
}

const requestsOf = ({ tests }: CompiledSpec) => tests.flatMap(({ assertion }) => requestOf(assertion) ?? []);
const namesOf = ({ tests }: CompiledSpec) => tests.map(({ name }) => name);
const good = compiled({ path: 'good.yaml', text: GOOD });

describe('a test as it is compiled', () => {
  it('is a request of a client by a grant, with what is expected of the token', () => {
    expect(good.tests[0]).toMatchObject({
      name: 'by its name, the client_id of the site, and Site/Name',
      assertion: {
        kind: 'token',
        request: {
          client: 'application:One/Client1',
          grant_type: 'client_credentials',
          scope: ['Server1', 'WS', 'openid'],
          ip: '192.168.1.7',
        },
        claims: {
          aud: ['Server1', 'Client1'],
          scope: 'openid Server1 WS',
          client_id: 'Client1',
          sub: 'Client1',
          impersonates: 'One/User1',
        },
        lifetime: 3600,
      },
    });
    expect(good.tests[2]?.assertion).toMatchObject({ kind: 'deny', reason: 'NO_IMPERSONATION' });
  });

  it('takes the only grant of its client where none is written, and no scope for an empty one', () => {
    expect(requestsOf(good).map(({ grant_type }) => grant_type)).toEqual(Array(10).fill('client_credentials'));
    expect(requestsOf(good)[7]).toEqual({
      client: 'application:Two/Client1',
      grant_type: 'client_credentials',
      user: undefined,
      method: undefined,
      scope: undefined,
      ip: undefined,
      time: undefined,
    });
  });

  it('finds the client in its own site first; outside of sites by client_id, then Site/Name, then a name of one site', () => {
    expect(requestsOf(good).map(({ client }) => client.replace('application:', ''))).toEqual([
      'One/Client1',
      'One/Client2',
      'Two/Client1',
      'One/Server1',
      'One/Client1',
      'One/Client2',
      'Two/Client1',
      'Two/Client1',
      'One/Client1',
      'One/Client1',
    ]);
  });

  it('is called by what it asks where it has no name', () => {
    expect(namesOf(good).slice(1, 5)).toEqual([
      '021269c5-04c3-4399-a206-32659c489803 may get a token',
      'Two/Client1 may not get Server1 (NO_IMPERSONATION)',
      'Server1 may not get a token',
      'Client1 may get a token',
    ]);
    const text = 'tests: [{ request: { client: ZzClient, scope: [WS], ip: 10.0.0.1 }, expect: { scope: WS } }]';
    expect(namesOf(compiled({ path: 'a.yaml', text }))).toEqual(['ZzClient gets WS from 10.0.0.1']);
  });

  it('stands where its item is written, in the order of the places', () => {
    expect(good.tests.map(({ range }) => formatPlace(range)).slice(0, 3)).toEqual([
      'good.yaml:22:5',
      'good.yaml:31:5',
      'good.yaml:32:5',
    ]);
    const [a, b] = ['a', 'b'].map((name) => ({
      path: `${name}.yaml`,
      text: `tests: [{ name: ${name}, allow: { client: ZzClient } }]`,
    })) as [SourceFile, SourceFile];
    expect(namesOf(compiled(b, a))).toEqual(['a', 'b']);
  });

  it('is in no State and no digest', () => {
    const text =
      'tests: [{ allow: { client: ZzClient } }]\n---\nsite: ZzBase\ntests: [{ allow: { client: ZzClient } }]';
    const [without, withTests] = [compiled(), compiled({ path: 'a.yaml', text })];
    expect(withTests.tests).toHaveLength(2);
    expect(digestState(withTests.state)).toBe(digestState(without.state));
    expect([...withTests.origins.keys()]).toEqual([...without.origins.keys()]);
  });
});

/** Without the line of the case that is wrong. */
const QUESTIONS = read('cases/tests-questions.yaml').replace(/^.*# error: .*\n/m, '');
const questions = compiled({ path: 'questions.yaml', text: QUESTIONS });

describe('a test of more than one request', () => {
  const assertionOf = (position: number) => questions.tests[position]?.assertion;

  it('a grant of a user names the user, and may name the login and the instant', () => {
    expect(assertionOf(0)).toMatchObject({
      kind: 'token',
      request: {
        grant_type: 'refresh_token',
        user: 'user:One/User2',
        method: 'password.1',
        time: Date.UTC(2027, 0, 31, 12),
      },
      claims: { sub: 'One/User2' },
    });
  });

  it('expects what a policy releases, by the names of the claims', () => {
    expect(assertionOf(1)).toMatchObject({ kind: 'token', claims: { mail: [] } });
  });

  it('who_can is about an audience or a scope, by a grant, from an address, at an instant', () => {
    const anything = { grant_type: undefined, client: undefined, ip: undefined, time: undefined };
    const client = 'application:One/Client1';
    expect(assertionOf(2)).toEqual({
      kind: 'who_can',
      who: { ...anything, target: { audience: 'application:One/Server1' }, grant_type: 'client_credentials' },
      compare: 'exactly',
      names: [client],
    });
    expect(assertionOf(4)).toEqual({
      kind: 'who_can',
      who: { ...anything, target: { audience: 'application:Two/Client1' }, time: Date.UTC(2027, 0, 31) },
      compare: 'excludes',
      names: [client, 'application:Two/Client1'],
    });
  });

  it('names users where it names a client', () => {
    expect(assertionOf(3)).toMatchObject({
      who: { target: { scope: 'WS' }, client: 'application:One/Portal', ip: '192.168.1.7' },
      compare: 'includes',
      names: ['user:One/User2'],
    });
    expect(assertionOf(8)).toMatchObject({ compare: 'exactly', names: ['user:One/User2'] });
  });

  it('a scope that is the client_id of an application is that audience', () => {
    expect(assertionOf(7)).toMatchObject({ who: { target: { audience: 'application:One/Server1' } } });
  });

  it('never holds names, and texts with * where they are written', () => {
    expect(assertionOf(5)).toEqual({
      kind: 'never',
      never: {
        client_type: 'public',
        site: 'One',
        client: { like: 'One/*' },
        grant_type: 'implicit',
        user: 'user:One/User1',
        scope: 'WS*',
        audience: { is: 'application:One/Server1' },
      },
    });
    expect(assertionOf(10)).toMatchObject({ never: { client: { like: '*client1' }, audience: { like: 'ser*er-1' } } });
    expect(assertionOf(11)).toMatchObject({ never: { client: { is: 'application:Two/Client1' }, scope: 'openid' } });
  });

  it('is called by what it says where it has no name', () => {
    expect(namesOf(questions)).toEqual([
      'Portal gets WS for User2 by refresh_token with password.1 at 2027-01-31T12:00:00Z',
      'Client1 gets server-1',
      'only Client1 can get Server1 by client_credentials',
      'User2 can get WS through Portal from 192.168.1.7',
      'Client1, Two/Client1 cannot get Two/Client1 at 2027-01-31',
      'no public client One/* of One ever gets WS* for server-1 for User1 by implicit',
      'only One/Client1 can get server-1',
      'One/Client1 can get server-1',
      'only User2 can get WS through Portal',
      'nobody can get Server1 by password',
      'no client *client1 ever gets ser*er-1',
      'no client two-client1 of Two ever gets openid',
    ]);
  });
});

describe('a wrong name is an error, never a pass', () => {
  it.each([
    ['about one request', GOOD, 60],
    ['about everybody', QUESTIONS, 90],
  ])('in any test %s, of anything', (_, text, least) => {
    // What is the author's own says nothing.
    const plain = text.replace(/, x-ticket: \S+ }/, ' }').replace(/^ *- name: .*\n( +)/m, '  - ');
    const offsets = [...plain.matchAll(/^tests:\n(?: .*\n?)+/gm)].flatMap((section) =>
      [...section[0].matchAll(/[\w./-]*\w{2}[\w./-]*/g)].map((word) => section.index + word.index),
    );
    expect(compile([BASE, { path: 'good.yaml', text: plain }]).ok).toBe(true);
    expect(offsets.length).toBeGreaterThan(least);
    const passing = offsets.filter((offset) => {
      const wrong = `${plain.slice(0, offset + 1)}q${plain.slice(offset + 1)}`;
      return compile([BASE, { path: 'good.yaml', text: wrong }]).ok;
    });
    expect(passing.map((offset) => plain.slice(offset, offset + 20))).toEqual([]);
  });

  it('with the name that was probably meant', () => {
    const test = (body: string) => told({ path: 'a.yaml', text: `tests: [${body}]` });
    expect(test('{ allow: { client: ZzClint } }')).toEqual([
      'reference.unknown: no application has the client_id or the name "ZzClint". Did you mean "ZzClient" (base.yaml:17:3)?',
    ]);
    // Of a user the place too; behind a wrong site that of the entity, not of the site.
    expect(test('{ deny: { client: ZzClient, grant_type: password, user: ZzUsr } }')[0]).toMatch(
      /Did you mean "ZzUser" \(base\.yaml:\d+:3\)\?$/,
    );
    expect(test('{ allow: { client: ZzBas/ZzClient } }')[0]).toContain('"ZzBase/ZzClient" (base.yaml:17:3)?');
    expect(test('{ deny: { client: ZzClient, scope: openit } }')[0]).toContain('Did you mean "openid"?');
    expect(test('{ deny: { client: ZzClient }, reason: NO_AUDIENC }')[0]).toContain('Did you mean "NO_AUDIENCE"?');
    expect(test('{ deny: { client: ZzClient, grant_type: client_credential } }')[0]).toContain(
      'Did you mean "client_credentials"?',
    );
    expect(test('{ request: { client: ZzClient }, expect: { ud: [ZzClient] } }')[0]).toContain('Did you mean "aud"?');
    expect(test('{ request: { client: ZzClient }, expect: { impersonates: ZzUsr } }')[0]).toContain('"ZzUser"');
    const meant = (body: string, name: string) => expect(test(body)[0]).toContain(`Did you mean "${name}"`);
    meant('{ deny: { client: ZzClient, grant_type: password, user: ZzUsr } }', 'ZzUser');
    meant('{ deny: { client: ZzClient, grant_type: password, user: ZzUser, method: pasword.1 } }', 'password.1');
    meant('{ who_can: { audience: ZzClint }, exactly: [] }', 'ZzClient');
    meant('{ who_can: { audience: ZzClient }, exactly: [ZzClint] }', 'ZzClient');
    meant('{ who_can: { audience: ZzClient, client: ZzClient }, exactly: [ZzUsr] }', 'ZzUser');
    meant('{ never: { site: ZzBas } }', 'ZzBase');
    meant('{ never: { client: Zzbas/* } }', 'ZzBase/*');
    meant('{ never: { scope: opnid* } }', 'openid*');
    meant('{ never: { audience: ZzClnt } }', 'ZzClient');
    expect(test('{ never: { client: Elsewhere/* } }')).toEqual([
      'reference.unknown: no client_id and no Site/Name fits "Elsewhere/*". Write the client_id of an application.',
    ]);
  });

  it('where the name was moved, with the one that holds now', () => {
    const text =
      'site: ZzBase\nmoved: [{ from: Old, to: ZzUser }]\ntests: [{ request: { client: ZzClient }, expect: { impersonates: Old } }]';
    expect(told({ path: 'a.yaml', text }).filter((one) => one.startsWith('reference'))).toEqual([
      'reference.unknown: no user "Old" in site ZzBase. The user Old was moved to ZzUser (a.yaml:2:9): write ZzUser.',
    ]);
  });

  it('and is told once: a client with a fault of its own makes no second one', () => {
    const text =
      'site: ZzBase\napplications: { Faulty: { enabled: maybe } }\ntests: [{ allow: { client: Faulty, scope: Faulty } }]';
    expect(told({ path: 'a.yaml', text }).map((one) => one.split(':')[0])).toEqual(['value.type']);
  });
});

describe('tests of overlays', () => {
  const below = {
    path: 'tests.yaml',
    text: 'tests: [{ name: base, allow: { client: ZzClient } }]\n---\nsite: ZzBase\ntests: [{ name: site, allow: { client: ZzClient } }]\n',
  };
  const over = (text: string): SourceFile => ({ path: 'overlays/prod/tests.yaml', text, overlay: 0 });

  it('are more of them, of a site and of none', () => {
    const text =
      'tests: [{ name: prod, allow: { client: ZzClient } }]\n---\nsite: ZzBase\ntests: [{ name: prod site, allow: { client: ZzClient } }]\n';
    expect(namesOf(compiled(below, over(text))).sort()).toEqual(['base', 'prod', 'prod site', 'site']);
  });

  it('null takes those away that do not hold in this environment: of the tests documents, or of the site', () => {
    expect(namesOf(compiled(below, over('tests: null\n')))).toEqual(['site']);
    expect(namesOf(compiled(below, over('site: ZzBase\ntests:\n')))).toEqual(['base']);
    const both = 'tests:\n---\ntests: [{ name: prod, allow: { client: ZzClient } }]\n';
    expect(namesOf(compiled(below, over(both))).sort()).toEqual(['prod', 'site']);
  });

  it('are judged by what the overlay makes of the spec', () => {
    const removed = over('site: ZzBase\napplications: { ZzClient: null }\n');
    expect(told(below, removed).filter((one) => one.includes('ZzClient'))).toHaveLength(2);
  });
});

it('the formatter puts the keys of a test in order', () => {
  const text = 'tests:\n  - expect: { scope: WS, aud: [A] }\n    request: { scope: WS, client: A }\n    name: a\n';
  expect(format({ path: 'a.yaml', text })).toEqual({
    ok: true,
    text: 'tests:\n  - name: a\n    request: { client: A, scope: WS }\n    expect: { aud: [A], scope: WS }\n',
  });
});

it('what --fix mends of a test is a slip of a name, and nothing that another name would mean', () => {
  expect(FIXABLE_CODES.has('reference.ambiguous')).toBe(false);
  const fixes = (client: string) =>
    compile([BASE, { path: 'a.yaml', text: `tests: [{ allow: { client: ${client} } }]` }]).diagnostics.flatMap(
      (one) => one.fixes?.map(({ title }) => title) ?? [],
    );
  expect(fixes('ZzClent')).toEqual(['Write ZzClient']);
  expect(fixes('ZzClient2')).toEqual([]);
});
