// What is exported leads back to what was applied: planned against the store that it came from it changes nothing.

import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { digestState } from '../../src/model/digest.ts';
import { DIAGNOSTICS, type DiagnosticCode, isWaivable } from '../../src/spec/catalogue.ts';
import { compile } from '../../src/spec/compile.ts';
import { format } from '../../src/spec/format.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { writeSpec } from '../../src/spec/write-spec.ts';
import { type Answer, charterHere, REPOSITORY, workplace, writeFiles } from './case.ts';
import { type Documents, specs } from './spec-arbitrary.ts';

const SECRET = 'correct-horse-battery-staple';
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXI';

function write(documents: Documents): readonly SourceFile[] {
  return [{ path: 'spec.yaml', text: documents.map((one) => JSON.stringify(one)).join('\n---\n') }];
}

function compiled(files: readonly SourceFile[]) {
  const checked = compile(files);
  if (checked.ok) return checked.value;
  const texts = files.map(({ text }) => text).join('---\n');
  throw new Error(`${renderDiagnostics(checked.diagnostics, files, { color: false })}\n${texts}`);
}

/** What other tools make of the files, by the version of YAML that they know. */
function readAs(version: '1.1' | '1.2', files: readonly SourceFile[]): unknown {
  return files.flatMap(({ text }) => parseAllDocuments(text, { version }).map((document) => document.toJS()));
}

describe('laws of an export', () => {
  it('a random valid spec, exported, compiles to the same State, as fmt leaves it, the same to every YAML', () => {
    fc.assert(
      fc.property(specs, (documents) => {
        const { state, waivers } = compiled(write(documents));
        const files = writeSpec(state, waivers);
        const again = compiled(files);
        expect(digestState(again.state)).toBe(digestState(state));
        expect(writeSpec(again.state, waivers)).toEqual(files);
        for (const file of files) expect(format(file)).toEqual({ ok: true, text: file.text });
        expect(readAs('1.1', files)).toEqual(readAs('1.2', files));
      }),
      { numRuns: 40 },
    );
  });
});

async function run(cwd: string, line: string, env: Record<string, string> = {}): Promise<Answer> {
  const answer = await charterHere(line.split(' '), cwd, env);
  expect(answer.code, `${line}\n${answer.stdout}${answer.stderr}`).toBe(0);
  return answer;
}

/** Applies, exports, and plans the export, which must change nothing. Answers the exported text. */
async function expectWayBack(cwd: string, how: string, env: Record<string, string>, plan = ''): Promise<string> {
  await run(cwd, `apply config${how}`, env);
  await run(cwd, 'export --out out');
  const planned = await run(cwd, `plan out --detailed-exitcode${plan}`);
  expect(planned.stdout).toMatch(/^No changes\. Access equivalent\./);
  const { stdout } = await run(cwd, 'export');
  const names = readdirSync(join(cwd, 'out')).sort();
  // On stdout it is the same, as one file.
  expect(names.map((name) => readFileSync(join(cwd, 'out', name), 'utf8')).join('---\n')).toBe(stdout);
  return stdout;
}

const examples = readdirSync(join(REPOSITORY, 'examples')).filter((name) => name !== 'ci');

describe.each(examples)('examples/%s', (name) => {
  const overlays = join(REPOSITORY, 'examples', name, 'overlays');
  const hows = ['', ...(existsSync(overlays) ? readdirSync(overlays) : []).map((overlay) => ` --overlay ${overlay}`)];

  it.each(hows)('applied%s, its export plans empty against the store', async (how) => {
    const cwd = workplace();
    cpSync(join(REPOSITORY, 'examples', name), join(cwd, 'config'), { recursive: true });
    const lines = readFileSync(join(cwd, 'config/demo.env'), 'utf8').split('\n');
    const demo = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s).slice(0, 2));
    // An overlay may name variables that a demo does not set.
    const text = readdirSync(join(cwd, 'config'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(join(cwd, 'config', file), 'utf8'))
      .join('\n');
    const named = [...text.matchAll(/env: ([A-Z0-9_]+)/g)].map(([, variable = '']) => [variable, SECRET]);
    await expectWayBack(cwd, how, { ...Object.fromEntries(named), ...Object.fromEntries(demo) });
  });
});

const SPEC = `server: { issuer: "http://localhost:8080" }
methods: { cc: { type: client_credentials } }
---
site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] }, groups: { methods: [cc] } }
applications:
  C: { secret: { file: below/c }, impersonates: U, metadata: { grant_types: [client_credentials], scope: S } }
  S: { allowed_to: [G], secret: { hash: "${HASH}" } }
groups: { G: { members: [U] } }
users: { U: }
`;

describe('secrets', () => {
  it('are named as State names them: files relative to the root of the export, hashes in full', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['config/sites/a.yaml', SPEC],
      ['config/sites/below/c', SECRET],
    ]);
    const text = await expectWayBack(cwd, '', {});
    expect(text).toContain('secret: { file: sites/below/c }');
    expect(text).toContain(HASH);
  });

  it('are relative to --secrets-dir where the spec was applied with one, and then the export is too', async () => {
    const cwd = workplace();
    writeFiles(cwd, [
      ['config/sites/a.yaml', SPEC],
      ['run/below/c', SECRET],
    ]);
    const text = await expectWayBack(cwd, ' --secrets-dir run', {}, ' --secrets-dir run');
    expect(text).toContain('secret: { file: below/c }');
    expect((await run(cwd, 'apply out --secrets-dir run')).stdout).toContain('Nothing to apply.');
  });
});

describe('errors that a spec waives', () => {
  const waivable = (Object.keys(DIAGNOSTICS) as DiagnosticCode[]).filter(
    (code) => DIAGNOSTICS[code].severity === 'error' && isWaivable(code),
  );
  const specOf: Partial<Record<DiagnosticCode, string>> = {
    'server-app-has-grants': SPEC.replace(
      'S: { allowed_to: [G],',
      'S: { allowed_to: [G], impersonates: U, metadata: { grant_types: [client_credentials], scope: S },',
    ),
    'cc-mixed-grants': SPEC.replace('grant_types: [client_credentials]', 'grant_types: [client_credentials, password]'),
  };

  it.each(waivable)('%s: the export has the waiver that it needs, for what needs it', async (code) => {
    const text = specOf[code];
    if (text === undefined) throw new Error(`no spec with ${code}`);
    const cwd = workplace();
    const allow = `, lint: { allow: [{ code: ${code}, reason: it is meant }] } }`;
    const bare = compile([{ path: 'a.yaml', text }]);
    expect(bare.diagnostics.filter(({ severity }) => severity === 'error').map((one) => one.code)).toEqual([code]);
    writeFiles(cwd, [
      ['config/a.yaml', text.replace(' }', allow)],
      ['config/below/c', SECRET],
    ]);
    const exported = await expectWayBack(cwd, '', {});
    expect(exported.match(/code: \S+, at: A\/\w/g)).toHaveLength(1);
    expect(exported).toContain(`code: ${code}`);
  });
});

it('an older generation is exported as it was, renames since or not', async () => {
  const cwd = workplace();
  const renamed = `${SPEC.replace('groups: { G:', 'groups: { H:').replace('[G]', '[H]')}moved: [{ from: group:G, to: H }]\n`;
  writeFiles(cwd, [
    ['config/a.yaml', SPEC],
    ['config/below/c', SECRET],
    ['second/a.yaml', renamed],
    ['second/below/c', SECRET],
  ]);
  await run(cwd, 'apply config');
  const first = await run(cwd, 'export');
  await run(cwd, 'apply second');
  expect((await run(cwd, 'export')).stdout).toContain('groups:\n  H:');
  expect(await run(cwd, 'export --generation 1')).toEqual(first);
});
