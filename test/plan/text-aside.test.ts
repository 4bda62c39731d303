// What is told beside the members of a change.

import { describe, expect, it } from 'vitest';
import { circumstancesOf } from '../../src/plan/circumstances.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { compile } from '../../src/spec/compile.ts';
import { placesOf, planOf } from './make.ts';

const NOW = Date.UTC(2026, 0, 1);
const SERVER = 'server: { issuer: "http://localhost:8080" }\nmethods: { cc: { type: client_credentials } }\n---\n';

function compiled(text: string) {
  const checked = compile([{ path: 'a.yaml', text: SERVER + text }], { now: NOW });
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

/** The lines below changes that are no members of theirs. */
function asides(before: string, after: string): readonly string[] {
  const [from, to] = [compiled(before), compiled(after)];
  const plan = planOf(from.state, to.state, NOW, [], to.moves);
  const places = { ...placesOf(from.state, to.state), circumstances: circumstancesOf(plan, to, NOW) };
  const lines = renderPlan(plan, places, { color: false }).split('\n');
  return lines.filter((line) => /^ {6}[a-z]/.test(line)).map((line) => line.trim());
}

describe('a moved user is called otherwise in the tokens of who acts as it', () => {
  const spec = (user: string, clients: readonly string[], more = '') =>
    `site: A\nmethods: [cc]\n${more}\nusers: { ${user}: { sub: A/Old } }\napplications: {${clients
      .map(
        (client) =>
          ` C${client}: { metadata: { scope: S }, impersonates: { user: ${user}${client === '0' ? ', expires: 2025-06-01' : ''} } }`,
      )
      .join(',')}${clients.length > 0 ? ',' : ''} S: {} }`;
  const moved = (clients: readonly string[]) =>
    asides(spec('Old', clients), spec('New', clients, 'moved: [{ from: user:Old, to: New }]'));

  it('by name of a few', () => {
    expect(moved(['1'])).toEqual(['tokens of C1 say impersonates: A/New instead of A/Old']);
    expect(moved(['1', '2', '3'])).toEqual(['tokens of C1, C2, C3 say impersonates: A/New instead of A/Old']);
  });

  it('by number of more', () => {
    expect(moved(['1', '2', '3', '4'])).toEqual(['tokens of 4 clients say impersonates: A/New instead of A/Old']);
  });

  it('of none where nobody acts as it, or no more', () => {
    expect(moved([])).toEqual([]);
    expect(moved(['0'])).toEqual([]);
    expect(moved(['0', '1'])).toEqual(['tokens of C1 say impersonates: A/New instead of A/Old']);
  });

  it('with the site of who acts as it where that is another one', () => {
    const other = (user: string) =>
      `\n---\nsite: B\nmethods: [cc]\napplications: { C: { metadata: { scope: S }, impersonates: A/${user} }, S: {} }`;
    const given = (user: string, more = '') =>
      `site: A\nmethods: [cc]\n${more}\nusers: { ${user}: { sub: A/Old, impersonated_by: [B/C] } }${other(user)}`;
    expect(asides(given('Old'), given('New', 'moved: [{ from: user:Old, to: New }]'))).toEqual([
      'tokens of B/C say impersonates: A/New instead of A/Old',
    ]);
  });
});

describe('another secret of a client says what restricted applications it opens', () => {
  const spec = (secret: string, { restricted = ['S1'], scope = 'S1 S2', open = true } = {}) => `site: A
methods: [cc]
defaults: { applications: { methods: [cc] }, groups: { methods: [cc] }, users: { methods: [cc] } }
applications:
  C: { ${secret}, impersonates: U, metadata: { grant_types: [client_credentials], scope: ${scope} } }
${['S1', 'S2', 'S3', 'S4'].map((name) => `  ${name}: { restricted: ${restricted.includes(name)}, allowed_to: [G] }`).join('\n')}
groups: { G: { members: [${open ? 'U' : ''}] } }
users: { U: }`;
  const [one, other] = ['secret: { env: A }', 'secret: { env: B }'];

  it('by name', () => {
    expect(asides(spec(one), spec(other))).toEqual(['secret of a client that reaches the restricted S1']);
    expect(asides(spec(one), spec('secrets: [{ env: A }, { env: B }]'))).toEqual([
      'secret of a client that reaches the restricted S1',
    ]);
  });

  it('by number of many', () => {
    const all = { restricted: ['S1', 'S2', 'S3', 'S4'], scope: 'S1 S2 S3 S4' };
    expect(asides(spec(one, all), spec(other, all))).toEqual([
      'secret of a client that reaches 4 restricted applications',
    ]);
  });

  it('after the plan, not before it', () => {
    expect(asides(spec(one), spec(other, { open: false }))).not.toContainEqual(expect.stringContaining('restricted'));
    expect(asides(spec(one, { open: false }), spec(other))).toContain(
      'secret of a client that reaches the restricted S1',
    );
  });

  it('and nothing where it reaches none, where the secret stays, or nothing is restricted', () => {
    expect(asides(spec(one, { scope: 'S2' }), spec(other, { scope: 'S2' }))).toEqual([]);
    expect(asides(spec(one), spec(`${one}, audience_mode: strict`))).toEqual([]);
    expect(asides(spec(one, { restricted: [] }), spec(other, { restricted: [] }))).toEqual([]);
  });
});
