import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { REASONS } from '../../src/access/reason.ts';
import type { TokenClaims } from '../../src/access/token-content.ts';
import { CLIENT_TYPES, COMPARISONS } from '../../src/model/access-test.ts';
import { NAME_PATTERN } from '../../src/model/address.ts';
import { DURATION_PATTERN } from '../../src/model/duration.ts';
import {
  ASSERTION_ALGORITHMS,
  AUTHENTICATION_METHODS,
  METHOD_TYPES,
  PROFILES,
  SIGNING_ALGORITHMS,
} from '../../src/model/entity.ts';
import { GRANT_TYPES } from '../../src/model/grant-type.ts';
import { compile } from '../../src/spec/compile.ts';
import { DOCUMENT_SCHEMAS } from '../../src/spec/document-schemas.ts';

interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
}

const schemas = (['server', 'site', 'tests'] as const).map((name) => {
  const url = new URL(`../../schema/${name}.schema.json`, import.meta.url);
  return [name, JSON.parse(readFileSync(url, 'utf8')) as Schema] as const;
});

/** Every schema inside a schema that stands for a key, an item or a definition, with the way to it. */
function* parts(schema: Schema, way: string): Generator<readonly [way: string, part: Schema]> {
  yield [way, schema];
  for (const [key, part] of Object.entries(schema.properties ?? {})) yield* parts(part, `${way}.${key}`);
  for (const [key, part] of Object.entries(schema.$defs ?? {})) yield* parts(part, `${way}#${key}`);
  if (schema.items !== undefined) yield* parts(schema.items, `${way}[]`);
  if (typeof schema.additionalProperties === 'object') yield* parts(schema.additionalProperties, `${way}.*`);
}

const all = schemas.flatMap(([name, schema]) => [...parts(schema, name)]);
const described = all.filter(([, part]) => Object.keys(part).join() !== '$ref');

describe.each(schemas)('schema/%s.schema.json', (name, schema) => {
  it('is draft 2020-12 with a versioned name', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toBe(`https://charter.dev/schema/v1/${name}.schema.json`);
  });

  it('is what the engine validates with', () => {
    expect(DOCUMENT_SCHEMAS[name]).toEqual(schema);
  });
});

describe('every key', () => {
  it.each(described)('%s has a title, a description and examples', (_way, part) => {
    expect(part.title).toMatch(/\S/);
    expect(part.description).toMatch(/\S/);
    expect(part.examples?.length).toBeGreaterThan(0);
  });

  it.each(schemas)('%s: the examples are valid where they stand', (_name, schema) => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats: false });
    for (const [way, part] of parts(schema, '')) {
      if (part.examples === undefined) continue;
      // The part alone, with the definitions of the whole, so that its references resolve.
      const { $id: _id, $schema: _schema, ...alone } = { ...part, $defs: schema.$defs };
      const check = ajv.compile(alone);
      for (const example of part.examples) expect(check(example), `${way}: ${JSON.stringify(example)}`).toBe(true);
    }
  });
});

describe('every map', () => {
  const maps = all.filter(([, part]) => [part.type].flat().includes('object'));

  it.each(maps)('%s has fixed keys and x-, or names with a form', (_way, part) => {
    // Some names may have a form of their own.
    if (part.properties !== undefined && part.propertyNames === undefined) {
      expect(part.additionalProperties).toBe(false);
      const { '^x-': own, ...inLanguages } = part.patternProperties ?? {};
      expect(own).toBe(true);
      expect(Object.keys(inLanguages).every((name) => /^\^\S+#/.test(name))).toBe(true);
    } else {
      expect(part.propertyNames).toBeDefined();
      expect(part.additionalProperties).toBeTypeOf('object');
    }
  });
});

describe('what the model says too', () => {
  const [server, site, tests] = schemas.map(([, schema]) => schema) as [Schema, Schema, Schema];
  const part = (schema: Schema, way: string) => [...parts(schema, '')].find(([one]) => one === way)?.[1];

  it('names, durations and fixed values are the same here and there', () => {
    for (const schema of [server, site]) {
      expect(part(schema, '#name')?.pattern).toBe(NAME_PATTERN.source);
      expect(part(schema, '#duration')?.pattern).toBe(DURATION_PATTERN.source);
      expect(part(schema, '#tokens.alg')?.enum).toEqual(SIGNING_ALGORITHMS);
      expect(part(schema, '#tokens')?.properties).toMatchObject(part(server, '#tokens')?.properties ?? {});
    }
    expect(part(server, '#method.type')?.enum).toEqual(METHOD_TYPES);
    expect(part(server, '.server.profiles[]')?.enum).toEqual(PROFILES);
    expect(part(site, '#metadata.token_endpoint_auth_method')?.enum).toEqual(AUTHENTICATION_METHODS);
    expect(part(site, '#metadata.token_endpoint_auth_signing_alg')?.enum).toEqual(ASSERTION_ALGORITHMS);
    expect([...(part(site, '#metadata.id_token_signed_response_alg')?.enum ?? [])].sort()).toEqual(
      [...SIGNING_ALGORITHMS].sort(),
    );
    expect(part(tests, '#duration')?.pattern).toBe(DURATION_PATTERN.source);
  });

  it('a test of access is the same in a site document and in one of tests', () => {
    for (const way of ['.tests', '#test', '#request', '#who', '#invariant', '#expectation']) {
      expect(part(site, way), way).toBeDefined();
      expect(part(site, way), way).toEqual(part(tests, way));
    }
  });

  it('a test of access may name every reason, every grant type, and every claim that a decision gives a token', () => {
    expect(part(tests, '#test.reason')?.enum).toEqual(Object.keys(REASONS));
    expect(part(tests, '#request.grant_type')?.enum).toEqual(part(site, '#metadata.grant_types[]')?.enum);
    expect(part(tests, '#invariant.client_type')?.enum).toEqual(CLIENT_TYPES);
    expect(Object.keys(part(tests, '#test')?.properties ?? {})).toEqual(expect.arrayContaining([...COMPARISONS]));
    for (const way of ['#request', '#who', '#invariant']) {
      expect([...(part(tests, `${way}.grant_type`)?.enum ?? [])].sort()).toEqual([...GRANT_TYPES].sort());
    }
    const claims: Required<TokenClaims> = {
      sub: '',
      aud: [],
      client_id: '',
      scope: '',
      impersonates: '',
      permissions: [],
    };
    const keys = Object.keys(part(tests, '#expectation')?.properties ?? {});
    expect(keys.sort()).toEqual([...Object.keys(claims), 'claims', 'lifetime'].sort());
  });
});

it('S:V12 a second impersonated user is a wrong type, and says why', () => {
  const text = 'site: A\napplications: { App: { impersonates: [U, V] } }\nusers: { U: , V: }\n';
  const { diagnostics } = compile([{ path: 'a.yaml', text }], { incomplete: true });
  expect(diagnostics.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
    'value.type: an application impersonates at most one user, so this is one name and no list',
  ]);
});
