import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../src/explain/coverage.ts';
import { firstTests } from '../../src/explain/first-tests.ts';
import { linksOf } from '../../src/explain/spec-links.ts';
import { testReportToJson } from '../../src/explain/test-json.ts';
import { percentOf, type ReportOptions, reportTests } from '../../src/explain/test-report.ts';
import { testSchema } from '../../src/explain/test-schema.gen.ts';
import { renderTestReport, speakUncovered, uncoveredPlaces } from '../../src/explain/test-text.ts';
import type { AccessTest } from '../../src/model/access-test.ts';
import { createState, type State } from '../../src/model/state.ts';
import { closedSchema } from '../../src/plan/closed-schema.ts';
import { planSchema } from '../../src/plan/plan-schema.gen.ts';
import { compile } from '../../src/spec/compile.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { parseCase, REPOSITORY, readQuickstart } from '../cli/case.ts';
import { CLIENT1, EX1, EX2, edited, GROUP1, originsOf, SERVER1, SERVER2, USER1 } from '../model/example-state.ts';
import { ALLOW, deny, never, testOf, whoCan } from '../plan/access-tests.ts';
import { undescribed } from '../undescribed.ts';

const ORIGINS = originsOf(EX2);
const named = (name: string, test: AccessTest): AccessTest => ({ ...test, name });
const TESTS = [
  named('reaches Server1', testOf(ALLOW, 'Server1')),
  named('reaches no Server2', testOf(deny(), 'Server2')),
  named('reaches Server3', testOf(ALLOW, 'Server3')),
];

const report = (options: ReportOptions = {}, tests: readonly AccessTest[] = TESTS) =>
  reportTests(EX2, tests, options, 0);
const text = (options: ReportOptions = {}, tests: readonly AccessTest[] = TESTS) =>
  renderTestReport(report(options, tests), ORIGINS, { color: false, spec: 'config' });

describe('a run', () => {
  it('takes the tests that have the text in their name, and says how many it left out', () => {
    expect(report({ filter: 'Server2' })).toMatchObject({ leftOut: 2, tests: [{ name: 'reaches no Server2' }] });
    expect(report()).toMatchObject({ leftOut: 0 });
    expect(text({ filter: 'Server1' })).toBe('config: 1 test passed; 2 left out by --filter.\n');
  });

  it('covers what the tests that were run cover, where that is asked', () => {
    const links = linksOf(EX2, 0).length;
    expect(report().coverage).toBeUndefined();
    expect(report({ coverage: true }).coverage).toMatchObject({ links });
    expect(report({ coverage: true, filter: 'Server3' }).coverage).toMatchObject({ links, covered: 0 });
  });

  it('tells percent that are never rounded up', () => {
    expect([percentOf({ links: 0, covered: 0 }), percentOf({ links: 300, covered: 299 })]).toEqual([100, 99]);
  });
});

describe('as text', () => {
  it('a run without a failed test is one line', () => {
    expect(text({}, TESTS.slice(0, 1))).toBe('config: 1 test passed.\n');
  });

  it('a failed one is told with its place, what was expected, the links that are there, and the one that is missing', () => {
    const lines = text({ filter: 'Server' }).split('\n');
    expect(lines[0]).toMatch(/^✗ reaches no Server2 +tests\.yaml:1:1$/);
    expect(lines[1]).toBe('    Server2: expected to be refused; it is granted');
    expect(lines.join('\n')).toMatch(/^ {6}Example\/User1 is a member of Example\/Group2 +groups\.yaml:3:13$/m);
    expect(lines.join('\n')).toMatch(
      /^ {6}missing: metadata\.scope of application Example\/Client1 +applications\.yaml:1:18$/m,
    );
    expect(lines.slice(-3)).toEqual(['', 'config: 1 test passed, 2 failed.', '']);
    expect(text({}, TESTS.slice(1))).toMatch(/\nconfig: 2 tests failed\.\n$/);
  });

  it('nothing of a spec reaches the terminal raw', () => {
    const hostile = named('a\u001b[2J\nb', testOf(deny('\u001b[31m'), 'Server3'));
    const told = renderTestReport(report({}, [hostile]), ORIGINS, { color: false, spec: 'c\u001b' });
    expect(told).not.toContain('\u001b');
    expect(told).toContain('✗ a\\u{1b}[2J\\u{a}b');
  });
});

/** Client1 reaches Server1 up to a day. */
const ENDING = edited(EX2, 'group', GROUP1, { members: [{ to: USER1, expires: '2027-01-31' }] });

describe('a test that passes and will not for ever', () => {
  const BEGINNING = edited(ENDING, 'user', USER1, { not_before: '2026-12-24' });
  const later = (state: State, ...tests: readonly AccessTest[]) =>
    reportTests(state, tests, {}, Date.UTC(2026, 10, 22)).tests.map((test) => test.later && new Date(test.later.from));

  it('says from when on it fails: something that it rests on ends, or begins', () => {
    const exactly = whoCan({ audience: SERVER1 }, { compare: 'exactly', names: [CLIENT1] });
    const ends = new Date('2027-01-31');
    expect(later(ENDING, testOf(ALLOW, 'Server1'), exactly)).toEqual([ends, ends]);
    expect(later(ENDING, testOf(ALLOW, 'Server2'))).toEqual([undefined]);
    const nobody = whoCan({ audience: SERVER1 }, { compare: 'exactly', names: [] });
    const begins = new Date('2026-12-24');
    expect(later(BEGINNING, testOf(deny(), 'Server1'), nobody)).toEqual([begins, begins]);
  });

  it('says nothing of a time that it names itself, of one that fails already, and of what is never so', () => {
    const fixed = testOf(ALLOW, 'Server1', { time: Date.UTC(2026, 10, 22) });
    const failed = testOf(deny(), 'Server1');
    expect(later(ENDING, fixed, failed, never({ site: 'Shop' }))).toEqual([undefined, undefined, undefined]);
  });

  it('is told with what is wrong then, and counted as passed', () => {
    const run = reportTests(ENDING, [named('reaches Server1', testOf(ALLOW, 'Server1'))], {}, 0);
    const told = renderTestReport(run, ORIGINS, { color: false, spec: 'config' }).split('\n');
    expect(told[0]).toBe('Will fail by time alone');
    expect(told[1]).toMatch(/^ {2}reaches Server1, from 2027-01-31 on +tests\.yaml:1:1$/);
    expect(told[2]).toMatch(/^ {6}expected a token; refused with NO_AUDIENCE/);
    expect(told.at(-2)).toBe('config: 1 test passed.');
  });
});

describe('links that no test would miss', () => {
  const coverage = (state = EX2): Coverage => {
    const uncovered = linksOf(state, 0);
    return { links: uncovered.length, covered: 0, uncovered };
  };

  it('are told in the order of the files, each with its place', () => {
    const places = uncoveredPlaces(coverage(), ORIGINS).map(({ range }) => `${range?.file} ${range?.start.line}`);
    expect(places).toEqual([...places].sort());
    expect(text({ coverage: true }, [])).toMatch(
      /^ {2}Example\/User1 is a member of Example\/Group2 +groups\.yaml:3:13$/m,
    );
  });

  it('that one line gives to several entities are told once, with the others', () => {
    const methods = linksOf(EX2, 0).filter(({ at }) => /^application:.*methods/.test(`${at.address}${at.pointer}`));
    const sameLine = new Map([...ORIGINS].map(([address]) => [address, () => ORIGINS.get(SERVER1)?.('') as never]));
    const [place, ...others] = uncoveredPlaces({ links: 3, covered: 0, uncovered: methods }, sameLine);
    expect(others).toEqual([]);
    expect(place && speakUncovered(place)).toBe(
      'Example/Client1 lists client.credentials.1; and by the same line Example/Server1, Example/Server2',
    );
  });

  it('of one text are told once, with all that it names', () => {
    const asked = linksOf(EX2, 0).filter(({ relation }) => relation === 'may_ask_for');
    const [place] = uncoveredPlaces({ links: 2, covered: 0, uncovered: asked }, ORIGINS);
    expect(place && speakUncovered(place)).toBe('Example/Client1 may ask for Example/Server1, Example/Server2');
  });
});

describe('of a spec without a test', () => {
  /** Nobody but a user reaches the server, through a client that is told apart by its site. */
  const OF_USERS = `
server: { issuer: "http://localhost:8080" }
methods: { login: { type: password } }
---
site: Shop
methods: [login]
defaults: { applications: { methods: [login] }, users: { methods: [login] } }
users: { Ada: {} }
applications:
  API: { client_id: "1.0", allowed_to: [everyone] }
  Portal:
    secret: { env: PORTAL_SECRET }
    allowed_to: [everyone]
    metadata: { grant_types: [password], scope: "1.0" }
`;

  it.each([
    ['of clients', readQuickstart(), 'scope: Server1'],
    ['of users', OF_USERS, 'grant_type: password, user: Shop/Ada, scope: "1.0"'],
  ])('the first tests hold in it: %s', (_, text, asked) => {
    const specOf = (...files: readonly SourceFile[]) => {
      const checked = compile([{ path: 'charter.yaml', text }, ...files]);
      if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
      return checked.value;
    };
    const first = firstTests(specOf().state, 0);
    expect(first).toContain(asked);
    const { state, tests } = specOf({ path: 'tests.yaml', text: first });
    const run = reportTests(state, tests, {}, 0);
    expect(run.tests).toHaveLength(2);
    expect(run.tests.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('in which nobody reaches another, they are a pattern', () => {
    expect(firstTests(EX1, 0)).toContain('allow: { client: CLIENT, scope: SERVER }');
    expect(firstTests(createState([]), 0)).toContain('exactly: [CLIENT]');
  });
});

describe('schema/test.schema.json', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true, validateFormats: false });
  /** Without the leave of minor versions to add members. */
  const fits = ajv.compile(closedSchema(testSchema));
  const expectFits = (document: unknown) => {
    fits(document);
    expect(fits.errors ?? []).toEqual([]);
  };
  const findings = { diagnostics: [], located: (file: string) => file };
  const about = { exitCode: 0, engineVersion: '1.2.3' };

  it('is draft 2020-12 with a versioned name, and what charter schema prints', () => {
    const shipped = JSON.parse(readFileSync(join(REPOSITORY, 'schema/test.schema.json'), 'utf8'));
    expect(testSchema).toEqual(shipped);
    expect(shipped.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(shipped.$id).toBe('https://charter.dev/schema/v1/test.schema.json');
  });

  it('describes every part', () => {
    expect(undescribed(testSchema)).toEqual([]);
  });

  it('says the same of what a plan document has too', () => {
    const { test: _t, coverage: _c, link: _l, place: _p, problem: _q, ...shared } = testSchema.$defs;
    expect(planSchema.$defs).toMatchObject(shared);
  });

  it('fits what is written: of failed tests, of links that are granted and missing, of coverage', () => {
    const everybody = [
      named('nobody', whoCan({ audience: SERVER2 }, { compare: 'exactly', names: [SERVER1] })),
      named('never', never({ audience: { is: SERVER2 } })),
    ];
    const tested = { report: report({ coverage: true }, [...TESTS, ...everybody]), origins: ORIGINS };
    const json = testReportToJson(tested, findings, about);
    expectFits(json);
    expect(json).toMatchObject({
      timestamp: '1970-01-01T00:00:00.000Z',
      summary: { tests: 5, passed: 1, failed: 4, left_out: 0 },
      coverage: { links: linksOf(EX2, 0).length },
    });
    const problems = json.tests.flatMap((test) => test.problems);
    expect(problems).toContainEqual(
      expect.objectContaining({ reason: 'SCOPE_NOT_ALLOWED', missing: expect.objectContaining({ address: CLIENT1 }) }),
    );
    expect(problems.flatMap(({ via }) => via).every(({ at }) => at.source !== undefined)).toBe(true);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });

  it('fits one that passes and will not for ever, with the instant from which on it fails', () => {
    const run = reportTests(ENDING, [named('reaches Server1', testOf(ALLOW, 'Server1'))], {}, 0);
    const json = testReportToJson({ report: run, origins: ORIGINS }, findings, about);
    expectFits(json);
    expect(json.tests).toMatchObject([{ outcome: 'passed', problems: [], fails_from: '2027-01-31T00:00:00.000Z' }]);
  });

  it('fits a run that could not be made', () => {
    const failure = { code: 'spec_unsettled', message: 'The files go on changing.' };
    expectFits(testReportToJson(undefined, { ...findings, failure }, { ...about, exitCode: 1 }));
  });

  it('fits every golden case', () => {
    const folder = join(REPOSITORY, 'test/cli/cases');
    const documents = readdirSync(folder).flatMap((name) => {
      const { sections } = parseCase(readFileSync(join(folder, name), 'utf8'));
      const isJson = /^test .*--json -/.test(sections.get('argv') ?? '');
      return isJson ? [JSON.parse(sections.get('stdout') ?? '')] : [];
    });
    expect(documents.length).toBeGreaterThan(1);
    for (const document of documents) expectFits(document);
  });
});
