import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestState } from '../../src/model/digest.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { generator, shuffled } from './random.ts';

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
});
