import { describe, expect, it } from 'vitest';
import { groupAddress, userAddress } from '../../src/model/address.ts';
import { createState, type State } from '../../src/model/state.ts';
import { PLAN_CODES } from '../../src/plan/finding-codes.ts';
import { planFindings } from '../../src/plan/findings.ts';
import { planToMarkdown } from '../../src/plan/markdown.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planSuites } from '../../src/plan/suites.ts';
import type { Finding } from '../../src/spec/outputs/findings.ts';
import { renderGithub } from '../../src/spec/outputs/github.ts';
import { renderJunit } from '../../src/spec/outputs/junit.ts';
import { findingsToSarif } from '../../src/spec/outputs/sarif.ts';
import {
  added,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { validateSarif } from '../spec/sarif-shape.ts';
import { parseXml, textOf } from '../spec/xml.ts';
import { placesOf, planOf } from './make.ts';
import { largePlan, type Shown, type Size, tellingPlan } from './markdown-plan.ts';

const located = (file: string) => (file === '' ? 'config' : `config/${file}`);
const findings = (before: State, after: State) => planFindings(planOf(before, after), placesOf(before, after));
const placeOf = ({ range }: Finding) => range && `${range.file}:${range.start.line}:${range.start.column}`;
const told = (list: readonly Finding[]) => list.map((one) => [one.severity, one.code, placeOf(one), one.detail]);

const sarifOf = (diagnostics: readonly Finding[], most?: number) =>
  JSON.parse(JSON.stringify(findingsToSarif({ diagnostics, files: [], located, rules: PLAN_CODES }, '1.2.3', most)))
    .runs[0];
const githubOf = (diagnostics: readonly Finding[]) =>
  renderGithub({ diagnostics, files: [], located }).split('\n').slice(0, -1);
const junitOf = ({ plan, places }: Pick<Shown, 'plan' | 'places'>) =>
  parseXml(renderJunit({ diagnostics: [], files: [], located }, 'plan', planSuites(plan, places, located)));

const LARGE: Size = {
  sites: 9,
  changes: 30,
  access: 6_000,
  released: 40,
  permissions: 40,
  risks: 9,
  tests: 12,
  tokens: 5,
  drift: 7,
  name: 'Name',
};

describe('what a plan tells machines', () => {
  it('is a note for each gain and loss of access, where it is caused, gains first', () => {
    const closed = edited(EX2, 'group', GROUP2, { members: [] });
    const after = edited(closed, 'application', CLIENT1, {
      metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' },
    });
    expect(told(findings(EX2, after))).toEqual([
      ['note', 'access.granted', 'applications.yaml:1:18', 'Client1 gains scope WS as User1'],
      ['note', 'access.revoked', 'groups.yaml:3:11', 'Client1 loses Server2: User1 leaves Group2'],
    ]);
  });

  it('of an entry that left a list leads to the list, not to the entry that is in its place now', () => {
    const other = userAddress('Example', 'Other');
    const before = edited(EX2, 'group', GROUP2, { members: [{ to: USER1 }, { to: other }] });
    const after = edited(EX2, 'group', GROUP2, { members: [{ to: other }] });
    const places = placesOf(before, after);
    const moved = {
      ...places,
      beforeOrigins: new Map(places.beforeOrigins).set(GROUP2, () => ({
        file: 'old.yaml',
        start: { line: 99, column: 1, offset: 0 },
        end: { line: 99, column: 2, offset: 1 },
      })),
    };
    const [loss] = planFindings(planOf(before, after), moved);
    expect(loss && placeOf(loss)).toMatch(/^groups\.yaml:3:/);
  });

  it('of what is gone leads to its site, and without one to the server', () => {
    const [, ...others] = [...EX2.keys()];
    expect(others).toContain(SITE);
    const gone = without(EX2, CLIENT1);
    const loss = (before: State, after: State) => findings(before, after).find(({ code }) => code === 'access.revoked');
    expect(placeOf(loss(EX2, gone) as Finding)).toBe('sites.yaml:1:1');
    expect(placeOf(loss(EX2, without(gone, SITE)) as Finding)).toBe('servers.yaml:1:1');
    expect(loss(EX2, createState([]))?.range).toBeUndefined();
  });

  it('is an error for a risk, at the link that lets somebody into what is restricted', () => {
    const group = groupAddress('Example', 'More');
    const before = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', SERVER2, { restricted: true });
    const after = added(edited(before, 'application', SERVER2, { allowed_to: [{ to: group }] }), [
      [group, { kind: 'group', methods: EX2.get(GROUP2) ? ['client.credentials.1'] : [], members: [{ to: USER1 }] }],
    ]);
    const [risk, ...rest] = findings(before, after);
    const cause = rest.find(({ code }) => code === 'access.granted');
    expect(risk).toMatchObject({ severity: 'error', code: 'risk.restricted', address: CLIENT1 });
    expect(risk && placeOf(risk)).toBe(cause && placeOf(cause));
    expect(risk?.help).toMatch(
      /^Client1: as Example\/User1\nTo approve it: --approve restricted:Example\/Server2@[0-9a-f]{16}$/,
    );
  });

  it('is an error for a risk without a link, at what is left to look at', () => {
    const issuer = edited(EX2, 'server', 'server', { issuer: 'https://other.example' });
    expect(findings(EX2, issuer).map((one) => [one.code, placeOf(one)])).toEqual([
      ['risk.issuer', 'servers.yaml:1:10'],
    ]);
    const emptied = findings(EX2, without(EX2, USER1)).find(({ code }) => code === 'risk.emptied');
    expect(emptied && placeOf(emptied)).toBe('sites.yaml:1:1');
  });

  it('is a note for a risk that is approved, and no approval line for one that no approval lifts', () => {
    const { plan, places } = tellingPlan('Canary');
    const risks = planFindings(plan, places).filter(({ code }) => code.startsWith('risk.'));
    expect(risks.map(({ severity, code, help }) => [severity, code, help?.split('\n').at(-1)])).toEqual([
      ['error', 'risk.restricted', 'To approve it: --approve restricted:Canary@0123456789abcdef'],
      ['error', 'risk.protected', 'No approval lifts this.'],
      ['note', 'risk.restricted', 'Approved: restricted:Canary@0123456789abcdef'],
    ]);
  });

  it('is an error for a failed test, where it is written, with what is otherwise and whether that is new', () => {
    const { plan, places } = tellingPlan('Canary');
    const [test] = plan.tests;
    if (test === undefined) throw new Error('no test');
    const of = (before: 'passed' | 'failed' | 'absent') =>
      planFindings(
        {
          ...plan,
          tests: [
            { ...test, before },
            { ...test, outcome: 'passed' },
          ],
        },
        places,
      ).filter(({ code }) => code === 'test.failed');
    expect(of('passed')).toMatchObject([
      { severity: 'error', range: test.range, detail: 'Canary', help: 'Canary\nCanary.\nIt passes today.' },
    ]);
    expect(of('failed')[0]?.help).toMatch(/It fails today as well\.$/);
    expect(of('absent')[0]?.help).toBe('Canary\nCanary.');
  });

  it('is a warning for each entity that drifted', () => {
    const { plan, places } = largePlan(LARGE);
    const drift = planFindings(plan, places).filter(({ severity }) => severity === 'warning');
    expect(drift).toHaveLength(7);
    expect(drift[0]).toMatchObject({
      code: 'store.drifted',
      detail: expect.stringMatching(/was deleted in the store/),
    });
  });

  it('is nothing where nothing changes', () => {
    expect(findings(EX2, EX2)).toEqual([]);
  });
});

describe('SARIF of a plan', () => {
  it('has the shape of the standard, a rule for every code and a fingerprint of its own for every result', () => {
    for (const shown of [
      tellingPlan('Canary'),
      tellingPlan('`{0}` [x](https://evil.example) \u0000'),
      largePlan(LARGE),
    ]) {
      const document = findingsToSarif(
        { diagnostics: planFindings(shown.plan, shown.places), files: [], located, rules: PLAN_CODES },
        '1.2.3',
      );
      expect(validateSarif(JSON.parse(JSON.stringify(document)))).toEqual([]);
      const { results, tool } = sarifOf(planFindings(shown.plan, shown.places));
      for (const result of results) expect(tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      const prints = results.map((result: { partialFingerprints: object }) =>
        JSON.stringify(result.partialFingerprints),
      );
      expect(new Set(prints).size).toBe(prints.length);
    }
  });

  it('keeps its fingerprints when everything moves to other lines and files', () => {
    const { plan, places } = tellingPlan('Canary');
    const range = {
      file: 'other.yaml',
      start: { line: 77, column: 1, offset: 0 },
      end: { line: 78, column: 1, offset: 9 },
    };
    const elsewhere: Plan = {
      ...plan,
      tests: plan.tests.map((test) => ({ ...test, range })),
      access: plan.access.map((change) => ({ ...change, cause: { ...change.cause, range } })),
    };
    const origins = new Map([...places.afterOrigins.keys()].map((address) => [address, () => range] as const));
    const prints = (list: readonly Finding[]) =>
      sarifOf(list).results.map((result: { partialFingerprints: object }) => result.partialFingerprints);
    const moved = planFindings(elsewhere, { beforeOrigins: origins, afterOrigins: origins });
    expect(moved.every((one) => one.range?.file === 'other.yaml')).toBe(true);
    expect(prints(moved)).toEqual(prints(planFindings(plan, places)));
  });

  it('tells one access from the same as another user', () => {
    const second = userAddress('Example', 'User2');
    const user = (to: readonly { readonly to: typeof CLIENT1 }[]) =>
      ({ kind: 'user', sub: 'Example/User2', methods: ['client.credentials.1'], impersonated_by: to }) as const;
    const members = [{ to: USER1 }, { to: second }];
    const none = added(edited(edited(EX2, 'group', GROUP1, { members }), 'user', USER1, { impersonated_by: [] }), [
      [second, user([])],
    ]);
    const first = edited(none, 'user', USER1, { impersonated_by: [{ to: CLIENT1 }] });
    const other = added(without(none, second), [[second, user([{ to: CLIENT1 }])]]);
    const print = (after: State) =>
      sarifOf(findings(none, after).filter(({ detail }) => detail.startsWith('Client1 gains Server1'))).results[0]
        .partialFingerprints;
    expect(print(first)).not.toEqual(print(other));
  });

  it('of more than it may hold has the gravest', () => {
    const { plan, places } = largePlan(LARGE);
    const all = planFindings(plan, places);
    expect(all.length).toBeGreaterThan(5_000);
    const { results, invocations } = sarifOf([...all].reverse(), 5_000);
    expect(results).toHaveLength(5_000);
    const levels: string[] = results.map(({ level }: { level: string }) => level);
    expect(levels.filter((level) => level === 'error')).toHaveLength(9 + 12);
    expect(levels.filter((level) => level === 'warning')).toHaveLength(7);
    expect(levels.slice(0, 21)).toEqual(Array.from({ length: 21 }, () => 'error'));
    expect(invocations[0].toolExecutionNotifications[0].message.text).toBe(
      `${all.length - 5_000} more findings are left out.`,
    );
  });

  it('section 3.11.6: has no link that a name makes', () => {
    const { plan, places } = tellingPlan('[x](https://evil.example)');
    for (const { message } of sarifOf(planFindings(plan, places)).results) expect(message.text).not.toContain('](');
  });
});

describe('GitHub annotations of a plan', () => {
  it('are errors for risks and failed tests, notices for access and for what is released, each at its line', () => {
    const { plan, places } = tellingPlan('Canary');
    const lines = githubOf(planFindings(plan, places));
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...Array.from({ length: 3 }, () => '::error'),
      '::warning',
      ...Array.from({ length: 4 }, () => '::notice'),
    ]);
    for (const line of lines)
      expect(line).toMatch(/^::[a-z]+ file=config\/Canary\.yaml,line=3,endLine=3,col=5,endColumn=8,title=/);
  });

  it('are ten of each level, the tenth of which tells how many more there are', () => {
    const { plan, places } = largePlan(LARGE);
    const lines = githubOf(planFindings(plan, places));
    const of = (command: string) => lines.filter((line) => line.startsWith(`::${command}`));
    expect([of('error').length, of('warning').length, of('notice').length]).toEqual([10, 7, 10]);
    expect(of('error').at(-1)).toBe('::error::… and 12 more errors: see the log of this step.');
    expect(of('notice').at(-1)).toMatch(/^::notice::… and 6071 more notices/);
  });

  it('hold no command of an author', () => {
    const { plan, places } = tellingPlan('x\n::error::y\r%0A::set-output name=z::%\u2028,a:b');
    for (const line of githubOf(planFindings(plan, places))) {
      expect(line).toMatch(/^::(error|warning|notice) /);
      expect(line).not.toMatch(/[\r\u2028]/);
      expect(line).not.toMatch(/%(?!25|0A|3A|2C)/);
    }
  });
});

describe('JUnit of a plan', () => {
  it('has a case for each test and each risk, failed as they are, and those of the spec', () => {
    const shown = tellingPlan('Canary');
    const passed = { ...(shown.plan.tests[0] as Plan['tests'][number]), name: 'Right', outcome: 'passed' as const };
    const root = junitOf({ ...shown, plan: { ...shown.plan, tests: [...shown.plan.tests, passed] } });
    expect(root.attributes).toMatchObject({ name: 'charter plan', tests: '5', failures: '3', errors: '0' });
    const cases = root.children.map(({ attributes, children }) => [
      attributes.name,
      children.map((one) => [one.attributes.name, one.children[0]?.name, one.children[0]?.attributes.type]),
    ]);
    expect(cases).toEqual([
      ['config', []],
      [
        'access tests',
        [
          ['Canary', 'failure', 'test.failed'],
          ['Right', undefined, undefined],
        ],
      ],
      [
        'risks',
        [
          ['restricted:Canary', 'failure', 'risk.restricted'],
          ['protected:Canary', 'failure', 'risk.protected'],
          ['restricted:Canary', 'system-out', undefined],
        ],
      ],
    ]);
    const [, tests, risks] = root.children;
    expect(tests?.children[0] && textOf(tests.children[0])).toContain('config/Canary.yaml:3:5\nCanary\nCanary.');
    expect(risks?.children[0] && textOf(risks.children[0])).toContain('--approve restricted:Canary@0123456789abcdef');
  });

  it('has no suite without a case', () => {
    const plan = planOf(EX2, edited(EX2, 'application', SERVER1, { allowed_to: [{ to: GROUP1 }, { to: GROUP2 }] }));
    expect(junitOf({ plan, places: placesOf(EX2, EX2) }).children.map(({ attributes }) => attributes.name)).toEqual([
      'config',
    ]);
  });

  it('is XML whatever an author writes', () => {
    const root = junitOf(tellingPlan('<b>&"\u0001]]>\uFFFF\uD800'));
    expect(root.attributes.tests).toBe('4');
  });
});

it('no output holds a hash that stands in the spec, nor its length', () => {
  const hashed = (hash: string) =>
    edited(EX2, 'application', CLIENT1, { secret: { hash }, secrets: [{ hash, expires: '1970-01-03' }] });
  const canary = '$argon2id$v=19$m=65536,t=3,p=4$Q0FOQVJZN2h1bnRlcjI$CANARY7hunter2CANARY7hunter2CANARY7hunter2';
  const outputs = (before: State, after: State) => {
    const [plan, places] = [planOf(before, after), placesOf(before, after)];
    const list = planFindings(plan, places);
    return [
      planToMarkdown(plan, places, { key: ['config'], apply: 'charter apply config' }),
      JSON.stringify(sarifOf(list)),
      githubOf(list).join(),
      renderJunit({ diagnostics: [], files: [], located }, 'plan', planSuites(plan, places, located)),
    ];
  };
  for (const [before, after] of [
    [EX2, hashed(canary)],
    [hashed(canary), EX2],
    [hashed(`${canary}x`), hashed(canary)],
    [hashed(canary), without(EX2, CLIENT1)],
  ] as const) {
    for (const output of outputs(before, after)) expect(output).not.toMatch(/CANARY|argon2id|Q0FOQVJZ/);
  }
  // Digests are of what was compared, and so of the hash; they tell nothing of it.
  const told = (hash: string) => outputs(EX2, hashed(hash)).map((output) => output.replace(/`[0-9a-f]{16}`/g, ''));
  expect(told(canary)).toEqual(told(`${canary}${canary}`));
});
