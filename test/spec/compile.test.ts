import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { formatPlace } from '../../src/model/origin.ts';
import { type CompiledSpec, type CompileOptions, compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const SERVER = `
server: { issuer: https://id.example.com }
methods: { m1: { type: client_credentials }, m2: { type: password } }
scopes: { WS: { descriptions: [{ key: en, value: Manage }] } }
`;
const EXAMPLE = readFileSync(new URL('design-example.yaml', import.meta.url), 'utf8');

/** Of the catalogues here not every test uses everything; what uses nothing of them has a test of its own. */
const ABOUT_CATALOGUES = ['Method of the catalogue is used by no site', 'Scope of the catalogue is used by no client'];

function compiled(files: readonly SourceFile[], options?: CompileOptions): CompiledSpec {
  const checked = compile(files, options);
  const told = checked.diagnostics.filter(({ summary }) => !ABOUT_CATALOGUES.includes(summary));
  expect(renderDiagnostics(told, files, { color: false })).toBe('');
  if (!checked.ok) throw new Error('an error without a diagnostic');
  return checked.value;
}

function site(text: string, options?: CompileOptions): CompiledSpec {
  const files = [
    { path: 'server.yaml', text: SERVER },
    { path: 'sites/a/site.yaml', text },
  ];
  return compiled(files, options);
}

function entity(spec: CompiledSpec, address: Address): Entity | undefined {
  return spec.state.get(address);
}

function place(spec: CompiledSpec, address: Address, pointer: string): string {
  const origin = spec.origins.get(address);
  return origin === undefined ? 'nowhere' : formatPlace(origin(pointer));
}

describe('the example of DESIGN 1', () => {
  it('compiles to exactly this State', () => {
    const { state } = compiled([{ path: 'example.yaml', text: EXAMPLE }]);
    const method = 'client.credentials.1';
    expect([...state]).toStrictEqual([
      [
        'application:Example/Client1',
        {
          kind: 'application',
          client_id: 'Client1',
          secret: { env: 'CLIENT1_SECRET' },
          methods: [method],
          metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2' },
          allowed_to: [{ to: 'group:Example/ClientGroup' }],
        },
      ],
      ...(['Server1', 'Server2'] as const).map((name, position) => [
        `application:Example/${name}`,
        {
          kind: 'application',
          client_id: name,
          secret: { env: `${name.toUpperCase()}_SECRET` },
          methods: [method],
          metadata: { grant_types: [] },
          allowed_to: [{ to: `group:Example/Group${position + 1}` }],
        },
      ]),
      ['group:Example/ClientGroup', { kind: 'group', members: [{ to: 'user:Example/User1' }] }],
      ['group:Example/Group1', { kind: 'group', methods: [method], members: [{ to: 'user:Example/User1' }] }],
      [
        'group:Example/Group2',
        { kind: 'group', methods: [method], members: [{ to: 'group:Example/Group1' }, { to: 'user:Example/User1' }] },
      ],
      [`method:${method}`, { kind: 'method', type: 'client_credentials' }],
      ['method:password.1', { kind: 'method', type: 'password' }],
      [
        'scope:WS',
        {
          kind: 'scope',
          descriptions: [
            { key: 'en', value: 'Manage the service' },
            { key: 'sv', value: 'Hantera tjänsten' },
          ],
        },
      ],
      [
        'server',
        {
          kind: 'server',
          issuer: 'https://localhost:8443/uas',
          profiles: ['ubisecure'],
          directory: { base_dn: 'cn=Ubilogin,dc=test' },
        },
      ],
      ['site:Example', { kind: 'site', methods: [method] }],
      [
        'user:Example/User1',
        {
          kind: 'user',
          sub: 'Example/User1',
          methods: [method],
          impersonated_by: [{ to: 'application:Example/Client1' }],
        },
      ],
    ]);
  });

  it('has no warning but of the two names of its catalogues that it does not use', () => {
    const { diagnostics } = compile([{ path: 'example.yaml', text: EXAMPLE }]);
    expect(diagnostics.map(({ code, address }) => `${code} ${address}`)).toEqual([
      'method.unused method:password.1',
      'scope.unused scope:WS',
    ]);
  });

  it('S:Ex-2 Group2 without Group1 nested has no warning either', () => {
    compiled([{ path: 'example.yaml', text: EXAMPLE.replace(', group:Group1', '') }]);
  });

  it('keeps a byte order mark and CRLF out of values and positions', () => {
    const plain = compiled([{ path: 'example.yaml', text: EXAMPLE }]);
    const windows = compiled([{ path: 'example.yaml', text: `\uFEFF${EXAMPLE.replaceAll('\n', '\r\n')}` }]);
    expect([...windows.state]).toStrictEqual([...plain.state]);
    for (const address of ['application:Example/Client1', 'server'] as const) {
      expect(place(windows, address, '')).toBe(place(plain, address, ''));
    }
  });

  it('freezes what it returns', () => {
    const { state } = compiled([{ path: 'example.yaml', text: EXAMPLE }]);
    for (const one of state.values()) expect(Object.isFrozen(one)).toBe(true);
    const client = state.get('application:Example/Client1');
    expect(client?.kind === 'application' && Object.isFrozen(client.allowed_to?.[0])).toBe(true);
  });
});

describe('links', () => {
  const ends = (giving: string, taking: string) => `
site: A
methods: [m1]
applications:
  App: { methods: [m1], secret: { env: S }, ${giving}metadata: { grant_types: [client_credentials], scope: App } }
groups:
  G: { methods: [m1]${taking} }
`;

  it('are the same written at either end, and written at both', () => {
    const states = [
      ends('allowed_to: [G], ', ''),
      ends('', ', access_to: [App]'),
      ends('allowed_to: [G], ', ', access_to: [A/App]'),
    ].map((text) => [...site(text).state]);
    expect(states[1]).toStrictEqual(states[0]);
    expect(states[2]).toStrictEqual(states[0]);
  });

  it('lead back to the giving end where that was written, else to the taking end', () => {
    const pointer = '/allowed_to/0';
    expect(place(site(ends('', ', access_to: [App]')), 'application:A/App', pointer)).toBe('sites/a/site.yaml:7:35');
    expect(place(site(ends('allowed_to: [G], ', ', access_to: [App]')), 'application:A/App', pointer)).toBe(
      'sites/a/site.yaml:5:58',
    );
  });

  it('of a list are sorted by address and deduplicated, and each keeps its own place', () => {
    const spec = site(`
site: A
applications: { App: { allowed_to: [Z, B, A/Z] } }
groups:
  Z: { members: [User] }
  B: { members: [User], access_to: [App] }
  C: { members: [User], access_to: [App] }
users: { User: }
`);
    expect(entity(spec, 'application:A/App')).toMatchObject({
      allowed_to: [{ to: 'group:A/B' }, { to: 'group:A/C' }, { to: 'group:A/Z' }],
    });
    expect(place(spec, 'application:A/App', '/allowed_to/0')).toBe('sites/a/site.yaml:3:40');
    expect(place(spec, 'application:A/App', '/allowed_to/1')).toBe('sites/a/site.yaml:7:37');
    expect(place(spec, 'application:A/App', '/allowed_to/2')).toBe('sites/a/site.yaml:3:37');
    expect(place(spec, 'application:A/App', '/allowed_to')).toBe('sites/a/site.yaml:3:36');
  });

  it('across sites hold when the giving end writes them, alone or with the taking end', () => {
    const spec = site(`
site: A
methods: [m1]
applications:
  App:
    methods: [m1]
    secret: { env: S }
    impersonates: B/User
    metadata: { grant_types: [client_credentials], scope: App }
---
site: B
methods: [m1]
groups: { G: { members: [User], access_to: [App2] } }
applications: { App2: { allowed_to: [G], methods: [m1] } }
users: { User: { methods: [m1], impersonated_by: [A/App] } }
`);
    expect(entity(spec, 'user:B/User')).toMatchObject({ impersonated_by: [{ to: 'application:A/App' }] });
    expect(place(spec, 'user:B/User', '/impersonated_by/0')).toBe('sites/a/site.yaml:15:51');
  });

  it('S:U-30 the same user written at both ends is one link', () => {
    const spec = site(`
site: A
methods: [m1]
applications:
  App:
    secret: { env: S }
    methods: [m1]
    impersonates: User
    metadata: { grant_types: [client_credentials], scope: App }
users: { User: { methods: [m1], impersonated_by: [App] } }
`);
    expect(entity(spec, 'user:A/User')).toMatchObject({ impersonated_by: [{ to: 'application:A/App' }] });
  });
});

describe('defaults', () => {
  const text = `
site: A
methods: [m1, m2]
defaults:
  applications: { enabled: false, methods: [m2, m1], allowed_to: [G], tokens: { access_ttl: 5m, format: opaque } }
  groups: { methods: [m1] }
  users: { enabled: false, expires: 2027-01-31, not_before: 2026-01-31, methods: [m2] }
---
site: A
defaults:
  applications: { audience_mode: strict, client_ip_range: [10.0.0.0/8], x-note: none }
applications:
  Bare:
groups:
  G: { members: [U] }
users:
  U: { expires: 2028-01-31 }
`;

  it('fill whole keys that an entity does not write, from all documents of the site', () => {
    const spec = site(text);
    expect(entity(spec, 'application:A/Bare')).toStrictEqual({
      kind: 'application',
      client_id: 'Bare',
      enabled: false,
      methods: ['m2', 'm1'],
      tokens: { format: 'opaque', access_ttl: '5m' },
      audience_mode: 'strict',
      client_ip_range: ['10.0.0.0/8'],
      allowed_to: [{ to: 'group:A/G' }],
    });
    expect(entity(spec, 'group:A/G')).toMatchObject({ methods: ['m1'] });
    expect(entity(spec, 'user:A/U')).toMatchObject({
      enabled: false,
      not_before: '2026-01-31',
      expires: '2028-01-31',
      methods: ['m2'],
    });
  });

  it('leave alone what an entity writes, an empty list included', () => {
    const full =
      'Full: { enabled: true, methods: [], allowed_to: [], tokens: { alg: RS256 }, audience_mode: narrow, client_ip_range: [] }';
    const checked = compile([{ path: 'x.yaml', text: `${SERVER}---${text.replace('Bare:', full)}` }]);
    expect(checked.diagnostics.map(({ code }) => code)).toEqual([
      'scope.unused',
      'application.unreachable',
      'client.any-address',
      'group.unused',
    ]);
    expect(checked.ok && checked.value.state.get('application:A/Full')).toStrictEqual({
      kind: 'application',
      client_id: 'Full',
      enabled: true,
      methods: [],
      tokens: { alg: 'RS256' },
      audience_mode: 'narrow',
      client_ip_range: [],
    });
  });

  it('are where the filled values were written', () => {
    const files = [{ path: 'x.yaml', text: `${SERVER}---${text}` }];
    const checked = compile(files);
    if (!checked.ok) throw new Error('does not compile');
    expect(place(checked.value, 'application:A/Bare', '/methods/1')).toBe('x.yaml:9:49');
    expect(place(checked.value, 'application:A/Bare', '/tokens/access_ttl')).toBe('x.yaml:9:93');
    expect(place(checked.value, 'application:A/Bare', '/allowed_to/0')).toBe('x.yaml:9:67');
  });
});

describe('identifiers', () => {
  it('client_id is the name and sub is Site/Name where none is written', () => {
    const spec = site(`
site: A
applications: { App: { allowed_to: [G] }, Other: { client_id: "0 1", allowed_to: [G] } }
groups: { G: { members: [U, V] } }
users: { U: , V: { sub: "42" } }
`);
    expect(entity(spec, 'application:A/App')).toMatchObject({ client_id: 'App' });
    expect(entity(spec, 'application:A/Other')).toMatchObject({ client_id: '0 1' });
    expect(entity(spec, 'user:A/U')).toMatchObject({ sub: 'A/U' });
    expect(entity(spec, 'user:A/V')).toMatchObject({ sub: '42' });
    expect(place(spec, 'application:A/App', '/client_id')).toBe(place(spec, 'application:A/App', ''));
    expect(place(spec, 'user:A/V', '/sub')).toBe('sites/a/site.yaml:5:25');
  });

  it('names of the prototype are names like any other', () => {
    const spec = site(`
site: A
applications: { __proto__: { client_id: p, allowed_to: [toString] }, constructor: { allowed_to: [toString] } }
groups: { toString: { members: [valueOf] } }
users: { valueOf: { attributes: { __proto__: x, hasOwnProperty: [y] } } }
`);
    expect(entity(spec, 'application:A/__proto__')).toMatchObject({ client_id: 'p' });
    const user = entity(spec, 'user:A/valueOf');
    const attributes = user?.kind === 'user' ? user.attributes : undefined;
    expect(Object.entries(attributes ?? {})).toStrictEqual([
      ['__proto__', 'x'],
      ['hasOwnProperty', ['y']],
    ]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('secrets', () => {
  const text = (file: string) => `
site: A
applications: { App: { allowed_to: [G], secret: { file: ${file}, x-owner: us } } }
groups: { G: { members: [U] } }
users: { U: }
`;
  const written = (file: string, options?: CompileOptions) => {
    const app = entity(site(text(file), options), 'application:A/App');
    return app?.kind === 'application' ? app.secret : undefined;
  };

  it('a file is relative to the file that writes it, and State holds it relative to the root', () => {
    expect(written('app.secret')).toStrictEqual({ file: 'sites/a/app.secret' });
    expect(written('./keys/../app.secret')).toStrictEqual({ file: 'sites/a/app.secret' });
    expect(written('../../shared/app.secret')).toStrictEqual({ file: 'shared/app.secret' });
  });

  it('a file is relative to --secrets-dir where that is given', () => {
    expect(written('app.secret', { secretsDir: true })).toStrictEqual({ file: 'app.secret' });
    expect(written('a/../app.secret', { secretsDir: true })).toStrictEqual({ file: 'app.secret' });
  });

  it('a file that climbs out of --secrets-dir is refused, though the same path would stay below the spec', () => {
    const files = [{ path: 'sites/a/site.yaml', text: `${SERVER}---${text('../app.secret')}` }];
    expect(compile(files).ok).toBe(true);
    const told = compile(files, { secretsDir: true }).diagnostics;
    expect(told.map(({ code, detail }) => [code, detail])).toEqual([
      ['secret.outside', '"../app.secret" does not lead to a file below --secrets-dir'],
    ]);
  });
});

describe('fixes', () => {
  /** The text after the first fix of the only diagnostic that has one. */
  const mended = (text: string): string => {
    const { diagnostics } = compile([{ path: 'a.yaml', text: `${SERVER}---\n${text}` }]);
    const [fix] = diagnostics.flatMap(({ fixes = [] }) => fixes);
    let whole = `${SERVER}---\n${text}`;
    for (const edit of [...(fix?.edits ?? [])].sort((a, b) => b.range.start.offset - a.range.start.offset)) {
      whole = whole.slice(0, edit.range.start.offset) + edit.text + whole.slice(edit.range.end.offset);
    }
    return whole.slice(`${SERVER}---\n`.length);
  };
  const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$4ChDV6vbHYB1dJ9jZ1uYk8bM1NoMQaWPUAUsK1mE8gk';

  it.each([
    ['site: A\nmethods: m1\n', 'site: A\nmethods: [m1]\n'],
    ['site: A\napplications: { App: { enabled: off } }\n', 'site: A\napplications: { App: { enabled: false } }\n'],
    [
      'site: A\napplications: { App: { secret: s3cret } }\n',
      'site: A\napplications: { App: { secret: { env: APP_SECRET } } }\n',
    ],
    ['site: A\napplications: { App: { client_id: 1.0 } }\n', 'site: A\napplications: { App: { client_id: "1.0" } }\n'],
    ['site: A\nusers: { 1.0: {} }\n', 'site: A\nusers: { "1.0": {} }\n'],
    ['site: A\nuser: {}\n', 'site: A\nusers: {}\n'],
    ['site: A\ngroups: { Gru: { members: [group:Grru] } }\n', 'site: A\ngroups: { Gru: { members: [group:Gru] } }\n'],
    ['site: A\ngroups: { G: { members: [G] } }\n', 'site: A\ngroups: { G: { members: [group:G] } }\n'],
    [
      `site: A\napplications: { App: { secret: { hash: ${hash} } } }\n`,
      `site: A\napplications: { App: { secret: { hash: "${hash}" } } }\n`,
    ],
    [
      'site: A\napplications: { App: { impersonates: B/U } }\n---\nsite: B\nusers: { U: { impersonated_by: [] } }\n',
      'site: A\napplications: { App: { impersonates: B/U } }\n---\nsite: B\nusers: { U: { impersonated_by: [A/App] } }\n',
    ],
    [
      'site: A\napplications: { App: { allowed_to: [G] } }\ngroups: { G: {} }\n---\nsite: B\ngroups: { H: { access_to: [A/App] } }\n',
      'site: A\napplications: { App: { allowed_to: [G, B/H] } }\ngroups: { G: {} }\n---\nsite: B\ngroups: { H: { access_to: [A/App] } }\n',
    ],
  ])('%j becomes %j', (wrong, right) => {
    expect(mended(wrong)).toBe(right);
  });

  it('a list in any other form is left to its team', () => {
    const text =
      'site: A\napplications: { App: { impersonates: B/U } }\n---\nsite: B\nx-l: &l []\nusers: { U: { impersonated_by: *l } }\n';
    expect(mended(text)).toBe(text);
  });
});

describe('what is the team’s own', () => {
  it('keys that begin with x- are in no entity and in no digest', () => {
    const text = (note: string) => `
site: A
x-note: ${note}
applications: { App: { allowed_to: [G], x-note: ${note}, metadata: { x-note: ${note}, client_name: App } } }
groups: { G: { members: [U], x-note: ${note} } }
users: { U: { x-note: ${note} } }
`;
    expect([...site(text('one')).state]).toStrictEqual([...site(text('[2, three]')).state]);
    expect(entity(site(text('one')), 'application:A/App')).toStrictEqual({
      kind: 'application',
      client_id: 'App',
      metadata: { client_name: 'App' },
      allowed_to: [{ to: 'group:A/G' }],
    });
  });
});

describe('all problems together', () => {
  it('are sorted by file and position, severities mixed', () => {
    const { diagnostics } = compile([
      { path: 'b.yaml', text: 'site: B\nusers: { U: { rules: [] } }\n' },
      { path: 'a.yaml', text: `${SERVER}---\nsite: A\napplications:\n  no: {}\n  App: { requiredRole: p }\n` },
    ]);
    expect(
      diagnostics.map(({ severity, code, range }) => `${severity} ${code} ${range && formatPlace(range)}`),
    ).toEqual([
      'warning yaml.ambiguous-word a.yaml:8:3',
      'error key.unknown a.yaml:9:10',
      'error key.unknown b.yaml:2:15',
    ]);
  });

  it('files that could not be read make nothing unknown', () => {
    const files = [
      { path: 'a.yaml', text: 'site: A\napplications: { App: { allowed_to: [Gone, B/Gone], polcy: x } }\n' },
    ];
    expect(compile(files, { incomplete: true }).diagnostics.map(({ code }) => code)).toEqual(['key.unknown']);
    const alone = [{ path: 'a.yaml', text: 'site: A\napplications: { App: { allowed_to: [Gone, B/Gone] } }\n' }];
    expect(compile(alone, { incomplete: true }).diagnostics).toEqual([]);
    expect(compile(alone).diagnostics.map(({ code }) => code)).toEqual([
      'server.missing',
      'reference.unknown',
      'reference.unknown',
    ]);
  });

  it('an alias to a wrong value is told once for each place inside it', () => {
    const text = `${SERVER}---\nsite: A\ngroups:\n  G: { members: &all [Nobody] }\n  H: { members: *all }\n`;
    const { diagnostics } = compile([{ path: 'a.yaml', text }]);
    expect(diagnostics.map(({ code, range }) => `${code} ${range && formatPlace(range)}`)).toEqual([
      'reference.unknown a.yaml:8:23',
    ]);
  });
});

it('the file that comes first by path declares, in whatever order files are given', () => {
  const files = ['c.yaml', 'a.yaml', 'b.yaml'].map((path) => ({ path, text: 'site: A\nusers: { U: }\n' }));
  for (const order of [files, [...files].reverse()]) {
    const places = compile(order, { incomplete: true }).diagnostics.map(({ range, related }) => [
      range?.file,
      related?.[0]?.range.file,
    ]);
    expect(places).toEqual([
      ['b.yaml', 'a.yaml'],
      ['c.yaml', 'a.yaml'],
    ]);
  }
});

it('what an entity gives that failed its schema is not said to be missing', () => {
  const text = 'site: A\napplications: { App: { impersonates: B/U } }\n---\nsite: B\nusers: { U: { rolls: [] } }\n';
  const { diagnostics } = compile([{ path: 'a.yaml', text: `${SERVER}---\n${text}` }]);
  expect(diagnostics.map(({ code }) => code)).toEqual(['key.unknown']);
});

it('S:N-73 an issuer with more than a URL may have is told what it has', () => {
  const detail = (issuer: string) =>
    compile([{ path: 'a.yaml', text: `server: { issuer: "${issuer}" }\n` }]).diagnostics[0]?.detail;
  expect(detail('https://id.example.com#top')).toMatch(/has a fragment$/);
  expect(detail('https://id.example.com?')).toMatch(/has a query$/);
  expect(detail('https://me:pass@id.example.com')).toMatch(/has a user$/);
});

describe('the end of a link', () => {
  it('is where it is written, also when the other end writes the link', () => {
    const text =
      'site: A\ngroups:\n  G: { members: [U] }\nusers:\n  U:\n    member_of:\n      - { group: G, expires: 2020-01-01 }\n';
    const { diagnostics } = compile([{ path: 'a.yaml', text: `${SERVER}---\n${text}` }], { now: Date.UTC(2026, 0, 1) });
    const ended = diagnostics.find(({ code }) => code === 'period.ended');
    expect(ended?.range?.start.line).toBe(`${SERVER}---\n`.split('\n').length - 1 + 7);
  });
});
