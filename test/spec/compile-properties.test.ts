import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';

type Tree = { readonly [key: string]: unknown };

/** One entity or setting each, so that they can be dealt to files in any way. */
const PIECES: readonly Tree[] = [
  { server: { issuer: 'https://id.example.com', profiles: [], tokens: { alg: 'ES256', access_ttl: '1h' } } },
  { methods: { m1: { type: 'client_credentials' } } },
  { methods: { m2: { type: 'password', enabled: true } } },
  { scopes: { WS: { descriptions: [{ key: 'en', value: 'Manage' }] } } },
  { site: 'A', methods: ['m1', 'm2'] },
  { site: 'A', defaults: { applications: { methods: ['m1'], tokens: { format: 'jwt', typ: 'JWT' } } } },
  { site: 'A', defaults: { users: { methods: ['m1', 'm2'], enabled: true } } },
  {
    site: 'A',
    applications: {
      Client: {
        secret: { env: 'CLIENT' },
        impersonates: 'B/Robot',
        metadata: { grant_types: ['client_credentials'], scope: 'Server WS', client_name: 'Client' },
      },
    },
  },
  { site: 'A', applications: { Server: { allowed_to: ['G', 'H', 'B/Guests'], client_ip_range: ['10.0.0.0/8'] } } },
  { site: 'A', groups: { G: { members: ['group:H', 'Alice', 'B/Robot'] } } },
  { site: 'A', groups: { H: { methods: ['m1'] } } },
  { site: 'A', users: { Alice: { attributes: { mail: 'a@example.com', phone: ['1', '2'] }, member_of: ['H'] } } },
  { site: 'B', methods: ['m1'] },
  { site: 'B', users: { Robot: { impersonated_by: ['A/Client'], methods: ['m1'] } } },
  { site: 'B', groups: { Guests: { members: ['Robot'] } } },
];

/** Deals the pieces to files and documents and writes the keys of every map in an order that `random` decides. */
function writeSpec(random: () => number): SourceFile[] {
  const files = new Map<string, string[]>();
  for (const piece of shuffled(PIECES, random)) {
    const path = `${Math.floor(random() * 4)}.yaml`;
    files.set(path, [...(files.get(path) ?? []), JSON.stringify(reordered(piece, random), null, 2)]);
  }
  return shuffled([...files], random).map(([path, documents]) => ({ path, text: documents.join('\n---\n') }));
}

function reordered(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, reordered(member, random)] as const);
  return Object.fromEntries(shuffled(members, random));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** mulberry32: a small generator, so that fast-check's seed is all that decides. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function digestOf(files: readonly SourceFile[]): string {
  const checked = compile(files);
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, files, { color: false }));
  return digestState(checked.value.state);
}

describe('laws', () => {
  it('the order of files, documents and keys never changes the digest', { timeout: 60_000 }, () => {
    const digest = digestOf([{ path: 'all.yaml', text: PIECES.map((piece) => JSON.stringify(piece)).join('\n---\n') }]);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(digestOf(writeSpec(generator(seed)))).toBe(digest);
      }),
      { numRuns: 100 },
    );
  });

  it('whatever the text, nothing is thrown, every range lies in its file, and every frame can be drawn', {
    timeout: 60_000,
  }, () => {
    const texts = readCases().flatMap(({ files }) => files.map(({ text }) => text));
    const parts = [
      ...'{}[]:,#|>?-"\'\n\t&*!%@`~',
      ...[
        ': ',
        '- ',
        '\r\n',
        '\uFEFF',
        '\u0000',
        '\uD800',
        'é',
        '💥',
        '&a ',
        '*a',
        '!x ',
        '!!int ',
        '<<: ',
        '---\n',
        '...\n',
      ],
      ...[
        '%YAML 1.2\n',
        'x-',
        'null',
        '1.0',
        'no',
        '.inf',
        '$argon2id$v=19$m=1,t=2',
        '__proto__',
        'secret: hunter2',
        'a/b',
      ],
    ];
    const edit = fc.tuple(fc.nat(3000), fc.nat(6), fc.constantFrom(...parts));
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 8 }), (original, edits) => {
        let text = original;
        for (const [at, removed, added] of edits) {
          const start = at % (text.length + 1);
          text = text.slice(0, start) + added + text.slice(start + removed);
        }
        const files = [{ path: 'a.yaml', text }];
        const checked = compile(files);
        expect(checked.ok).toBe(checked.diagnostics.every(({ severity }) => severity !== 'error'));
        for (const { range, related = [], fixes = [] } of checked.diagnostics) {
          const edited = fixes.flatMap((fix) => fix.edits.map((one) => one.range));
          for (const one of [range, ...related.map((place) => place.range), ...edited]) {
            if (one !== undefined) expectInside(one, text);
          }
        }
        renderDiagnostics(checked.diagnostics, files, { color: true });
      }),
      { numRuns: 800 },
    );
  });
});

function expectInside({ file, start, end }: SourceRange, text: string): void {
  expect(file).toBe('a.yaml');
  expect(start.offset).toBeGreaterThanOrEqual(0);
  expect(end.offset).toBeGreaterThanOrEqual(start.offset);
  expect(end.offset).toBeLessThanOrEqual(text.length);
  const before = text.slice(text.startsWith('\uFEFF') ? 1 : 0, start.offset).split('\n');
  expect(start.line).toBe(before.length);
  expect(start.column).toBe([...(before.at(-1) ?? '')].length + 1);
}
