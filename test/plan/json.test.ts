import { describe, expect, it } from 'vitest';
import type { Entity } from '../../src/model/entity.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import { type PlanJson, planToJson } from '../../src/plan/json.ts';
import { publicEntity } from '../../src/plan/public-entity.ts';
import { CLIENT1, EX1, EX2, edited, GROUP2, USER1, without } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';

const jsonOf = (before: State, after: State): PlanJson =>
  planToJson(planOf(before, after), placesOf(before, after), { exit_code: 2, changes: true });
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$SENSITIVE';

describe('a plan as JSON', () => {
  it('has the members of its format, and nothing that JSON cannot hold', () => {
    const json = jsonOf(EX2, edited(EX2, 'group', GROUP2, { members: [] }));
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({
      format_version: '1.0',
      base: { kind: 'store', generation: 7 },
      summary: { add: 0, change: 1, delete: 0, unchanged: 11, access_added: 0, access_removed: 1 },
      outcome: { exit_code: 2, changes: true },
    });
    expect(json.result_digest).toMatch(/^sha256:[0-9a-f]{64}$/);
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
      { path: '/enabled', op: 'add', after: false },
      { path: '/metadata/scope', op: 'replace', before: 'Server1 Server2', after: 'Server1' },
    ]);
    expect(change?.source).toEqual({
      file: 'applications.yaml',
      start: { line: 1, column: 1 },
      end: { line: 1, column: 2 },
    });
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
      cause: { address: GROUP2, pointer: '/members/0', file: 'groups.yaml', line: 3, column: 13 },
    });
    expect(access?.via.map(({ relation }) => relation)).toContain('member_of');
  });

  it('tells of a scope its name instead of an audience, and of both as whom', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' };
    const json = jsonOf(EX2, edited(EX2, 'application', CLIENT1, { metadata }));
    expect(json.summary).toMatchObject({ access_added: 1, access_removed: 0 });
    expect(json.access_changes).toMatchObject([{ effect: 'grant', client: CLIENT1, scope: 'WS', user: USER1 }]);
    expect(json.access_changes[0]).not.toHaveProperty('audience');
    expect(json.access_changes[0]).not.toHaveProperty('application');
    expect(json.access_changes[0]?.via[0]).toEqual({ relation: 'may_ask_for', from: CLIENT1, to: 'scope:WS' });
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

describe('S:R-6 what is sensitive', () => {
  const hashed = edited(EX2, 'application', CLIENT1, { secret: { hash: HASH } });

  it('is absent, and said to be so', () => {
    const [change] = jsonOf(EX2, hashed).resource_changes;
    expect(change?.change).toMatchObject({
      before: { secret: { env: 'CLIENT1_SECRET' } },
      before_sensitive: {},
      after_sensitive: { secret: true },
      paths: [{ path: '/secret', op: 'replace', before: { env: 'CLIENT1_SECRET' } }],
    });
    expect(change?.change.after).not.toHaveProperty('secret');
    expect(JSON.stringify(change)).not.toContain('SENSITIVE');
  });

  it('is absent from creates and deletes', () => {
    for (const json of [jsonOf(EMPTY_STATE, hashed), jsonOf(hashed, EMPTY_STATE)]) {
      expect(JSON.stringify(json)).not.toMatch(/SENSITIVE|argon2id/);
    }
  });

  it('is left out also of a reference that says more than a name', () => {
    const secret = { env: 'A', value: 'SENSITIVE' };
    const { entity } = publicEntity({ kind: 'application', client_id: 'a', secret });
    expect(entity).toEqual({ kind: 'application', client_id: 'a', secret: { env: 'A' } });
  });
});
