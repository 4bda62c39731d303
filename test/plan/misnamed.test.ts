// What is told of a `moved:` entry whose old name was never there, and where.

import { describe, expect, it } from 'vitest';
import { circumstancesOf } from '../../src/plan/circumstances.ts';
import { misnamedMoves } from '../../src/plan/misnamed.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { compile } from '../../src/spec/compile.ts';
import { placesOf, planOf } from './make.ts';

const SERVER = 'server: { issuer: "http://localhost:8080" }\nmethods: { cc: { type: client_credentials } }\n---\n';

function compiled(text: string) {
  const checked = compile([{ path: 'a.yaml', text: SERVER + text }], { now: 0 });
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

/** Each new address with what moved calls it, what may have been meant, and the identity that was written for it. */
function misnamed(before: string, after: string) {
  const [from, to] = [compiled(before), compiled(after)];
  const plan = planOf(from.state, to.state, 0, [], to.moves);
  return [...misnamedMoves(plan, to.moves)].map(([address, { move, meant, identity }]) => [
    address,
    move.from,
    meant,
    identity === undefined ? undefined : `${identity.key}: ${identity.value}`,
  ]);
}

const site = (names: string, more = '') => `site: A\nmethods: [cc]\ngroups: { ${names} }\n${more}`;

describe('an entry of moved whose old name was not there', () => {
  it('is told with the deleted name that is nearest', () => {
    const after = site('Viewers: , Others: ', 'moved: [{ from: Raeders, to: Viewers }]');
    expect(misnamed(site('Readers: , Others: '), after)).toEqual([
      ['group:A/Viewers', 'group:A/Raeders', 'group:A/Readers', undefined],
    ]);
  });

  it('is told without one where nothing that is deleted is near: what stays was not meant, nor what is of another kind', () => {
    const before = site('Readers: , Old: ', 'users: { Raeder: }');
    const after = site('Viewers: , Readers: ', 'moved: [{ from: group:Raeders, to: Viewers }]');
    expect(misnamed(before, after)).toEqual([['group:A/Viewers', 'group:A/Raeders', undefined, undefined]]);
  });

  it('is told with the identity that --fix wrote for the name that never was', () => {
    const before = 'site: A\nmethods: [cc]\napplications: { Client1: {} }\nusers: { User1: , Stays: }';
    const after = `site: A\nmethods: [cc]\nmoved: [{ from: Cleint1, to: Client2 }, { from: Usr1, to: User2 }]
applications: { Client2: { client_id: Cleint1 } }\nusers: { User2: { sub: A/Usr1 }, Stays: }`;
    expect(misnamed(before, after)).toEqual([
      ['application:A/Client2', 'application:A/Cleint1', 'application:A/Client1', 'client_id: Cleint1'],
      ['user:A/User2', 'user:A/Usr1', 'user:A/User1', 'sub: A/Usr1'],
    ]);
  });

  it('is told of another site, by the name with its site', () => {
    const before = `${site('Readers: ')}\n---\nsite: B\nmethods: [cc]\ngroups: { G: }`;
    const after = `site: A\nmethods: [cc]\n---\nsite: B\nmethods: [cc]\ngroups: { G: , Viewers: }\nmoved: [{ from: A/Raeders, to: Viewers }]`;
    expect(misnamed(before, after)).toEqual([['group:B/Viewers', 'group:A/Raeders', 'group:A/Readers', undefined]]);
  });

  it('is none where the entry is followed, was followed before, or everything is new', () => {
    const after = site('Viewers: ', 'moved: [{ from: Readers, to: Viewers }]');
    expect(misnamed(site('Readers: '), after)).toEqual([]);
    expect(misnamed(site('Viewers: '), after)).toEqual([]);
    const all = compiled(after);
    const first = planOf(new Map(), all.state, 0, [], all.moves);
    expect([...misnamedMoves(first, all.moves)]).toEqual([]);
  });

  it('stands below what is new instead, with its place', () => {
    const after = compiled(site('Viewers: ', 'moved: [{ from: Raeders, to: Viewers }]'));
    const before = compiled(site('Readers: '));
    const plan = planOf(before.state, after.state, 0, [], after.moves);
    const places = { ...placesOf(before.state, after.state), circumstances: circumstancesOf(plan, after, 0) };
    expect(renderPlan(plan, places, { color: false })).toContain(
      '\n      not moved: nothing was called Raeders, as moved says (a.yaml:7:9); did you mean Readers?\n',
    );
  });
});
