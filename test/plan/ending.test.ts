import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress } from '../../src/model/address.ts';
import type { ApplicationEntity, Entity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { endingSoon } from '../../src/plan/ending.ts';
import { planToJson } from '../../src/plan/json.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { renderPlan } from '../../src/plan/text.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  originsOf,
  SERVER1,
  SERVER2,
  USER1,
} from '../model/example-state.ts';
import { affectedBy, placesOf, planOf } from './make.ts';

const NOW = Date.UTC(2027, 0, 1);
const DAY = 86_400_000;
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$SENSITIVE';
const OTHER_HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$SENSITIVETOO';

const application = (edit: { readonly [key in keyof ApplicationEntity]?: ApplicationEntity[key] | undefined }) =>
  edited(EX2, 'application', SERVER1, { secret: undefined, ...edit });
const textOf = (before: State, after: State, now = NOW) =>
  renderPlan(planOf(before, after, now), placesOf(before, after), { color: false });
const jsonOf = (before: State, after: State, now = NOW) =>
  planToJson(planOf(before, after, now), placesOf(before, after), { exit_code: 0, changes: false });

/** The lines from a heading to the next empty one. */
function sectionOf(text: string, heading: string): readonly string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(heading);
  return from < 0 ? [] : lines.slice(from + 1, lines.indexOf('', from));
}

/** The lines that tell members, without what is said at their right. */
const membersOf = (before: State, after: State) =>
  textOf(before, after)
    .split('\n')
    .filter((line) => line.startsWith('      '))
    .map((line) => line.slice(6).replace(/ {2,}(?:(?:widens|narrows)(?:, |$))+$/, ''));

describe('DESIGN 3: what ends within 7 days is listed', () => {
  const soon = (state: State) => sectionOf(textOf(EX2, state), 'Ends within 7 days');
  const until = (days: number) => new Date(NOW + days * DAY).toISOString();

  it('from after now to a week later, and nothing that has ended', () => {
    const ending = (at: number) =>
      endingSoon(edited(EX2, 'user', USER1, { expires: new Date(at).toISOString() }), originsOf(EX2), NOW).length;
    expect([NOW - 1, NOW, NOW + 1, NOW + 7 * DAY, NOW + 7 * DAY + 1].map(ending)).toEqual([0, 0, 1, 1, 0]);
  });

  it('links of each kind, applications, users, secrets and redirect URIs, with their places, the first to end first', () => {
    let state = edited(EX2, 'group', GROUP1, { members: [{ to: USER1, expires: until(1) }] });
    state = edited(state, 'group', GROUP2, { members: [{ to: CLIENT_GROUP, expires: until(2) }] });
    state = edited(state, 'user', USER1, {
      impersonated_by: [{ to: CLIENT1, expires: '2027-01-04' }],
      expires: until(4),
    });
    state = edited(state, 'application', SERVER1, {
      allowed_to: [{ to: GROUP1, expires: until(5) }],
      expires: until(6),
      secret: undefined,
      secrets: [{ env: 'OLD', expires: until(2.5) }, { env: 'NEW' }, { hash: HASH, expires: until(2.25) }],
      metadata: {
        redirect_uris: [{ uri: 'https://server1.example/' }, { uri: 'https://a.example/', expires: until(7) }],
      },
    });
    expect(soon(state)).toEqual(
      [
        '  User1 in Group1                 until 2027-01-02            groups.yaml:2:21',
        '  ClientGroup in Group2           until 2027-01-03            groups.yaml:3:21',
        '  secret hash (sensitive) of Server1   until 2027-01-03T06:00:00Z  applications.yaml:2:13',
        '  secret env:OLD of Server1       until 2027-01-03T12:00:00Z  applications.yaml:2:13',
        '  Client1 as User1                until 2027-01-04            users.yaml:1:29',
        '  user User1                      until 2027-01-05            users.yaml:1:11',
        '  Server1 open to Group1          until 2027-01-06            applications.yaml:2:24',
        '  application Server1             until 2027-01-07            applications.yaml:2:11',
        '  https://a.example/ of Server1   until 2027-01-08            applications.yaml:2:28',
      ].map((line) =>
        expect.stringMatching(new RegExp(`^${line.replace(/[.()]/g, '\\$&').replace(/ {2,}/g, ' {2,}')}$`)),
      ),
    );
  });

  it('also where nothing changes, and not at all where nothing ends', () => {
    const state = edited(EX2, 'user', USER1, { expires: until(1) });
    expect(textOf(state, state)).toBe(
      'No changes. Access equivalent. The store is at generation 7.\n\nEnds within 7 days\n' +
        `${'  user User1   until 2027-01-02'.padEnd(54)}users.yaml:1:11\n`,
    );
    expect(textOf(EX2, EX2)).toBe('No changes. Access equivalent. The store is at generation 7.\n');
    expect(jsonOf(EX2, EX2).ending).toEqual([]);
  });

  it('of many the first, and how many more', () => {
    const many = Array.from({ length: 50 }, (_, position): [Address, Entity] => [
      groupAddress('Example', `Many${position}`),
      { kind: 'group', members: [{ to: USER1, expires: until(1) }] },
    ]);
    const lines = soon(added(EX2, many));
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('  … and 30 more');
    expect(textOf(EX2, added(EX2, many))).toContain(
      'Long lists are cut here; --full names everything, and --json FILE holds it.',
    );
    expect(jsonOf(EX2, added(EX2, many)).ending).toHaveLength(50);
  });

  it('by full names where it makes the plan tell of two sites, and not in the lines of a reload', () => {
    const elsewhere = added(EX2, [
      [groupAddress('West', 'G'), { kind: 'group', members: [{ to: USER1, expires: until(1) }] }],
    ]);
    const after = edited(elsewhere, 'group', GROUP2, { members: [] });
    expect(sectionOf(textOf(elsewhere, after), 'Ends within 7 days')[0]).toMatch(/^ {2}Example\/User1 in West\/G /);
    const reload = renderReload(planOf(elsewhere, after, NOW), placesOf(elsewhere, after), { color: false });
    expect(reload).toContain('- Client1 → Server2: User1 leaves Group2');
    expect(reload).not.toMatch(/West|until/);
  });

  it('to a machine with the ends of a link, the reference of a secret and never a hash', () => {
    let state = application({
      secrets: [
        { file: 'old', expires: until(1) },
        { hash: HASH, expires: until(2) },
      ],
    });
    state = edited(state, 'group', GROUP2, { members: [{ to: USER1, expires: until(3) }] });
    const json = jsonOf(state, state);
    expect(json.ending).toMatchObject([
      {
        what: 'secret',
        secret: { file: 'old' },
        until: '2027-01-02T00:00:00.000Z',
        address: SERVER1,
        pointer: '/secrets/0',
        source: { file: 'applications.yaml', start: { line: 2, column: 13 } },
      },
      {
        what: 'secret',
        until: '2027-01-03T00:00:00.000Z',
        address: SERVER1,
        pointer: '/secrets/1',
        source: { file: 'applications.yaml', start: { line: 2, column: 13 } },
      },
      {
        what: 'link',
        relation: 'member_of',
        from: USER1,
        to: GROUP2,
        until: '2027-01-04T00:00:00.000Z',
        address: GROUP2,
        pointer: '/members/0',
        source: { file: 'groups.yaml', start: { line: 3, column: 21 } },
      },
    ]);
    expect(json.ending[1]).not.toHaveProperty('secret');
    expect(JSON.stringify(json)).not.toContain('SENSITIVE');
  });
});

describe('DESIGN 3: an end in a list', () => {
  const members = (...written: { to: typeof USER1; expires?: string }[]) =>
    edited(EX2, 'group', GROUP2, { members: written });

  it('is told with the link that has it', () => {
    expect(membersOf(members(), members({ to: USER1, expires: '2028-01-31' }))).toEqual([
      '~ members   + User1 until 2028-01-31',
    ]);
    expect(membersOf(members({ to: USER1, expires: '2028-01-31' }), members())).toEqual([
      '~ members   - User1 until 2028-01-31',
    ]);
  });

  it('that is another is a change of that link, not a new one', () => {
    const second = { to: 'user:Example/User2' as const };
    expect(
      membersOf(members({ to: USER1, expires: '2028-01-31' }), members({ to: USER1, expires: '2029-01-31' })),
    ).toEqual(['~ members   ~ User1 until 2028-01-31 → until 2029-01-31']);
    expect(membersOf(members({ to: USER1 }, second), members({ to: USER1, expires: '2029-01-31' }))).toEqual([
      '~ members   - User2  ~ User1 without end → until 2029-01-31',
    ]);
    expect(membersOf(members({ to: USER1, expires: '2029-01-31' }), members({ to: USER1 }, second))).toEqual([
      '~ members   + User2  ~ User1 until 2029-01-31 → without end',
    ]);
  });

  it('of secrets stands beside their references', () => {
    const rotated = membersOf(
      application({ secrets: [{ env: 'A' }] }),
      application({
        secrets: [{ env: 'B', not_before: '2028-01-01' }],
      }),
    );
    expect(rotated).toEqual(['~ secrets   + env:B from 2028-01-01  - env:A']);
    expect(
      membersOf(
        application({ secrets: [{ env: 'A' }, { hash: HASH }, { file: 'c', expires: '2028-01-01' }] }),
        application({
          secrets: [
            { env: 'A', expires: '2028-02-01' },
            { hash: HASH, not_before: '2027-06-01', expires: '2028-03-01' },
            { hash: OTHER_HASH },
            { file: 'c', expires: '2028-01-02' },
          ],
        }),
      ),
    ).toEqual([
      '~ secrets   + hash (sensitive)  ~ env:A without end → until 2028-02-01  ' +
        '~ hash (sensitive) without end → from 2027-06-01 until 2028-03-01  ~ file:c until 2028-01-01 → until 2028-01-02',
    ]);
    expect(
      membersOf(application({}), application({ secrets: [{ env: 'A', expires: '2028-01-01' }, { hash: HASH }] })),
    ).toEqual(['+ secrets   env:A until 2028-01-01, hash (sensitive)']);
  });

  it('of secrets is in the JSON without any hash: the member is marked, its other words stay', () => {
    const json = jsonOf(
      application({ secrets: [{ hash: OTHER_HASH }] }),
      application({
        secrets: [
          { env: 'A', expires: '2028-01-01' },
          { hash: HASH, not_before: '2027-06-01' },
        ],
      }),
    );
    const [change] = json.resource_changes;
    expect(change?.change.after).toMatchObject({
      secrets: [{ env: 'A', expires: '2028-01-01' }, { not_before: '2027-06-01' }],
    });
    expect(change?.change).toMatchObject({ before_sensitive: { secrets: true }, after_sensitive: { secrets: true } });
    expect(change?.change.paths).toMatchObject([
      {
        path: '/secrets',
        op: 'replace',
        before: [{ withheld_hash: 1 }],
        after: [
          { env: 'A', expires: '2028-01-01' },
          { withheld_hash: 2, not_before: '2027-06-01' },
        ],
        meanings: ['neutral'],
      },
    ]);
    expect(JSON.stringify(json)).not.toMatch(/SENSITIVE|argon2/);
    const open = jsonOf(EX2, application({ secrets: [{ env: 'A' }] })).resource_changes[0];
    expect(open?.change.after_sensitive).toEqual({});
  });

  it('that no terminal is meant to see is written out', () => {
    const text = textOf(members(), members({ to: USER1, expires: '\u001b[2J' }));
    expect(text).toContain('User1 until \\u{1b}[2J');
  });
});

describe('DESIGN 3: access that ends', () => {
  /** The lines that say what is gained or lost. */
  const access = (before: State, after: State, now = NOW) =>
    sectionOf(textOf(before, after, now), 'Access').filter((line) => /^ {2}[-+] /.test(line));
  const membership = (expires?: string) =>
    edited(EX2, 'group', GROUP2, { members: [{ to: USER1, ...(expires === undefined ? {} : { expires }) }] });
  const none = edited(EX2, 'group', GROUP2, { members: [] });

  it('is gained until its instant, in text and in JSON', () => {
    const after = membership('2028-01-31T08:00:00+01:00');
    expect(access(none, after)).toEqual([
      expect.stringMatching(
        /^ {2}\+ Client1 → Server2 {5}as User1, through Group2, until 2028-01-31T07:00:00Z {2,}groups/,
      ),
    ]);
    expect(jsonOf(none, after).access_changes).toMatchObject([{ effect: 'grant', until: '2028-01-31T07:00:00.000Z' }]);
    const reload = renderReload(planOf(none, after, NOW), placesOf(none, after), { color: false });
    expect(reload).toContain('+ Client1 → Server2 as User1, through Group2, until 2028-01-31T07:00:00Z');
    const endless = jsonOf(none, membership()).access_changes[0];
    expect(endless).toMatchObject({ effect: 'grant' });
    expect(endless).not.toHaveProperty('until');
  });

  it('by itself is no change of a plan, whatever else the plan changes', () => {
    const state = membership('2026-12-31');
    expect(access(state, edited(state, 'group', GROUP2, { methods: undefined }))).toEqual([]);
  });

  it('is gained again by a later end, told with the place of the link', () => {
    const [change] = planOf(membership('2026-12-31'), membership('2027-12-31'), NOW).access;
    expect(change).toMatchObject({
      effect: 'grant',
      audience: 'Server2',
      other: { code: 'NOT_IN_ALLOWED_GROUP', missing: { address: GROUP2, pointer: '/members/0' } },
      cause: { place: { address: GROUP2, pointer: '/members/0' } },
    });
  });

  it('is lost by an end that has passed, and the plan says that it has', () => {
    expect(access(membership(), membership('2026-12-31'))).toEqual([
      '  - Client1 → Server2     User1 leaves Group2, by an end that has passed    groups.yaml:3:21',
    ]);
    const closed = edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP2, expires: '2026-12-31' }] });
    expect(access(EX2, closed)).toEqual([
      '  - Client1 → Server2     Server2 is no longer open to Group2, by an end that has passed    applications.yaml:3:24',
    ]);
    const alone = edited(EX2, 'user', USER1, { impersonated_by: [{ to: CLIENT1, expires: '2026-12-31' }] });
    expect(access(EX2, alone)).toContain(
      '  - Client1 → Server2     Client1 no longer impersonates User1, by an end that has passed    users.yaml:1:29',
    );
  });

  it('is lost by a link that is gone, whatever else of its list has ended', () => {
    const inner = { to: GROUP1, expires: '2026-12-31' };
    const before = edited(EX2, 'group', GROUP2, { members: [inner, { to: USER1 }] });
    const after = edited(EX2, 'group', GROUP2, { members: [inner] });
    expect(access(before, after)).toEqual([
      '  - Client1 → Server2     User1 leaves Group2         (was groups.yaml:3)',
    ]);
  });

  it('is lost with an application that has expired, client and audience alike', () => {
    const expired = (address: typeof CLIENT1) => edited(EX2, 'application', address, { expires: '2026-12-31' });
    expect(access(EX2, expired(SERVER2))).toEqual([
      '  - Client1 → Server2     Server2 has expired         applications.yaml:3:11',
    ]);
    expect(access(EX2, expired(CLIENT1))).toEqual(
      ['Client1', 'Server1', 'Server2'].map(
        (audience) => `  - Client1 → ${audience}     Client1 has expired         applications.yaml:1:11`,
      ),
    );
  });

  it('asks about who is touched: by an end of a link or an application, not by a secret’s or a redirect URI’s', () => {
    const touched = (after: State) => affectedBy(EX2, after);
    expect(touched(membership('2028-01-01'))).toEqual([CLIENT1, SERVER2]);
    expect(touched(edited(EX2, 'application', SERVER2, { expires: '2028-01-01' }))).toEqual([CLIENT1, SERVER2]);
    const secrets = edited(EX2, 'application', SERVER2, { secret: undefined, secrets: [{ env: 'A' }] });
    expect(touched(secrets)).toEqual([]);
    const metadata = { grant_types: [], redirect_uris: [{ uri: 'https://a.example', expires: '2028-01-01' }] };
    expect(touched(edited(EX2, 'application', applicationAddress('Example', 'Server2'), { metadata }))).toEqual([]);
  });
});
