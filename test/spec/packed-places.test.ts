import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/spec/compile.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import type { SourceFile } from '../../src/spec/source.ts';
import { readCases } from './case.ts';
import { filesOf, makeManySites } from './many-sites.ts';
import { generator } from './random.ts';

/** Every pointer of a value, and some that lead nowhere from there. */
function* pointersIn(value: unknown, at = ''): Generator<string> {
  yield at;
  for (const none of ['expires', '0', '1', '7', '-1', '', 'none', 'constructor']) yield `${at}/${none}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    yield* pointersIn(member, `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

/** What keys an entity may have that its documents give in another way, or not at all. */
const OTHER_KEYS = ['member_of', 'access_to', 'impersonates', 'impersonated_by', 'members', 'allowed_to', 'secret'];

/** How many pointers were asked for. */
function expectSamePlaces(files: readonly SourceFile[], overlays: readonly string[] = []): number {
  const fresh = compile(files, { overlays });
  const kept = new KeptDocuments();
  const packed = compile(files, { overlays, kept });
  kept.places.pack();
  if (!fresh.ok || !packed.ok) return 0;
  let asked = 0;
  for (const [address, entity] of fresh.value.state) {
    const [expected, found] = [fresh.value.origins.get(address), packed.value.origins.get(address)];
    for (const pointer of [...pointersIn(entity), ...OTHER_KEYS.flatMap((key) => [...pointersIn([0], `/${key}`)])]) {
      expect(found?.(pointer), `${address} ${pointer}`).toEqual(expected?.(pointer));
      asked += 1;
    }
  }
  return asked;
}

it('a packed place is the one that the tree says', () => {
  const asked = readCases().map(({ files }) => expectSamePlaces(files, ['overlays/o']));
  expect(asked.filter((count) => count > 0).length).toBeGreaterThan(30);
});

it('whatever the spec says', { timeout: 60_000 }, () => {
  let asked = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      asked += expectSamePlaces(filesOf(makeManySites(generator(seed))));
    }),
    { numRuns: 15 },
  );
  expect(asked).toBeGreaterThan(0);
});

it('the place of what an overlay removed is where it did', () => {
  const kept = new KeptDocuments();
  const overlay = 'site: A\nusers: { U: { expires: null, attributes: { mail: null } } }\n';
  const checked = compile(
    [
      {
        path: 's.yaml',
        text: 'server: { issuer: "https://id.example.com" }\nmethods: { m: { type: client_credentials } }\n',
      },
      {
        path: 'a.yaml',
        text: 'site: A\nusers: { U: { methods: [m], expires: 2027-01-01, attributes: { mail: u@x, unit: y } } }\n',
      },
      { path: 'o/a.yaml', text: overlay, overlay: 0 },
    ],
    { overlays: ['o'], kept },
  );
  const origin = checked.ok ? checked.value.origins.get('user:A/U') : undefined;
  const places = () => ['/expires', '/attributes/mail'].map((pointer) => origin?.(pointer));
  const before = places();
  kept.places.pack();
  expect(places()).toEqual(before);
  expect(before.map((range) => range?.file)).toEqual(['o/a.yaml', 'o/a.yaml']);
});

it('what is not packed when the next compile begins answers as before', () => {
  const kept = new KeptDocuments();
  const files = [{ path: 's.yaml', text: 'server: { issuer: "https://id.example.com" }\n' }];
  const first = compile(files, { kept });
  compile([{ path: 's.yaml', text: '# x\nserver: { issuer: "https://id.example.com" }\n' }], { kept });
  kept.settle();
  expect(first.ok && first.value.origins.get('server')?.('/issuer').start.offset).toBe(18);
});
