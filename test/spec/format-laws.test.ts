// The laws of `charter fmt`, on documents as careless authors write them. What they are checked with is not the
// formatter's own safety net: the values are those of another reading of the YAML.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScalar, Lexer, parseAllDocuments, visit } from 'yaml';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { format } from '../../src/spec/format.ts';
import { randomFile } from './format-document.ts';

const RUNS = 400;

function formatted(text: string): string | undefined {
  const result = format({ path: 'a.yaml', text });
  if (result.ok) return result.text;
  // What it cannot do safely would be told as a problem of the author's, and is one of ours.
  expect(result.reason, `${text}\n${result.reason === 'unsafe' ? result.detail : ''}`).toBe('invalid');
  return undefined;
}

/** The values of all documents that hold any, as the `yaml` package alone reads them. */
function values(text: string): unknown[] {
  const documents = parseAllDocuments(text, { version: '1.2', merge: false });
  return [...documents].map((document) => document.toJS()).filter((value) => value !== null);
}

/** Every comment, found by the lexer alone. */
function comments(text: string): string[] {
  return [...new Lexer().lex(text)]
    .filter((lexeme) => lexeme.startsWith('#'))
    .map((lexeme) => lexeme.trimEnd())
    .sort();
}

/** Where block scalars stand, whose spaces and empty lines are text. */
function blockTexts(text: string): (readonly [start: number, end: number])[] {
  const found: (readonly [number, number])[] = [];
  for (const document of parseAllDocuments(text, { version: '1.2', merge: false })) {
    visit(document, (_key, node) => {
      if (isScalar(node) && node.type?.startsWith('BLOCK') && node.range) found.push([node.range[0], node.range[1]]);
    });
  }
  return found;
}

const EXAMPLES = join(import.meta.dirname, '../../examples');
const examples = readdirSync(EXAMPLES).flatMap((name) => {
  const paths = readdirSync(join(EXAMPLES, name), { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => path.endsWith('.yaml')).sort();
  if (files.length === 0) return [];
  return [[name, files.map((path) => ({ path, text: readFileSync(join(EXAMPLES, name, path), 'utf8') }))] as const];
});

/** A file of an overlay lies over the others. */
const isBase = ({ path }: { readonly path: string }) => !path.startsWith('overlays/');

function digestOf(files: readonly { path: string; text: string }[]): string {
  const checked = compile(files);
  expect(checked.diagnostics).toEqual([]);
  return checked.ok ? digestState(checked.value.state) : '';
}

describe('the laws of formatting', () => {
  it('a formatted file is formatted, means the same and has every comment', () => {
    let valid = 0;
    fc.assert(
      fc.property(randomFile, (text) => {
        const once = formatted(text);
        if (once === undefined) return;
        valid += 1;
        expect(formatted(once), 'twice').toBe(once);
        expect(values(once), once).toEqual(values(text));
        expect(comments(once), once).toEqual(comments(text));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(valid).toBeGreaterThan(RUNS / 2);
  });

  it('a formatted file has no carriage return, no trailing space and no two empty lines, but in a text', () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        const once = formatted(text);
        if (once === undefined) return;
        const stretches = blockTexts(once);
        for (const match of once.matchAll(/[ \t]+$|\r|\n\n\n|\n\n(?![\s\S])|(?<![\s\S])\n/gm)) {
          const inText = stretches.some(([start, end]) => start <= match.index && match.index < end);
          expect(inText, JSON.stringify(once.slice(Math.max(0, match.index - 40), match.index + 4))).toBe(true);
        }
        expect(once.startsWith('---')).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe.each(examples)('examples/%s', (_name, files) => {
  it('formatting it twice is formatting it once, and it is formatted', () => {
    for (const { path, text } of files) expect(formatted(text), path).toBe(text);
  });

  it('its State has the same digest when it is written carelessly and formatted again', () => {
    const base = files.filter(isBase);
    const careless = base.map(({ path, text }) => ({
      path,
      text: text.replaceAll('\n', '  \r\n').replaceAll(': ', ':   '),
    }));
    const again = careless.map(({ path, text }) => ({ path, text: formatted(text) ?? '' }));
    expect(digestOf(again)).toBe(digestOf(base));
  });

  it('whatever is done to its characters, formatting ends in a text or in a diagnostic', () => {
    const texts = files.map(({ text }) => text);
    const put = fc.constantFrom('', ' ', '\n', '#', ':', '[', '}', '- ', '"', "'", '|', '&a ', '*a');
    const edit = fc.tuple(fc.nat(4000), fc.nat(3), put);
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
        const spoilt = edits.reduce((now, [at, length, put]) => {
          const from = at % (now.length + 1);
          return now.slice(0, from) + put + now.slice(from + length);
        }, text);
        const once = formatted(spoilt);
        if (once !== undefined) expect(formatted(once)).toBe(once);
      }),
      { numRuns: 100 },
    );
  });
});
