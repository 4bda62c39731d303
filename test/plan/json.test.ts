import { describe, expect, it } from 'vitest';
import { type Address, groupAddress } from '../../src/model/address.ts';
import { digestEntity } from '../../src/model/digest.ts';
import type { Entity } from '../../src/model/entity.ts';
import { followRenames } from '../../src/model/move.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { planToJson } from '../../src/plan/json.ts';
import type { PlanJson } from '../../src/plan/json-types.ts';
import type { Plan, Risk } from '../../src/plan/plan.ts';
import { hashNumbers, publicEntity } from '../../src/plan/public-entity.ts';
import { CLIENT1, EX1, EX2, edited, GROUP2, SERVER2, USER1, without } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';

const jsonOf = (before: State, after: State): PlanJson =>
  planToJson(planOf(before, after), placesOf(before, after), { exit_code: 2, changes: true });
/** Where originsOf puts the first application. */
const at = (column: number) => ({
  file: 'applications.yaml',
  start: { line: 1, column, offset: 100 + column },
  end: { line: 1, column: column + 1, offset: 101 + column },
});
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$SENSITIVE';

describe('a plan as JSON', () => {
  it('has the members of its format, and nothing that JSON cannot hold', () => {
    const json = jsonOf(EX2, edited(EX2, 'group', GROUP2, { members: [] }));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({
      format_version: '1.0',
      base: { kind: 'store', generation: 7 },
      token_changes: [],
      tests: [],
      risks: [],
      drift: null,
      ending: [],
      summary: { add: 0, change: 1, move: 0, delete: 0, unchanged: 11, access_added: 0, access_removed: 1 },
      outcome: { exit_code: 2, changes: true, tests_failed: 0, risks_unapproved: 0 },
    });
    expect(json.result_digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(json).not.toHaveProperty('timestamp');
    expect(json).not.toHaveProperty('config');
  });

  it('tells a create, an update and a delete as lists of actions', () => {
    const before = without(EX2, 'method:password.1');
    const after = edited(without(EX2, 'scope:WS'), 'group', GROUP2, { members: [] });
    expect(
      jsonOf(before, after).resource_changes.map(({ address, kind, name, site, change }) => [
        address,
        kind,
        name,
        site,
        change.actions,
        change.before === null,
        change.after === null,
      ]),
    ).toEqual([
      ['method:password.1', 'method', 'password.1', undefined, ['create'], true, false],
      ['scope:WS', 'scope', 'WS', undefined, ['delete'], false, true],
      [GROUP2, 'group', 'Group2', 'Example', ['update'], false, false],
    ]);
  });

  it('names each changed member with its values and its place', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1' };
    const [change] = jsonOf(EX2, edited(EX2, 'application', CLIENT1, { metadata, enabled: false })).resource_changes;
    expect(change?.change.paths).toEqual([
      { path: '/enabled', op: 'add', after: false, meanings: ['narrowing', 'breaking'], source: at(11) },
      {
        path: '/metadata/scope',
        op: 'replace',
        before: 'Server1 Server2',
        after: 'Server1',
        meanings: ['narrowing'],
        source: at(18),
      },
    ]);
    expect(change?.source).toEqual(at(1));
  });

  it('says which update ends the tokens from before', () => {
    const disabled = edited(EX2, 'user', USER1, { enabled: false });
    expect(jsonOf(disabled, EX2).resource_changes[0]?.change.renews).toBe(true);
    expect(jsonOf(EX2, disabled).resource_changes[0]?.change.renews).toBe(false);
  });

  it('tells of an access change the links and the place of the one that caused it', () => {
    const [access] = jsonOf(edited(EX2, 'group', GROUP2, { members: [] }), EX2).access_changes;
    expect(access).toMatchObject({
      effect: 'grant',
      client: CLIENT1,
      client_id: 'Client1',
      audience: 'Server2',
      reason: 'NOT_IN_ALLOWED_GROUP',
      refusal: { missing: { address: SERVER2, pointer: '/allowed_to' } },
      cause: {
        address: GROUP2,
        pointer: '/members/0',
        source: { file: 'groups.yaml', start: { line: 3, column: 13 } },
      },
    });
    expect(access?.via).toContainEqual({
      relation: 'member_of',
      from: USER1,
      to: GROUP2,
      at: { address: GROUP2, pointer: '/members/0' },
    });
    expect(access?.refusal?.via.map(({ relation }) => relation)).toContain('impersonates');
  });

  it('tells of a scope its name instead of an audience, and of both as whom', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' };
    const json = jsonOf(EX2, edited(EX2, 'application', CLIENT1, { metadata }));
    expect(json.summary).toMatchObject({ access_added: 1, access_removed: 0 });
    expect(json.access_changes).toMatchObject([{ effect: 'grant', client: CLIENT1, scope: 'WS', user: USER1 }]);
    expect(json.access_changes[0]).not.toHaveProperty('audience');
    expect(json.access_changes[0]).not.toHaveProperty('application');
    expect(json.access_changes[0]).toHaveProperty('carried_by.audience');
    expect(json.access_changes[0]?.via[0]).toMatchObject({ relation: 'may_ask_for', from: CLIENT1, to: 'scope:WS' });
    expect(jsonOf(EMPTY_STATE, EX1).access_changes).toMatchObject([{ audience: 'Client1', user: null }]);
  });

  it('is the same text for the same plan, whatever the order of keys was', () => {
    const turned = createState(
      [...EX2].map(([address, entity]) => [
        address,
        Object.fromEntries(Object.entries(entity).reverse()) as unknown as Entity,
      ]),
    );
    expect(JSON.stringify(jsonOf(EMPTY_STATE, turned))).toBe(JSON.stringify(jsonOf(EMPTY_STATE, EX2)));
  });
});

describe('what a plan as JSON holds beside changes', () => {
  const plan: Plan = planOf(EX2, EX2);
  const places = placesOf(EX2, EX2);
  const tell = (parts: Partial<Plan>): PlanJson =>
    planToJson({ ...plan, ...parts }, places, { exit_code: 0, changes: false });
  const range = at(1);

  it('is a move with the old address and what changed beside it', () => {
    const renamed = groupAddress('Example', 'Renamed');
    const after = createState(
      [...without(EX2, GROUP2)].map(([address, entity]): [Address, Entity] => [
        address,
        followRenames(entity, new Map([[GROUP2, renamed]])),
      ]),
    );
    const moved = createState([...after, [renamed, { kind: 'group', members: [{ to: USER1 }] }]]);
    const moves = [{ from: GROUP2, to: renamed, range: undefined }];
    const json = planToJson(planOf(EX2, moved, 0, [], moves), placesOf(EX2, moved), { exit_code: 0, changes: true });
    expect(json.summary).toMatchObject({ add: 0, move: 1, delete: 0 });
    expect(json.resource_changes.find(({ address }) => address === renamed)).toMatchObject({
      previous_address: GROUP2,
      name: 'Renamed',
      change: { actions: ['move'], paths: [{ path: '/methods', op: 'remove' }] },
    });
  });

  it('is a risk with the approval that would lift it, and whether one does', () => {
    const risk: Risk = {
      kind: 'deletes',
      subject: 'Example',
      digest: '0123456789abcdef',
      summary: 'Site Example loses 4 of 9 groups',
      items: [{ address: GROUP2, text: 'group' }],
      approvable: true,
      approved: undefined,
    };
    const approved = { risk: risk.kind, subject: risk.subject, digest: risk.digest, range };
    const json = tell({ risks: [risk, { ...risk, approved }, { ...risk, kind: 'protected', approvable: false }] });
    expect(json.risks).toMatchObject([
      { approve: 'deletes:Example@0123456789abcdef', approvable: true, approved: false },
      { approve: 'deletes:Example@0123456789abcdef', approved: true, approval_source: range },
      { approve: null, approvable: false, approved: false },
    ]);
    expect(json.outcome.risks_unapproved).toBe(2);
  });

  it('is how tests end, what tokens say, and what becomes of tokens in use', () => {
    const test = { name: 'a', range, outcome: 'failed', before: 'passed', problems: ['aud is other'] } as const;
    const UNCOUNTED = {
      stopsRefresh: false,
      families: undefined,
      users: undefined,
      sessions: undefined,
      lastUsed: undefined,
      offlineSeconds: undefined,
    };
    const token = {
      client: CLIENT1,
      client_id: 'Client1',
      grant_type: 'client_credentials',
      scope: undefined,
    } as const;
    const json = tell({
      tests: [test],
      tokens: [
        { ...token, before: { claims: { aud: ['a'] }, lifetime: 300 }, after: undefined, refused: 'NO_AUDIENCE' },
      ],
      impact: [
        { ...UNCOUNTED, address: CLIENT1, ends: true, liveTokens: 3, lastUsed: 0 },
        { ...UNCOUNTED, address: USER1, ends: true, liveTokens: 0, families: 4, users: 0, sessions: 2 },
      ],
    });
    expect(json.outcome.tests_failed).toBe(1);
    expect(json.tests).toEqual([
      { name: 'a', source: range, outcome: 'failed', before: 'passed', problems: ['aud is other'] },
    ]);
    expect(json.token_changes).toEqual([
      { ...token, scope: null, before: { claims: { aud: ['a'] }, lifetime: 300 }, after: null, reason: 'NO_AUDIENCE' },
    ]);
    expect(json.impact).toEqual([
      { address: CLIENT1, ends: true, live_tokens: 3, last_used: '1970-01-01T00:00:00.000Z', offline_seconds: null },
      {
        address: USER1,
        ends: true,
        live_tokens: 0,
        refresh_families: 4,
        users: 0,
        sessions: 2,
        last_used: null,
        offline_seconds: null,
      },
    ]);
  });

  it('is the drift of the store, each entity as its own change', () => {
    const changes = diffStates(EX2, edited(EX2, 'group', GROUP2, { members: [] }));
    const json = tell({ drift: { recorded: plan.resultDigest, found: plan.digest, changes } });
    expect(json.drift).toMatchObject({
      recorded_digest: plan.resultDigest,
      found_digest: plan.digest,
      resource_changes: [{ address: GROUP2, change: { actions: ['update'], paths: [{ path: '/members' }] } }],
    });
  });
});

describe('S:R-6 what is sensitive', () => {
  const hashed = edited(EX2, 'application', CLIENT1, { secret: { hash: HASH } });

  it('is absent, and said to be so, with the digest of the whole entity', () => {
    const [change] = jsonOf(EX2, hashed).resource_changes;
    expect(change?.change).toMatchObject({
      before: { secret: { env: 'CLIENT1_SECRET' } },
      after: { secret: { withheld_hash: 1 } },
      before_sensitive: {},
      after_sensitive: { secret: true },
      after_digest: digestEntity(hashed.get(CLIENT1) as Entity),
      paths: [{ path: '/secret', op: 'replace', before: { env: 'CLIENT1_SECRET' }, after: { withheld_hash: 1 } }],
    });
    expect(JSON.stringify(change)).not.toContain('SENSITIVE');
  });

  it('is absent from each of several secrets, in whose place its number and its times stand', () => {
    const secrets = [{ hash: HASH, expires: '2027-01-01' }, { env: 'NEXT' }, { hash: `${HASH}2` }, { hash: HASH }];
    const several = edited(EX2, 'application', CLIENT1, { secret: undefined, secrets });
    const [change] = jsonOf(EMPTY_STATE, several).resource_changes.filter(({ address }) => address === CLIENT1);
    expect(change?.change).toMatchObject({
      after: {
        secrets: [
          { withheld_hash: 1, expires: '2027-01-01' },
          { env: 'NEXT' },
          { withheld_hash: 2 },
          { withheld_hash: 1 },
        ],
      },
      after_sensitive: { secrets: true },
    });
  });

  it('is absent from creates and deletes', () => {
    for (const json of [jsonOf(EMPTY_STATE, hashed), jsonOf(hashed, EMPTY_STATE)]) {
      expect(JSON.stringify(json)).not.toMatch(/SENSITIVE|argon2id/);
    }
  });

  it('is left out also of a reference that says more than a name', () => {
    const secret = { env: 'A', value: 'SENSITIVE' };
    const entity = publicEntity({ kind: 'application', client_id: 'a', secret }, hashNumbers());
    expect(entity).toEqual({ kind: 'application', client_id: 'a', secret: { env: 'A' } });
  });
});
