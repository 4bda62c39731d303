// 10,000 inputs that nobody wrote, the same in each check. `FUZZ=100000 npx vitest run test/spec/fuzz.test.ts` takes more of them,
// `LAWS_SEED=7` others (test/laws-setup.ts); a failure prints its seed and the smallest input that was found.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';
import { mutate, TOKENS, WORDS } from './mutate.ts';
import { below, generator, oneOf } from './random.ts';
import { judgePlaces, placesOf } from './within.ts';

const INPUTS = Number(process.env.FUZZ ?? 10_000);
const SEED = fc.readConfigureGlobal().seed ?? Date.now();
/** Milliseconds that one input may take. */
const LIMIT = 1000;
/** Characters of an input that a failure prints. */
const SHOWN = 20_000;
/** Of a V8 stack, of an error's name, or of a value that was written into a sentence as it is. */
const NOT_FOR_PEOPLE = /\n\s+at |node_modules|node:internal|\[object |Maximum call stack|(?:Type|Range|Syntax)Error/;

const SPECS: readonly (readonly SourceFile[])[] = [...readCases().map(({ files }) => files), ...readExamples()];
const TEXTS = SPECS.flatMap((files) => files.map(({ text }) => text));

function readExamples(): SourceFile[][] {
  const root = new URL('../../examples/', import.meta.url).pathname;
  const examples = readdirSync(root).map((name) =>
    readdirSync(`${root}${name}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => ({ path, text: readFileSync(`${root}${name}/${path}`, 'utf8') })),
  );
  return examples.filter((files) => files.length > 0);
}

/** Of all inputs: what most specs have in common is parsed once. That what is kept changes nothing has its own test. */
const kept = new KeptDocuments();

/** Throws for the first law that the input breaks, with the input. */
function obeysTheLaws(files: readonly SourceFile[]): void {
  try {
    holdToTheLaws(files);
  } catch (error) {
    const input = JSON.stringify(files);
    const shown = input.length > SHOWN ? `${input.slice(0, SHOWN)} … (${input.length} characters)` : input;
    throw new Error(`${error instanceof Error ? error.message : error}\nfor ${shown}`, { cause: error });
  }
}

function holdToTheLaws(files: readonly SourceFile[]): void {
  const began = performance.now();
  const checked = compile(files, { kept });
  const frames = renderDiagnostics(checked.diagnostics, files, { color: true });
  if (performance.now() - began > LIMIT) expect(timedAlone(files)).toBeLessThan(LIMIT);

  expect(checked.ok).toBe(checked.diagnostics.every(({ severity }) => severity !== 'error'));
  const judge = judgePlaces(files);
  const seen = new Set<string>();
  for (const diagnostic of checked.diagnostics) {
    for (const place of placesOf(diagnostic)) {
      const wrong = judge(place);
      if (wrong !== undefined) expect.fail(`${diagnostic.code}: ${wrong}`);
    }
    const { detail, help = '', related = [], fixes = [] } = diagnostic;
    for (const text of [detail, help, ...related.map(({ message }) => message), ...fixes.map(({ title }) => title)]) {
      if (!seen.has(text) && NOT_FOR_PEOPLE.test(text)) expect.fail(`${diagnostic.code}: ${text}`);
      seen.add(text);
    }
    expect(diagnostic.detail, diagnostic.code).not.toBe('');
  }
  expect(frames === '').toBe(checked.diagnostics.length === 0);

  // The same again, from documents that were judged already.
  const again = compile(files, { kept });
  expect(JSON.stringify(again.diagnostics)).toBe(JSON.stringify(checked.diagnostics));
  if (checked.ok && again.ok) expect(digestState(again.value.state)).toBe(digestState(checked.value.state));
}

/** Milliseconds without what else the machine was doing: the time of this process, the least of three. */
function timedAlone(files: readonly SourceFile[]): number {
  const times = [1, 2, 3].map(() => {
    const began = process.cpuUsage();
    const { diagnostics } = compile(files);
    renderDiagnostics(diagnostics, files, { color: true });
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

const options = (part: number) => ({ numRuns: Math.ceil(INPUTS * part), seed: SEED });
/** Of a number that decides a mutation no smaller one is a smaller mutation. */
const withoutShrinking = (part: number) => ({ ...options(part), endOnFailure: true });
const timeout = 60_000 + INPUTS * 60;

describe(`whatever the text: nothing is thrown, nothing takes a second, every place lies in its file (seed ${SEED})`, () => {
  it('one file of a spec is changed', { timeout }, () => {
    fc.assert(
      fc.property(fc.nat(SPECS.length - 1), fc.integer(), (spec, seed) => {
        const random = generator(seed);
        const files = SPECS[spec] ?? [];
        const at = below(random, files.length);
        obeysTheLaws(
          files.map((file, position) =>
            position === at ? { path: file.path, text: mutate(file.text, TEXTS, random) } : file,
          ),
        );
      }),
      withoutShrinking(0.65),
    );
  });

  it('every file of a spec is changed, and files of others and overlays are put beside', { timeout }, () => {
    fc.assert(
      fc.property(fc.nat(SPECS.length - 1), fc.integer(), (spec, seed) => {
        const random = generator(seed);
        const files = [...(SPECS[spec] ?? [])];
        for (let more = below(random, 3); more > 0; more -= 1) {
          const text = oneOf(random, TEXTS);
          const overlay = random() < 0.5 ? {} : { overlay: below(random, 2) };
          files.push({ path: `beside/${more}.yaml`, text, ...overlay });
        }
        obeysTheLaws(files.map((file) => ({ ...file, text: mutate(file.text, TEXTS, random) })));
      }),
      withoutShrinking(0.2),
    );
  });

  const word = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...TOKENS), fc.string({ unit: 'binary' }));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      word,
      fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(word, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const known = fc.constantFrom('site', 'server', 'methods', 'scopes', 'applications', 'groups', 'users', 'defaults');
  const document = fc.dictionary(fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: word }), value);

  it('documents of the right keys hold anything', { timeout }, () => {
    const documents = fc.array(document, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(documents, fc.boolean(), (all, flow) => {
        const text = all.map((one) => (flow ? JSON.stringify(one) : stringify(one))).join('\n---\n');
        obeysTheLaws([{ path: 'a.yaml', text }]);
      }),
      options(0.05),
    );
  });

  it('text is made of what means something in YAML', { timeout }, () => {
    const parts = fc.array(fc.oneof(fc.constantFrom(...TOKENS), fc.constantFrom(...WORDS), fc.constant('\n  ')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(parts, (all) => obeysTheLaws([{ path: 'a.yaml', text: all.join('') }])),
      options(0.1),
    );
  });
});
