import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { Move } from '../../src/model/move.ts';
import type { State } from '../../src/model/state.ts';
import { withUsage } from '../../src/plan/impact.ts';
import { speakSeconds } from '../../src/plan/period-words.ts';
import type { Plan, Risk, TestResult, TokenChange } from '../../src/plan/plan.ts';
import type { Usage } from '../../src/plan/port.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { type PlanTextOptions, renderPlan } from '../../src/plan/text.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  SERVER1,
  SERVER2,
  USER1,
  without,
} from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';
import { tellingPlan } from './markdown-plan.ts';

const EMPTY = planOf(EX2, EX2);
/** A change that is nothing of what is told apart. */
const SMALL = planOf(EX2, edited(EX2, 'group', GROUP2, { methods: undefined }));
const DIGEST = '0123456789abcdef';

function linesOf(plan: Plan, options: Partial<PlanTextOptions> = {}, [before, after]: readonly State[] = []): string[] {
  const places = placesOf(before ?? EX2, after ?? before ?? EX2);
  return renderPlan(plan, places, { color: false, ...options }).split('\n');
}

/** The lines from the one that begins with a heading to the next empty one. */
function sectionOf(lines: readonly string[], heading: string): readonly string[] {
  const from = lines.findIndex((line) => line.startsWith(heading));
  return from < 0 ? [] : lines.slice(from, lines.indexOf('', from));
}

const range = (line: number) => ({
  file: 'tests.yaml',
  start: { line, column: 5, offset: 0 },
  end: { line, column: 9, offset: 4 },
});

describe('tests in a plan', () => {
  const test = (name: string, more: Partial<TestResult> = {}): TestResult => ({
    name,
    range: range(7),
    outcome: 'passed',
    before: 'passed',
    problems: [],
    ...more,
  });
  const failed = (name: string, before: TestResult['before'], problems: readonly string[] = []) =>
    test(name, { outcome: 'failed', before, problems });

  it('that pass are a number, in one line above the risks', () => {
    const lines = linesOf({ ...SMALL, tests: [test('a'), test('b')] });
    const at = lines.indexOf('Tests   2 passed');
    expect(lines.slice(at - 1, at + 3)).toEqual(['', 'Tests   2 passed', 'Risks   none', '']);
  });

  it('that fail are told with what is wrong, and whether the change does it', () => {
    const tests = [
      test('good'),
      test('mended', { before: 'failed' }),
      failed('new', 'passed', ['aud: expected a; got b']),
      failed('old', 'failed'),
      failed('young', 'absent'),
    ];
    expect(sectionOf(linesOf({ ...EMPTY, tests }), 'Tests')).toEqual([
      'Tests   2 passed (1 failed before), 3 failed',
      '  ✗ new (newly failing)                               tests.yaml:7:5',
      '      aud: expected a; got b',
      '  ✗ old (already failing)                             tests.yaml:7:5',
      '  ✗ young (failing, what it asks about is new)        tests.yaml:7:5',
    ]);
    expect(sectionOf(linesOf({ ...EMPTY, tests: [failed('x', 'failed')] }), 'Tests')[0]).toBe('Tests   1 failed');
  });

  it('are many: the first of those that fail, all of them on demand', () => {
    const tests = Array.from({ length: 30 }, (_, number) =>
      failed(`t${number}`, 'passed', ['a', 'b', 'c', 'd', 'e', 'f', 'g']),
    );
    const lines = linesOf({ ...EMPTY, tests });
    expect(lines.filter((line) => line.startsWith('  ✗'))).toHaveLength(20);
    expect(lines).toContain('  … and 10 more');
    expect(lines).toContain('      … and 2 more');
    expect(lines.some((line) => line.startsWith('Long lists are cut here'))).toBe(true);
    const all = linesOf({ ...EMPTY, tests }, { full: true }).join('\n');
    expect(all).not.toContain('more');
    expect(all).not.toContain('Long lists');
  });

  it('of a plan of nothing are one word of it', () => {
    expect(linesOf({ ...EMPTY, tests: [test('a')] })).toEqual([
      'No changes. Access equivalent. 1 test passed. The store is at generation 7.',
      '',
    ]);
  });
});

describe('tokens in a plan', () => {
  const token = (more: Partial<TokenChange>): TokenChange => ({
    client: CLIENT1,
    client_id: 'Client1',
    grant_type: 'client_credentials',
    scope: undefined,
    before: { claims: {}, lifetime: 3600 },
    after: { claims: {}, lifetime: 3600 },
    refused: undefined,
    ...more,
  });
  const tokens = (...changes: readonly TokenChange[]) => sectionOf(linesOf({ ...EMPTY, tokens: changes }), 'Tokens');

  it('tell each claim that differs, and how long they live', () => {
    const before = { claims: { aud: ['a'], gone: 1, same: { x: 1 }, scope: 'a' }, lifetime: 3600 };
    const after = { claims: { aud: ['a', 'b'], new: 'n', same: { x: 1 }, scope: 'a b' }, lifetime: 900 };
    expect(tokens(token({ scope: ['a', 'b'], before, after }))).toEqual([
      'Tokens',
      '  ~ Client1 (client_credentials, scope=a b)',
      '      aud      ["a"] → ["a","b"]',
      '      gone     - 1',
      '      new      + "n"',
      '      scope    "a" → "a b"',
      '      exp in   1h → 15m',
    ]);
  });

  it('that come and go say so, with the reason', () => {
    expect(
      tokens(
        token({ before: undefined, refused: 'NO_AUDIENCE' }),
        token({ after: undefined, refused: 'METHOD_DISABLED' }),
        token({ before: undefined }),
      ),
    ).toEqual([
      'Tokens',
      '  + Client1 (client_credentials)   gets a token now (was NO_AUDIENCE)',
      '  - Client1 (client_credentials)   gets none any more: METHOD_DISABLED',
      '  + Client1 (client_credentials)   gets a token now',
    ]);
  });

  it('of long claims show where those begin to differ', () => {
    const long = 'x'.repeat(200);
    const side = (end: string) => ({ claims: { note: `${long}${end}` }, lifetime: 60 });
    expect(tokens(token({ before: side('1'), after: side('2') })).at(-1)).toBe(
      '      note   …xxxxxxxxxx1" → …xxxxxxxxxx2"',
    );
  });

  it('speak of seconds in the largest unit that measures them', () => {
    expect([0, 1, 59, 60, 90, 900, 3600, 5400, 86_400, 90_000].map(speakSeconds)).toEqual([
      '0s',
      '1s',
      '59s',
      '1m',
      '90s',
      '15m',
      '1h',
      '90m',
      '1d',
      '25h',
    ]);
  });
});

describe('risks in a plan', () => {
  const risk = (more: Partial<Risk>): Risk => ({
    kind: 'deletes',
    subject: 'Example',
    digest: DIGEST,
    summary: 'Site Example loses 3 of 4 users',
    items: [],
    approvable: true,
    approved: undefined,
    ...more,
  });
  const user = (name: string) => ({ address: userAddress('Example', name), text: 'user' });
  const risks = (list: readonly Risk[], options: Partial<PlanTextOptions> = {}) =>
    sectionOf(linesOf({ ...EMPTY, risks: list }, options), 'Risks');

  it('are each told with what it is made of and the line that approves it', () => {
    expect(risks([risk({ items: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(user) })])).toEqual([
      'Risks   1 not approved',
      '  ✗ deletes:Example   Site Example loses 3 of 4 users',
      '      a, b, c, d, e, … and 2 more',
      '      approve with:',
      `          --approve deletes:Example@${DIGEST}`,
      '  Or commit it with the change, in approvals: of a server document.',
    ]);
    expect(risks([risk({ items: ['a', 'b', 'c', 'd', 'e', 'f'].map(user) })], { full: true })[2]).toBe(
      '      a, b, c, d, e, f',
    );
  });

  it('that are approved say where', () => {
    const approval = { risk: 'deletes', subject: 'Example', digest: DIGEST } as const;
    expect(risks([risk({ approved: approval }), risk({ approved: { ...approval, range: range(12) } })])).toEqual([
      'Risks   2 approved',
      '  ✓ deletes:Example   Site Example loses 3 of 4 users',
      '      approved (--approve)',
      '  ✓ deletes:Example   Site Example loses 3 of 4 users',
      '      approved (approvals, tests.yaml:12:5)',
    ]);
  });

  it('that no approval lifts offer none', () => {
    const item = { address: SERVER1, text: 'protected' };
    const held = risk({ kind: 'protected', subject: 'Example/Server1', approvable: false, items: [item] });
    expect(risks([held])).toEqual([
      'Risks   1 not approved',
      '  ✗ protected:Example/Server1   Site Example loses 3 of 4 users',
      '      no approval lifts this',
    ]);
  });

  it('name kinds where they differ, and what is said of each', () => {
    const items = [user('a'), { address: GROUP1, text: 'group' }, { address: CLIENT1, text: '3 live' }];
    expect(risks([risk({ items })])[2]).toBe('      user a, group Group1, application Client1 3 live');
  });

  it('are never left out, however many there are and however long their names', () => {
    const many = Array.from({ length: 60 }, (_, number) => risk({ subject: `${'s'.repeat(80)}${number}` }));
    const lines = linesOf({ ...EMPTY, risks: many });
    for (const { subject } of many) expect(lines).toContain(`          --approve deletes:${subject}@${DIGEST}`);
  });

  it('that hold a reload are told in its log', () => {
    const held = risk({});
    const plan = {
      ...planOf(EX2, without(EX2, 'scope:WS')),
      risks: [held, risk({ kind: 'protected', approvable: false })],
    };
    const lines = renderReload(plan, placesOf(EX2, EX2), { color: false }).split('\n');
    expect(lines.slice(1, 3)).toEqual([
      `✗ Site Example loses 3 of 4 users   charter approve deletes:Example@${DIGEST}`,
      '✗ Site Example loses 3 of 4 users',
    ]);
  });
});

describe('what moves', () => {
  const client = applicationAddress('Example', 'Batch');
  const group = groupAddress('Other', 'Readers');
  const renames = [
    [CLIENT1, client],
    [GROUP1, group],
  ] as const;
  const moves = renames.map(([from, to]): Move => ({ from, to, range: undefined }));
  const entity = (address: Address) => EX2.get(address) as Entity;
  const after = edited(
    edited(
      added(without(EX2, CLIENT1, GROUP1), [
        [client, entity(CLIENT1)],
        [group, entity(GROUP1)],
        ['site:Other', { kind: 'site', methods: [METHOD] }],
      ]),
      'user',
      USER1,
      { impersonated_by: [{ to: client }] },
    ),
    'application',
    SERVER1,
    { allowed_to: [{ to: group }] },
  );
  const plan = planOf(EX2, after, 0, [], moves);

  it('is one line with both names, and what only follows is told as that', () => {
    expect(linesOf(plan, {}, [EX2, after])).toEqual([
      'Site Example',
      '  > application Example/Client1 → Example/Batch       applications.yaml:1:1',
      '  ~ application Example/Server1                       applications.yaml:2:1',
      '      ~ allowed_to   Example/Group1 → Other/Readers (moved)',
      '  ~ user Example/User1                                users.yaml:1:1',
      '      ~ impersonated_by   Example/Client1 → Example/Batch (moved)',
      '',
      'Site Other',
      '  + site Other                                        sites.yaml:2:1',
      '  > group Example/Group1 → Other/Readers              groups.yaml:3:1',
      '',
      'Risks   none',
      '',
      'Plan: 1 to add, 2 to change, 0 to delete, 2 to move. Access equivalent. 8 unchanged.',
      '',
    ]);
  });

  it('is told beside what else its list gains and loses', () => {
    const wide = edited(after, 'application', SERVER1, { allowed_to: [{ to: GROUP2 }, { to: group }] });
    const lines = linesOf(planOf(EX2, wide, 0, [], moves), {}, [EX2, wide]);
    expect(lines).toContain('      ~ allowed_to   + Example/Group2  Example/Group1 → Other/Readers (moved)  widens');
    const bounded = edited(after, 'application', SERVER1, { allowed_to: [{ to: group, expires: '2027-01-31' }] });
    const ended = linesOf(planOf(EX2, bounded, 0, [], moves), {}, [EX2, bounded]);
    expect(ended).toContain('      ~ allowed_to   ~ Other/Readers without end → until 2027-01-31  narrows');
  });

  it('is told by a reload with both names', () => {
    const lines = renderReload(plan, placesOf(EX2, after), { color: false }).split('\n');
    expect(lines[1]).toBe('> application Example/Client1 → Example/Batch   applications.yaml:1:1');
    expect(lines[2]).toBe(
      '~ application Example/Server1: allowed_to Example/Group1 → Other/Readers (moved)   applications.yaml:2:1',
    );
  });
});

describe('what becomes of tokens', () => {
  const told = (before: State, after: State, usage?: readonly (readonly [Address, Usage])[]) => {
    const plan = planOf(before, after);
    return linesOf(usage === undefined ? plan : withUsage(plan, new Map(usage)), {}, [before, after]);
  };
  const used = (known: Partial<Usage>): Usage => ({
    liveTokens: 0,
    families: 0,
    users: 0,
    sessions: 0,
    lastUsed: undefined,
    ...known,
  });
  const off = edited(EX2, 'application', CLIENT1, { enabled: false });
  const at = Date.UTC(2026, 10, 22, 4, 20, 59);

  it('is told below the change that ends them, as far as it is known', () => {
    const offline = 'JWTs checked offline live on for up to 1h';
    expect(told(EX2, off)).toContain(`      ends the tokens issued before · ${offline}`);
    expect(told(EX2, off, [[CLIENT1, used({ liveTokens: 12, lastUsed: at })]])).toContain(
      `      12 live tokens end · last used 2026-11-22T04:20Z · ${offline}`,
    );
    expect(told(EX2, off, [[CLIENT1, used({ liveTokens: 1 })]])).toContain(`      1 live token ends · ${offline}`);
    expect(told(EX2, off, [])).toContain(`      ends the tokens issued before · ${offline}`);
  });

  it('is told with whose logins and refresh tokens end', () => {
    const ends = (known: Partial<Usage>) =>
      told(EX2, off, [[CLIENT1, used(known)]])
        .find((line) => line.includes('JWTs checked offline'))
        ?.trim();
    const offline = 'JWTs checked offline live on for up to 1h';
    expect(ends({ families: 40, users: 31, liveTokens: 120, lastUsed: at })).toBe(
      `ends 40 refresh families of 31 users, 120 stored tokens · last used 2026-11-22T04:20Z · ${offline}`,
    );
    expect(ends({ families: 1, users: 1, liveTokens: 1 })).toBe(
      `ends 1 refresh family of 1 user, 1 stored token · ${offline}`,
    );
    expect(ends({ families: 2 }), 'of a client that acts as itself').toBe(`ends 2 refresh families · ${offline}`);
    expect(ends({ users: 3 }), 'who were given no refresh token').toBe(`ends grants of 3 users · ${offline}`);
    const user = edited(EX2, 'user', USER1, { enabled: false });
    const ofUser = (known: Partial<Usage>) =>
      told(EX2, user, [[USER1, used(known)]])
        .find((line) => line.includes('session'))
        ?.trim();
    expect(ofUser({ sessions: 12, families: 5, liveTokens: 7 })).toMatch(
      /^ends 12 sessions, 5 refresh families, 7 stored tokens/,
    );
    expect(ofUser({ sessions: 1 })).toMatch(/^ends 1 session( ·|$)/);
  });

  it('of a deleted client may be that nobody used it; a server has none to end', () => {
    const opaque = edited(EX2, 'application', CLIENT1, { tokens: { format: 'opaque' } });
    expect(told(opaque, without(opaque, CLIENT1), [])).toContain('      no live tokens · no use recorded');
    expect(told(opaque, without(opaque, CLIENT1)).join('\n')).not.toContain('no live');
    expect(told(opaque, without(opaque, SERVER1), []).join('\n')).not.toContain('no live');
  });

  it('that go on is told below the last thing that their client loses, with how long others still believe it', () => {
    const narrow = edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'] } });
    const usage = [[CLIENT1, used({ liveTokens: 2, lastUsed: at })]] as const;
    expect(sectionOf(told(EX2, narrow, usage), 'Access').slice(1)).toEqual(
      [
        '  - Client1 → Server1     Client1 may no longer ask for Server1    (was applications.yaml:1)',
        '  - Client1 → Server2     Client1 may no longer ask for Server2    (was applications.yaml:1)',
        '      2 live tokens lose this · last used 2026-11-22T04:20Z',
        '  JWTs checked offline still carry what was lost, for up to 1h.',
      ].map((line) => line.replace('(was applications.yaml:1)', 'applications.yaml:1:18')),
    );
    const text = sectionOf(told(EX2, narrow), 'Access').join('\n');
    expect(text).not.toContain('lose this');
    expect(text).not.toContain('used');
  });

  it('is told of the one that lives longest', () => {
    const second: Entity = {
      kind: 'application',
      client_id: 'two',
      methods: [METHOD],
      tokens: { access_ttl: '90m' },
      metadata: { grant_types: ['client_credentials'], scope: 'Server2' },
    };
    const two = applicationAddress('Example', 'Two');
    const before = edited(added(EX2, [[two, second]]), 'user', USER1, {
      impersonated_by: [{ to: CLIENT1 }, { to: two }],
    });
    const after = edited(before, 'application', SERVER2, { enabled: false });
    expect(told(before, after)).toContain('  JWTs checked offline still carry what was lost, for up to 90m.');
  });
});

describe('access under headings', () => {
  const wider = edited(EX2, 'group', GROUP1, { members: [{ to: USER1 }, { to: CLIENT_GROUP }] });
  const shut = edited(wider, 'application', SERVER2, { allowed_to: [] });
  const open = edited(shut, 'application', CLIENT1, {
    metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' },
  });
  const access = (groupBy: PlanTextOptions['groupBy']) =>
    sectionOf(linesOf(planOf(EX2, open), { groupBy }, [EX2, open]), 'Access').slice(1);

  it('of clients and of audiences says nothing twice', () => {
    expect(access('client')).toEqual([
      '  Client1   +1 −1',
      '    - Server2      Server2 is no longer open to Group2    (was applications.yaml:3)',
      '    + scope WS     as User1                               applications.yaml:1:18',
    ]);
    expect(access('audience')).toEqual([
      '  Server2   −1',
      '    - Client1     Server2 is no longer open to Group2    (was applications.yaml:3)',
    ]);
  });

  it('of causes says the line once', () => {
    expect(access('cause')).toEqual([
      '  metadata.scope of application Client1   +1                applications.yaml:1:18',
      '    + Client1 → scope WS     as User1',
    ]);
  });

  it('of causes names the entry where many stand on one line', () => {
    const members = [CLIENT_GROUP, USER1].map((to) => ({ to }));
    const none = edited(edited(EX2, 'group', GROUP2, { members: [] }), 'application', SERVER1, { allowed_to: [] });
    const some = edited(edited(EX2, 'group', GROUP2, { members }), 'application', SERVER1, {
      allowed_to: [{ to: GROUP2 }],
    });
    const accessLines = (lines: readonly string[]) =>
      lines.slice(
        lines.indexOf('Access') + 1,
        lines.findIndex((line) => line.startsWith('Risks')),
      );
    const headings = (from: State, to: State) =>
      accessLines(linesOf(planOf(from, to), { groupBy: 'cause' }, [from, to]))
        .filter((line) => /^ {2}\S/.test(line))
        .map((line) => line.trim().replace(/ {3,}.*/, ''));
    expect(headings(none, some)).toEqual([
      'group Group2 in allowed_to of application Server1',
      'User1 in group Group2',
    ]);
    const free = edited(EX2, 'user', USER1, { impersonated_by: [] });
    expect(headings(free, EX2)).toEqual(['Client1 as user User1']);
  });

  it('is cut where it is much, by group and by row, and not at all on demand', () => {
    const clients = Array.from({ length: 70 }, (_, number): [Address, Entity] => [
      applicationAddress('Example', `c${String(number).padStart(2, '0')}`),
      {
        kind: 'application',
        client_id: `c${number}`,
        methods: [METHOD],
        metadata: { grant_types: ['client_credentials'], scope: 'Server1 Server2' },
      },
    ]);
    const before = added(EX2, clients);
    const links = [CLIENT1, ...clients.map(([to]) => to as typeof CLIENT1)].map((to) => ({ to }));
    const after = edited(before, 'user', USER1, { impersonated_by: links });
    const lines = (options: Partial<PlanTextOptions>) => linesOf(planOf(before, after), options, [before, after]);
    expect(lines({ groupBy: 'audience' })).toContain('    + 70 clients     c00, c01, c02, … and 67 more');
    expect(lines({ groupBy: 'client' })).toContain('  … and 30 more clients: +60');
    const all = lines({ groupBy: 'client', full: true }).join('\n');
    expect(all).toContain('  c69   +2');
    expect(all).not.toContain('…');
    expect(lines({ full: true }).filter((line) => line.startsWith('  + '))).toHaveLength(140);
  });
});

describe('a plan against what is no store', () => {
  it('says with what it is compared, changes or none', () => {
    const base = { kind: 'ref', ref: 'main', commit: '4b1c9e0d2f6a8b7c5e3d', digest: '' } as const;
    expect(linesOf({ ...EMPTY, base })[0]).toBe('No changes. Access equivalent. Compared with main (4b1c9e0d2f6a).');
    const plan = { ...SMALL, base: { kind: 'dir', path: '../x', digest: '' } as const };
    expect(linesOf(plan).at(-2)).toBe(
      'Plan: 0 to add, 1 to change, 0 to delete. Access equivalent. 11 unchanged. Compared with ../x.',
    );
  });
});

describe('what the store holds otherwise', () => {
  it('is counted and named, also where the spec changes nothing', () => {
    const { changes } = planOf(EX2, edited(without(EX2, 'scope:WS'), 'group', GROUP1, { members: [] }));
    const lines = linesOf({ ...EMPTY, drift: { recorded: '', found: 'x', changes } });
    expect(lines).toEqual([
      'Risks   none',
      '',
      'Drift   1 changed, 1 deleted in the store since generation 7, and not by Charter; applying mends it',
      '  - scope WS',
      '  ~ group Group1',
      '',
      'Plan: 0 to add, 0 to change, 0 to delete. Access equivalent. 12 unchanged.',
      '',
    ]);
  });
});

describe('every section', () => {
  it('keeps from the terminal what a spec or a caller can write', () => {
    const nasty = 'x\u001b[2Jy\u0007\r\nz\u202ew\u2028';
    const { plan, places } = tellingPlan(nasty);
    for (const groupBy of [undefined, 'client', 'audience', 'cause'] as const) {
      const text = renderPlan(plan, places, { color: false, groupBy, full: true });
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(text).toContain('\\u{1b}');
    }
    const reload = renderReload(plan, places, { color: false });
    expect(reload.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });

  it('is the same text in colour', () => {
    const { plan, places } = tellingPlan('name');
    const colored = renderPlan(plan, places, { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken out
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderPlan(plan, places, { color: false }));
  });
});

describe('what a risk is made of', () => {
  const risksOf = (plan: Plan, options: Partial<PlanTextOptions> = {}) => sectionOf(linesOf(plan, options), 'Risks');

  it('is told of the one that the risk is named after, where it says more than the first line', () => {
    const risk: Risk = {
      kind: 'restricted',
      subject: 'Example/Client1',
      digest: DIGEST,
      summary: 'Example/Client1 is restricted, and a client gains access to it',
      items: [{ address: CLIENT1, text: 'as itself from 2027-01-01' }],
      approvable: true,
      approved: undefined,
    };
    expect(risksOf({ ...SMALL, risks: [risk] }).slice(2, 4)).toEqual([
      '      as itself from 2027-01-01',
      '      approve with:',
    ]);
    const live = { ...risk, summary: '3 live tokens end', items: [{ address: CLIENT1, text: '3 live' }] };
    const kind = { ...risk, items: [{ address: CLIENT1, text: 'application' }] };
    for (const one of [live, kind]) expect(risksOf({ ...SMALL, risks: [one] })[2]).toBe('      approve with:');
  });

  it('is approved by what is not known, of a plan that was applied once', () => {
    const approved = { risk: 'deletes', subject: 'A', digest: DIGEST } as const;
    const risk: Risk = {
      kind: 'deletes',
      subject: 'A',
      digest: DIGEST,
      summary: 'gone',
      items: [],
      approvable: true,
      approved,
    };
    const plan = { ...SMALL, risks: [risk] };
    expect(risksOf(plan).at(-1)).toBe('      approved (--approve)');
    expect(risksOf(plan, { recorded: true }).at(-1)).toBe('      approved');
  });
});
