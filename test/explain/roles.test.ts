// How answers tell of roles, customers and permissions: the chain, what is missing, who gives it, and who may use a function.

import { describe, expect, it } from 'vitest';
import { callingsOf } from '../../src/explain/callings.ts';
import { coverageOf } from '../../src/explain/coverage.ts';
import { smallestEdits } from '../../src/explain/edits.ts';
import { explain } from '../../src/explain/explain.ts';
import { explainLines } from '../../src/explain/explain-text.ts';
import { graphOf } from '../../src/explain/graph.ts';
import { selectClients } from '../../src/explain/graph-select.ts';
import { whatCan } from '../../src/explain/what-can.ts';
import { whatCanLines } from '../../src/explain/what-can-text.ts';
import { whoCan } from '../../src/explain/who-can.ts';
import { whoCanLines, whoMayLines } from '../../src/explain/who-can-text.ts';
import { whoMay } from '../../src/explain/who-may.ts';
import type { World } from '../../src/explain/world.ts';
import { applicationAddress, customerAddress, userAddress } from '../../src/model/address.ts';
import { type Line, layOut } from '../../src/plan/columns.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import { styleFor } from '../../src/plan/style.ts';
import { testOf } from '../plan/access-tests.ts';
import { worldOfText } from './state-world.ts';

const NOW = Date.UTC(2026, 10, 22);

const SPEC = `server: { issuer: https://localhost:8443 }
methods: { svc: { type: client_credentials }, pw: { type: password } }
roles:
  Viewer: { functions: [listStores, viewStore] }
  Editor: { functions: [editStore], roles: [Viewer] }
customers: { north: {}, north-retail: { parent: north }, south: {} }
---
site: Example
methods: [svc, pw]
defaults: { users: { methods: [pw] } }
applications:
  shop:
    methods: [pw]
    required_role: viewStore
    customer: north-retail
    permission_scope: [Editor]
    secret: { env: S }
    metadata: { redirect_uris: ["https://example.org/cb"], grant_types: [authorization_code] }
  batch:
    methods: [svc]
    allowed_to: [robots]
    roles: [Viewer]
    permission_scope: [viewStore]
    secret: { env: S }
    metadata: { grant_types: [client_credentials] }
groups:
  robots: { methods: [svc] }
  staff: { members: [ann, { user: old, expires: 2026-01-01 }], roles: [{ role: Editor, customer: north }] }
  rest: { members: [ann, bob] }
users:
  ann: {}
  bob: { roles: [{ role: Viewer, customer: south }] }
  cid: { roles: [{ role: Editor, expires: 2026-01-01 }] }
  dan: {}
  old: {}
`;

const SHOP = applicationAddress('Example', 'shop');
const world = worldOfText(SPEC, NOW);
const naming = callingsOf(world.index.state);
const telling = (where: World) => ({ world: where, naming, full: false });

function text(lines: readonly Line[]): readonly string[] {
  return layOut(lines, styleFor({ color: false }), 2, 36).map((line) =>
    line.replace(/\s{2,}spec\.yaml.*$/, '').trimEnd(),
  );
}

function explained(user: string | undefined, scope?: readonly string[]): readonly string[] {
  const asked = { client: SHOP, grant_type: undefined, method: undefined, ip: undefined, scope };
  const of = { ...asked, user: user === undefined ? undefined : userAddress('Example', user) };
  return text(explainLines(explain(world, of, naming, { withEdits: true }), telling(world)));
}

function suggested(user: string): readonly string[] {
  const question = {
    client: SHOP,
    grant_type: 'authorization_code',
    user: userAddress('Example', user),
    scope: undefined,
  };
  return smallestEdits(world, question, naming).suggestions.map((some) => some.map(({ words }) => words).join(' + '));
}

describe('the role that a client requires', () => {
  it('is told link by link, from the user to what the client asks for', () => {
    expect(explained('ann', ['shop']).slice(0, 8)).toEqual([
      '✓ shop may get shop by authorization_code for ann',
      '    ann is a member of staff',
      '    staff has the role Editor for north',
      '    role Editor contains Viewer',
      '    role Viewer has the function viewStore',
      '    customer north-retail is below north',
      '    shop requires viewStore for north-retail',
      '    ann lists pw',
    ]);
    expect(explained('ann')).toContain(
      '    permissions  editStore for north, listStores for north, viewStore for north',
    );
  });

  it('is named where it is missing, has ended, or counts for others only', () => {
    const missing = (user: string) => explained(user)[1];
    expect(missing('dan')).toBe('  ✗ shop requires viewStore for north-retail, and dan does not have it');
    expect(missing('bob')).toBe(
      '  ✗ shop requires viewStore for north-retail, and bob has it for other customers only',
    );
    expect(missing('cid')).toBe('  ✗ cid had the role Editor until 2026-01-01, and no longer');
    expect(missing('old')).toBe('  ✗ old was a member of staff until 2026-01-01, and no longer');
  });

  it('is suggested by the groups that give it, then as the role that holds least else, for no other customer', () => {
    expect(suggested('dan')).toEqual([
      'add dan to members of staff',
      'give dan the role Viewer for north-retail',
      'give dan the role Editor for north-retail',
    ]);
    expect(suggested('cid')[0]).toBe('remove expires 2026-01-01 of the role Editor of cid');
    expect(suggested('old')[0]).toBe('remove expires 2026-01-01 of the membership of old in staff');
  });

  it('of all users is told how many lack it', () => {
    expect(explained(undefined).slice(0, 2)).toEqual([
      '✓ shop may be used by authorization_code, by 1 of 5 users',
      '    1 of 5 users; not: ROLE_MISSING 3, CUSTOMER_NOT_COVERED 1',
    ]);
  });

  it('lets in through the group that gives it', () => {
    expect(text(whoCanLines(whoCan(world, { audience: SHOP }, {}), telling(world)))).toEqual([
      '✓ shop may be had by 1 client',
      '  ✓ shop  1 user, by authorization_code',
    ]);
  });
});

describe('who may use a function', () => {
  const told = (name: string, customer?: string) =>
    text(
      whoMayLines(
        whoMay(
          world,
          { function: name, customer: customer === undefined ? undefined : customerAddress(customer) },
          { grant_type: undefined, ip: undefined },
        ),
        telling(world),
      ),
    );

  it('is every client with it in its permission scope, for the users who have it, or as itself', () => {
    expect(told('viewStore')).toEqual([
      '✓ viewStore may be used by 2 clients',
      '  ✓ batch  as itself',
      '      batch has the role Viewer',
      '      role Viewer has the function viewStore',
      '  ✓ shop   1 user, by authorization_code, through staff 1',
    ]);
  });

  it('for a customer it is who has it for that one, one above it, or all', () => {
    expect(told('editStore', 'north-retail')).toEqual([
      '✓ editStore for north-retail may be used by 1 client',
      '  ✓ shop  1 user, by authorization_code, through staff 1',
    ]);
    expect(told('editStore', 'south')[0]).toBe('✗ No client may use editStore for south');
  });

  it('of a user is told with what the user may log in to', () => {
    const answer = whatCan(world, userAddress('Example', 'ann'), { ip: undefined }, naming);
    expect(text(whatCanLines(answer, telling(world)))).toContain(
      '  ✓ shop  by authorization_code: itself alone; may use editStore for north, listStores for north, viewStore for north',
    );
  });
});

it('a test of permissions covers the roles that it rests on, and no others', () => {
  const asked = { client: SHOP, grant_type: 'authorization_code', user: userAddress('Example', 'ann') };
  const permissions = ['editStore', 'listStores', 'viewStore'].map((name) => ({ function: name, customer: 'north' }));
  const test = testOf({ kind: 'token', claims: { permissions }, lifetime: undefined }, undefined, asked);
  expect(judgeTest(test.assertion, world.index, NOW)).toEqual([]);
  const { uncovered } = coverageOf(world.index.state, [test], NOW);
  const roles = uncovered.filter(({ relation }) => relation === 'has_role' || relation === 'contains');
  expect(roles.map(({ at }) => `${at.address}${at.pointer}`)).toEqual([
    'application:Example/batch/roles/0',
    'user:Example/bob/roles/0',
  ]);
});

describe('the picture of roles', () => {
  const graph = graphOf(world.index.state, world.index, NOW);

  it('shows who has which role, what it contains, and which clients it opens', () => {
    const links = graph.links.filter(({ relation }) => ['has_role', 'contains', 'requires'].includes(relation));
    expect(links.map(({ from, relation, to, at }) => `${from} ${relation} ${to} ${at.address}${at.pointer}`)).toEqual([
      'application:Example/batch has_role role:Viewer application:Example/batch/roles/0',
      'group:Example/staff has_role role:Editor group:Example/staff/roles/0',
      'role:Editor contains role:Viewer role:Editor/roles/0',
      'role:Viewer requires application:Example/shop application:Example/shop/required_role',
      'user:Example/bob has_role role:Viewer user:Example/bob/roles/0',
      'user:Example/cid has_role role:Editor user:Example/cid/roles/0',
    ]);
    expect(graph.entities.get('role:Viewer')).toMatchObject({
      kind: 'role',
      facts: [['functions', 'listStores, viewStore']],
    });
  });

  it('of a client holds the role that it requires, and all who have it', () => {
    const chosen = selectClients(graph, [SHOP], new Set([SHOP]));
    expect([...chosen.entities.keys()].filter((one) => !one.startsWith('user:'))).toEqual(
      expect.arrayContaining([SHOP, 'group:Example/staff', 'role:Editor', 'role:Viewer']),
    );
    expect(chosen.entities.has(userAddress('Example', 'ann'))).toBe(true);
  });
});
