// For any State: explain says what decide says of every client and every value, and each suggested edit, when it is made,
// turns the no into a yes, in the State and in the YAML.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { decide } from '../../src/access/decide.ts';
import { isYes } from '../../src/explain/asking.ts';
import { callingsOf } from '../../src/explain/callings.ts';
import { applyEdit } from '../../src/explain/edit.ts';
import { smallestEdits } from '../../src/explain/edits.ts';
import { explain } from '../../src/explain/explain.ts';
import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import { createState, entitiesOf, type State } from '../../src/model/state.ts';
import { compile } from '../../src/spec/compile.ts';
import { writeSpec } from '../../src/spec/write-spec.ts';
import { NOW, states } from '../model/state-arbitrary.ts';
import { declaredStates } from './declared-states.ts';
import { worldOf } from './state-world.ts';

const GRANT = 'client_credentials';

function pairs(state: State): readonly { readonly client: ApplicationAddress; readonly value: string }[] {
  const values = [
    ...[...entitiesOf(state, 'application')].map(([, { client_id }]) => client_id),
    ...[...entitiesOf(state, 'scope')].map(([address]) => address.slice('scope:'.length)),
    'openid',
  ];
  return [...entitiesOf(state, 'application')].flatMap(([client]) =>
    values.map((value) => ({ client: client as ApplicationAddress, value })),
  );
}

it('what explain says of a client and a value is what decide says', () => {
  let granted = 0;
  let refused = 0;
  fc.assert(
    fc.property(states, (state) => {
      const world = worldOf(state, NOW);
      const naming = callingsOf(state);
      for (const { client, value } of pairs(state)) {
        const asked = { client, grant_type: GRANT, scope: [value], user: undefined, method: undefined, ip: undefined };
        const answer = decide(world.index, asked, NOW);
        const { grants } = explain(world, asked, naming, { withEdits: false });
        const [told] = grants;
        if (told?.kind !== 'request') throw new Error('not told of a request');
        expect(told.granted).toBe(isYes(answer, asked));
        expect(told.answer).toEqual(answer);
        const [target] = told.targets;
        expect(target?.granted).toBe(told.granted);
        if (told.granted) granted += 1;
        else {
          refused += 1;
          const codes = answer.allowed ? [] : [answer.code];
          const reasons = answer.reasons.flatMap((reason) => (reason.granted ? [] : [reason.code]));
          expect([...codes, ...reasons]).toContain(target?.obstacle?.code);
        }
      }
      // What is told without a scope is what each value alone, or the request that names none, is answered.
      for (const [address] of entitiesOf(state, 'application')) {
        const client = address as ApplicationAddress;
        const asked = {
          client,
          grant_type: GRANT,
          scope: undefined,
          user: undefined,
          method: undefined,
          ip: undefined,
        };
        const [told] = explain(world, asked, naming, { withEdits: false }).grants;
        const everything = decide(world.index, asked, NOW);
        for (const { value, granted: isGranted, onlyByDefault } of told?.kind === 'request' ? told.targets : []) {
          const alone = { ...asked, scope: [value] };
          const isAlone = isYes(decide(world.index, alone, NOW), alone);
          const isThere = everything.allowed && [...everything.scopes, ...everything.audiences].includes(value);
          expect({ isGranted, onlyByDefault }).toEqual({
            isGranted: isAlone || isThere,
            onlyByDefault: isThere && !isAlone,
          });
        }
      }
    }),
    { numRuns: 40 },
  );
  expect(granted).toBeGreaterThan(2);
  expect(refused).toBeGreaterThan(15);
});

/** A user who asks, where the grant is one of a user. */
const GRANTS = ['client_credentials', 'authorization_code', 'password'];

it('each suggestion, when it is made, turns the no into a yes, in the State and in the YAML', () => {
  let suggested = 0;
  let refused = 0;
  const codes = new Set<string>();
  fc.assert(
    fc.property(declaredStates, fc.nat(), (state, pick) => {
      const compiled = compile(writeSpec(state), { now: NOW });
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
      const world = worldOf(state, NOW);
      const naming = callingsOf(state);
      const all = pairs(state).filter(({ client }) => client.endsWith('/a'));
      const users = [...entitiesOf(state, 'user')].map(([address]) => address as UserAddress);
      // A few of each State: each is asked of the engine some hundred times.
      for (let at = 0; at < Math.min(3, all.length); at += 1) {
        const { client, value } = all[(pick + at * 7) % all.length] as (typeof all)[number];
        // Mostly by a grant that the client has.
        const own = world.index.application(client)?.metadata?.grant_types ?? [];
        const grant_type = own[pick % own.length] ?? GRANTS[pick % GRANTS.length] ?? GRANT;
        const user = grant_type === GRANT ? undefined : users[(pick + at) % users.length];
        const question = { client, grant_type, user, scope: [value], ip: pick % 3 === 0 ? '192.0.2.7' : undefined };
        const answer = decide(world.index, question, NOW);
        if (isYes(answer, question)) continue;
        refused += 1;
        const { suggestions, why } = smallestEdits(world, question, naming);
        expect(suggestions.length === 0).toBe(why !== undefined);
        expect(new Set(suggestions.map((suggestion) => suggestion.length)).size).toBeLessThanOrEqual(1);
        if (suggestions.length > 0 && !answer.allowed) codes.add(answer.code);
        for (const suggestion of suggestions) {
          suggested += 1;
          const edited = suggestion.reduce((before, { edit }) => applyEdit(before, edit), state);
          // By an index of its own, and not by one that was led on.
          expect(isYes(decide(indexState(edited), question, NOW), question)).toBe(true);
          const again = compile(writeSpec(edited), { now: NOW });
          if (!again.ok) {
            const errors = again.diagnostics.filter(({ severity }) => severity === 'error');
            throw new Error(JSON.stringify({ errors, suggestion }, null, 1));
          }
          expect(digestState(again.value.state)).toBe(digestState(createState(edited)));
          expect(isYes(decide(indexState(again.value.state), question, NOW), question)).toBe(true);
        }
      }
    }),
    { numRuns: 10, seed: 20260615 },
  );
  expect(suggested).toBeGreaterThan(refused / 2);
  expect(codes.size).toBeGreaterThan(4);
}, 60_000);
