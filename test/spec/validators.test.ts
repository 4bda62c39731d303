// The validators are made when files are generated (docs/decisions/0024): they say what ajv says that compiles the schemas
// as it runs.

import { isDeepStrictEqual } from 'node:util';
import type { ErrorObject, SchemaValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DOCUMENT_SCHEMAS } from '../../src/spec/document-schemas.ts';
import { parseFile } from '../../src/spec/parse.ts';
import { toValue } from '../../src/spec/tree.ts';
import { lastRepeated } from '../../src/spec/unique-items.ts';
import { formats, lengthOf } from '../../src/spec/validator-parts.ts';
import { server, site, tests } from '../../src/spec/validators.gen.ts';
import { readCases } from './case.ts';
import { WORDS } from './mutate.ts';
import { below, generator, oneOf, type Random } from './random.ts';

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
  verbose: true,
  messages: false,
  formats: { ...formats, uri: true },
});
const isWithoutRepetition: SchemaValidateFunction = (_: boolean, items: readonly unknown[]) => {
  const params = lastRepeated(items);
  isWithoutRepetition.errors = params === undefined ? [] : [{ keyword: 'uniqueItems', params }];
  return params === undefined;
};

ajv.removeKeyword('uniqueItems').addKeyword({ keyword: 'uniqueItems', type: 'array', validate: isWithoutRepetition });

/** ajv tells no schema in an error of such a function. */
function toCompare(error: ErrorObject): object {
  return error.keyword === 'uniqueItems' ? { ...error, parentSchema: undefined } : error;
}

const compiled = [
  { theirs: ajv.compile(DOCUMENT_SCHEMAS.server), ours: server },
  { theirs: ajv.compile(DOCUMENT_SCHEMAS.site), ours: site },
  { theirs: ajv.compile(DOCUMENT_SCHEMAS.tests), ours: tests },
];

const files = new Map(readCases().flatMap((one) => one.files.map((file) => [file.text, file])));
const VALUES: readonly unknown[] = [...files.values()].flatMap((file) =>
  parseFile(file).trees.map(({ root }) => toValue(root)),
);

const told = new Set<string>();

function expectTheSame(value: unknown): void {
  for (const { theirs, ours } of compiled) {
    expect(ours(value)).toBe(theirs(value));
    for (const { keyword } of theirs.errors ?? []) told.add(keyword);
    // Whole errors: with the schemas and the data that they are about.
    const [said, expected] = [ours, theirs].map(({ errors }) => (errors ?? []).map(toCompare));
    if (!isDeepStrictEqual(said, expected)) expect(said).toEqual(expected);
  }
}

/** A copy in which one place is something else, a key more or a key less. */
function changed(value: unknown, random: Random): unknown {
  const stops = typeof value !== 'object' || value === null || random() < 0.1;
  if (stops) return oneOf(random, [...OTHERS, value === null ? '' : [value, value]]);
  if (Array.isArray(value)) {
    const at = below(random, value.length + 1);
    return [...value.slice(0, at), changed(value[at], random), ...value.slice(at + (random() < 0.5 ? 1 : 0))];
  }
  const members = Object.entries(value);
  const key = random() < 0.3 ? oneOf(random, WORDS) : (members[below(random, members.length)]?.[0] ?? 'x');
  const { [key]: member, ...rest } = value as Readonly<Record<string, unknown>>;
  return random() < 0.1 ? rest : { ...rest, [key]: changed(member, random) };
}

const OTHERS: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e9,
  1.5,
  '',
  ' ',
  'a b',
  '\uD800',
  '💥',
  'x'.repeat(300),
  [],
  {},
  [{}],
  { x: 1 },
];

it('a document gets the same errors, whatever becomes of it', () => {
  expect(VALUES.length).toBeGreaterThan(150);
  fc.assert(
    fc.property(fc.nat(VALUES.length - 1), fc.integer(), (at, seed) => {
      const random = generator(seed);
      let value = VALUES[at];
      for (let edits = 1 + below(random, 3); edits > 0; edits -= 1) value = changed(value, random);
      expectTheSame(value);
    }),
    { numRuns: 1000, endOnFailure: true },
  );
});

interface Part {
  readonly $ref?: string;
  readonly oneOf?: readonly Part[];
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: Part | boolean;
  readonly items?: Part;
}

/** A value that has all that the schema describes, and more: each text and number of it is the leaf. */
function filled(part: Part, root: object, leaf: unknown, form: number, depth = 0): unknown {
  const { $ref, oneOf = [], properties, additionalProperties, items } = part;
  const inner = (one: Part) => (depth > 12 ? leaf : filled(one, root, leaf, form, depth + 1));
  if ($ref !== undefined) {
    const { $defs } = root as { readonly $defs: Readonly<Record<string, Part>> };
    return inner($defs[$ref.replace('#/$defs/', '')] ?? {});
  }
  if (properties !== undefined || typeof additionalProperties === 'object') {
    const others = typeof additionalProperties === 'object' ? inner(additionalProperties) : leaf;
    const known = Object.entries(properties ?? {}).map(([key, one]) => [key, inner(one)] as const);
    return { ...Object.fromEntries(known), 'no name': others, Name: others };
  }
  if (items !== undefined) return [inner(items), inner(items)];
  const chosen = oneOf[form % Math.max(1, oneOf.length)];
  return chosen === undefined ? leaf : inner(chosen);
}

it('a document that is wrong wherever it can be gets the same errors', () => {
  for (const value of VALUES) expectTheSame(value);
  const forms = [0, 1, 2].flatMap((form) => OTHERS.map((leaf) => ({ form, leaf })));
  for (const schema of Object.values<object>(DOCUMENT_SCHEMAS)) {
    for (const { form, leaf } of forms) expectTheSame(filled(schema, schema, leaf, form));
  }
  // Every keyword of the schemas was broken, so that each was compared.
  const wanted = new Set(Object.values(DOCUMENT_SCHEMAS).flatMap(keywordsOf));
  expect([...wanted].filter((keyword) => !told.has(keyword))).toEqual([]);
});

/** Those that can fail: the others say something for people, or hand on to the schemas inside. */
function keywordsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'dependentRequired') return [key];
    if (HOLDING.has(key)) return Object.values(value as object).flatMap(keywordsOf);
    const own = SILENT.has(key) || value === true ? [] : [key];
    return key === 'examples' ? [] : [...own, ...[value].flat().flatMap(keywordsOf)];
  });
}

const HOLDING: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);
const SILENT: ReadonlySet<string> = new Set(['$schema', '$id', '$ref', 'title', 'description', 'default', 'items']);

it('characters are counted as ajv counts them', () => {
  const check = new Ajv2020().compile({ type: 'string', minLength: 3, maxLength: 3 });
  for (const text of ['', 'abc', 'ab', 'a💥c', '💥', '\uD800\uD800\uD800', '\uDC00\uD800\uDC00', 'é́e']) {
    expect(check(text), JSON.stringify(text)).toBe(lengthOf(text) === 3);
  }
});
