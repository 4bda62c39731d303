// Owns random specs that are valid, for the laws of what is exported: every key of every entity, names and texts that YAML
// would read as something else, links across sites and with an end. Never a State: what a spec means, compile says.

import fc from 'fast-check';

/** JSON is YAML: each site and the server are a document of their own. */
export type Documents = readonly object[];

/** Each of these is something else to an older YAML, or to JSON. */
const NAMES = [
  'no',
  'Y',
  '1.0',
  '0x1F',
  '1e3',
  'null',
  'true',
  '2027-01-01',
  '007',
  '_',
  'NaN',
  '1_000',
  '0b1',
  'Off',
  'a.b@c+d~e-f',
];
const TEXTS = [
  'plain',
  'no',
  '~',
  '1.0',
  '',
  ' ',
  ' a',
  'a ',
  'a: b',
  'a #b',
  '# a',
  '- a',
  '---',
  '...',
  '!x',
  '&a',
  '*a',
  '%a',
  "'",
  '"',
  '{ a',
  '[a',
  '? a',
  '| a',
  '> a',
  '<<',
  '=',
  '\\n',
  'a\nb',
  'a\n',
  '\n',
  '\ta',
  'a\r\nb',
  ' a\n  b',
  'äöü 漢字 😀',
  '\u00a0a',
  '\u0085',
  '\u2028',
  '\ufeffa',
  'word '.repeat(60),
  'x'.repeat(300),
  '2027-01-01',
  '12:30:45',
  '$argon2id$v=19,t=2',
];
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXI';
const ENDS = ['2030-01-31', '2031-12-31T23:59:59Z', '2030-06-01T12:00:00.5+02:00'];

const name = fc.constantFrom(...NAMES);
const text = fc.constantFrom(...TEXTS);
const end = fc.constantFrom(...ENDS);
/** Few of the members: an export leaves out what is not written. */
const some = <T extends Record<string, fc.Arbitrary<unknown>>>(members: T) => fc.record(members, { requiredKeys: [] });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 3, nil: undefined });

const tokens = some({
  format: fc.constantFrom('jwt', 'opaque'),
  typ: fc.constantFrom('at+jwt', 'JWT'),
  alg: fc.constantFrom('ES256', 'RS256', 'EdDSA'),
  access_ttl: fc.constantFrom('5m', '1h'),
});

const references = [{ env: 'A_SECRET' }, { env: 'no' }, { file: 'secrets/a b' }, { file: '1.0' }, { hash: HASH }];
const secret = fc.oneof(
  fc.constantFrom(...references).map((one) => ({ secret: one })),
  // The first never ends, so that there is one at every moment.
  fc
    .tuple(fc.shuffledSubarray(references, { minLength: 1 }), fc.array(seldom(end), { minLength: 5, maxLength: 5 }))
    .map(([chosen, ends]) => ({
      secrets: chosen.map((one, at) => ({
        ...one,
        ...(at === 0 || ends[at] === undefined ? {} : { expires: ends[at] }),
      })),
    })),
);

const common = some({
  enabled: fc.boolean(),
  methods: fc.constantFrom(['no'], ['no', '1.0'], ['1.0', 'no']),
  tokens,
  audience_mode: fc.constantFrom('narrow', 'strict'),
  client_ip_range: fc.constantFrom([], ['10.0.0.0/8'], ['2001:db8::/32', '192.0.2.1']),
  bind_token_ip: fc.boolean(),
  restricted: fc.boolean(),
  protected: fc.boolean(),
  expires: end,
});

/** Beside the names that a spec has: what a policy may say in all its forms. `group` is chosen among those that are there. */
const GROUPS = ['own', 'everyone', 'Far/H', 'Far/everyone'] as const;
const CLAIMS = ['mail', 'no', '1.0', 'https://example.com/a:b', '#a', '{a}', '-', "'", 'true'];
const values = fc.oneof(
  text.map((words) => `text:${words}`),
  fc.constantFrom('user:phone', 'user:1.0', 'user:no;binary', 'method:issuer', `\${user['phone']}`, `\${method.dn}`),
);
const policies = fc
  .record({
    items: fc.uniqueArray(
      fc.record(
        {
          group: fc.constantFrom(...GROUPS),
          scopes: fc.subarray(['openid', 'orders:read'], { minLength: 1 }),
          name: fc.constantFrom(...CLAIMS),
          value: values,
        },
        { requiredKeys: ['name', 'value'] },
      ),
      { minLength: 1, maxLength: 4, selector: (item) => JSON.stringify(Object.entries(item).sort()) },
    ),
    single_value: fc.option(fc.nat(3), { nil: undefined }),
    required: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ items, single_value, required }) => {
    const names = [...new Set(items.map((item) => item.name))];
    return {
      items,
      ...(single_value === undefined ? {} : { single_value: names.slice(0, single_value) }),
      ...(required === undefined ? {} : { required: names.slice(0, required) }),
    };
  });
const rules = fc
  .uniqueArray(
    fc.oneof(
      fc.constantFrom('no', '1.0').map((method) => ({ method })),
      fc.constantFrom(...GROUPS).map((group) => ({ group })),
      fc.constantFrom(['10.0.0.0/8'], ['2001:db8::/32', '192.0.2.1']).map((ip) => ({ ip })),
    ),
    { minLength: 1, maxLength: 4, selector: (rule) => JSON.stringify(rule) },
  )
  .chain((list) => fc.constantFrom({ all: list }, { any: list }));

const about = some({
  client_name: text.filter((value) => value.trim() !== ''),
  'client_name#de': fc.constantFrom('ja', 'Nein'),
  contacts: fc.constantFrom(['ops@example.com'], []),
  software_version: fc.constantFrom('1.0', '2.10', 'no'),
  redirect_uris: fc.constantFrom(
    ['https://a.example/cb'],
    ['https://a.example/cb?x=1', { uri: 'https://b.example/cb', expires: '2030-01-31' }],
  ),
});

const link = (to: string, expires: string | undefined) => (expires === undefined ? to : { group: to, expires });

interface Drafts {
  readonly names: readonly string[];
  readonly servers: readonly { readonly more: object; readonly ends: string | undefined }[];
  readonly clients: readonly {
    readonly more: object;
    readonly about: object;
    readonly secret: object;
    readonly own: boolean;
    readonly far: boolean;
    readonly byAud: boolean;
  }[];
  readonly users: readonly { readonly more: object; readonly nested: boolean; readonly ends: string | undefined }[];
  readonly groups: readonly (object | null)[];
  readonly defaults: object;
  readonly waived: boolean;
  readonly policies: readonly { readonly items: readonly object[] }[];
  readonly gates: readonly {
    readonly rules: object | undefined;
    readonly policy: string | undefined;
    readonly everyone: boolean;
  }[];
}

const drafts: fc.Arbitrary<Drafts> = fc.record({
  names: fc.shuffledSubarray(NAMES, { minLength: 9, maxLength: 9 }),
  servers: fc.array(fc.record({ more: common, ends: seldom(end) }), { minLength: 1, maxLength: 2 }),
  clients: fc.array(
    fc.record({ more: common, about, secret, own: fc.boolean(), far: fc.boolean(), byAud: fc.boolean() }),
    { minLength: 1, maxLength: 2 },
  ),
  users: fc.array(
    fc.record({
      more: some({
        enabled: fc.boolean(),
        not_before: fc.constant('2020-01-01'),
        expires: end,
        methods: fc.constantFrom(['no'], ['1.0']),
        attributes: fc.dictionary(
          fc.oneof(name, fc.constantFrom('phone')),
          fc.oneof(text, fc.array(text), fc.constantFrom(42, -1.5, true, [1e21, false])),
          {
            maxKeys: 3,
          },
        ),
      }),
      nested: fc.boolean(),
      ends: seldom(end),
    }),
    { minLength: 2, maxLength: 3 },
  ),
  groups: fc.array(fc.constantFrom(null, {}, { methods: ['no'] }, { methods: [] }), { minLength: 2, maxLength: 2 }),
  defaults: some({
    applications: some({ methods: fc.constantFrom(['no']), restricted: fc.boolean(), tokens }),
    users: some({ methods: fc.constantFrom(['no', '1.0']), enabled: fc.boolean() }),
  }),
  waived: fc.boolean(),
  policies: fc.array(policies, { minLength: 2, maxLength: 2 }),
  gates: fc.array(
    fc.record({ rules: seldom(rules), policy: seldom(fc.constantFrom('own', 'Far/P')), everyone: fc.boolean() }),
    { minLength: 2, maxLength: 2 },
  ),
});

const server = fc.record({
  server: some({
    directory: fc.constantFrom({ base_dn: 'cn=Ubilogin,dc=test' }, { base_dn: 'dc=no' }),
    tokens,
    trusted_proxies: fc.constantFrom(['10.0.0.0/8'], []),
    safety: fc.constantFrom({}, { deletes: { percent: 0, at_least: 1 } }, { deletes: { percent: 50 } }),
  }),
  profiles: fc.constantFrom(undefined, ['ubisecure'], []),
  description: text.filter((value) => value !== ''),
});

/** A server document and two sites. Everything that is named is there. */
export const specs: fc.Arbitrary<Documents> = fc
  .tuple(server, drafts, fc.constantFrom('A', 'no', '1.0'))
  .map(([{ server: own, profiles, description }, draft, site]) => {
    const profiled = profiles === undefined ? own : { directory: { base_dn: 'dc=test' }, ...own, profiles };
    const [nameA = '', nameB = '', nameC = '', nameD = '', nameG = '', nameH = '', ...userNames] = draft.names;
    const applications: Record<string, object> = {};
    const serverNames = [nameC, nameD].slice(0, draft.servers.length);
    /** With the name of a group or policy that is there, as the site writes it. */
    const named = (value: object): object =>
      JSON.parse(JSON.stringify(value), (key, inner) => (key === 'group' && inner === 'own' ? nameG : inner));
    for (const [at, { more, ends }] of draft.servers.entries()) {
      const { rules: access_rules, policy, everyone } = draft.gates[at] ?? { everyone: false };
      applications[serverNames[at] ?? ''] = {
        ...more,
        allowed_to: [
          link(nameG, ends),
          'Far/H',
          ...(everyone ? ['everyone', { group: 'Far/everyone', expires: '2030-01-31' }] : []),
        ],
        ...(access_rules === undefined ? {} : { access_rules: named(access_rules) }),
        ...(policy === undefined ? {} : { policy: policy === 'own' ? nameG : policy }),
      };
    }
    const users: Record<string, object> = {};
    for (const [at, { more }] of draft.users.entries()) users[userNames[at] ?? ''] = { ...more, sub: `sub of ${at}` };
    for (const [at, { more, about: told, secret: one, own: isOwn, far, byAud }] of draft.clients.entries()) {
      const asked = isOwn ? serverNames : serverNames.slice(0, 1);
      applications[[nameA, nameB][at] ?? ''] = {
        ...more,
        ...one,
        ...(far ? {} : { impersonates: userNames[at] }),
        metadata: {
          ...told,
          grant_types: ['client_credentials'],
          ...(byAud ? { aud: asked } : { scope: [...asked, 'openid', 'orders:read'].join(' ') }),
        },
      };
    }
    const far = draft.clients.flatMap(({ far: isFar }, at) => (isFar ? [`${site}/${[nameA, nameB][at]}`] : []));
    if (draft.waived) {
      // A server application with grant types of its own: an error that a waiver lifts.
      applications[nameC] = {
        ...applications[nameC],
        secret: { env: 'S_SECRET' },
        metadata: { grant_types: ['client_credentials'], scope: nameC },
      };
    }
    const allow = draft.waived
      ? { lint: { allow: [{ code: 'server-app-has-grants', reason: 'it calls itself' }] } }
      : {};
    const [groupG, groupH] = draft.groups;
    const members = draft.users.map(({ ends }, at) =>
      ends === undefined ? userNames[at] : { user: userNames[at], expires: ends },
    );
    return [
      {
        server: { issuer: 'http://localhost:8080', ...profiled, ...allow },
        methods: { no: { type: 'client_credentials' }, '1.0': { type: 'password', enabled: false } },
        scopes: {
          'orders:read': {
            descriptions: [
              { key: 'en', value: description },
              { key: 'no', value: 'ja' },
            ],
          },
        },
      },
      {
        site,
        methods: ['no', '1.0'],
        defaults: draft.defaults,
        applications,
        groups: {
          [nameG]: { ...groupG, members: [...members, ...(draft.users[0]?.nested === true ? [`group:${nameH}`] : [])] },
          [nameH]: { ...groupH, members: ['Far/V', 'group:everyone', 'group:Far/everyone'] },
        },
        users,
        policies: { [nameG]: named(draft.policies[0] ?? {}) },
      },
      {
        site: 'Far',
        methods: ['no'],
        groups: { H: { members: ['V'] }, own: {} },
        users: { V: { impersonated_by: far } },
        policies: { P: draft.policies[1] },
      },
      { site: 'Empty' },
    ];
  });
