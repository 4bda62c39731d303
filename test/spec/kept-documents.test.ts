import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { toValue } from '../../src/spec/tree.ts';
import { readCases } from './case.ts';
import { mutate } from './mutate.ts';
import { below, generator, oneOf, type Random } from './random.ts';
import { said } from './said.ts';

const SERVER = 'server: { issuer: "https://id.example.com" }\nmethods: { m: { type: client_credentials } }\n';
const SITE = 'site: A\nmethods: [m]\napplications: { C: { methods: [m], metadata: { grant_types: [] } } }\n';

/** The same words in a text of their own, as reading a file again gives. */
const reread = (file: SourceFile): SourceFile => ({ ...file, text: [...file.text].join('') });

describe('documents are kept by what their file says', () => {
  const file: SourceFile = { path: 'a.yaml', text: SITE };

  it('an unchanged file is not parsed again', () => {
    const kept = new KeptDocuments();
    const first = kept.parse(file);
    compile([file, { path: 's.yaml', text: SERVER }], { kept });
    expect(kept.parse(reread(file))).toBe(first);
  });

  it.each<[string, SourceFile]>([
    ['text', { path: 'a.yaml', text: SITE.replace('[m]', '[m ]') }],
    ['path', { path: 'b.yaml', text: SITE }],
    ['overlay', { path: 'a.yaml', text: SITE, overlay: 0 }],
  ])('a file of another %s is', (_what, other) => {
    const kept = new KeptDocuments();
    const first = kept.parse(file);
    const second = kept.parse(other);
    expect(second).not.toBe(first);
    expect(second.source).toMatchObject(other);
  });

  it('a document is validated again when it, or what may be lacking in it, is another', () => {
    const kept = new KeptDocuments();
    const documentOf = (text: string) => {
      const [tree] = kept.parse({ path: 'a.yaml', text }).trees;
      if (tree?.root.type !== 'map') throw new Error('not a map');
      return { kind: 'site' as const, root: tree.root, traps: tree.diagnostics };
    };
    const first = kept.validate(documentOf(SITE), false);
    expect(kept.validate(documentOf(SITE), false)).toBe(first);
    expect(kept.validate(documentOf(SITE), true)).not.toBe(first);
    expect(kept.validate({ ...documentOf(SITE), partial: true }, false)).not.toBe(first);
    expect(kept.validate(documentOf(`${SITE}users: {}\n`), false)).not.toBe(first);
  });

  it('a file that is gone is kept for one compile more, and then forgotten', () => {
    const kept = new KeptDocuments();
    const server = { path: 's.yaml', text: SERVER };
    compile([server, file], { kept });
    const first = kept.parse(file);
    compile([server], { kept });
    compile([server, file], { kept });
    expect(kept.parse(file)).toBe(first);
    for (let compiles = 0; compiles < 3; compiles += 1) compile([server], { kept });
    expect(kept.parse(file)).not.toBe(first);
  });
});

describe('once nobody waits for an answer', () => {
  const server = { path: 's.yaml', text: SERVER };
  const file: SourceFile = { path: 'a.yaml', text: SITE };

  it('documents of sites are let go, and are the same when they are asked for', () => {
    const kept = new KeptDocuments();
    const first = compile([server, file], { kept });
    const { trees } = kept.parse(file);
    kept.settle();
    const again = kept.parse(file).trees;
    expect(again).not.toBe(trees);
    expect(again.map(({ root }) => toValue(root))).toEqual(trees.map(({ root }) => toValue(root)));
    kept.settle();
    expect(compile([server, file], { kept })).toBe(first);
  });

  it.each<[string, SourceFile, readonly string[]]>([
    ['tests', { path: 't.yaml', text: 'tests: [{ who_can: { audience: A/C }, exactly: [] }]\n' }, []],
    ['overlays', { path: 'o/a.yaml', text: 'site: A\n', overlay: 0 }, ['o']],
  ])('not where all of them are looked at after each edit: %s', (_what, other, overlays) => {
    const kept = new KeptDocuments();
    expect(compile([server, file, other], { kept, overlays }).ok).toBe(true);
    const { trees } = kept.parse(file);
    kept.settle();
    expect(kept.parse(file).trees).toBe(trees);
  });
});

/** One thing that a person, an editor or Git does to a spec. */
function change(files: readonly SourceFile[], specs: readonly (readonly SourceFile[])[], random: Random): SourceFile[] {
  const at = below(random, files.length);
  const others = files.filter((_, position) => position !== at);
  const file = files[at];
  if (file === undefined) return [...oneOf(random, specs)];
  switch (below(random, 7)) {
    case 0:
      return others.length === 0 ? [...files] : others;
    case 1:
      return [...others, { ...file, path: `moved/${file.path}` }];
    case 2:
      return [...others, { ...file, text: `# before\n${file.text}` }];
    case 3:
      return [...files, { ...file, path: `overlays/o/${file.path}`, overlay: below(random, 2) }];
    case 4:
      return [...oneOf(random, specs)];
    default:
      return [...others, { ...file, text: mutate(file.text, [file.text], random) }];
  }
}

it('whatever is done to a spec, what is kept changes nothing of what is said', { timeout: 60_000 }, () => {
  const specs = readCases().map(({ files }) => files);
  // Valid ones are in the minority among the cases, and say the most.
  const valid = specs.filter((files) => compile(files).ok);
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, steps) => {
      const random = generator(seed);
      const kept = new KeptDocuments();
      let files: SourceFile[] = [...oneOf(random, random() < 0.5 ? valid : specs)];
      for (let step = 0; step <= steps; step += 1) {
        const unique = [...new Map(files.map((file) => [file.path, reread(file)])).values()];
        const answer = compile(unique, { kept });
        if (below(random, 2) === 0) kept.settle();
        expect(said(answer)).toEqual(said(compile(unique)));
        files = change(unique, specs, random);
      }
    }),
    { numRuns: 60, seed: 4 },
  );
});
