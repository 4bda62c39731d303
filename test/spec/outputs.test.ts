import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { countProblems, type Findings } from '../../src/spec/outputs/findings.ts';
import { renderGithub } from '../../src/spec/outputs/github.ts';
import { diagnosticsToJson, findingsToJson } from '../../src/spec/outputs/json.ts';
import { renderJunit } from '../../src/spec/outputs/junit.ts';
import { findingsToSarif } from '../../src/spec/outputs/sarif.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';
import { validateSarif } from './sarif-shape.ts';
import { parseXml, textOf } from './xml.ts';

const located = (file: string) => (file === '' ? 'config' : `config/${file}`);

function findingsOf(files: readonly SourceFile[]): Findings {
  return { diagnostics: compile(files).diagnostics, files, located };
}

function outputsOf(findings: Findings): readonly string[] {
  return [
    JSON.stringify(findingsToJson(findings, 3)),
    JSON.stringify(findingsToSarif(findings, '1.2.3')),
    renderGithub(findings),
    renderJunit(findings),
  ];
}

function at(file: string, line: number, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = { line, column: 2, offset: 1 };
  const range = { file, start, end: { line, column: 5, offset: 4 } };
  return { severity: 'error', code: 'key.unknown', summary: 'Unknown key', detail: 'detail', range, ...more };
}

const EVERY_CASE = readCases().map(({ name, files }) => ({ name, findings: findingsOf(files) }));

describe('every output of every case', () => {
  it('SARIF has the shape of the standard', () => {
    for (const { name, findings } of EVERY_CASE) {
      const sarif = JSON.parse(JSON.stringify(findingsToSarif(findings, '1.2.3')));
      expect(validateSarif(sarif), name).toEqual([]);
      const [run] = sarif.runs;
      expect(run.results).toHaveLength(findings.diagnostics.length);
      for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      const prints = run.results.map((result: { partialFingerprints: object }) =>
        JSON.stringify(result.partialFingerprints),
      );
      expect(new Set(prints).size, name).toBe(prints.length);
    }
  });

  it('JUnit is XML whose numbers are those of its tests', () => {
    for (const { name, findings } of EVERY_CASE) {
      const { errors } = countProblems(findings.diagnostics);
      const root = parseXml(renderJunit(findings));
      expect(root.name).toBe('testsuites');
      const [suite] = root.children;
      const tests = suite?.children ?? [];
      const failed = tests.filter(({ children }) => children.some((child) => child.name === 'failure'));
      expect(suite?.attributes.tests, name).toBe(String(tests.length));
      expect(suite?.attributes.failures, name).toBe(String(failed.length));
      expect(failed.length > 0, name).toBe(errors > 0);
      for (const { path } of findings.files) {
        expect(
          tests.filter((test) => test.attributes.name === located(path)),
          path,
        ).toHaveLength(1);
      }
    }
  });

  it('GitHub gets one line a problem, at most ten of each level', () => {
    for (const { name, findings } of EVERY_CASE) {
      const lines = renderGithub(findings).split('\n').slice(0, -1);
      const { errors, warnings } = countProblems(findings.diagnostics);
      expect(lines.length, name).toBe(Math.min(10, errors) + Math.min(10, warnings));
      for (const line of lines) expect(line, name).toMatch(/^::(error|warning)( [^:]+)?::[^:\s]/);
    }
  });

  it('JSON holds the diagnostics as they are', () => {
    for (const { findings } of EVERY_CASE) {
      const json = JSON.parse(JSON.stringify(findingsToJson(findings, 3)));
      expect(json.diagnostics).toEqual(JSON.parse(JSON.stringify(findings.diagnostics)));
      expect(json.summary.errors + json.summary.warnings).toBe(findings.diagnostics.length);
    }
  });
});

describe('no output holds a secret', () => {
  const C = 'CANARY7hunter2';
  const server = { path: 'server.yaml', text: 'server: { issuer: https://id.example.com }\n' };

  it.each([
    ['written as a secret', `site: A\napplications: { App: { secret: ${C}, enabled: no, polcy: x } }\n`],
    ['below a misspelt key', `site: A\napplications:\n  App:\n    secert: ${C}\n    enabled: 5\n`],
    ['in a file that is no YAML', `site: A\napplications: { App: { secret: ${C}, x\n`],
    [
      'beside a warning on its line',
      `site: A\nusers: { U: }\napplications: { App: { secret: { env: [${C}] }, x-a: no } }\ngroups: { no: }\n`,
    ],
  ])('%s', (_name, text) => {
    const findings = findingsOf([server, { path: 'a.yaml', text }]);
    expect(findings.diagnostics.length).toBeGreaterThan(0);
    for (const output of outputsOf(findings)) expect(output).not.toContain(C);
  });

  it('nor a line that repeats the value of one, in the same file or another', () => {
    const other = { path: 'b.yaml', text: `site: B\napplications: { App: { audience_mode: ${C} } }\n` };
    const text = `site: A\napplications:\n  App:\n    secret: "${C}"\n    allowed_to: [${C}]\n    audience_mode: ${C}\n`;
    const findings = findingsOf([server, { path: 'a.yaml', text }, other]);
    expect(findings.diagnostics.filter(({ code }) => code === 'value.not-allowed')).toHaveLength(2);
    for (const output of outputsOf(findings)) expect(output).not.toContain(C);
    const frames = renderDiagnostics(findings.diagnostics, findings.files, { color: false });
    expect(frames).toContain('6 │     audience_mode: ********\n  │                    ^^^^^^^^ ');
    expect(frames).not.toContain(C);
  });

  it('a line with an error and a warning hides it in the report of both', () => {
    const text = `site: A\napplications: { App: { secret: ${C}, client_id: no } }\n`;
    const findings = findingsOf([server, { path: 'a.yaml', text }]);
    expect(findings.diagnostics.map(({ severity }) => severity)).toContain('warning');
    expect(renderJunit(findings)).toContain('secret: ********');
    expect(renderJunit(findings)).not.toContain(C);
  });
});

describe('JSON', () => {
  it('takes over no member that the contract does not know', () => {
    const more = { ...at('a.yaml', 1), inner: 'INNER' };
    expect(JSON.stringify(diagnosticsToJson([more]))).not.toContain('INNER');
  });

  it('tells what was fixed, and why nothing could be checked', () => {
    const { range } = at('a.yaml', 1);
    if (range === undefined) throw new Error('no range');
    const failure = { code: 'spec_unsettled', message: 'it changes' };
    const json = findingsToJson({ diagnostics: [], files: [], located, failure }, 1, [
      { code: 'c', title: 't', range },
    ]);
    expect(json).toMatchObject({
      fixed: [{ code: 'c', title: 't', range }],
      error: failure,
      outcome: { exit_code: 1 },
    });
  });
});

describe('SARIF', () => {
  const results = (diagnostics: readonly Diagnostic[], more: Partial<Findings> = {}) =>
    JSON.parse(JSON.stringify(findingsToSarif({ diagnostics, files: [], located, ...more }, '1.2.3'))).runs[0];

  it('escapes what a URI cannot hold, and names files outside by a file URL', () => {
    const uri = (path: string) =>
      results([at('x', 1)], { located: () => path }).results[0].locations[0].physicalLocation.artifactLocation.uri;
    expect(uri('config/a b#c%é.yaml')).toBe('config/a%20b%23c%25%C3%A9.yaml');
    expect(uri('c:x.yaml')).toBe('c%3Ax.yaml');
    expect(uri('/srv/spec/a b.yaml')).toBe('file:///srv/spec/a%20b.yaml');
  });

  it('columns count characters, and it says so', () => {
    const text = 'site: A # \nusers: { 💥: }\n';
    const run = results(compile([{ path: 'a.yaml', text }]).diagnostics.filter(({ code }) => code === 'name.invalid'));
    expect(run.columnKind).toBe('unicodeCodePoints');
    expect(run.results[0].locations[0].physicalLocation.region).toEqual({
      startLine: 2,
      startColumn: 10,
      endLine: 2,
      endColumn: 11,
    });
  });

  it('section 3.11.5: braces in a message are doubled, in what a fix inserts they are not', () => {
    const { range } = at('a.yaml', 1);
    if (range === undefined) throw new Error('no range');
    const fixes = [{ title: 'Write { env: X }', edits: [{ range, text: '{ env: X }' }] }];
    const [result] = results([at('a.yaml', 1, { help: 'Write { env: X }.', fixes })]).results;
    expect(result.message.text).toBe('Unknown key: detail\nWrite {{ env: X }}.');
    expect(result.fixes[0].description.text).toBe('Write {{ env: X }}');
    expect(result.fixes[0].artifactChanges[0].replacements[0].insertedContent.text).toBe('{ env: X }');
  });

  it('a fix that only removes has no inserted content', () => {
    const { range } = at('a.yaml', 1);
    if (range === undefined) throw new Error('no range');
    const [result] = results([at('a.yaml', 1, { fixes: [{ title: 't', edits: [{ range, text: '' }] }] })]).results;
    expect(result.fixes[0].artifactChanges[0].replacements[0]).toEqual({
      deletedRegion: { startLine: 1, startColumn: 2, endLine: 1, endColumn: 5 },
    });
  });

  it('a problem keeps its fingerprint when it moves to another line', () => {
    const print = (line: number) => results([at('a.yaml', line)]).results[0].partialFingerprints;
    expect(print(3)).toEqual(print(30));
  });

  it('of more results than GitHub takes the errors stay, and it is said', () => {
    const warnings = Array.from({ length: 25_000 }, (_, line) =>
      at('a.yaml', line + 1, { severity: 'warning', code: 'group.empty' }),
    );
    const run = results([...warnings, at('b.yaml', 1)]);
    expect(run.results).toHaveLength(25_000);
    expect(run.results[0].level).toBe('error');
    expect(run.invocations[0].toolExecutionNotifications[0].message.text).toBe('1 more problems are left out.');
  });

  it('a check that could not be made was not successful', () => {
    const [invocation] = results([], { failure: { code: 'spec_unsettled', message: 'it changes' } }).invocations;
    expect(invocation).toMatchObject({ executionSuccessful: false });
  });
});

describe('GitHub annotations', () => {
  const render = (diagnostics: readonly Diagnostic[], path = 'config/a.yaml') =>
    renderGithub({ diagnostics, files: [], located: () => path });

  it('escape what would end a property, a line or the command', () => {
    const one = at('a', 1, { detail: 'a%0A::error::x\r\nb', help: 'c, d: e' });
    expect(render([one], 'a,b:c%.yaml')).toBe(
      '::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=2,endColumn=4,title=key.unknown%3A Unknown key::' +
        'a%250A::error::x\\u{D}%0Ab%0Ac, d: e\n',
    );
  });

  it('over several lines have no columns, and without a place no file', () => {
    const start = { line: 1, column: 2, offset: 1 };
    const range = { file: 'a', start, end: { line: 3, column: 1, offset: 9 } };
    expect(render([at('a', 1, { range })])).toMatch(/file=config\/a\.yaml,line=1,endLine=3,title=/);
    const { range: _range, ...nowhere } = at('a', 1);
    expect(render([nowhere])).toBe('::error title=key.unknown%3A Unknown key::detail\n');
  });

  it('are ten of each level, errors first, and the tenth tells how many more there are', () => {
    const warnings = Array.from({ length: 12 }, (_, line) => at('a', line + 1, { severity: 'warning' }));
    const lines = render([...warnings, at('b', 1)]).split('\n');
    expect(lines[0]).toMatch(/^::error /);
    expect(lines).toHaveLength(1 + 10 + 1);
    expect(lines[10]).toBe('::warning::… and 3 more warnings: see the log of this step.');
    expect(render(warnings.slice(0, 10))).not.toContain('more');
  });
});

describe('JUnit', () => {
  it('holds no character that XML cannot, and no markup of an author', () => {
    const text = 'site: A\nusers: { "<b>&\\"": , "\u{1}\uFFFF]]>": }\n';
    const report = renderJunit(findingsOf([{ path: 'a<&>".yaml', text }]));
    expect(report).not.toMatch(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
    const root = parseXml(report);
    expect(root.children[0]?.children.map(({ attributes }) => attributes.name)).toContain('config/a<&>".yaml');
    expect(textOf(root)).toContain('\\u{1}');
  });

  it('a file with warnings alone passes, and a problem without a file is a test of its own', () => {
    const { range: _range, ...nowhere } = at('a.yaml', 1);
    const files = ['a.yaml', 'b.yaml'].map((path) => ({ path, text: 'site: A\n' }));
    const root = parseXml(
      renderJunit({ diagnostics: [nowhere, at('a.yaml', 1, { severity: 'warning' })], files, located }),
    );
    const tests = root.children[0]?.children ?? [];
    expect(tests.map(({ attributes, children }) => [attributes.name, children.map(({ name }) => name)])).toEqual([
      ['config/a.yaml', ['system-out']],
      ['config/b.yaml', []],
      ['config', ['failure']],
    ]);
  });

  it('a check that could not be made is an error', () => {
    const root = parseXml(renderJunit({ diagnostics: [], files: [], located, failure: { code: 'c', message: 'm' } }));
    expect(root.attributes).toMatchObject({ tests: '1', errors: '1', failures: '0' });
  });
});
