import { describe, expect, it } from 'vitest';
import type { AccessTest } from '../../src/model/access-test.ts';
import { type Address, applicationAddress, methodAddress } from '../../src/model/address.ts';
import { planFromJson, planToJson } from '../../src/plan/json.ts';
import { planToMarkdown } from '../../src/plan/markdown.ts';
import { diffTests, type TestChange } from '../../src/plan/test-changes.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { CLIENT1, EX2, SERVER1, SITE, USER1 } from '../model/example-state.ts';
import { ALLOW, deny, never, testOf, token, whoCan } from './access-tests.ts';
import { readComment } from './gfm.ts';
import { placesOf, planOf } from './make.ts';

const NONE = new Map();
const named = (name: string, test: AccessTest, line = 1): AccessTest => ({
  ...test,
  name,
  range: { ...test.range, start: { ...test.range.start, line } },
});
const A = named('a', testOf(ALLOW, 'Server1'), 4);
const B = named('b', testOf(deny('SCOPE_NOT_ALLOWED'), 'Server2'), 7);

describe('tests of the base', () => {
  it('that are gone are told, in their order, with where they were', () => {
    expect(diffTests([A, B], [], NONE)).toEqual([
      { action: 'remove', name: 'a', was: A.range },
      { action: 'remove', name: 'b', was: B.range },
    ]);
    expect(diffTests([], [A, B], NONE)).toEqual([]);
  });

  it('that assert something else under their name are changed, even where another test asserts that already', () => {
    const weaker = named('b', testOf(deny(), 'Server2'), 9);
    expect(diffTests([A, B], [A, weaker], NONE)).toEqual([
      { action: 'change', name: 'b', was: B.range, range: weaker.range },
    ]);
    expect(diffTests([A, B], [A, named('b', A)], NONE)).toMatchObject([{ action: 'change', name: 'b' }]);
  });

  it('that stand elsewhere, are called otherwise, or are of a client that moved, are the same', () => {
    expect(diffTests([A, B], [named('x', B, 90), named('a', A, 1)], NONE)).toEqual([]);
    const moved = applicationAddress('Example', 'Renamed');
    const after = named('a', testOf(ALLOW, 'Server1', { client: moved }));
    expect(diffTests([A], [after], new Map([[CLIENT1, moved]]))).toEqual([]);
    expect(diffTests([A], [after], NONE)).toMatchObject([{ action: 'change', name: 'a' }]);
  });

  it('are the same by whatever name each entity in them goes', () => {
    const moved = <A extends Address>(address: A): A => `${address}-2` as A;
    const method = methodAddress('password.1');
    const renames = new Map([CLIENT1, SERVER1, USER1, method, SITE].map((one) => [one, moved(one)] as const));
    const pairs = [
      [
        { user: USER1, method: 'password.1' },
        { user: moved(USER1), method: 'password.1-2' },
      ].map((asked, at) =>
        testOf(token({ impersonates: at === 0 ? 'Example/User1' : 'Example/User1-2' }), 'Server1', {
          ...asked,
          client: at === 0 ? CLIENT1 : moved(CLIENT1),
        }),
      ),
      [SERVER1, moved(SERVER1)].map((audience, at) =>
        whoCan({ audience }, { compare: 'exactly', names: [at === 0 ? CLIENT1 : moved(CLIENT1)] }),
      ),
      [USER1, moved(USER1)].map((user, at) =>
        whoCan({ scope: 'WS' }, { compare: 'exactly', names: [user] }, { client: at === 0 ? CLIENT1 : moved(CLIENT1) }),
      ),
      [USER1, moved(USER1)].map((user, at) =>
        never({
          user,
          site: at === 0 ? 'Example' : 'Example-2',
          client: { is: at === 0 ? CLIENT1 : moved(CLIENT1) },
          audience: { is: at === 0 ? SERVER1 : moved(SERVER1) },
        }),
      ),
    ];
    for (const pair of pairs) {
      const [before, after] = pair as unknown as [AccessTest, AccessTest];
      expect(diffTests([before], [after], renames)).toEqual([]);
      expect(diffTests([before], [after], NONE)).toHaveLength(1);
    }
  });

  it('are compared by all that they ask and expect', () => {
    const some = [
      testOf(ALLOW, 'Server1'),
      testOf(ALLOW, 'Server1 Server2'),
      testOf(ALLOW, undefined),
      testOf(deny(), 'Server1'),
      testOf(deny('SCOPE_NOT_ALLOWED'), 'Server1'),
      testOf(token({ aud: ['Server1'] }), 'Server1'),
      testOf(token({ aud: ['Server1'] }, 60), 'Server1'),
      testOf(ALLOW, 'Server1', { ip: '10.0.0.1' }),
      testOf(ALLOW, 'Server1', { grant_type: 'urn:x' }),
      testOf(ALLOW, 'Server1', { user: USER1 }),
      testOf(ALLOW, 'Server1', { method: 'password.1' }),
      testOf(ALLOW, 'Server1', { time: 0 }),
      whoCan({ audience: SERVER1 }, { compare: 'exactly', names: [CLIENT1] }),
      whoCan({ audience: SERVER1 }, { compare: 'includes', names: [CLIENT1] }),
      whoCan({ audience: SERVER1 }, { compare: 'exactly', names: [] }),
      whoCan({ scope: 'WS' }, { compare: 'exactly', names: [] }),
      whoCan({ scope: 'WS' }, { compare: 'exactly', names: [] }, { client: CLIENT1 }),
      never({}),
      never({ client_type: 'public' }),
      never({ client: { is: CLIENT1 } }),
      never({ client: { like: '*' } }),
      never({ audience: { is: CLIENT1 } }),
    ];
    for (const one of some) {
      for (const other of some) expect(diffTests([one], [other], NONE)).toHaveLength(one === other ? 0 : 1);
    }
  });
});

describe('what a plan tells of them', () => {
  const changes: readonly TestChange[] = [
    ...diffTests([A, B], [named('b', testOf(deny(), 'Server2'), 9)], NONE),
    { action: 'remove', name: '`@octocat`\u001b[2J', was: A.range },
  ];
  const plan = planOf(EX2, EX2);
  const places = placesOf(EX2, EX2);

  it('as text, also where nothing else changes', () => {
    const text = renderPlan(plan, places, { color: false, testChanges: changes });
    expect(text).toContain('Tests   2 removed, 1 changed\n');
    expect(text).toMatch(/^ {2}- a +\(was tests\.yaml:4\)$/m);
    expect(text).toMatch(/^ {2}~ b +tests\.yaml:9:1$/m);
    expect(text).not.toContain('\u001b');
    expect(renderPlan(plan, places, { color: false, testChanges: [] })).not.toContain('Tests');
  });

  it('beside how those that are left end', () => {
    const tested = planOf(EX2, EX2, 0, [A]);
    const text = renderPlan(tested, places, { color: false, testChanges: changes.slice(0, 1) });
    expect(text).toContain('Tests   1 passed, 1 removed\n');
  });

  it('as Markdown, on the first screen and with their names, as code', () => {
    const options = { key: ['config'], apply: 'charter apply config', testChanges: changes };
    const { prose, code } = readComment(planToMarkdown(plan, places, options));
    expect(prose).toContain('Tests of the base: 2 removed, 1 changed.');
    expect(prose).not.toContain('octocat');
    expect(code.join('\n')).toMatch(/^- a +\(was tests\.yaml:4\)$/m);
  });

  it('as JSON, both ways; nothing where the tests of the base are not known', () => {
    const outcome = { exit_code: 0, changes: false };
    const json = planToJson(plan, places, outcome, { testChanges: changes });
    expect(json.test_changes?.[1]).toMatchObject({
      action: 'change',
      was: { start: { line: 7 } },
      source: { start: { line: 9 } },
    });
    expect(planFromJson(json).context.testChanges).toEqual(changes);
    expect(planToJson(plan, places, outcome, {})).not.toHaveProperty('test_changes');
  });
});
