import { describe, expect, it } from 'vitest';
import { compileOnce } from '../../src/reconcile/compile-once.ts';
import { parseAhead } from '../../src/reconcile/parse-ahead.ts';
import { compile } from '../../src/spec/compile.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import { readCases } from '../spec/case.ts';
import { said } from '../spec/said.ts';

const cases = readCases();
/** Every file of every case, as one spec that has nothing to do with itself. */
const all = cases.flatMap(({ name, files }) => files.map((file) => ({ ...file, path: `${name}/${file.path}` })));

describe('files that were parsed on other threads', () => {
  it('are those of a compile, whatever is wrong with them', async () => {
    const parsed = new KeptDocuments();
    await parseAhead(all, parsed, { threads: 2, large: 0 });
    expect(all.every((file) => parsed.has(file))).toBe(true);
    expect(said(compile(all, { parsed }))).toEqual(said(compile(all)));
  });

  it('are not parsed again', async () => {
    const kept = new KeptDocuments();
    const [first, ...others] = all;
    if (first === undefined) throw new Error('no case');
    const parsed = kept.parse(first);
    await parseAhead([first, ...others.slice(0, 20)], kept, { threads: 3, large: 0 });
    expect(kept.parse(first)).toBe(parsed);
  });

  it.each([
    ['few', { threads: 2 }],
    ['on one core', { threads: 1, large: 0 }],
  ])('are left to the compile where they are %s', async (_what, options) => {
    const kept = new KeptDocuments();
    await parseAhead(all.slice(0, 5), kept, options);
    expect(kept.has(all[0] as (typeof all)[number])).toBe(false);
  });

  it('a thread that ends leaves them to the compile', async () => {
    const kept = new KeptDocuments();
    // No text at all, as no reader gives it: the thread fails at it.
    const broken = { path: 'broken.yaml', text: { length: 1 } as unknown as string };
    await parseAhead([broken, ...all.slice(0, 3)], kept, { threads: 2, large: 0 });
    expect(kept.has(broken)).toBe(false);
  });
});

it('a command says what a compile says of a spec that is parsed on several threads', { timeout: 60_000 }, async () => {
  const comment = `# ${'x'.repeat(200)}\n`.repeat(100);
  const files = Array.from({ length: 60 }, (_, number) => ({
    path: `${number}.yaml`,
    text: `site: S${number}\nmethods: [m]\nusers: { U: { methods: [m], sub: s${number % 50} } }\n${comment}`,
  }));
  const spec = [
    ...files,
    {
      path: 'z.yaml',
      text: 'server: { issuer: https://id.example.com }\nmethods: { m: { type: client_credentials } }\n',
    },
  ];
  const options = { secretsDir: false, incomplete: false };
  expect(said(await compileOnce(spec, options))).toEqual(said(compile(spec, options)));
});
