import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, Entity, UserEntity } from '../../src/model/entity.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { renderPlan } from '../../src/plan/text.ts';
import {
  added,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  originsOf,
  SERVER1,
  SERVER2,
  USER1,
  without,
} from '../model/example-state.ts';
import { linesOf, placesOf, planOf } from './make.ts';

const metadataOf = (scope: string) => ({ grant_types: ['client_credentials'], scope });
const client = (edit: { readonly [key in keyof ApplicationEntity]?: ApplicationEntity[key] | undefined }) =>
  edited(EX2, 'application', CLIENT1, edit);
/** The lines that tell members, without their indent and without what is said at their right. */
const pathLines = (before: State, after: State) =>
  linesOf(before, after)
    .filter((line) => /^ {6}[-+~…]/.test(line))
    .map((line) => line.slice(6).replace(/ {2,}(?:(?:widens|narrows|weakens|breaks clients)(?:, |$))+$/, ''));

describe('DESIGN 3: what a client holds', () => {
  const access = (from: State, to: State) => {
    const lines = linesOf(from, to);
    const access = lines.slice(lines.indexOf('Access') + 1);
    return access.slice(0, access.indexOf(''));
  };

  it('is a scope, told as one, with the place of its naming', () => {
    const wide = client({ metadata: metadataOf('Server1 Server2 WS') });
    expect(access(EX2, wide)).toEqual(['  + Client1 → scope WS     as User1                   applications.yaml:1:18']);
    expect(access(wide, EX2)).toEqual([
      '  - Client1 → scope WS     Client1 may no longer ask for scope WS    applications.yaml:1:18',
      '  JWTs checked offline still carry what was lost, for up to 1h.',
    ]);
    expect(linesOf(EX2, wide).at(-2)).toContain('Access: +1 −0.');
  });

  it('is held as a user: as another one it is another line', () => {
    const second = userAddress('Example', 'User2');
    const user: Entity = { kind: 'user', sub: 'Example/User2', methods: [METHOD], impersonated_by: [{ to: CLIENT1 }] };
    const members = [{ to: USER1 }, { to: second }];
    const both = edited(edited(EX2, 'group', GROUP1, { members }), 'group', GROUP2, { members: [] });
    const after = added(edited(both, 'user', USER1, { impersonated_by: [] }), [[second, user]]);
    expect(access(both, after)).toEqual([
      '  - Client1 → Client1     Client1 no longer impersonates User1    (was users.yaml:1)',
      '  + Client1 → Server1     as User2, through Group1                users.yaml:2:21',
      '  - Client1 → Server1     Client1 no longer impersonates User1    (was users.yaml:1)',
      '  JWTs checked offline still carry what was lost, for up to 1h.',
    ]);
  });
});

describe('DESIGN 3: the form of a plan', () => {
  const batch = applicationAddress('Example', 'Batch7');
  const contractors = groupAddress('Example', 'Contractors');
  const user9 = userAddress('Example', 'User9');
  const before = added(
    edited(client({ metadata: metadataOf('Server1') }), 'application', SERVER1, {
      allowed_to: [{ to: contractors }, { to: GROUP1 }],
    }),
    [
      [batch, { kind: 'application', client_id: 'Batch7', methods: [METHOD], metadata: metadataOf('Server1') }],
      [contractors, { kind: 'group', members: [{ to: user9 }] }],
      [user9, { kind: 'user', sub: 'Example/User9', methods: [METHOD], impersonated_by: [{ to: batch }] }],
    ],
  );
  const after = edited(
    edited(without(before, contractors), 'application', SERVER1, { allowed_to: [{ to: GROUP1 }] }),
    'application',
    CLIENT1,
    { metadata: metadataOf('Server1 Server2') },
  );
  const place = (file: string, line: number, column: number): SourceRange => ({
    file,
    start: { line, column, offset: 0 },
    end: { line, column: column + 1, offset: 1 },
  });
  const afterOrigins = new Map(originsOf(after))
    .set(CLIENT1, (pointer) =>
      pointer === '/metadata/scope'
        ? place('sites/example/client1.yaml', 9, 14)
        : place('sites/example/client1.yaml', 4, 3),
    )
    .set(SERVER1, () => place('sites/example/server1.yaml', 2, 3));
  const beforeOrigins = new Map(originsOf(before)).set(contractors, () => place('sites/example/groups.yaml', 31, 3));

  it('is this, to the column', () => {
    expect(renderPlan(planOf(before, after), { beforeOrigins, afterOrigins }, { color: false }).split('\n')).toEqual([
      'Site Example',
      '  ~ application Client1                               sites/example/client1.yaml:4:3',
      '      ~ metadata.scope   Server1 → Server1 Server2    widens',
      '  ~ application Server1                               sites/example/server1.yaml:2:3',
      '      ~ allowed_to   - Contractors                    narrows',
      '  - group Contractors                                 (was sites/example/groups.yaml:31)',
      '',
      'Access',
      '  - Batch7  → Server1     User9 leaves Contractors    (was groups.yaml:2)',
      '  + Client1 → Server2     as User1, through Group2    applications.yaml:2:18',
      '  JWTs checked offline still carry what was lost, for up to 1h.',
      '',
      'Risks   none',
      '',
      'Plan: 0 to add, 2 to change, 1 to delete. Access: +1 −1. 12 unchanged.',
      '',
    ]);
  });

  it('in colour is the same text', () => {
    const colored = renderPlan(planOf(before, after), { beforeOrigins, afterOrigins }, { color: true });
    const plain = renderPlan(planOf(before, after), { beforeOrigins, afterOrigins }, { color: false });
    expect(colored).toContain('\u001b[31m-\u001b[39m group Contractors');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(plain).not.toContain('\u001b');
  });

  it('of nothing is one line', () => {
    expect(linesOf(EX2, EX2)).toEqual(['No changes. Access equivalent. The store is at generation 7.', '']);
  });

  it('puts the server and its catalogues first, under a heading of their own', () => {
    expect(linesOf(EMPTY_STATE, EX2).slice(0, 9)).toEqual([
      'Server',
      '  + server                                            servers.yaml:1:1',
      '  + method client.credentials.1                       methods.yaml:1:1',
      '  + method password.1                                 methods.yaml:2:1',
      '  + scope WS                                          scopes.yaml:1:1',
      '',
      'Site Example',
      '  + site Example                                      sites.yaml:1:1',
      '  + application Client1                               applications.yaml:1:1',
    ]);
  });

  it('leaves the place of a delete empty that was never known', () => {
    const text = renderPlan(
      planOf(EX2, without(EX2, 'scope:WS')),
      { beforeOrigins: new Map(), afterOrigins: new Map() },
      {
        color: false,
      },
    );
    expect(text.split('\n')[1]).toBe('  - scope WS');
  });
});

describe('names', () => {
  it('are Site/Name where the plan shows more than one site', () => {
    const other = applicationAddress('Other', 'Far');
    const far: Entity = { kind: 'application', client_id: 'far', methods: [METHOD], allowed_to: [{ to: GROUP1 }] };
    const wide = added(EX2, [
      [other, far],
      ['site:Other', { kind: 'site', methods: [METHOD] }],
    ]);
    const after = edited(wide, 'application', CLIENT1, { metadata: metadataOf('Server1 Server2 far') });
    expect(linesOf(EX2, after).slice(0, 10)).toEqual([
      'Site Example',
      '  ~ application Example/Client1                       applications.yaml:1:1',
      '      ~ metadata.scope   Server1 Server2 → Server1 Server2 far  widens',
      '',
      'Site Other',
      '  + site Other                                        sites.yaml:2:1',
      '  + application Other/Far                             applications.yaml:4:1',
      '',
      'Access',
      '  + Example/Client1 → Other/Far     as Example/User1, through Example/Group1    applications.yaml:1:18',
    ]);
    // A member of another site is enough to name all of them in full.
    const joined = edited(EX2, 'application', CLIENT1, { allowed_to: [{ to: groupAddress('Other', 'G') }] });
    expect(pathLines(EX2, joined)).toEqual(['~ allowed_to   + Other/G  - Example/ClientGroup']);
  });

  it('tell the client_id too where one name stands for two clients or two audiences', () => {
    const lines = linesOf(EX2, client({ client_id: 'one' }));
    expect(lines).toContain('      ends the tokens issued before · JWTs checked offline live on for up to 1h');
    expect(lines.filter((line) => line.includes('→ Client1')).map((line) => line.slice(0, 44).trimEnd())).toEqual([
      '  - Client1 (Client1) → Client1 (Client1)',
      '  + Client1 (one)     → Client1 (one)',
    ]);
  });
});

describe('a changed member', () => {
  it('of a list tells what joined and what left', () => {
    expect(pathLines(EX2, client({ allowed_to: [{ to: GROUP1 }, { to: GROUP2 }] }))).toEqual([
      '~ allowed_to   + Group1  + Group2  - ClientGroup',
    ]);
    expect(pathLines(EX2, client({ methods: [METHOD, 'password.1'] }))).toEqual(['~ methods   + password.1']);
    expect(pathLines(EX2, client({ methods: [] }))).toEqual(['~ methods   - client.credentials.1']);
  });

  it('of a list that only changed its order tells both orders', () => {
    expect(pathLines(client({ methods: ['a', 'b'] }), client({ methods: ['b', 'a'] }))).toEqual([
      '~ methods   a, b → b, a (order)',
    ]);
  });

  it('that is new or gone says so by its sign', () => {
    expect(pathLines(EX2, client({ enabled: false, methods: undefined, tokens: { access_ttl: '5m' } }))).toEqual([
      '+ enabled             false',
      '- methods             client.credentials.1',
      '+ tokens.access_ttl   5m',
    ]);
  });

  it('of descriptions tells keys and values', () => {
    const scope: Entity = { kind: 'scope', descriptions: [{ key: 'sv', value: 'Hantera tjänsten' }] };
    expect(pathLines(EX2, createState(new Map(EX2).set('scope:WS', scope)))).toEqual([
      '~ descriptions   + sv: Hantera tjänsten  - en: Manage the service',
    ]);
  });

  it('that is empty is told in quotes', () => {
    const named = (client_name: string) => client({ metadata: { ...metadataOf('Server1 Server2'), client_name } });
    expect(pathLines(named('a'), named(''))).toEqual(['~ metadata.client_name   a → ""']);
    expect(pathLines(named('a'), named(' a'))).toEqual(['~ metadata.client_name   a → " a"']);
  });

  it('S:R-6 of a secret is told by its reference, of a hash only that it is one', () => {
    const hash = (salt: string) => client({ secret: { hash: `$argon2id$v=19$m=19456,t=2,p=1$${salt}$c2VjcmV0` } });
    expect(pathLines(EX2, client({ secret: { file: 'secrets/one' } }))).toEqual([
      '~ secret   env:CLIENT1_SECRET → file:secrets/one',
    ]);
    expect(pathLines(EX2, hash('a'))).toEqual(['~ secret   env:CLIENT1_SECRET → hash (sensitive)']);
    expect(pathLines(hash('a'), hash('b'))).toEqual(['~ secret   hash (sensitive) → hash (sensitive)']);
    expect(pathLines(client({ secret: undefined }), hash('b'))).toEqual(['+ secret   hash (sensitive)']);
  });
});

describe('what YAML can hold', () => {
  const user = (attributes: NonNullable<UserEntity['attributes']>) => edited(EX2, 'user', USER1, { attributes });

  it('reaches no terminal raw: controls, escapes, bidi and zero-width characters are written out', () => {
    const nasty = 'a\u001b[2J\u0007\r\nb\u202ec\u2028d\u200be\u009bf\u2066g\ud800h\u{e0041}i\tj\ufeffk\u00adl';
    const after = user({ [`k${nasty}`]: nasty });
    const text = renderPlan(planOf(EX2, after), placesOf(EX2, after), { color: false });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(text).toContain('a\\u{1b}[2J\\u{7}\\u{d}\\u{a}b\\u{202e}c');
  });

  it('nor does a file’s name', () => {
    const place: SourceRange = {
      file: 'a\u001b]0;x\u0007.yaml',
      start: { line: 1, column: 1, offset: 0 },
      end: { line: 1, column: 2, offset: 1 },
    };
    const after = edited(without(EX2, 'scope:WS'), 'group', GROUP2, { members: [] });
    const origins = new Map([...EX2.keys()].map((address) => [address, () => place] as const));
    const places = { beforeOrigins: origins, afterOrigins: origins };
    for (const [from, to] of [
      [EX2, after],
      [after, EX2],
    ] as const) {
      expect(renderPlan(planOf(from, to), places, { color: false })).not.toContain('\u001b');
    }
  });

  it('is cut where it is long, and what differs is still seen', () => {
    const long = 'x'.repeat(500);
    expect(pathLines(EX2, user({ note: long }))).toEqual([`+ attributes.note   ${'x'.repeat(71)}…`]);
    expect(pathLines(user({ note: `${long}one` }), user({ note: `${long}two` }))).toEqual([
      '~ attributes.note   …xxxxxxxxxxone → …xxxxxxxxxxtwo',
    ]);
    const scope = (values: number) => Array.from({ length: values }, (_, number) => `api.${number}`).join(' ');
    expect(pathLines(client({ metadata: metadataOf(scope(30)) }), client({ metadata: metadataOf(scope(31)) }))).toEqual(
      ['~ metadata.scope   + api.30'],
    );
    const longest = Math.max(
      ...linesOf(EX2, user({ [long]: [long, long, long, long, long] })).map((line) => line.length),
    );
    expect(longest).toBeLessThan(320);
  });
});

describe('a large plan', () => {
  const many = (amount: number, sites: number, state: State = EX2): State =>
    added(
      state,
      Array.from({ length: amount }, (_, number): [Address, Entity] => {
        const name = `app${String(number).padStart(5, '0')}`;
        const address = applicationAddress(sites === 1 ? 'Example' : `S${number % sites}`, name);
        return [address, { kind: 'application', client_id: name, methods: [METHOD], allowed_to: [{ to: GROUP1 }] }];
      }),
    );

  it('tells twenty of a kind in a site, and how many more', () => {
    const lines = linesOf(EX2, many(300, 1));
    expect(lines.filter((line) => line.startsWith('  + application'))).toHaveLength(20);
    expect(lines).toContain('  + … and 280 more applications');
    expect(lines).toContain('Long lists are cut here; --full names everything, and --json FILE holds it.');
    expect(lines.at(-2)).toBe('Plan: 300 to add, 0 to change, 0 to delete. Access equivalent. 12 unchanged.');
    expect(linesOf(EX2, many(20, 1)).join('\n')).not.toContain('more');
  });

  it('of a first creation of ten thousand is a few screens', () => {
    const lines = linesOf(EMPTY_STATE, many(10_000, 300));
    expect(lines.length).toBeLessThan(250);
    expect(lines.some((line) => /^… and \d+ more sites: \d+ to add, 0 to change, 0 to delete$/.test(line))).toBe(true);
    expect(lines.at(-2)).toContain('Plan: 10012 to add');
  });

  it('never hides a delete behind what is created', () => {
    const before = added(EX2, [[applicationAddress('Zebra', 'last'), { kind: 'application', client_id: 'last' }]]);
    const lines = linesOf(before, many(10_000, 300));
    expect(lines.some((line) => line.startsWith('  - application Zebra/last'))).toBe(true);
  });

  it('tells many grants of one client by their number', () => {
    const wide = many(80, 1);
    const names = [...wide.values()].flatMap((entity) => (entity.kind === 'application' ? [entity.client_id] : []));
    const after = edited(wide, 'application', CLIENT1, {
      metadata: metadataOf(names.filter((name) => name.startsWith('app')).join(' ')),
    });
    const lines = linesOf(EX2, after);
    const at = lines.indexOf('Access');
    expect(lines.slice(at, at + 4).map((line) => line.replace(/ +/g, ' '))).toEqual([
      'Access',
      ' + Client1 → 80 applications app00000, app00001, app00002, … and 77 more',
      ' - Client1 → Server1 Client1 may no longer ask for Server1 applications.yaml:1:18',
      ' - Client1 → Server2 Client1 may no longer ask for Server2 applications.yaml:1:18',
    ]);
    expect(lines.at(-2)).toContain('Access: +80 −2.');
  });

  it('tells many clients of one application by theirs', () => {
    const clients = Array.from({ length: 120 }, (_, number): [Address, Entity] => [
      applicationAddress('Example', `c${String(number).padStart(3, '0')}`),
      { kind: 'application', client_id: `c${number}`, methods: [METHOD], metadata: metadataOf('Server2') },
    ]);
    const impersonated_by = clients.map(([to]) => ({ to: to as typeof CLIENT1 }));
    const after = edited(added(EX2, clients), 'user', USER1, {
      impersonated_by: [...impersonated_by, { to: CLIENT1 }],
    });
    const closed = edited(after, 'application', SERVER2, { allowed_to: [] });
    const access = (lines: readonly string[]) =>
      lines
        .slice(lines.indexOf('Access'))
        .slice(0, 2)
        .map((line) => line.replace(/ +/g, ' '));
    expect(access(linesOf(after, closed))).toEqual([
      'Access',
      ' - 121 clients → Server2 Client1, c000, c001, … and 118 more',
    ]);
  });

  it('counts scopes apart from applications', () => {
    const names = Array.from({ length: 60 }, (_, number) => `scope${String(number).padStart(2, '0')}`);
    const catalogue = added(
      EX2,
      names.map((name): [Address, Entity] => [`scope:${name}`, { kind: 'scope', descriptions: [] }]),
    );
    const after = edited(catalogue, 'application', CLIENT1, { metadata: metadataOf(`Server1 ${names.join(' ')}`) });
    const lines = linesOf(catalogue, after);
    const at = lines.indexOf('Access');
    expect(lines.slice(at + 1, at + 3).map((line) => line.replace(/ +/g, ' '))).toEqual([
      ' + Client1 → 60 scopes scope00, scope01, scope02, … and 57 more',
      ' - Client1 → Server2 Client1 may no longer ask for Server2 applications.yaml:1:18',
    ]);
    expect(lines.at(-2)).toContain('Access: +60 −1.');
  });

  it('of a list of a thousand members tells a few', () => {
    const members = Array.from({ length: 1000 }, (_, number) => ({ to: userAddress('Example', `u${number}`) }));
    const [line] = pathLines(EX2, edited(EX2, 'group', GROUP1, { members }));
    expect(line).toContain('+ … and 992 more');
    expect(line).toContain('- User1');
  });
});
