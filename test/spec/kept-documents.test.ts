import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import type { SourceFile } from '../../src/spec/source.ts';
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
        expect(said(compile(unique, { kept }))).toEqual(said(compile(unique)));
        files = change(unique, specs, random);
      }
    }),
    { numRuns: 60, seed: 4 },
  );
});
