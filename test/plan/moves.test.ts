import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { formerNames, renamesOf } from '../../src/plan/moves.ts';
import { added, CLIENT1, EX2, edited, GROUP1, GROUP2, SERVER1, USER1, without } from '../model/example-state.ts';
import { planOf } from './make.ts';

const group = (name: string): Address => `group:Example/${name}`;
const stateOf = (...names: readonly string[]): State =>
  createState(names.map((name): [Address, Entity] => [group(name), { kind: 'group' }]));
const moves = (...all: readonly (readonly [string, string])[]) =>
  all.map(([from, to]) => ({ from: group(from), to: group(to), range: undefined }));
const renames = (before: State, after: State, ...all: readonly (readonly [string, string])[]) =>
  [...renamesOf(before, after, moves(...all))].map((names) => names.map((name) => name.slice('group:Example/'.length)));

describe('a plan follows', () => {
  it('an entry of what was there and is not, to what is there and was not', () => {
    expect(renames(stateOf('a', 'x'), stateOf('b', 'x'), ['a', 'b'])).toEqual([['a', 'b']]);
  });

  it('a chain to its end, in whatever order its entries stand, from wherever the State before is on it', () => {
    const chain = [
      ['b', 'c'],
      ['a', 'b'],
      ['c', 'd'],
    ] as const;
    expect(renames(stateOf('a'), stateOf('d'), ...chain)).toEqual([['a', 'd']]);
    expect(renames(stateOf('b'), stateOf('d'), ...chain)).toEqual([['b', 'd']]);
    expect(renames(stateOf('c'), stateOf('d'), ...chain)).toEqual([['c', 'd']]);
    // An older State of which the spec of today tells: the chain is left where the entity is.
    expect(renames(stateOf('a'), stateOf('c'), ...chain)).toEqual([['a', 'c']]);
  });

  it('several that have nothing to do with each other', () => {
    expect(renames(stateOf('a', 'b'), stateOf('c', 'd'), ['a', 'c'], ['b', 'd'])).toEqual([
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });
});

describe('a plan does not follow', () => {
  it('history: an entry that was followed before', () => {
    expect(renames(stateOf('b'), stateOf('b'), ['a', 'b'])).toEqual([]);
    expect(renames(stateOf(), stateOf('b'), ['a', 'b'])).toEqual([]);
  });

  it('an entry whose former name is still declared', () => {
    expect(renames(stateOf('a'), stateOf('a', 'b'), ['a', 'b'])).toEqual([]);
  });

  it('an entry to what was there already: two do not become one', () => {
    expect(renames(stateOf('a', 'b'), stateOf('b'), ['a', 'b'])).toEqual([]);
    expect(renames(stateOf('a', 'b'), stateOf('c'), ['a', 'c'], ['b', 'c'])).toEqual([['a', 'c']]);
  });

  it('an entry to nothing, nor a circle', () => {
    expect(renames(stateOf('a'), stateOf(), ['a', 'b'])).toEqual([]);
    expect(renames(stateOf('a'), stateOf('x'), ['a', 'b'], ['b', 'a'])).toEqual([]);
  });

  it('an entry to another kind', () => {
    const after = createState([['user:Example/a', { kind: 'user', sub: 'a' }]]);
    const entry = { from: group('a'), to: 'user:Example/a' as Address, range: undefined };
    expect(renamesOf(stateOf('a'), after, [entry]).size).toBe(0);
  });
});

describe('the change of a rename', () => {
  const renamed = (address: Address, to: Address, edit: object = {}) => {
    const entity = { ...EX2.get(address), ...edit } as Entity;
    const text = JSON.stringify([...EX2].filter(([at]) => at !== address)).replaceAll(`"${address}"`, `"${to}"`);
    const after = createState([...(JSON.parse(text) as [Address, Entity][]), [to, entity]]);
    return planOf(EX2, after, 0, [], [{ from: address, to, range: undefined }]);
  };

  it('tells both names, and of what links to it that it changed', () => {
    const plan = renamed(USER1, 'user:Example/Robot');
    expect(plan.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'update group:Example/ClientGroup',
      'update group:Example/Group1',
      'update group:Example/Group2',
      'move user:Example/Robot',
    ]);
    expect(plan.changes.at(-1)).toMatchObject({ from: USER1, paths: [], renews: false });
    expect(plan.access).toEqual([]);
    expect([...formerNames(plan.changes)]).toEqual([['user:Example/Robot', USER1]]);
  });

  it('keeps tokens where the identifier is kept, and ends them where it is not', () => {
    const move = (edit: object) =>
      renamed(CLIENT1, 'application:Example/Batch', edit).changes.find(({ action }) => action === 'move');
    expect(move({})).toMatchObject({ renews: false, paths: [] });
    expect(move({ client_id: 'Batch' })).toMatchObject({ renews: true, paths: [{ pointer: '/client_id' }] });
  });

  it('of an application with another identifier is told by what its clients lose and gain', () => {
    const { access } = renamed(SERVER1, 'application:Example/Api', { client_id: 'Api' });
    expect(access.map(({ effect, audience, cause }) => [effect, audience, cause.place])).toEqual([
      ['revoke', 'Server1', { address: 'application:Example/Api', pointer: '/client_id' }],
    ]);
  });

  it('of a scope is told as another scope: it is by its name that clients ask for it', () => {
    const asking = (scope: string) =>
      edited(EX2, 'application', CLIENT1, { metadata: { grant_types: ['client_credentials'], scope } });
    const before = asking('Server1 WS');
    const after = added(without(asking('Server1 WT'), 'scope:WS'), [['scope:WT', before.get('scope:WS') as Entity]]);
    const plan = planOf(before, after, 0, [], [{ from: 'scope:WS', to: 'scope:WT', range: undefined }]);
    expect(plan.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
      'move scope:WT',
      `update ${CLIENT1}`,
    ]);
    expect(plan.access.map(({ effect, scope }) => `${effect} ${scope}`)).toEqual(['revoke WS', 'grant WT']);
    expect(plan.access.map(({ held }) => held.chain[0]?.to)).toEqual(['scope:WS', 'scope:WT']);
    expect(plan.access.every(({ cause }) => cause.range !== undefined)).toBe(true);
  });

  it('of a user beside what opens an application leaves that as the cause', () => {
    const robot: Address = 'user:Example/Robot';
    const closed = edited(EX2, 'group', GROUP2, { members: [] });
    const text = JSON.stringify([...EX2]).replaceAll(`"${USER1}"`, `"${robot}"`);
    const after = createState(JSON.parse(text) as [Address, Entity][]);
    const moved = [{ from: USER1, to: robot, range: undefined }];
    const opened = planOf(closed, after, 0, [], moved).access;
    expect(opened.map(({ effect, audience, cause }) => [effect, audience, cause.place])).toEqual([
      ['grant', 'Server2', { address: GROUP2, pointer: '/members/0' }],
    ]);
    const back = [{ from: robot, to: USER1, range: undefined }];
    const shut = planOf(after, closed, 0, [], back).access;
    expect(shut.map(({ effect, audience, cause }) => [effect, audience, cause.place])).toEqual([
      ['revoke', 'Server2', { address: GROUP2, pointer: '/members/0' }],
    ]);
  });

  it('of a group says nothing of the links that go through it', () => {
    expect(renamed(GROUP1, 'group:Example/Callers').access).toEqual([]);
  });
});

describe('a rename into another site', () => {
  const far = 'application:Far/Client1' as const;
  const moved = (methods: readonly string[]) => {
    const entity = EX2.get(CLIENT1) as Entity;
    const text = JSON.stringify([...EX2].filter(([at]) => at !== CLIENT1)).replaceAll(`"${CLIENT1}"`, `"${far}"`);
    const entities = JSON.parse(text) as [Address, Entity][];
    const before = createState([...EX2, ['site:Far', { kind: 'site', methods }]]);
    const after = createState([...entities, [far, entity], ['site:Far', { kind: 'site', methods }]]);
    return planOf(before, after, 0, [], [{ from: CLIENT1, to: far, range: undefined }]);
  };

  it('loses what the methods of the other site do not give, and says that the rename did it', () => {
    const { access } = moved([]);
    expect(access.map(({ effect, client, audience }) => `${effect} ${client} ${audience}`)).toEqual([
      `revoke ${far} Client1`,
      `revoke ${far} Server1`,
      `revoke ${far} Server2`,
    ]);
    expect(new Set(access.map(({ cause }) => cause.place.address))).toEqual(new Set([far]));
    expect(access[0]?.other).toMatchObject({ code: 'METHOD_NOT_ON_SITE', missing: { address: 'site:Far' } });
  });

  it('changes nothing where the other site has them too', () => {
    expect(moved(['client.credentials.1']).access).toEqual([]);
  });
});
