// Which edits are suggested for each reason, in which order, at which end, and where none is.

import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/access/decision.ts';
import { callingsOf } from '../../src/explain/callings.ts';
import { placeWords, smallestEdits } from '../../src/explain/edits.ts';
import type { World } from '../../src/explain/world.ts';
import { applicationAddress, userAddress } from '../../src/model/address.ts';
import { worldOfText } from './state-world.ts';

const NOW = Date.UTC(2026, 10, 22);

const HEAD = `
server: { issuer: http://localhost:8080 }
methods: { cc: { type: client_credentials }, pw: { type: password } }
scopes: { refund: { descriptions: [{ key: en, value: Give money back }] } }
---
site: East
methods: [cc, pw]
defaults: { applications: { methods: [cc] }, users: { methods: [cc] } }
`;

/** A client that acts as a user, and what it may ask for; `more` are further lines of the site. */
function world(parts: { client?: string; server?: string; more?: string; users?: string; groups?: string }): World {
  const { client = 'impersonates: u', server = 'allowed_to: [readers]', more = '' } = parts;
  const { users = '{ u: {} }', groups = '{ readers: { members: [u] } }' } = parts;
  return worldOfText(
    `${HEAD}applications:
  client:
    secret: { env: S }
    ${client.replaceAll('\n', '\n    ')}
    metadata: { grant_types: [client_credentials], scope: "api" }
  api: { ${server} }
${more}groups: ${groups}
users: ${users}
`,
    NOW,
  );
}

const CLIENT = applicationAddress('East', 'client');

function suggested(where: World, asked: Partial<Question> = {}): readonly string[] {
  const question = { client: CLIENT, grant_type: 'client_credentials', scope: ['api'], ...asked };
  const { suggestions } = smallestEdits(where, question, callingsOf(where.index.state));
  return suggestions.map((suggestion) => suggestion.map(({ words }) => words).join(' + '));
}

function why(where: World, asked: Partial<Question> = {}): string | undefined {
  const question = { client: CLIENT, grant_type: 'client_credentials', scope: ['api'], ...asked };
  return smallestEdits(where, question, callingsOf(where.index.state)).why;
}

describe('a membership that is missing', () => {
  const groups = '{ readers: { members: [v] }, staff: { members: [u, v] }, idle: { members: [v] } }';
  const where = world({ groups, users: '{ u: {}, v: {} }', more: '' });

  it('is suggested before the application is opened to another group of the user', () => {
    expect(suggested(where)).toEqual(['add u to members of readers', 'open api to staff']);
  });

  it('is a place in the file, and data', () => {
    const question = { client: CLIENT, grant_type: 'client_credentials', scope: ['api'] };
    const [first] = smallestEdits(where, question, callingsOf(where.index.state)).suggestions;
    expect(first?.map(({ edit, site, range }) => ({ edit, site, place: placeWords(range) }))).toEqual([
      {
        edit: { op: 'add', address: 'group:East/readers', pointer: '/members', value: { to: 'user:East/u' } },
        site: 'East',
        place: 'spec.yaml:15:31',
      },
    ]);
  });
});

describe('a group that does not list the method', () => {
  it('is suggested to list it after every membership that would do', () => {
    const groups = '{ readers: { methods: [pw], members: [u] }, others: { members: [v] } }';
    const where = world({ server: 'allowed_to: [readers, others]', groups, users: '{ u: {}, v: {} }' });
    expect(suggested(where)).toEqual(['add u to members of others', 'add cc to methods of readers']);
  });
});

describe('what gives to everybody', () => {
  it('is suggested only where no group of the site can be used', () => {
    expect(suggested(world({ server: '', groups: '{}' }))).toEqual(['open api to everyone of East']);
    expect(suggested(world({ server: '', groups: '{ idle: { members: [v] } }', users: '{ u: {}, v: {} }' }))).toEqual([
      'open api to idle + add u to members of idle',
    ]);
  });

  it('a method that is off is turned on only where the client cannot list another one', () => {
    const off = (more: string) =>
      worldOfText(
        HEAD.replace('cc: { type: client_credentials }', `cc: { type: client_credentials, enabled: false }${more}`)
          .replace('methods: [cc, pw]', more === '' ? 'methods: [cc, pw]' : 'methods: [cc, pw, c2]')
          .concat(`applications:
  client: { secret: { env: S }, allowed_to: [g], metadata: { grant_types: [client_credentials] } }
groups: { g: { methods: ${more === '' ? '[cc]' : '[cc, c2]'} } }
`),
        NOW,
      );
    expect(suggested(off(''), { scope: undefined })).toEqual(['enable method cc']);
    expect(suggested(off(', c2: { type: client_credentials }'), { scope: undefined })).toEqual([
      'add c2 to methods of client',
    ]);
  });
});

describe('what is off or has ended', () => {
  it('is turned on, and its end is taken away', () => {
    expect(suggested(world({ client: 'impersonates: u\nenabled: false' }))).toEqual(['enable client']);
    expect(suggested(world({ server: 'allowed_to: [readers], enabled: false' }))).toEqual(['enable api']);
    expect(suggested(world({ users: '{ u: { expires: 2026-01-01 } }' }))).toEqual(['remove expires 2026-01-01 of u']);
    expect(suggested(world({ users: '{ u: { not_before: 2027-01-01 } }' }))).toEqual([
      'remove not_before 2027-01-01 of u',
    ]);
  });

  it('a link that has ended loses its end, and is not written a second time', () => {
    expect(suggested(world({ groups: '{ readers: { members: [{ user: u, expires: 2026-01-01 }] } }' }))).toEqual([
      'remove expires 2026-01-01 of the membership of u in readers',
    ]);
    expect(suggested(world({ client: 'impersonates: { user: u, expires: 2026-01-01 }' }))).toEqual([
      'remove expires 2026-01-01 of the impersonation of u by client',
    ]);
    expect(suggested(world({ server: 'allowed_to: [{ group: readers, expires: 2026-01-01 }]' }))).toEqual([
      'remove expires 2026-01-01 of readers in allowed_to of api',
    ]);
  });

  it('an application whose secrets have ended is not turned on: the spec would not compile', () => {
    const client = 'impersonates: u\nenabled: false\nsecrets: [{ env: A, expires: 2026-01-01 }]';
    const text = `${HEAD}applications:
  client:
    ${client.replaceAll('\n', '\n    ')}
    metadata: { grant_types: [client_credentials], scope: "api" }
  api: { allowed_to: [readers] }
groups: { readers: { members: [u] } }
users: { u: {} }
`;
    const where = worldOfText(text, NOW);
    expect(suggested(where)).toEqual([]);
    expect(why(where)).toContain('secret.gap');
  });
});

describe('a user whom the client acts as', () => {
  it('is one whom the server lets in, and needs no further edit', () => {
    const where = world({
      client: 'enabled: true',
      users: '{ u: {}, v: {}, w: {} }',
      groups: '{ readers: { members: [v] } }',
    });
    expect(suggested(where)).toEqual(['let client impersonate v']);
  });
});

describe('what a client may not ask for', () => {
  it('is added to its scope, an application where it may be an audience, a scope of the catalogue too', () => {
    const where = world({ more: '  other: { allowed_to: [readers] }\n' });
    expect(suggested(where, { scope: ['other'] })).toEqual(['add other to metadata.scope of client']);
    expect(suggested(where, { scope: ['refund'] })).toEqual(['add refund to metadata.scope of client']);
  });

  it('is not added where the spec would not compile: the application has grants of its own (S:U-82)', () => {
    const more =
      '  other: { allowed_to: [readers], secret: { env: S }, metadata: { grant_types: [client_credentials] } }\n';
    const where = world({ more });
    expect(suggested(where, { scope: ['other'] })).toEqual([]);
    expect(why(where, { scope: ['other'] })).toContain('server-app-has-grants');
  });

  it('and is waived, is added', () => {
    const more =
      '  other: { allowed_to: [readers], secret: { env: S }, metadata: { grant_types: [client_credentials] } }\n';
    const waivers = [{ code: 'server-app-has-grants', at: 'East/other' }];
    expect(suggested({ ...world({ more }), waivers }, { scope: ['other'] })).toEqual([
      'add other to metadata.scope of client',
    ]);
  });

  it('is nothing at all, and what was meant', () => {
    expect(suggested(world({}), { scope: ['apu'] })).toEqual([]);
    expect(why(world({}), { scope: ['apu'] })).toBe('No application and no scope is called apu. Did you mean api?');
  });
});

describe('a grant', () => {
  it('is added where the rules allow it, and not beside client_credentials', () => {
    const text = `${HEAD}applications:
  client: { secret: { env: S }, methods: [pw], allowed_to: [readers] }
groups: { readers: { members: [u] } }
users: { u: { methods: [pw] } }
`;
    const asked = { grant_type: 'password', user: userAddress('East', 'u'), scope: undefined };
    expect(suggested(worldOfText(text, NOW), asked)).toEqual(['add password to metadata.grant_types of client']);
    expect(why(world({}), { ...asked, scope: ['api'] })).toContain('cc-mixed-grants');
  });

  it('that nobody knows, and a public client, have no edit', () => {
    expect(why(world({}), { grant_type: 'device_code' })).toContain('No grant is called device_code');
    const text = `${HEAD}applications:
  client: { methods: [cc], allowed_to: [readers], metadata: { token_endpoint_auth_method: none } }
groups: { readers: { members: [u] } }
users: { u: { methods: [pw] } }
`;
    expect(why(worldOfText(text, NOW), { scope: undefined })).toContain('client.public-with-grant');
  });

  it('with a user needs one', () => {
    const text = `${HEAD}applications:
  client: { secret: { env: S }, methods: [pw], allowed_to: [readers], metadata: { grant_types: [password] } }
groups: { readers: { members: [u] } }
users: { u: { methods: [pw] } }
`;
    expect(why(worldOfText(text, NOW), { grant_type: 'password', scope: undefined })).toContain('--user NAME');
  });
});

describe('for a user who logs in', () => {
  const where = (rules: string, users = '{ u: { methods: [pw] } }', policy = '') =>
    worldOfText(
      `${HEAD}applications:
  client: { secret: { env: S }, methods: [pw], ${rules}, metadata: { grant_types: [password] } }
groups: { readers: { methods: [pw] } }
users: ${users}
${policy}`,
      NOW,
    );
  const asked = { grant_type: 'password', user: userAddress('East', 'u'), scope: undefined };

  it('a rule about addresses takes the address, one about groups the user', () => {
    expect(suggested(where('access_rules: { all: [{ ip: [10.0.0.0/8] }] }'), { ...asked, ip: '192.0.2.7' })).toEqual([
      'add 192.0.2.7 to the addresses of access_rules/all/0/ip of client',
    ]);
    expect(suggested(where('access_rules: { any: [{ group: readers }] }'), asked)).toEqual([
      'add u to members of readers',
    ]);
  });

  it('what a policy requires is an attribute of the user', () => {
    const policy = 'policies: { p: { items: [{ name: mail, value: "user:mail" }], required: [mail] } }\n';
    expect(suggested(where('allowed_to: [everyone], policy: p', undefined, policy), asked)).toEqual([
      'give u the attribute mail',
    ]);
  });

  it('from an address that is not allowed, the address is added', () => {
    expect(
      suggested(where('allowed_to: [everyone], client_ip_range: [10.0.0.0/8]'), { ...asked, ip: '2001:db8::7' }),
    ).toEqual(['add 2001:db8::7 to client_ip_range of client']);
  });
});

it("another team's entity is called with its site: that team writes the edit", () => {
  const where = worldOfText(
    `${HEAD}applications:
  client: { secret: { env: S }, impersonates: u, metadata: { grant_types: [client_credentials], scope: api } }
users: { u: {} }
---
site: West
methods: [cc]
applications: { api: { methods: [cc], allowed_to: [readers] } }
groups: { readers: { members: [v] } }
users: { v: {} }
`,
    NOW,
  );
  expect(suggested(where)).toEqual(['add u to members of West/readers']);
});
