import { describe, expect, it, test } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { compile } from '../../src/spec/compile.ts';
import { applyFixes, mend } from '../../src/spec/fix.ts';
import { FIXABLE_CODES } from '../../src/spec/fixable-codes.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';

const cases = readCases().map(({ name, files }) => ({ name, files, diagnostics: compile(files).diagnostics }));
const fixableCases = cases.filter(({ diagnostics }) => diagnostics.some(isFixable));

const diagnose = (files: readonly SourceFile[]) => compile(files).diagnostics;

function isFixable({ fixes }: Diagnostic): boolean {
  return fixes !== undefined;
}

/** What a problem is, wherever it moved. */
function told({ code, range, detail }: Diagnostic): string {
  return JSON.stringify([code, range?.file, detail]);
}

function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

const SERVER: SourceFile = {
  path: 'zz-server.yaml',
  text: 'server: { issuer: https://id.example.com }\nmethods: { m1: { type: client_credentials } }\n',
};

async function mended(text: string, ...others: readonly SourceFile[]) {
  const result = await mend([{ path: 'a.yaml', text }, ...others, SERVER], diagnose);
  return { ...result, text: result.files[0]?.text };
}

describe('every case that has a fix', () => {
  test.each(fixableCases)('$name: what was fixed is gone, and nothing is worse', async ({ files, diagnostics }) => {
    const { files: after, fixed, refused } = await mend(files, diagnose);
    const left = diagnose(after);
    const refusals = new Set(refused.map(told));
    // No fix is left that helps, and what was fixed did not come back.
    expect(left.filter((one) => isFixable(one) && !refusals.has(told(one)))).toEqual([]);
    const count = (all: readonly Diagnostic[], key: string) => all.filter((one) => told(one) === key).length;
    for (const key of new Set(diagnostics.map(told))) {
      expect(count(left, key), key).toBeLessThanOrEqual(Math.max(0, count(diagnostics, key) - count(fixed, key)));
    }
    const [before, now] = [errorsOf(diagnostics).length, errorsOf(left).length];
    if (errorsOf(fixed).length > 0) expect(now).toBeLessThan(before);
    else expect(now).toBe(before);
    if (errorsOf(diagnostics).every(isFixable) && refused.length === 0) expect(errorsOf(left)).toEqual([]);
  });

  it('keeps everything else: without what the fixes wrote and took, the text is the same', () => {
    for (const { files, diagnostics } of fixableCases) {
      const { files: after, applied } = applyFixes(files, diagnostics);
      for (const [position, { path, text }] of files.entries()) {
        const edits = applied
          .flatMap(({ fixes }) => fixes?.[0]?.edits ?? [])
          .filter(({ range }) => range.file === path)
          .sort((a, b) => a.range.start.offset - b.range.start.offset);
        let rest = after[position]?.text ?? '';
        let at = 0;
        for (const { range, text: written } of edits) {
          const kept = text.slice(at, range.start.offset);
          expect(rest.startsWith(kept + written), path).toBe(true);
          rest = rest.slice(kept.length + written.length);
          at = range.end.offset;
        }
        expect(rest).toBe(text.slice(at));
      }
    }
  });

  it('shows that its code is one of those that may be fixed, and each of those has a case', () => {
    const shown = new Set(
      fixableCases.flatMap(({ diagnostics }) => diagnostics.filter(isFixable).map((one) => one.code)),
    );
    expect([...shown].sort()).toEqual([...FIXABLE_CODES].sort());
  });
});

describe('layout', () => {
  it.each([
    [
      'line breaks of Windows and comments',
      'site: A # one\r\nusers:\r\n  U: { metods: [m1] }  # two\r\n',
      'metods',
      'methods',
    ],
    ['a byte order mark', '\uFEFFsite: A\nusers: { U: { metods: [m1] } }\n', 'metods', 'methods'],
    ['characters of two code units', 'site: A # 💥\nusers: { U: { x-💥: 💥, metods: [m1] } }\n', 'metods', 'methods'],
    ['no line break at the end', 'site: A\nusers: { U: { metods: [m1] } }', 'metods', 'methods'],
  ])('%s stay as they are', async (_name, text, wrong, right) => {
    expect((await mended(text)).text).toBe(text.replace(wrong, right));
  });

  it.each([
    ['in brackets', '{ members: [U, U] }', '{ members: [U] }'],
    ['in brackets over lines', '{ members: [\n      U,\n      U,\n    ] }', '{ members: [\n      U,\n    ] }'],
    ['in lines', '\n    members:\n      - U\n      - U\n', '\n    members:\n      - U\n'],
    ['in lines of Windows', '\r\n    members:\r\n    - U\r\n    - U\r\n', '\r\n    members:\r\n    - U\r\n'],
    ['with a comment', '\n    members:\n      - U\n      - U # why\n', '\n    members:\n      - U\n      # why\n'],
    ['at the end of the file', '\n    members:\n      - U\n      - U', '\n    members:\n      - U\n'],
  ])('the second of two equal items goes: %s', async (_name, written, expected) => {
    const head = 'site: A\nusers: { U: }\ngroups:\n  G: ';
    expect((await mended(head + written)).text).toBe(head + expected);
  });

  it('an item with a comment before it is left alone: nobody knows what the comment is about', async () => {
    const text = 'site: A\nusers: { U: }\ngroups: { G: { members: [U, # why\n  U] } }\n';
    expect((await mended(text)).text).toBe(text);
  });

  it.each([
    ['a list in brackets', '{ members: [Own] }', '{ members: [Own, B/Alice] }'],
    ['an empty list', '{ members: [] }', '{ members: [B/Alice] }'],
    ['a list in lines', '\n    members:\n    - Own # ours\n', '\n    members:\n    - Own # ours\n    - B/Alice\n'],
    [
      'a list in lines of Windows',
      '\r\n    members:\r\n      - Own\r\n',
      '\r\n    members:\r\n      - Own\r\n      - B/Alice\r\n',
    ],
    [
      'a list in lines at the end of the file',
      '\n    members:\n      - Own',
      '\n    members:\n      - Own\n      - B/Alice',
    ],
    ['a map in braces', '{ methods: [m1] }', '{ methods: [m1], members: [B/Alice] }'],
    ['an empty map', '{}', '{ members: [B/Alice] }'],
    ['a map in lines', '\n    # on\n    methods: [m1]\n', '\n    # on\n    members: [B/Alice]\n    methods: [m1]\n'],
    ['nothing', '# nothing yet\n', '{ members: [B/Alice] } # nothing yet\n'],
  ])('the giving end of a link is written into %s', async (_name, written, expected) => {
    const taker = 'site: B\nusers: { Alice: { member_of: [A/G] } }\n';
    const head = 'site: A\nusers: { Own: }\ngroups:\n  G: ';
    const { text } = await mended(head + written, { path: 'b.yaml', text: taker });
    expect(text).toBe(head + expected);
  });
});

describe('rounds', () => {
  it('fixes that meet are carried out one after the other', async () => {
    const text = 'site: A\ngroups:\n  G: { members: [] }\n';
    const takers = ['One', 'Two', 'Three'].map((name) => `  ${name}: { member_of: [A/G] }\n`).join('');
    const others = { path: 'b.yaml', text: `site: B\nusers:\n${takers}` };
    const first = applyFixes(
      [{ path: 'a.yaml', text }, others, SERVER],
      diagnose([{ path: 'a.yaml', text }, others, SERVER]),
    );
    expect([first.applied.length, first.skipped.length]).toEqual([1, 2]);
    const result = await mended(text, others);
    expect(result.text).toContain('members: [B/One, B/Two, B/Three]');
    expect(result.fixed).toHaveLength(3);
  });

  it('a fix that helps only with the next one is carried out with it', async () => {
    const text = 'site: A\ngroups: { Readers: }\nusers: { U: { member_of: Raeders } }\n';
    const result = await mended(text);
    expect(result.text).toBe(text.replace('Raeders', '[Readers]'));
    expect(result.fixed.map(({ code }) => code)).toEqual(['value.type', 'reference.unknown']);
  });

  it('a fix in whose place another error would come is not carried out, and the others are', async () => {
    const text = 'site: A\nmetods: [m1]\nusres: [U]\n';
    const result = await mended(text);
    expect(result.text).toBe(text.replace('metods', 'methods'));
    expect(result.fixed.map(({ detail }) => detail)).toEqual(['"metods" is not a key of a site document']);
    expect(result.refused.map(({ detail }) => detail)).toEqual(['"usres" is not a key of a site document']);
  });

  it('a fix is carried out though other errors come to light behind it', async () => {
    const text = 'site: A\nmethods: [m1]\nusres:\n  U: { nothing: 1 }\n  V: { methods: [m2], member_of: [Nowhere] }\n';
    const result = await mended(text);
    expect(result.text).toBe(text.replace('usres', 'users'));
    expect(result.refused).toEqual([]);
  });

  it('what is below a text in lines stays below it', async () => {
    const text =
      'site: A\napplications:\n  C:\n    secret: |\n      abc def\n\n    # c\n    client_id: "12"\n  D:\n    secret: >-\n      abc def\nusers: { U: {} }\n';
    const result = await mended(text);
    expect(result.text).toBe(
      text.replace('|\n      abc def', '{ env: C_SECRET }').replace('>-\n      abc def', '{ env: D_SECRET }'),
    );
  });

  it('each of several secrets gets a variable of its own', async () => {
    const result = await mended('site: A\napplications: { D: { secrets: [abcdefgh, ijklmnop] } }\n');
    expect(result.text).toContain('secrets: [{ env: D_SECRET }, { env: D_SECRET_2 }]');
  });

  it('a warning inside what an error is about waits, and does not stand in its way', async () => {
    const users = Array.from({ length: 50 }, (_, number) => `  U${number}: { enabeld: no }\n`).join('');
    const result = await mended(`site: A\nusers:\n${users}`);
    expect(result.text).toBe(`site: A\nusers:\n${users.replaceAll('enabeld: no', 'enabled: false')}`);
  });

  it('a spec without errors never gets one', async () => {
    const before = [{ path: 'a.yaml', text: 'x' }];
    const warning = (text: string): Diagnostic => {
      const start = { line: 1, column: 1, offset: 0 };
      const range = { file: 'a.yaml', start, end: { line: 1, column: 2, offset: 1 } };
      return {
        severity: 'warning',
        code: 'c',
        summary: 's',
        detail: text,
        range,
        fixes: [{ title: 't', edits: [{ range, text }] }],
      };
    };
    const broken: Diagnostic = { severity: 'error', code: 'e', summary: 's', detail: 'd' };
    const result = await mend(before, ([file]) => (file?.text === 'x' ? [warning('y'), warning('z')] : [broken]));
    expect(result.files).toEqual(before);
    expect(result.refused).toHaveLength(2);
  });

  it('ends when every fix brings the next one', async () => {
    let compiles = 0;
    const endless = (files: readonly SourceFile[]): readonly Diagnostic[] => {
      compiles += 1;
      const start = { line: 1, column: 1, offset: 0 };
      const range = { file: 'a.yaml', start, end: start };
      const fixes = [{ title: 't', edits: [{ range, text: 'x' }] }];
      return [{ severity: 'error', code: 'c', summary: 's', detail: files[0]?.text ?? '', range, fixes }];
    };
    const result = await mend([{ path: 'a.yaml', text: '' }], endless);
    expect(result.files[0]?.text).toBe('');
    expect(compiles).toBeLessThan(20);
  });

  it('hundreds of fixes take few compiles, also with one among them that does not help', async () => {
    const users = Array.from({ length: 300 }, (_, number) => `  U${number}: { metods: [m1] }\n`).join('');
    let compiles = 0;
    const count = (files: readonly SourceFile[]) => {
      compiles += 1;
      return diagnose(files);
    };
    const text = `site: A\nusers:\n${users}grops: [G]\n`;
    const result = await mend([{ path: 'a.yaml', text }, SERVER], count);
    expect(result.fixed).toHaveLength(300);
    expect(result.refused).toHaveLength(1);
    expect(compiles).toBeLessThan(40);
  });
});

describe('what is not fixed by itself', () => {
  const site = (line: string) => `site: A\nmethods: [m1]\ngroups: { Server1: , Readers: }\nusers: { U: ${line} }\n`;

  it.each([
    ['a name that differs in a digit is another name', site('{ member_of: [Server2] }')],
    ['a key that is there already is not written twice', site('{ methods: [m1], metods: [m1] }')],
  ])('%s', async (_name, text) => {
    const result = await mended(text);
    expect(result.text).toBe(text);
    expect(diagnose([{ path: 'a.yaml', text }, SERVER]).length).toBeGreaterThan(0);
  });

  it('a name of another site lets nobody in', async () => {
    const other = { path: 'b.yaml', text: 'site: B\nusers: { Alice: }\n' };
    const text = 'site: A\ngroups: { G: { members: [Alice] } }\n';
    expect((await mended(text, other)).text).toBe(text);
  });
});
