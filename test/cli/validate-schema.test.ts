// schema/validate.schema.json is the contract of what validate --json writes: all of it fits, and nothing is written that it
// does not describe.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { closedSchema } from '../../src/plan/closed-schema.ts';
import { planSchema } from '../../src/plan/plan-schema.gen.ts';
import { findingsToJson } from '../../src/spec/outputs/json.ts';
import { validateSchema } from '../../src/spec/validate-schema.gen.ts';
import { undescribed } from '../undescribed.ts';
import { charterHere, parseCase, REPOSITORY, readQuickstart, workplace, writeFiles } from './case.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true });
/** Without the leave of minor versions to add members. */
const fits = ajv.compile(closedSchema(validateSchema));

function expectFits(document: unknown): void {
  fits(document);
  expect(fits.errors ?? []).toEqual([]);
}

/** What validate writes of a spec of these files. */
async function validated(files: Readonly<Record<string, string>>, ...options: readonly string[]) {
  const cwd = workplace();
  mkdirSync(join(cwd, 'config'));
  writeFiles(cwd, Object.entries(files));
  const { code, stdout } = await charterHere(['validate', 'config', '--json', '-', ...options], cwd);
  const document = JSON.parse(stdout);
  expectFits(document);
  expect(document.outcome.exit_code).toBe(code);
  return document;
}

describe('schema/validate.schema.json', () => {
  it('is draft 2020-12 with a versioned name, and what charter schema prints', () => {
    const shipped = JSON.parse(readFileSync(join(REPOSITORY, 'schema/validate.schema.json'), 'utf8'));
    expect(validateSchema).toEqual(shipped);
    expect(shipped.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(shipped.$id).toBe('https://charter.dev/schema/v1/validate.schema.json');
  });

  it('describes every part', () => {
    expect(undescribed(validateSchema)).toEqual([]);
  });

  it('says the same of what a plan document has too', () => {
    const { fixed: _, ...shared } = validateSchema.$defs;
    expect(planSchema.$defs).toMatchObject(shared);
    expect(validateSchema.properties.format_version).toEqual(planSchema.$defs.format_version);
  });

  it('is of the version that documents name', () => {
    const { format_version } = findingsToJson({ diagnostics: [], files: [], located: (file) => file }, 0);
    expect(format_version).toMatch(new RegExp(validateSchema.properties.format_version.pattern));
    expect(validateSchema.$id).toContain(`/v${format_version.split('.')[0]}/`);
  });

  it('refuses what is none: another major version, a place without its end, a code of no form', () => {
    const open = new Ajv2020({ strict: true }).compile(validateSchema);
    const good = findingsToJson({ diagnostics: [], files: [], located: () => '.' }, 0);
    expect(open(good)).toBe(true);
    expect(open({ ...good, later: true })).toBe(true);
    expect(fits({ ...good, later: true })).toBe(false);
    expect(open({ ...good, format_version: '2.0' })).toBe(false);
    const diagnostic = { severity: 'error', code: 'key.unknown', summary: 's', detail: 'd' };
    expect(open({ ...good, diagnostics: [diagnostic] })).toBe(true);
    for (const wrong of [
      { severity: 'note' },
      { code: 'Key' },
      { range: { file: 'a', start: { line: 1, column: 1, offset: 0 } } },
    ]) {
      expect(open({ ...good, diagnostics: [{ ...diagnostic, ...wrong }] })).toBe(false);
    }
  });
});

describe('what validate --json writes fits it', () => {
  it('of a spec without a problem', async () => {
    const document = await validated({ 'config/charter.yaml': readQuickstart() });
    expect(document).toMatchObject({ outcome: { exit_code: 0 }, files: ['charter.yaml'], diagnostics: [] });
    expect('fixed' in document).toBe(false);
  });

  it('of problems with places elsewhere, fixes and an entity, and of a warning', async () => {
    const { diagnostics } = await validated({
      'config/a.yaml': readQuickstart()
        .replace('[User1]', '[Usr1]')
        .replace('Server1:', 'Server1:\n    enabled: yes\n    bogus: 1\n  Server1:'),
      'config/b.yaml': 'site: Other\nmethods: [gone]\nmoved: [{ from: A, to: A }]\ngroups: { A: }\n',
    });
    for (const member of ['address', 'range', 'help', 'related', 'fixes']) {
      expect(
        diagnostics.filter((one: object) => member in one),
        member,
      ).not.toEqual([]);
    }
    const warned = await validated({
      'config/charter.yaml': readQuickstart().replace('\ngroups:', '\ngroups:\n  Nobody: {}'),
    });
    expect(warned.diagnostics).toMatchObject([{ severity: 'warning' }]);
    expect(warned.outcome.exit_code).toBe(0);
  });

  it('of what --fix mended', async () => {
    const files = { 'config/charter.yaml': readQuickstart().replace('allowed_to:', 'alowed_to:') };
    const { fixed, diagnostics } = await validated(files, '--fix');
    expect(fixed).toMatchObject([{ code: 'key.unknown', title: 'Write allowed_to' }]);
    expect(diagnostics).toEqual([]);
  });

  it('of no spec at all', async () => {
    const { diagnostics } = await validated({});
    expect(diagnostics).toMatchObject([{ code: 'spec.empty' }]);
  });

  it('of a check that could not be made', () => {
    const failure = { code: 'spec_unsettled', message: 'The files go on changing.' };
    expectFits(findingsToJson({ diagnostics: [], files: [], located: () => '.', failure }, 1));
  });

  it('of every golden case', () => {
    const folder = join(REPOSITORY, 'test/cli/cases');
    const documents = readdirSync(folder).flatMap((name) => {
      const { sections } = parseCase(readFileSync(join(folder, name), 'utf8'));
      const stdout = sections.get('stdout') ?? '';
      const isJson = /^validate .*--json -/.test(sections.get('argv') ?? '') && stdout.startsWith('{');
      return isJson ? [JSON.parse(stdout)] : [];
    });
    expect(documents.length).toBeGreaterThan(1);
    for (const document of documents) expectFits(document);
  });
});
