import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CatalogueEntry, DIAGNOSTICS, report } from '../../src/spec/catalogue.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/diagnostics.md', root), 'utf8');
const entries = Object.entries(DIAGNOSTICS) as (readonly [string, CatalogueEntry])[];

it('every generated file is fresh', () => {
  const script = fileURLToPath(new URL('scripts/generate.mjs', root));
  // Throws, with what is stale, when the exit code is not 0.
  execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
});

describe('docs/diagnostics.md', () => {
  it('has every code once, in order, and no other', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(Object.keys(DIAGNOSTICS));
  });

  it.each(entries)('%s has its severity and summary in the table', (code, { severity, summary }) => {
    expect(page).toContain(`| [\`${code}\`](#${code.replace('.', '')}) | ${severity} | ${summary} |`);
  });
});

describe('the catalogue', () => {
  it.each(entries)('%s says why and how to mend it, without names of an author', (code, entry) => {
    expect(code).toMatch(/^[a-z]+([.-][a-z0-9]+)*$/);
    expect(entry.summary).toMatch(/^[A-Za-z_].*[^.]$/);
    expect(entry.explanation.length).toBeGreaterThan(60);
    expect(entry.explanation).toMatch(/\.$/);
  });

  it('makes a diagnostic of a code, with the summary of a variant, and without members that say nothing', () => {
    expect(report('reference.unknown', { variant: 'group', detail: 'no group', related: [], help: undefined })).toEqual(
      {
        severity: 'error',
        code: 'reference.unknown',
        summary: 'Unknown group',
        detail: 'no group',
      },
    );
    expect(report('group.empty', { detail: 'nobody' })).toMatchObject({ severity: 'warning' });
  });
});
