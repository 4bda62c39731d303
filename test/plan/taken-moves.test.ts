// What is told of a `moved:` entry whose new name is that of something else, and where.

import { describe, expect, it } from 'vitest';
import { circumstancesOf } from '../../src/plan/circumstances.ts';
import { planFromJson, planToJson } from '../../src/plan/json.ts';
import { takenMoves } from '../../src/plan/taken-moves.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { compile } from '../../src/spec/compile.ts';
import { placesOf, planOf } from './make.ts';

const SERVER = 'server: { issuer: "http://localhost:8080" }\nmethods: { cc: { type: client_credentials } }\n---\n';

function compiled(text: string) {
  const checked = compile([{ path: 'a.yaml', text: SERVER + text }], { now: 0 });
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

/** Each former address with the new one, what that was called before, and the identity that was written for the move. */
function taken(before: string, after: string) {
  const [from, to] = [compiled(before), compiled(after)];
  const plan = planOf(from.state, to.state, 0, [], to.moves);
  return [...takenMoves(plan.changes, to.state, to.moves)].map(([address, { move, former, identity }]) => [
    address,
    move.to,
    former,
    identity === undefined ? undefined : `${identity.key}: ${identity.value}`,
  ]);
}

/** The text of a plan, and the same after its document was written and read. */
function texts(before: string, after: string): readonly string[] {
  const [from, to] = [compiled(before), compiled(after)];
  const plan = planOf(from.state, to.state, 0, [], to.moves);
  const places = { ...placesOf(from.state, to.state), circumstances: circumstancesOf(plan, to, 0) };
  const json = planToJson(plan, places, { exit_code: 2, changes: true });
  const read = planFromJson(JSON.parse(JSON.stringify(json)));
  return [renderPlan(plan, places, { color: false }), renderPlan(read.plan, read.places, { color: false })];
}

const site = (names: string, more = '') => `site: A\nmethods: [cc]\ngroups: { ${names} }\n${more}`;

describe('an entry of moved whose new name is that of something else', () => {
  it('is told where the new name was there before, with the identity that --fix wrote for it', () => {
    const after = site('New: ', 'moved: [{ from: Old, to: New }]');
    expect(taken(site('New: , Old: '), after)).toEqual([['group:A/Old', 'group:A/New', undefined, undefined]]);
    const bots = (names: string, more = '') => `site: A\nmethods: [cc]\napplications: { ${names} }\n${more}`;
    const moved = bots('bot: { client_id: oldbot }', 'moved: [{ from: oldbot, to: bot }]');
    expect(taken(bots('bot: {}, oldbot: {}'), moved)).toEqual([
      ['application:A/oldbot', 'application:A/bot', undefined, 'client_id: oldbot'],
    ]);
  });

  it('is told where another entry of the chain has it already', () => {
    const after = site('C: ', 'moved: [{ from: X, to: B }, { from: B, to: C }]');
    expect(taken(site('X: , B: '), after)).toEqual([['group:A/B', 'group:A/C', 'group:A/X', undefined]]);
  });

  it('is none where the entry is followed, was followed before, leads to what is gone, or everything is new', () => {
    const after = site('New: ', 'moved: [{ from: Old, to: New }]');
    for (const before of ['Old: ', 'New: ', 'Other: ']) expect(taken(site(before), after)).toEqual([]);
  });

  it('stands below what is deleted instead, with its place, of a document that is read too', () => {
    const after = site('New: ', 'moved: [{ from: Old, to: New }]');
    for (const text of texts(site('New: , Old: '), after)) {
      expect(text).toMatch(
        /^ {2}- group Old\b.*\n {6}not moved to New, as moved says \(a\.yaml:7:9\): New was there before as well$/m,
      );
    }
    const chain = site('C: ', 'moved: [{ from: X, to: B }, { from: B, to: C }]');
    for (const text of texts(site('X: , B: '), chain)) {
      expect(text).toContain('\n      not moved to C, as moved says (a.yaml:7:29): C is what was X\n');
    }
  });
});
