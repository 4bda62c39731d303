import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGeneratedSecret } from '../../src/model/generated-secret.ts';
import { compile } from '../../src/spec/compile.ts';
import { KeptDocuments } from '../../src/spec/kept-documents.ts';
import { editManySites, filesOf, INSTANTS, makeManySites } from './many-sites.ts';
import { below, generator, oneOf } from './random.ts';
import { said } from './said.ts';

const TIMES: readonly { now?: number }[] = [
  {},
  ...['2026-12-01', '2026-12-02', ...INSTANTS, '2027-02-15'].map((day) => ({ now: Date.parse(day) })),
];

it('what is compiled of what changed is what all files say', { timeout: 120_000 }, () => {
  let [edited, sound] = [0, 0];
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = generator(seed);
      const kept = new KeptDocuments();
      let spec = makeManySites(random);
      let good = spec;
      let now = oneOf(random, TIMES);
      for (let step = 0; step < 12; step += 1) {
        const files = filesOf(spec);
        const before = kept.last;
        const answer = compile(files, { kept, ...now });
        if (below(random, 2) === 0) kept.settle();
        expect(said(answer)).toEqual(said(compile(files, now)));
        if (answer.ok) sound += 1;
        if (answer.ok && before !== undefined && kept.last === before) edited += 1;
        // Who has made a mistake mostly takes it back.
        if (answer.ok || random() < 0.2) good = spec;
        spec = editManySites(good, random);
        if (below(random, 6) === 0) now = oneOf(random, TIMES);
      }
    }),
    { numRuns: 50 },
  );
  // Else the law would say nothing.
  expect(edited).toBeGreaterThan(sound / 2);
});

const SERVER = `server: { issuer: "https://id.example.com", lint: { allow: [{ code: group.unused, reason: x }] } }
methods: { m: { type: client_credentials } }
scopes: { S: { descriptions: [{ key: en, value: S }] } }
resources: { X: { path: /x, access_rules: [{ client: Caller }] } }
`;
const site = (name: string, rest: string) => `site: ${name}\nmethods: [m]\n${rest}`;
const A = site('A', 'applications: { Caller: { client_id: a, methods: [m], metadata: { grant_types: [] } } }\n');
const B = site('B', 'users: { U: { methods: [m], attributes: { mail: u@x } } }\n');

describe('what no link leads to, and counts elsewhere all the same', () => {
  it.each<[string, string, string]>([
    ['a client_id of another site', B, `${B}applications: { C: { client_id: a, metadata: { grant_types: [] } } }\n`],
    ['a sub of another site', `${B}`, site('B', 'users: { U: { sub: same } }\n')],
    [
      'a client_id by which a user is known',
      B,
      `${B}applications: { C: { client_id: v, metadata: { grant_types: [] } } }\n`,
    ],
    ['an identity that is a client_id', B, B.replace('u@x', 'A')],
    ['the first user with an attribute', B, B.replace('mail', 'unit')],
    ['the last user with an attribute', B.replace('mail', 'unit'), B],
    ['a second application of a name that a resource gives', B, `${B}applications: { Caller: { client_id: b } }\n`],
    [
      'the first client that names a scope',
      B,
      `${B}applications: { C: { metadata: { grant_types: [], scope: S } } }\n`,
    ],
    ['a group that a waiver covers', B, `${B}groups: { G: { methods: [m] } }\n`],
    ['a site that something was moved from', B, site('Old', 'users: { W: { methods: [m] } }\n')],
    ['a secret in a comment', B, `# ${formatGeneratedSecret(new Uint8Array(32))}\n${B}`],
    ['something that ends', B, B.replace('methods: [m], attributes', 'expires: 2027-01-01, attributes')],
    ['a file that cannot be read', B, `${B}users: {\n`],
    ['nothing but a comment', B, `# no more\n`],
  ])('%s', (_what, before, after) => {
    const others = [
      { path: 'server.yaml', text: SERVER },
      { path: 'a.yaml', text: A },
      {
        path: 'c.yaml',
        text: site(
          'C',
          `users: { V: { sub: same, methods: [m] } }
policies: { P: { items: [{ name: unit, value: user:unit }] } }
moved: [{ from: Old/W, to: V }]
`,
        ),
      },
    ];
    const kept = new KeptDocuments();
    expect(compile([...others, { path: 'b.yaml', text: before }]).ok).toBe(true);
    for (const text of [before, after, before]) {
      const files = [...others, { path: 'b.yaml', text }];
      expect(said(compile(files, { kept, now: Date.parse('2026-12-01') }))).toEqual(
        said(compile(files, { now: Date.parse('2026-12-01') })),
      );
    }
  });
});

it('what is the same after an edit is the same object, and what is edited is frozen', () => {
  const kept = new KeptDocuments();
  const files = [
    { path: 'server.yaml', text: SERVER },
    { path: 'a.yaml', text: A },
    { path: 'b.yaml', text: B },
  ];
  const first = compile(files, { kept });
  const second = compile([...files.slice(0, 2), { path: 'b.yaml', text: B.replace('u@x', 'w@x') }], { kept });
  if (!first.ok || !second.ok) throw new Error('not sound');
  const [before, after] = [first.value.state, second.value.state];
  expect([...after].filter(([address, entity]) => entity !== before.get(address)).map(([address]) => address)).toEqual([
    'user:B/U',
  ]);
  expect([...after.values()].every(Object.isFrozen)).toBe(true);
});

it('a spec of overlays is compiled as a whole, and not at all where nothing changed', () => {
  const kept = new KeptDocuments();
  const files = (mail: string) => [
    { path: 'server.yaml', text: SERVER },
    { path: 'a.yaml', text: A },
    { path: 'b.yaml', text: B.replace('u@x', mail) },
    { path: 'o/b.yaml', text: 'site: B\nusers: { U: { attributes: { mail: o@x } } }\n', overlay: 0 },
  ];
  const options = { overlays: ['o'] };
  const first = compile(files('u@x'), { ...options, kept });
  expect(compile(files('u@x'), { ...options, kept })).toBe(first);
  expect(said(compile(files('v@x'), { ...options, kept }))).toEqual(said(compile(files('v@x'), options)));
  const below = files('v@x').slice(0, 3);
  expect(said(compile(below, { kept, ...options }))).toEqual(said(compile(below, options)));
});

describe('certificates', () => {
  const pem = /-----BEGIN[\s\S]*?END CERTIFICATE-----/.exec(
    readFileSync(new URL('cases/user-certificates.yaml', import.meta.url), 'utf8'),
  )?.[0];
  const server = {
    path: 'server.yaml',
    text: JSON.stringify({
      server: {
        issuer: 'https://id.example.com',
        certificates: { authorities: { ca: { pem: pem?.replace(/^ +/gm, '') } } },
      },
      methods: { c: { type: 'certificate', certificate_authority: 'ca' } },
    }),
  };
  const user = (name: string, mail: string) => ({
    path: `${name}.yaml`,
    text: `site: ${name}\nmethods: [c]\nusers: { U: { methods: [c], certificate: { san_email: ${mail} } } }\n`,
  });

  it('a user of another site is known by the name in one', () => {
    const kept = new KeptDocuments();
    const now = Date.parse('2026-12-01');
    expect(compile([server, user('A', 'a@x.example'), user('B', 'b@x.example')], { kept, now }).ok).toBe(true);
    const files = [server, user('A', 'a@x.example'), user('B', 'a@x.example')];
    const checked = compile(files, { kept, now });
    expect(checked.diagnostics.map(({ code }) => code)).toContain('user.certificate-taken');
    expect(said(checked)).toEqual(said(compile(files, { now })));
  });

  it('that of an authority begins', () => {
    const kept = new KeptDocuments();
    const files = [server, user('A', 'a@x.example')];
    for (const day of ['2019-06-01', '2021-06-01', '2019-07-01']) {
      const now = Date.parse(day);
      expect(said(compile(files, { kept, now }))).toEqual(said(compile(files, { now })));
    }
  });
});
