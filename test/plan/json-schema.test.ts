// schema/plan.schema.json is the contract of plan documents: everything that is written fits it, and nothing is written
// that it does not describe.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Step } from '../../src/access/decision.ts';
import type { Kind } from '../../src/model/address.ts';
import type { RiskKind } from '../../src/model/approval.ts';
import type {
  ApplicationEntity,
  ApplicationTokenSettings,
  ClientMetadata,
  ConsentSettings,
  Entity,
  GroupEntity,
  MethodEntity,
  RefreshSettings,
  ScopeEntity,
  ServerEntity,
  SessionSettings,
  SiteEntity,
  TokenSettings,
  UserEntity,
} from '../../src/model/entity.ts';
import type { Meaning } from '../../src/plan/change-rules.ts';
import { closedSchema } from '../../src/plan/closed-schema.ts';
import { planToJson } from '../../src/plan/json.ts';
import type {
  EntityJson,
  LinkJson,
  PathChangeJson,
  PlanJson,
  ResourceChangeJson,
  RiskJson,
} from '../../src/plan/json-types.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planSchema } from '../../src/plan/plan-schema.gen.ts';
import type { PublicEntity } from '../../src/plan/public-entity.ts';
import type { ReadEntity, ReadPlan } from '../../src/plan/read-plan.ts';
import { shapeFault, unknownMember } from '../../src/plan/saved-plan-shape.ts';
import { parseCase } from '../cli/case.ts';
import { CLIENT1, EX2, edited, GROUP2 } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';
import { plans } from './plan-arbitrary.ts';

const schema: Schema = JSON.parse(readFileSync(new URL('../../schema/plan.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: true, strictRequired: false, formats: { 'date-time': true }, allErrors: true });
/** The schema without the leave of minor versions to add members. */
const fits = ajv.compile(closedSchema(planSchema));

function expectFits(document: unknown): void {
  fits(document);
  expect(fits.errors ?? []).toEqual([]);
}

interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** Every schema that stands for a member, an item or a definition. */
function* parts(part: Schema, way: string): Generator<readonly [way: string, part: Schema]> {
  for (const [key, inner] of Object.entries({ ...part.properties, ...part.$defs })) {
    yield [`${way}.${key}`, inner];
    yield* parts(inner, `${way}.${key}`);
  }
  if (part.items !== undefined) yield* parts(part.items, `${way}[]`);
  if (typeof part.additionalProperties === 'object') yield* parts(part.additionalProperties, `${way}.*`);
}

describe('schema/plan.schema.json', () => {
  it('is draft 2020-12 with a versioned name, and what documents are read with', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toBe('https://charter.dev/schema/v1/plan.schema.json');
    expect(planSchema).toEqual(schema);
  });

  it('describes every member, itself or where it refers to', () => {
    const all = [...parts(schema, 'plan')];
    expect(all.length).toBeGreaterThan(150);
    for (const [way, part] of all) {
      const definition = schema.$defs?.[part.$ref?.slice('#/$defs/'.length) ?? ''];
      expect(part.description ?? definition?.description, way).toMatch(/\S.*\.$/);
    }
  });

  it('lets minor versions add members, which the closed one does not', () => {
    const document = planToJson(planOf(EX2, EX2), placesOf(EX2, EX2), { exit_code: 0, changes: false });
    const later = { ...document, summary: { ...document.summary, added_later: 1 } };
    expect(shapeFault(later, 'plan')).toBeUndefined();
    expect(fits(later)).toBe(false);
    expectFits(document);
  });
});

describe('what is written fits the schema, member by member', () => {
  it('for any plan', () => {
    fc.assert(
      fc.property(plans, ({ plan, places }) => {
        const context = { engine_version: '1.0.0', timestamp: 0, config: {}, applied: { generation: 1, secrets: [] } };
        expectFits(JSON.parse(JSON.stringify(planToJson(plan, places, { exit_code: 5, changes: true }, context))));
      }),
      { numRuns: 60 },
    );
  });

  const cases = fileURLToPath(new URL('cases/', import.meta.url));
  it.each(readdirSync(cases))('for the golden plan of %s', (name) => {
    expectFits(JSON.parse(readFileSync(join(cases, name, 'plan.json'), 'utf8')));
  });

  const commands = fileURLToPath(new URL('../cli/cases/', import.meta.url));
  const told = readdirSync(commands).flatMap((name) => {
    const { sections } = parseCase(readFileSync(join(commands, name), 'utf8'));
    const stdout = (sections.get('stdout') ?? '').replace('<checksum>', `sha256:${'0'.repeat(64)}`);
    // One that is used wrongly has no output.
    const isDocument = /^(plan|apply|rollback)\b.* --json -/.test(sections.get('argv') ?? '') && stdout !== '';
    return isDocument ? [[name, stdout] as const] : [];
  });
  it.each(told)('for what the command line answers in %s', (_name, stdout) => {
    expectFits(JSON.parse(stdout));
  });

  it('has plans and refusals of both sorts among those answers', () => {
    for (const member of ['resource_changes', 'diagnostics', 'error']) {
      expect(told.filter(([, stdout]) => member in JSON.parse(stdout)).length, member).toBeGreaterThan(0);
    }
  });
});

describe('the types that are made from the schema', () => {
  type Of<E, K extends PublicEntity['kind']> = Extract<E, { kind: K }>;
  type Members<K extends PublicEntity['kind']> = keyof Of<EntityJson, K>;
  /** The names that are written out: not those in a language. */
  type Written<T> = keyof { [Name in keyof T as Name extends `${string}#${string}` ? never : Name]: never };

  it('hold every entity without its hashes, and have no other member: who adds one to the model adds it to the schema', () => {
    expectTypeOf<PublicEntity>().toExtend<EntityJson>();
    expectTypeOf<EntityJson['kind']>().toEqualTypeOf<PublicEntity['kind']>();
    expectTypeOf<Members<'server'>>().toEqualTypeOf<keyof ServerEntity>();
    expectTypeOf<Members<'method'>>().toEqualTypeOf<keyof MethodEntity>();
    expectTypeOf<Members<'scope'>>().toEqualTypeOf<keyof ScopeEntity>();
    expectTypeOf<Members<'site'>>().toEqualTypeOf<keyof SiteEntity>();
    expectTypeOf<Members<'application'>>().toEqualTypeOf<keyof ApplicationEntity>();
    expectTypeOf<Members<'group'>>().toEqualTypeOf<keyof GroupEntity>();
    expectTypeOf<Members<'user'>>().toEqualTypeOf<keyof UserEntity>();
    type Application = Of<EntityJson, 'application'>;
    expectTypeOf<keyof NonNullable<Application['metadata']>>().toEqualTypeOf<Written<ClientMetadata>>();
    expectTypeOf<keyof NonNullable<Application['tokens']>>().toEqualTypeOf<keyof ApplicationTokenSettings>();
    expectTypeOf<keyof NonNullable<NonNullable<Application['tokens']>['refresh']>>().toEqualTypeOf<
      keyof RefreshSettings
    >();
    expectTypeOf<keyof NonNullable<Application['consent']>>().toEqualTypeOf<keyof ConsentSettings>();
    type Server = Of<EntityJson, 'server'>;
    expectTypeOf<keyof NonNullable<Server['tokens']>>().toEqualTypeOf<keyof TokenSettings>();
    expectTypeOf<keyof NonNullable<Server['sessions']>>().toEqualTypeOf<keyof SessionSettings>();
    expectTypeOf<{ readonly hash: string }>().not.toExtend<NonNullable<Application['secret']>>();
    expectTypeOf<{ readonly hash: string }>().not.toExtend<NonNullable<Of<EntityJson, 'user'>['password']>>();
    expectTypeOf<ReadEntity>().not.toExtend<Entity>();
    expectTypeOf<ReadPlan>().not.toExtend<Plan>();
  });

  it('hold every name that the model has a list of', () => {
    expectTypeOf<RiskJson['kind']>().toEqualTypeOf<RiskKind>();
    expectTypeOf<PathChangeJson['meanings'][number]>().toEqualTypeOf<Meaning>();
    expectTypeOf<LinkJson['relation']>().toEqualTypeOf<Step['relation']>();
    expectTypeOf<ResourceChangeJson['kind']>().toEqualTypeOf<Kind>();
  });
});

describe('what does not fit is told by its place and by what is expected', () => {
  const sample: PlanJson = planToJson(
    planOf(edited(EX2, 'group', GROUP2, { members: [] }), edited(EX2, 'application', CLIENT1, { enabled: false })),
    placesOf(EX2, EX2),
    { exit_code: 0, changes: true },
  );
  const [first] = sample.resource_changes;
  const changed = (edit: Partial<ResourceChangeJson['change']>) => ({
    ...sample,
    resource_changes: [{ ...first, change: { ...first?.change, ...edit } }],
  });

  it.each(Object.keys(sample).filter((name) => name !== 'origins'))('without %s', (name) => {
    const { [name as keyof PlanJson]: _gone, ...others } = sample;
    expect(shapeFault(others, 'plan')).toBe(`/${name} is missing`);
  });

  it.each([
    [{ ...sample, tests: {} }, 'at /tests a list is expected, and there is an object'],
    [{ ...sample, digest: 'sha256:ff' }, 'at /digest “A SHA-256.” is expected, and there is "sha256:ff"'],
    [{ ...sample, drift: 1 }, 'at /drift an object is expected, and there is 1'],
    [{ ...sample, base: { ...sample.base, generation: '7' } }, 'at /base/generation a whole number is expected'],
    [{ ...sample, base: { kind: 'url' } }, 'at /base/kind one of "store", "ref", "dir" is expected'],
    [{ ...sample, timestamp: '2026-02-30T00:00:00.000Z' }, 'at /timestamp “'],
    [changed({ actions: [] }), 'at /resource_changes/0/change/actions something else'],
    [changed({ after: null }), 'at /resource_changes/0/change/after an object is expected, and there is null'],
    [
      changed({ after: { kind: 'application', client_id: 7 } as unknown as EntityJson }),
      'at /resource_changes/0/change/after/client_id a text is expected, and there is 7',
    ],
    [
      changed({ after: { kind: 'application', client_id: 'a', secret: { env: 'A', withheld_hash: 1 } } }),
      'at /resource_changes/0/change/after/secret one of these is expected, and no other: env, file, withheld_hash',
    ],
    [{ ...sample, origins: { [CLIENT1]: { '': 'nowhere' } } }, 'at /origins/application:Example~1Client1/ “Where it'],
    [
      { ...sample, access_changes: [{ ...sample.access_changes[0], audience: undefined }] },
      'at /access_changes/0 one of these is expected, and no other: audience with application, scope with carried_by',
    ],
  ])('of another form %#', (document, words) => {
    expect(shapeFault(document, 'plan')).toContain(words);
  });

  it('has no control characters of the document in its words', () => {
    const risks = [{ ...sample, kind: '\u001b[31mred' }];
    const fault = shapeFault({ ...sample, risks, tests: { '\u001b': 1 } }, 'plan');
    expect(fault).not.toMatch(/\p{Cc}/u);
    expect(shapeFault({ ...sample, digest: '\u001b\u0085\u202e' }, 'plan')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('a member of an entity that this version does not know', () => {
  it.each<[object, string | undefined]>([
    [{ kind: 'group', members: [] }, undefined],
    [{ kind: 'group', added_later: true }, '/added_later'],
    [{ kind: 'application', client_id: 'a', metadata: { 'client_name#sv': 'A' } }, undefined],
    [{ kind: 'application', client_id: 'a', metadata: { added_later: 1 } }, '/metadata/added_later'],
    [{ kind: 'user', sub: 'u', attributes: { anything: 'x' } }, undefined],
  ])('is named %#', (entity, pointer) => {
    expect(unknownMember(entity as PublicEntity)).toBe(pointer);
  });
});
