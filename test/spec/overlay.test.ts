import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const BASE = `server: { issuer: "https://id.example.com", tokens: { access_ttl: 1h, alg: ES256 } }
methods: { cc: { type: client_credentials } }
---
site: Example
methods: [cc]
defaults: { users: { methods: [cc] } }
applications:
  Client1:
    methods: [cc]
    secret: { env: CLIENT1_SECRET }
    impersonates: User1
    allowed_to: [Group1]
    metadata: { grant_types: [client_credentials], scope: Server1, client_name: Client }
  Server1: { methods: [cc], allowed_to: [Group1] }
groups: { Group1: { methods: [cc], members: [User1] } }
users: { User1: }
`;

function files(base: string, ...overlays: readonly string[]): SourceFile[] {
  const laid = overlays.map((text, overlay) => ({ path: `overlays/${overlay}/o.yaml`, text, overlay }));
  return [{ path: 'base.yaml', text: base }, ...laid];
}

function compiled(all: readonly SourceFile[], overlays: readonly string[] = ['overlays/0']) {
  const checked = compile(all, { overlays });
  if (!checked.ok) throw new Error(renderDiagnostics(checked.diagnostics, all, { color: false }));
  const { state, origins } = checked.value;
  return {
    entity: (address: Address) => state.get(address),
    place: (address: Address, pointer: string) => {
      const range = origins.get(address)?.(pointer);
      return range === undefined ? 'nowhere' : `${range.file}:${range.start.line}:${range.start.column}`;
    },
  };
}

const CLIENT = 'application:Example/Client1';

describe('maps merge, scalars and lists replace, null removes (DESIGN 1)', () => {
  it('keeps what the overlay does not write, and every value has the place of the file that wrote it', () => {
    const { entity, place } = compiled(files(BASE, 'server: { tokens: { access_ttl: 5m } }'));
    expect(entity('server')).toMatchObject({ tokens: { access_ttl: '5m', alg: 'ES256' } });
    expect(place('server', '/tokens/access_ttl')).toBe('overlays/0/o.yaml:1:33');
    expect(place('server', '/tokens/alg')).toBe('base.yaml:1:76');
    expect(place('server', '')).toBe('base.yaml:1:1');
  });

  it('replaces a list whole', () => {
    const over = 'site: Example\ngroups: { Group1: { members: [] } }\n';
    const { entity, place } = compiled(files(BASE, over));
    expect(entity('group:Example/Group1')).toEqual({ kind: 'group', methods: ['cc'] });
    expect(place('group:Example/Group1', '/members')).toBe('overlays/0/o.yaml:2:30');
  });

  it('removes a key with null and with nothing, and the place of what is gone is where that is written', () => {
    const over = 'site: Example\napplications: { Client1: { impersonates: ~, metadata: { client_name: , scope: } } }\n';
    const { entity, place } = compiled(files(BASE, over));
    expect(entity(CLIENT)).toMatchObject({ metadata: { grant_types: ['client_credentials'] } });
    expect(JSON.stringify(entity(CLIENT))).not.toMatch(/client_name|scope|impersonates/);
    expect(place(CLIENT, '/impersonates')).toBe('overlays/0/o.yaml:2:28');
    expect(place(CLIENT, '/metadata/scope')).toBe('overlays/0/o.yaml:2:72');
  });

  it('removes an entity, and a whole kind of a site', () => {
    const over = 'site: Example\napplications: { Client1: , Server1: }\ngroups:\nusers:\n';
    const { entity } = compiled(files(BASE, over));
    for (const address of [CLIENT, 'group:Example/Group1', 'user:Example/User1'] as const) {
      expect(entity(address)).toBeUndefined();
    }
  });

  it('takes secret and impersonates for one value each: none is half the one and half the other', () => {
    const over =
      'site: Example\napplications: { Client1: { secret: { file: c1 }, impersonates: { user: User1, expires: 2030-01-31 } } }\n';
    const again = 'site: Example\napplications: { Client1: { impersonates: { user: User1 } } }\n';
    const { entity } = compiled(files(BASE, over, again));
    expect(entity(CLIENT)).toMatchObject({ secret: { file: 'overlays/0/c1' } });
    expect(JSON.stringify(entity('user:Example/User1'))).not.toContain('2030');
  });

  it('writes into an entity that is written with nothing', () => {
    const over = 'site: Example\nusers: { User1: { sub: someone } }\n';
    const { entity, place } = compiled(files(BASE, over));
    expect(entity('user:Example/User1')).toMatchObject({ sub: 'someone', methods: ['cc'] });
    expect(place('user:Example/User1', '')).toBe('overlays/0/o.yaml:2:10');
  });

  it('merges keys of defaults, and leaves an entity that a map without keys is laid over', () => {
    const over = 'site: Example\ndefaults: { users: { enabled: false }, groups: {} }\ngroups: { Group1: {} }\n';
    const { entity } = compiled(files(BASE, over));
    expect(entity('user:Example/User1')).toMatchObject({ methods: ['cc'], enabled: false });
    expect(entity('group:Example/Group1')).toMatchObject({ methods: ['cc'] });
  });

  it('changes nothing for the others that an alias of the base repeats, and takes aliases of its own', () => {
    const base = BASE.replace(
      'Server1: { methods: [cc], allowed_to: [Group1] }',
      'Server1: &s { methods: [cc], allowed_to: [Group1] }\n  Server2: *s',
    );
    const over =
      'site: Example\napplications:\n  Server2: { tokens: &t { access_ttl: 5m } }\n  Client1: { tokens: *t, metadata: { scope: Server1 Server2 } }\n';
    const { entity } = compiled(files(base, over));
    expect(entity('application:Example/Server1')).not.toHaveProperty('tokens');
    expect(entity('application:Example/Server2')).toMatchObject({ tokens: { access_ttl: '5m' }, methods: ['cc'] });
    expect(entity(CLIENT)).toMatchObject({ tokens: { access_ttl: '5m' } });
  });

  it('lays later overlays over earlier ones, and over what only those have', () => {
    const one = 'site: Example\nusers: { New: { methods: [cc], sub: one } }\n';
    const two = 'site: Example\nusers: { New: { sub: two } }\n';
    expect(compiled(files(BASE, one, two)).entity('user:Example/New')).toMatchObject({ sub: 'two', methods: ['cc'] });
    const checked = compile(files(BASE, one, two));
    expect(checked.diagnostics.filter(({ code }) => code === 'overlay.entity-only-here')).toHaveLength(1);
  });

  it('never changes the trees it is given: the same files compile to the same without the overlay afterwards', () => {
    const [base] = files(BASE);
    const before = JSON.stringify(compile([base as SourceFile]));
    compile(files(BASE, 'site: Example\nusers:\n'));
    expect(JSON.stringify(compile([base as SourceFile]))).toBe(before);
  });
});

describe('what is told', () => {
  const told = (over: string, base = BASE) =>
    compile(files(base, over)).diagnostics.map(({ code, range, related, fixes, help }) => ({
      code,
      at: `${range?.file}:${range?.start.line}:${range?.start.column}`,
      related: related?.map((one) => `${one.message} ${one.range.file}:${one.range.start.line}`),
      fix: fixes?.[0]?.edits[0]?.text,
      help,
    }));

  it('names the place that an overlay replaced, of a fault of the schema and of a reference', () => {
    expect(
      told(
        'site: Example\nusers: { User1: { sub: x } }\napplications: { Client1: { methods: cc, allowed_to: [Gone] } }\n',
      ),
    ).toEqual([
      expect.objectContaining({
        code: 'value.type',
        at: 'overlays/0/o.yaml:3:37',
        related: ['the overlay replaces what is written here base.yaml:9'],
      }),
    ]);
    const [unknown] = told('site: Example\napplications: { Client1: { allowed_to: [Gruop1] } }\n');
    expect(unknown).toMatchObject({
      code: 'reference.unknown',
      at: 'overlays/0/o.yaml:2:41',
      related: ['the overlay replaces what is written here base.yaml:12'],
    });
  });

  it('of a required key that an overlay removed names where', () => {
    const [fault] = told('server:\n  issuer:\n');
    expect(fault).toMatchObject({
      code: 'key.missing',
      at: 'base.yaml:1:1',
      related: ['an overlay removes it here overlays/0/o.yaml:2'],
    });
  });

  it('names what was meant, and offers no edit: a name that only the overlay has may be right', () => {
    expect(told('site: Example\nusers: { Usr1: { sub: x } }\n')[0]).toMatchObject({
      code: 'overlay.entity-only-here',
      fix: undefined,
      help: 'Did you mean "User1"?',
    });
  });

  it('a password is one value, which an overlay replaces whole', () => {
    const below = 'site: Example\nusers: { Ada: { password: { env: ADA_PASSWORD } } }\n';
    const over =
      'site: Example\nusers: { Ada: { password: { file: ada }, attributes: { address: { country: UK } } } }\n';
    expect(compiled(files(`${BASE}---\n${below}`, over)).entity('user:Example/Ada')).toMatchObject({
      password: { file: 'overlays/0/ada' },
      attributes: { address: { country: 'UK' } },
    });
  });

  it('null in a secret says what it no longer has: it is one value and replaced whole', () => {
    const written = 'site: Example\napplications: { Client1: { secret: { env: null, file: a.secret } } }\n';
    expect(told(written)).toEqual([]);
  });

  it('of a group that an overlay emptied names the file that emptied it', () => {
    const files = [
      { path: 'base.yaml', text: BASE },
      {
        path: 'overlays/0/o.yaml',
        text: 'site: Example\ngroups: { Group1: { members: [], methods: [] } }\n',
        overlay: 0,
      },
    ];
    const { diagnostics } = compile(files, { overlays: ['overlays/0'] });
    expect(diagnostics.find(({ code }) => code === 'group.empty')?.range?.file).toBe('overlays/0/o.yaml');
  });

  it('of a removal offers no edit: it would remove something else', () => {
    expect(told('site: Example\nusers: { Usr1: }\n')[0]).toMatchObject({
      code: 'overlay.nothing-removed',
      fix: undefined,
      help: 'Did you mean "User1"?',
    });
  });

  it('judges by file and offset: a trap of one file hides nothing at the same offsets of the other', () => {
    // Both entities begin at the same offset of their file; only the one of the overlay is misread.
    const base = BASE.replace('users: { User1: }', 'users: { User1: { enabled: 5 } }');
    const at = base.indexOf('5 }');
    const over = `site: Example\ngroups:\n  Group1: { x-y: ${' '.repeat(at)}!x v }\n`;
    const codes = told(over.replace(/ {5,}/, ' '.repeat(at - over.indexOf(' '.repeat(at)))), base).map(
      ({ code }) => code,
    );
    expect(codes).toEqual(['value.type', 'yaml.tag']);
  });
});

describe('{file} of an overlay', () => {
  const over = (file: string) => `site: Example\napplications: { Client1: { secret: { file: ${file} } } }\n`;
  const outside = (file: string): SourceFile[] => [
    { path: 'base.yaml', text: BASE },
    { path: '../envs/prod/o.yaml', text: over(file), overlay: 0 },
  ];

  it('is relative to the file of the overlay that writes it', () => {
    expect(compiled(files(BASE, over('c1.secret'))).entity(CLIENT)).toMatchObject({
      secret: { file: 'overlays/0/c1.secret' },
    });
    const one = compiled(outside('sub/c1'), ['../envs/prod']);
    expect(one.entity(CLIENT)).toMatchObject({ secret: { file: '../envs/prod/sub/c1' } });
  });

  it('stays below the spec, and that of an overlay elsewhere below the overlay', () => {
    const climbs = (all: readonly SourceFile[], overlay: string) =>
      compile(all, { overlays: [overlay] }).diagnostics.map(({ code }) => code);
    expect(compiled(files(BASE, over('../../c1'))).entity(CLIENT)).toMatchObject({ secret: { file: 'c1' } });
    expect(climbs(files(BASE, over('../../../c1')), 'overlays/0')).toEqual(['secret.outside']);
    expect(climbs(outside('../c1'), '../envs/prod')).toEqual(['secret.outside']);
    expect(climbs(outside('../../../config/c1'), '../envs/prod')).toEqual(['secret.outside']);
  });
});
