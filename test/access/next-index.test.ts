// The laws of an index that is made of the one before.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessIndex, indexState } from '../../src/access/access-index.ts';
import { reachClientCredentials } from '../../src/access/client-credentials.ts';
import { decide } from '../../src/access/decide.ts';
import { editLayered, layeredMap } from '../../src/access/layered-map.ts';
import { editTables, tabulate } from '../../src/access/tables.ts';
import { type Address, type ApplicationAddress, policyAddress, type UserAddress } from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { CLIENT1, EX2, edited, SERVER1 } from '../model/example-state.ts';
import { movedPairs } from '../model/moved-arbitrary.ts';
import { NOW, statePairs, states } from '../model/state-arbitrary.ts';

const POLICY = policyAddress('East', 'p');
const RUNS = { numRuns: 200 };

const differing = (before: State, after: State): readonly Address[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((address) => before.get(address) !== after.get(address));

/** All that an index answers about what either State has. */
function answersOf(index: AccessIndex, ...named: readonly State[]): unknown {
  const addresses = [...new Set(named.flatMap((state) => [...state.keys()]))];
  const applications = addresses.filter((address): address is ApplicationAddress => address.startsWith('application:'));
  const users = addresses.filter((address): address is UserAddress => address.startsWith('user:'));
  const ids = named.flatMap((state) => applications.map((at) => (state.get(at) as ApplicationEntity)?.client_id));
  return {
    server: index.server,
    clients: ids.map((client_id) => index.client(client_id ?? '')),
    acting: applications.map((address) => index.impersonates(address)),
    lists: applications.map((address) => index.allowList(address)),
    groups: users.map((address) => [...index.groupsOf(address)]),
    reach: applications.map((address) => reachClientCredentials(index, address, NOW)),
    named: applications.map((address) => [index.policy(POLICY), index.application(address)?.policy]),
    byUsers: applications.flatMap((client) =>
      users.map((user) => decide(index, { client, user, grant_type: 'implicit', scope: undefined }, NOW)),
    ),
  };
}

describe('an index that is made of the one before', () => {
  it('answers as one of the whole State does, chains and their order included', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          statePairs,
          movedPairs.map(({ before, after }) => [before, after] as const),
        ),
        ([before, after]) => {
          const next = indexState(before).next(after, differing(before, after));
          expect(answersOf(next, before, after)).toEqual(answersOf(indexState(after), before, after));
        },
      ),
      RUNS,
    );
  });

  it('answers so after any number of changes, one upon the other, and leaves those before as they are', () => {
    fc.assert(
      fc.property(fc.array(states, { minLength: 2, maxLength: 5 }), (chain) => {
        const [first, ...others] = chain as [State, ...State[]];
        const indexes = [{ state: first, index: indexState(first) }];
        for (const state of others) {
          const last = indexes.at(-1) as (typeof indexes)[0];
          indexes.push({ state, index: last.index.next(state, differing(last.state, state)) });
        }
        for (const { state, index } of indexes) {
          expect(answersOf(index, ...chain)).toEqual(answersOf(indexState(state), ...chain));
        }
      }),
      RUNS,
    );
  });

  it('may be told of more than what changed', () => {
    fc.assert(
      fc.property(statePairs, ([before, after]) => {
        const all = new Set([...before.keys(), ...after.keys()]);
        // Of the tables: an index of which so much changed would be made anew.
        const tables = editTables(tabulate(before), before, after, all);
        const whole = tabulate(after);
        for (const address of all) {
          expect([tables.impersonators.get(address) ?? []].flat()).toEqual(
            [whole.impersonators.get(address) ?? []].flat(),
          );
          expect([tables.memberships.get(address) ?? []].flat()).toEqual([whole.memberships.get(address) ?? []].flat());
          const entity = before.get(address);
          const id = entity?.kind === 'application' ? entity.client_id : '';
          expect(tables.clients.get(id)).toBe(whole.clients.get(id));
        }
      }),
      RUNS,
    );
  });

  it('knows a client_id that passed from one application to another, in whatever order they are told', () => {
    const swapped = edited(edited(EX2, 'application', CLIENT1, { client_id: 'Server1' }), 'application', SERVER1, {
      client_id: 'Client1',
    });
    for (const changed of [
      [CLIENT1, SERVER1],
      [SERVER1, CLIENT1],
    ]) {
      const index = indexState(EX2).next(swapped, changed);
      expect([index.client('Client1'), index.client('Server1')]).toEqual([SERVER1, CLIENT1]);
    }
  });
});

describe('a table of two layers', () => {
  it('answers as a Map does that was edited in the same way, and so do all before it', () => {
    const edits = fc.array(fc.array(fc.tuple(fc.nat(60), fc.option(fc.nat(9), { nil: undefined }))), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(9)), { maxLength: 60 }), edits, (base, rounds) => {
        const plain = [new Map(base)];
        const tables = [layeredMap(new Map(base))];
        for (const round of rounds) {
          const map = new Map(plain.at(-1));
          for (const [key, value] of round) {
            if (value === undefined) map.delete(key);
            else map.set(key, value);
          }
          plain.push(map);
          tables.push(editLayered(tables.at(-1) as (typeof tables)[0], new Map(round)));
        }
        for (const [at, table] of tables.entries()) {
          for (let key = 0; key <= 60; key++) expect(table.get(key)).toBe(plain[at]?.get(key));
        }
      }),
      RUNS,
    );
  });

  it('never has more than a small upper one', () => {
    const base = new Map(Array.from({ length: 1000 }, (_, key) => [key, 0]));
    let table = layeredMap(base);
    for (let round = 1; round <= 500; round++) {
      table = editLayered(table, new Map([[round, round]]));
      expect(table.edits.size).toBeLessThan(70);
    }
    expect(table.get(500)).toBe(500);
    expect(base.get(500)).toBe(0);
  });
});
