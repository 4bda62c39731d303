import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';

/** A document as plain values, written as JSON: every JSON text is YAML. */
type Plain = null | string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };
type Documents = {
  readonly server: { readonly [key: string]: Plain };
  readonly site: { readonly [key: string]: Plain };
};

const NAMES = ['A', 'B', 'C'];
const duration = fc.constantFrom('5m', '1h', '2h');
const tokens = fc.record({ access_ttl: duration, alg: fc.constantFrom('ES256', 'RS256') }, { requiredKeys: [] });
const user = fc.record(
  {
    sub: fc.constantFrom('s1', 's2', 's3').chain((sub) => fc.nat().map((salt) => `${sub}-${salt}`)),
    enabled: fc.boolean(),
    methods: fc.constantFrom(['m'], ['m', 'n'], []),
    attributes: fc.dictionary(fc.constantFrom('mail', 'phone', 'city'), fc.constantFrom('x', 'y')),
  },
  { requiredKeys: [] },
);
const group = fc.record({ methods: fc.constantFrom(['m'], ['n'], []) }, { requiredKeys: [] });
const application = fc.record(
  {
    secret: fc.constantFrom({ env: 'ONE' }, { file: 'two' }),
    methods: fc.constantFrom(['m'], ['m', 'n']),
    tokens,
    metadata: fc.record({ client_name: fc.constantFrom('x', 'y') }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

function siteOf(optional: boolean): fc.Arbitrary<Documents['site']> {
  // In an overlay any entity and key may be null.
  const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
    optional ? fc.option(arbitrary, { freq: 4 }) : arbitrary;
  const members = <T extends object>(arbitrary: fc.Arbitrary<T>, names = NAMES) =>
    fc.dictionary(fc.constantFrom(...names), orNull(optional ? arbitrary.chain(withNulls) : arbitrary), { maxKeys: 3 });
  return fc.record(
    {
      methods: fc.constantFrom(['m', 'n'], ['n', 'm']),
      defaults: fc.record({ users: fc.record({ enabled: fc.boolean() }, { requiredKeys: [] }) }, { requiredKeys: [] }),
      applications: members(application),
      groups: members(group),
      // A client_id and a user of the same name would be refused.
      users: members(user, ['U', 'V', 'W']),
    },
    { requiredKeys: optional ? [] : ['methods'] },
  ) as fc.Arbitrary<Documents['site']>;
}

/** The same with some keys null. */
function withNulls<T extends object>(value: T): fc.Arbitrary<{ [K in keyof T]: T[K] | null }> {
  const keys = Object.keys(value);
  return fc
    .subarray(keys)
    .map((chosen) =>
      Object.fromEntries(Object.entries(value).map(([key, member]) => [key, chosen.includes(key) ? null : member])),
    ) as fc.Arbitrary<{ [K in keyof T]: T[K] | null }>;
}

const SERVER = {
  server: { issuer: 'https://id.example.com' },
  methods: { m: { type: 'client_credentials' }, n: { type: 'password' } },
};
const base: fc.Arbitrary<Documents> = fc.record({
  server: tokens.map((one) => ({ ...SERVER, server: { ...SERVER.server, tokens: one } }) as Documents['server']),
  site: siteOf(false),
});
const overlay: fc.Arbitrary<Documents> = fc.record({
  server: fc.oneof(
    fc.constant({}),
    tokens.map((one) => ({ server: { tokens: one } }) as Documents['server']),
  ),
  site: siteOf(true),
});

function write({ server, site }: Documents, path: string, layer: { readonly overlay?: number } = {}): SourceFile {
  const documents = [server, { site: 'S', ...site }].map((document) => JSON.stringify(document));
  return { path, text: documents.join('\n---\n'), ...layer };
}

/** What a spec means, or the errors that it has, without their places: an overlay moves those. */
function meaningOf(files: readonly SourceFile[]): string {
  const checked = compile(files);
  if (checked.ok) return digestState(checked.value.state);
  const errors = checked.diagnostics.filter(({ severity }) => severity === 'error');
  // Generated specs are valid but for values that two entities share.
  for (const { code } of errors) {
    if (!['sub.duplicate'].includes(code)) throw new Error(renderDiagnostics(errors, files, { color: false }));
  }
  return errors.map(({ code }) => code).join();
}

const ONE_VALUE = ['secret', 'impersonates'];

/** RFC 7396 as it stands there, but for the keys whose map is one value. */
function patched(target: Plain | undefined, patch: Plain): Plain {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, Plain> = isMap ? { ...(target as Record<string, Plain>) } : {};
  for (const [key, value] of Object.entries(patch as Record<string, Plain>)) {
    if (value === null) delete result[key];
    else result[key] = ONE_VALUE.includes(key) ? value : patched(result[key], value);
  }
  return result;
}

function patchedDocuments(below: Documents, over: Documents): Documents {
  return { server: patched(below.server, over.server), site: patched(below.site, over.site) } as Documents;
}

const RUNS = { numRuns: 80 };

describe('laws of overlays', { timeout: 60_000 }, () => {
  it('an overlay means what the same merge of the plain values means (RFC 7396, links and secrets whole)', () => {
    fc.assert(
      fc.property(base, overlay, (below, over) => {
        const laid = meaningOf([write(below, 'a.yaml'), write(over, 'o.yaml', { overlay: 0 })]);
        expect(laid).toBe(meaningOf([write(patchedDocuments(below, over), 'a.yaml')]));
      }),
      RUNS,
    );
  });

  it('two overlays mean the second over the result of the first', () => {
    fc.assert(
      fc.property(base, overlay, overlay, (below, first, second) => {
        const both = [
          write(below, 'a.yaml'),
          write(first, 'b.yaml', { overlay: 0 }),
          write(second, 'a0.yaml', { overlay: 1 }),
        ];
        const result = patchedDocuments(below, first);
        expect(meaningOf(both)).toBe(meaningOf([write(result, 'a.yaml'), write(second, 'o.yaml', { overlay: 0 })]));
      }),
      RUNS,
    );
  });

  it('an overlay that says nothing changes nothing, and the whole base over itself is the base', () => {
    fc.assert(
      fc.property(base, (below) => {
        const alone = compile([write(below, 'a.yaml')]);
        const empty: Documents = { server: { methods: {} }, site: { applications: {}, users: {} } };
        const over = compile([write(below, 'a.yaml'), write(empty, 'o.yaml', { overlay: 0 })]);
        expect(over).toEqual({ ...alone, ...(alone.ok && { value: expect.anything() }) });
        const meaning = meaningOf([write(below, 'a.yaml')]);
        expect(meaningOf([write(below, 'a.yaml'), write(empty, 'o.yaml', { overlay: 0 })])).toBe(meaning);
        expect(meaningOf([write(below, 'a.yaml'), write(below, 'o.yaml', { overlay: 0 })])).toBe(meaning);
      }),
      { numRuns: 40 },
    );
  });

  it('the order and the number of the files of an overlay do not matter', () => {
    fc.assert(
      fc.property(base, overlay, fc.boolean(), (below, over, turned) => {
        const parts = Object.entries(over.site).map(([key, value]) => ({ site: 'S', [key]: value }));
        const texts = [over.server, ...parts].map((part) => JSON.stringify(part));
        if (turned) texts.reverse();
        const files = texts.map((text, position) => ({ path: `${position}.yaml`, text, overlay: 0 }));
        expect(meaningOf([write(below, 'a.yaml'), ...files])).toBe(
          meaningOf([write(below, 'a.yaml'), write(over, 'o.yaml', { overlay: 0 })]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('null for every entity of a site gives the spec without them, and no warning', () => {
    fc.assert(
      fc.property(base, (below) => {
        const nulls = Object.fromEntries(
          ['applications', 'groups', 'users'].map((kind) => [
            kind,
            Object.fromEntries(Object.keys((below.site[kind] ?? {}) as object).map((name) => [name, null])),
          ]),
        );
        const files = [write(below, 'a.yaml'), write({ server: {}, site: nulls }, 'o.yaml', { overlay: 0 })];
        const { applications, groups, users, ...rest } = below.site;
        expect(meaningOf(files)).toBe(meaningOf([write({ server: below.server, site: rest }, 'a.yaml')]));
        expect(compile(files).diagnostics.filter(({ code }) => code.startsWith('overlay.'))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('whatever lies over whatever, nothing is thrown, every range lies in its file, and every frame can be drawn', () => {
    const texts = readCases().flatMap(({ files }) => files.map(({ text }) => text));
    const text = fc.constantFrom(...texts.filter(({ length }) => length < 5000));
    fc.assert(
      fc.property(text, text, text, fc.nat(), (below, over, last, cut) => {
        const files: SourceFile[] = [
          { path: 'a.yaml', text: below },
          { path: 'b.yaml', text: over.slice(cut % 3 === 0 ? cut % (over.length + 1) : 0), overlay: 0 },
          { path: '../c.yaml', text: last, overlay: 1 },
        ];
        const { diagnostics } = compile(files, { overlays: ['overlays/one', '..'] });
        for (const { range, related = [] } of diagnostics) {
          for (const place of [range, ...related.map((one) => one.range)]) {
            if (place === undefined) continue;
            const length = files.find(({ path }) => path === place.file)?.text.length ?? -1;
            expect(place.end.offset).toBeLessThanOrEqual(length);
            expect(place.start.offset).toBeLessThanOrEqual(place.end.offset);
          }
        }
        expect(renderDiagnostics(diagnostics, files, { color: false })).toBeTypeOf('string');
      }),
      { numRuns: 100 },
    );
  });
});
