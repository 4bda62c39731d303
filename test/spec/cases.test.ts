import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { DIAGNOSTICS } from '../../src/spec/catalogue.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { readCases } from './case.ts';

/** Codes that other stages raise: the reader of files and the resolver of secrets. */
const RAISED_ELSEWHERE = [
  'spec.directory-missing',
  'spec.empty',
  'overlay.missing',
  'overlay.empty',
  'overlay.part-of-spec',
  'file.unreadable',
  'file.too-large',
  'file.not-utf8',
  'file.lfs-pointer',
  'file.outside',
  'secret.missing',
  'secret.unreadable',
  'secret.empty',
  'secret.too-short',
  'secret.short-key',
  'secret.weak',
  'approval.spent',
  'approval.unused',
  'moved.taken',
  'moved.unknown',
];

const cases = readCases();
/** The time as of which the cases are judged. */
const NOW = Date.UTC(2026, 5, 1);

describe('each case says exactly what its lines expect', () => {
  test.each(cases)('$name', ({ files, expected }) => {
    const { ok, diagnostics } = compile(files, { now: NOW });
    const told = diagnostics.map(
      ({ severity, code, range }) =>
        `${severity} ${code} ${range === undefined ? 'nowhere' : `${range.file}:${range.start.line}`}`,
    );
    expect([...told].sort(), renderDiagnostics(diagnostics, files, { color: false })).toEqual(expected);
    expect(ok).toBe(!expected.some((one) => one.startsWith('error')));
  });
});

it('every code that compiling can raise has a case', () => {
  const covered = new Set(cases.flatMap(({ expected }) => expected.map((one) => one.split(' ')[1])));
  const missing = Object.keys(DIAGNOSTICS).filter((code) => !covered.has(code) && !RAISED_ELSEWHERE.includes(code));
  expect(missing).toEqual([]);
});

it('codes that are raised elsewhere have no case here', () => {
  const covered = new Set(cases.flatMap(({ expected }) => expected.map((one) => one.split(' ')[1])));
  expect(RAISED_ELSEWHERE.filter((code) => covered.has(code))).toEqual([]);
});

it.each(RAISED_ELSEWHERE)(
  '%s, which no text of a spec causes, is shown by a case of the command line or of reconcile',
  (code) => {
    const shown = ['../cli/cases/', '../reconcile/'].flatMap((folder) => {
      const path = new URL(folder, import.meta.url);
      return readdirSync(path)
        .filter((name) => /\.(txt|test\.ts)$/.test(name))
        .filter((name) => readFileSync(new URL(name, path), 'utf8').includes(code));
    });
    expect(shown).not.toEqual([]);
  },
);

it('every diagnostic of every case says what, and how to mend it', () => {
  for (const { files } of cases) {
    for (const diagnostic of compile(files, { now: NOW }).diagnostics) {
      expect(diagnostic.detail, diagnostic.code).not.toBe('');
      expect(diagnostic.help, `${diagnostic.code}: ${diagnostic.detail}`).toBeDefined();
      expect(diagnostic.detail, diagnostic.code).not.toMatch(/\n/);
    }
  }
});
