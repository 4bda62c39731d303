import { describe, expect, it } from 'vitest';
import type { Move } from '../../src/model/move.ts';
import { compile } from '../../src/spec/compile.ts';
import { mend } from '../../src/spec/fix.ts';
import { format } from '../../src/spec/format.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { unknownMove } from '../../src/spec/unknown-move.ts';
import { readCases } from './case.ts';

const SERVER: SourceFile = {
  path: 'zz.yaml',
  text: 'server: { issuer: https://id.example.com }\nmethods: { m: { type: client_credentials } }\n',
};

function specOf(text: string, ...others: readonly SourceFile[]): SourceFile[] {
  return [{ path: 'a.yaml', text }, ...others, SERVER];
}

function compiled(files: readonly SourceFile[]) {
  const checked = compile(files);
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, files, { color: false }));
  return checked.value;
}

/** `a.yaml:3 group:S/A → group:S/B`. */
function shown({ from, to, range }: Move): string {
  return `${range?.file}:${range?.start.line} ${from} → ${to}`;
}

function movesOf(files: readonly SourceFile[]): readonly string[] {
  return compiled(files).moves.map(shown);
}

const diagnose = (files: readonly SourceFile[]) => compile(files).diagnostics;

/** `code: detail` of every error. */
function errorsOf(files: readonly SourceFile[]): readonly string[] {
  return diagnose(files)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, detail }) => `${code}: ${detail}`);
}

async function mended(files: readonly SourceFile[]): Promise<string | undefined> {
  return (await mend(files, diagnose)).files[0]?.text;
}

describe('entries of moved', () => {
  it('resolve to addresses, of all documents, in the order of their places', () => {
    const files = readCases().find(({ name }) => name === 'moved-good.yaml')?.files ?? [];
    expect(movesOf(files)).toEqual([
      'moved-good.yaml:13 method:client.credentials.1 → method:client.credentials.2',
      'moved-good.yaml:14 scope:orders/read → scope:orders:read',
      'moved-good.yaml:15 scope:a → scope:scope:b',
      'moved-good.yaml:40 application:Example/Client0 → application:Example/Client1',
      'moved-good.yaml:41 application:Old/Server → application:Example/Server',
      'moved-good.yaml:42 group:Example/Reader → group:Example/Both',
      'moved-good.yaml:43 group:Example/Readers → group:Example/Reader',
      'moved-good.yaml:44 user:Old/Both → user:Example/Both',
      'moved-good.yaml:48 application:Example/Client1 → application:Example/Client2',
    ]);
  });

  it('are in no State and no digest, and are plain data that goes from thread to thread', () => {
    const text = 'site: S\ngroups: { B: }\n';
    const { state, moves, approvals } = compiled(specOf(`${text}moved: [{ from: A, to: B }]\n`));
    expect(state).toEqual(compiled(specOf(text)).state);
    expect(structuredClone({ moves, approvals })).toEqual({ moves, approvals });
    expect(moves).toHaveLength(1);
  });

  it('take the kind of what is declared, also at the other end of a chain', () => {
    const text =
      'site: S\nusers: { D: { sub: S/A } }\nmoved: [{ from: A, to: B }, { from: B, to: C }, { from: C, to: D }]\n';
    expect(movesOf(specOf(text))).toEqual([
      'a.yaml:3 user:S/A → user:S/B',
      'a.yaml:3 user:S/B → user:S/C',
      'a.yaml:3 user:S/C → user:S/D',
    ]);
  });

  it('may go on from a name that something of another kind has now', () => {
    const text =
      'site: S\ngroups: { C: }\nusers: { B: }\nmoved: [{ from: group:A, to: B }, { from: group:B, to: C }]\n';
    expect(movesOf(specOf(text))).toEqual(['a.yaml:4 group:S/A → group:S/B', 'a.yaml:4 group:S/B → group:S/C']);
  });

  it('are told no more than once for each of a long chain, and in time', () => {
    const steps = Array.from({ length: 5000 }, (_, step) => `  - { from: G${step}, to: G${step + 1} }\n`).join('');
    expect(errorsOf(specOf(`site: S\nmoved:\n${steps}`))).toEqual([
      'moved.not-declared: no application, group, policy or user "G5000" in site S',
    ]);
    expect(movesOf(specOf(`site: S\ngroups: { G5000: }\nmoved:\n${steps}`))).toHaveLength(5000);
  });

  it('of a circle are told once, at the first of them, and what leads into it is not told', () => {
    const text = 'site: S\nmoved: [{ from: X, to: B }, { from: C, to: A }, { from: A, to: B }, { from: B, to: C }]\n';
    expect(errorsOf(specOf(text))).toEqual(['moved.loop: this leads round: S/C → S/A → S/B → S/C']);
  });

  it('are not said to lead nowhere when not all files could be read', () => {
    const files = specOf('site: S\nmoved: [{ from: A, to: B }]\n');
    expect(compile(files).ok).toBe(false);
    expect(compile(files, { incomplete: true }).diagnostics).toEqual([]);
  });
});

describe('what is told of a name says how to mend it', () => {
  const help = (text: string, ...others: readonly SourceFile[]) =>
    diagnose(specOf(text, ...others)).find(({ code }) => code.startsWith('moved.'))?.help;

  it('a name of another site is moved there', () => {
    const other = { path: 'b.yaml', text: 'site: T\ngroups: { B: }\n' };
    expect(help('site: S\nmoved: [{ from: A, to: B }]\n', other)).toBe(
      'Site T has one (b.yaml:2:11): write the entry in a document of that site, with from: S/A.',
    );
  });

  it('a name that is still declared while the new one is not was not renamed yet', () => {
    expect(help('site: S\ngroups: { A: }\nmoved: [{ from: A, to: B }]\n')).toBe(
      'Rename the declaration to B, or remove the entry.',
    );
  });

  it('an ambiguous name gets its kind', () => {
    expect(help('site: S\ngroups: { B: }\nusers: { B: }\nmoved: [{ from: A, to: B }]\n')).toBe(
      'Write to: group:B or to: user:B.',
    );
  });

  it('a misspelt name is corrected, with the kind that was written', async () => {
    const text = 'site: S\ngroups: { Readers: }\nmoved: [{ from: A, to: group:Raeders }]\n';
    expect(await mended(specOf(text))).toBe(text.replace('Raeders', 'Readers'));
  });

  it('a name that differs in a digit is not corrected by itself', async () => {
    const text = 'site: S\ngroups: { Readers1: }\nmoved: [{ from: A, to: Readers2 }]\n';
    expect(await mended(specOf(text))).toBe(text);
  });
});

describe('what was moved writes the identity that it had', () => {
  const moved = 'moved: [{ from: C1, to: C2 }]\n';

  it.each([
    [
      'a map in lines',
      '  C2:\n    # on\n    enabled: true\n',
      '  C2:\n    # on\n    client_id: C1\n    enabled: true\n',
    ],
    [
      'a map in lines of Windows',
      '  C2:\r\n    enabled: true\r\n',
      '  C2:\r\n    client_id: C1\r\n    enabled: true\r\n',
    ],
    ['a map in braces', '  C2: { enabled: true }\n', '  C2: { enabled: true, client_id: C1 }\n'],
    ['an empty map', '  C2: {}\n', '  C2: { client_id: C1 }\n'],
    ['nothing', '  C2: # why\n', '  C2: { client_id: C1 } # why\n'],
    ['null', '  C2: null # why\n', '  C2: { client_id: C1 } # why\n'],
    ['a tilde in braces', '  { C2: ~, D: }\n', '  { C2: { client_id: C1 }, D: }\n'],
  ])('into %s', async (_name, written, expected) => {
    const text = `site: S\napplications:\n${written}${moved}`;
    expect(errorsOf(specOf(text))).toEqual([
      'moved.identity: C2 was C1; without client_id it would be known as C2, and its clients and tokens as C1 would end',
    ]);
    expect(await mended(specOf(text))).toBe(`site: S\napplications:\n${expected}${moved}`);
  });

  it.each([
    ['a number', '"0012"'],
    ['true', '"true"'],
    ['no', '"no"'],
    ['a number with an exponent', '"1e3"'],
  ])('in quotes where YAML would read %s', async (_name, name) => {
    const text = `site: S\napplications: { C2: {} }\nmoved: [{ from: ${name}, to: C2 }]\n`;
    const after = await mended(specOf(text));
    expect(after).toContain(`C2: { client_id: ${name} }`);
    expect(compiled(specOf(after ?? '')).state.get('application:S/C2')).toMatchObject({ client_id: JSON.parse(name) });
  });

  it('as the user of its old site', async () => {
    const text = 'site: S\nusers: { U: {} }\nmoved: [{ from: T/U, to: U }]\n';
    expect(errorsOf(specOf(text))).toEqual([
      'moved.identity: U was T/U; without sub it would be known as S/U, and its tokens as T/U would end',
    ]);
    expect(await mended(specOf(text))).toBe(text.replace('{}', '{ sub: T/U }'));
  });

  it('of a chain the first one, written in as many documents as there are', async () => {
    const text = 'site: S\napplications: { C3: {} }\nmoved: [{ from: C2, to: C3 }]\n';
    const other = { path: 'b.yaml', text: 'site: S\nmoved: [{ from: C1, to: C2 }]\n' };
    expect(await mended(specOf(text, other))).toBe(text.replace('{}', '{ client_id: C1 }'));
  });

  it('not where its default is the same, and not for what has none', () => {
    const text =
      'site: S\napplications: { C: {} }\ngroups: { B: }\nmoved: [{ from: T/C, to: C }, { from: A, to: B }]\n';
    expect(errorsOf(specOf(text))).toEqual([]);
  });

  it('not by a fix into a map that aliases repeat, and not into one that two files hold', async () => {
    const anchored = `site: S\napplications:\n  C2: &a\n    enabled: true\n  D: *a\n${moved}`;
    expect(await mended(specOf(anchored))).toBe(anchored);
    const base = `site: S\napplications: { C2: { enabled: true } }\n${moved}`;
    const over = { path: 'o.yaml', text: 'site: S\napplications: { C2: { enabled: false } }\n', overlay: 0 };
    expect(await mended(specOf(base, over))).toBe(base);
    expect(errorsOf(specOf(base, over))).toHaveLength(1);
  });

  it('which those who name it as an audience write still: they are not told, and stay as they are', async () => {
    const text = `site: S\napplications: { C2: {}, D: { metadata: { scope: C1 S/C1 } } }\n${moved}`;
    expect(errorsOf(specOf(text)).map((one) => one.split(':')[0])).toEqual(['moved.identity', 'reference.unknown']);
    expect(await mended(specOf(text))).toBe(text.replace('C2: {}', 'C2: { client_id: C1 }').replace('S/C1', 'C1'));
  });

  it('is not asked for where the entity failed its schema', () => {
    const text = `site: S\napplications: { C2: { enabled: 5 } }\n${moved}`;
    expect(errorsOf(specOf(text)).map((one) => one.split(':')[0])).toEqual(['value.type']);
  });
});

describe('a reference to what was moved', () => {
  it('is told so, and the fix writes the new name, also one of another site and one that YAML would misread', async () => {
    const files = readCases().find(({ name }) => name === 'moved-references.yaml')?.files ?? [];
    const helps = diagnose(files).map(({ help }) => help?.replace(/moved-references.yaml:(\d+):\d+/, '$1'));
    expect(helps).toEqual([
      'The method method.1 was moved to method.2 (6): write method.2.',
      'The group Readers was moved to Viewers (24): write Viewers.',
      'The user User1 was moved to no (25): write no.',
      'The scope WS1 was moved to WS2 (7): write WS2.',
      'The application Client1 was moved to Client2 (23): write its client_id, c.',
      'The user User1 was moved to no (25): write no.',
      'The group Gone/Team was moved to Example/Team (26): write group:Team.',
      'The application Client1 was moved to Client2 (23): write Client2.',
    ]);
    const after = (await mend(files, diagnose)).files;
    expect(after[0]?.text).toContain('impersonates: "no"');
    expect(after[0]?.text).toContain('metadata: { scope: WS2 c }');
    expect(after[0]?.text).toContain('members: ["no", group:Team]');
    expect(errorsOf(after)).toEqual([]);
  });

  it('follows a whole chain, and says nothing of one that ends nowhere', () => {
    const text = (more: string) =>
      `site: S\ngroups: { C: , D: { members: [group:A] } }\nmoved: [{ from: A, to: B }, { from: B, to: ${more} }]\n`;
    expect(diagnose(specOf(text('C')))[0]?.help).toBe('The group A was moved to C (a.yaml:3:29): write group:C.');
    expect(diagnose(specOf(text('group:E')))[0]?.help).not.toContain('moved');
  });
});

describe('in an overlay', () => {
  const base = 'site: S\ngroups: { B: , D: }\nmoved: [{ from: A, to: B }]\n';
  const over = (text: string) =>
    specOf(
      base,
      { path: 'b.yaml', text: 'site: S\nmoved: [{ from: A2, to: A }]\n' },
      { path: 'o.yaml', text, overlay: 0 },
    );

  it('entries add up', () => {
    expect(movesOf(over('site: S\nmoved: [{ from: C, to: D }]\n---\nsite: S\nmoved: [{ from: C2, to: C }]\n'))).toEqual(
      [
        'a.yaml:3 group:S/A → group:S/B',
        'b.yaml:2 group:S/A2 → group:S/A',
        'o.yaml:2 group:S/C → group:S/D',
        'o.yaml:5 group:S/C2 → group:S/C',
      ],
    );
  });

  it('null removes those of all documents below it, and is told where there are none', () => {
    expect(movesOf(over('site: S\nmoved:\n'))).toEqual([]);
    const files = specOf('site: S\n', { path: 'o.yaml', text: 'site: S\nmoved: ~\n', overlay: 0 });
    expect(diagnose(files)[0]).toMatchObject({ code: 'overlay.nothing-removed', range: { file: 'o.yaml' } });
  });

  it('what only the overlay declares can be moved there', () => {
    const text = 'site: S\ngroups: { E: {} }\nmoved: [{ from: F, to: E }]\n';
    expect(movesOf(over(text))).toContain('o.yaml:3 group:S/F → group:S/E');
  });
});

it('fmt writes moves behind what they are about, and from before to', () => {
  const text = 'moved:\n  - { to: B, from: A }\nsite: S\ngroups:\n  B:\n';
  const result = format({ path: 'a.yaml', text });
  expect(result.ok && result.text).toBe('site: S\ngroups:\n  B:\nmoved:\n  - { from: A, to: B }\n');
});

it('a move that was never applied is a warning at its place', () => {
  const [move] = compiled(specOf('site: S\ngroups: { B: }\nmoved: [{ from: A, to: B }]\n')).moves;
  expect(move === undefined ? undefined : unknownMove(move)).toMatchObject({
    severity: 'warning',
    code: 'moved.unknown',
    detail: 'nothing was called group S/A before, nor S/B: this entry is not followed',
    address: 'group:S/B',
    range: { file: 'a.yaml', start: { line: 3, column: 9 } },
  });
});
