// What a plan says of permissions: for whom a client may do what, by which line, and how it reads.

import { describe, expect, it } from 'vitest';
import {
  type Address,
  applicationAddress,
  customerAddress,
  everyoneOf,
  groupAddress,
  roleAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, type State } from '../../src/model/state.ts';
import { planFindings } from '../../src/plan/findings.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { linesOf, placesOf, planOf } from './make.ts';

const WEB = applicationAddress('Example', 'Web');
const BATCH = applicationAddress('Example', 'Batch');
const STAFF = groupAddress('Example', 'Staff');
const ANN = userAddress('Example', 'Ann');
const BEN = userAddress('Example', 'Ben');
const EVE = userAddress('Example', 'Eve');
const VIEWER = roleAddress('VIEWER');
const ADMIN = roleAddress('ADMIN');
const ACME = customerAddress('acme');
const ACME_EU = customerAddress('acme-eu');

const web = (more: object = {}): Entity => ({
  kind: 'application',
  client_id: 'Web',
  methods: ['pw'],
  allowed_to: [{ to: everyoneOf('Example') }],
  permission_scope: ['VIEWER'],
  metadata: { grant_types: ['authorization_code'], redirect_uris: [{ uri: 'https://a.example/cb' }] },
  ...more,
});
const batch = (more: object = {}): Entity => ({
  kind: 'application',
  client_id: 'Batch',
  methods: ['cc'],
  allowed_to: [{ to: groupAddress('Example', 'Machines') }],
  metadata: { grant_types: ['client_credentials'] },
  ...more,
});
const person = (address: Address, more: object = {}): Entity => ({
  kind: 'user',
  sub: address.slice('user:'.length),
  methods: ['pw', 'cc'],
  ...more,
});

const BASE = createState([
  ['server', { kind: 'server', issuer: 'https://id.example' }],
  ['method:pw', { kind: 'method', type: 'password' }],
  ['method:cc', { kind: 'method', type: 'client_credentials' }],
  ['site:Example', { kind: 'site', methods: ['pw', 'cc'] }],
  [WEB, web()],
  [BATCH, batch()],
  [STAFF, { kind: 'group', members: [{ to: ANN }, { to: BEN }], roles: [{ role: VIEWER, customer: ACME }] }],
  [groupAddress('Example', 'Machines'), { kind: 'group', methods: ['cc'] }],
  [ANN, person(ANN)],
  [BEN, person(BEN)],
  [EVE, person(EVE)],
  [VIEWER, { kind: 'role', functions: ['listStores', 'viewStore'] }],
  [ADMIN, { kind: 'role', functions: ['dropStore'], roles: [VIEWER] }],
  [ACME, { kind: 'customer' }],
  [ACME_EU, { kind: 'customer', parent: ACME }],
] as readonly (readonly [Address, Entity])[]);

function edited(changes: readonly (readonly [Address, Entity | undefined])[], from: State = BASE): State {
  const entities = new Map(from);
  for (const [address, entity] of changes)
    entity === undefined ? entities.delete(address) : entities.set(address, entity);
  return createState(entities);
}

const staff = (more: object): Entity => ({ ...(BASE.get(STAFF) as Entity), ...more }) as Entity;

/** The rows below the heading, each with its cause. */
function told(after: State, before: State = BASE): readonly string[] {
  const lines = linesOf(before, after);
  const at = lines.indexOf('Permissions');
  if (at < 0) return [];
  const rows = lines.slice(at + 1, lines.indexOf('', at)).map((line) => line.trim().replaceAll(/\s{2,}/g, '  '));
  const { permissions } = planOf(before, after);
  expect(rows).toHaveLength(permissions.length);
  return rows.map((row, position) => {
    const { place, removed } = permissions[position]?.cause ?? { place: { address: '', pointer: '' } };
    return `${row.split('  ').slice(0, 2).join('  ')} | ${place.address}${place.pointer}${removed ? ' removed' : ''}`;
  });
}

describe('what clients may do anew, or no more', () => {
  it('a function of a role comes to all who have the role, with those who have it by a group told together', () => {
    const more = edited([[VIEWER, { kind: 'role', functions: ['exportStore', 'listStores', 'viewStore'] }]]);
    expect(told(more)).toEqual([
      '+ Web → exportStore for acme  for Staff (2 users), by VIEWER | role:VIEWER/functions/0',
    ]);
    expect(told(BASE, more)).toEqual([
      '- Web → exportStore for acme  for Staff (2 users), by VIEWER | role:VIEWER/functions/0 removed',
    ]);
  });

  it('a role that a group gets, or that ends, and one that a user gets', () => {
    const given = edited([[STAFF, staff({ roles: [{ role: VIEWER }, { role: VIEWER, customer: ACME }] })]]);
    expect(told(given)).toEqual([
      '+ Web → listStores, viewStore  for Staff (2 users), by VIEWER | group:Example/Staff/roles/0',
    ]);
    const ending = edited([[STAFF, staff({ roles: [{ role: VIEWER, customer: ACME, expires: '2027-01-31' }] })]]);
    expect(told(ending)).toEqual([
      '- Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER, until 2027-01-31 (was without end) | group:Example/Staff/roles/0/expires',
    ]);
    expect(told(BASE, ending)).toEqual([
      '+ Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER, without end (was until 2027-01-31) | group:Example/Staff/roles/0',
    ]);
    const eve = edited([[EVE, person(EVE, { roles: [{ role: ADMIN }] })]]);
    expect(told(eve)).toEqual(['+ Web → listStores, viewStore  for Eve, by ADMIN | user:Example/Eve/roles/0']);
  });

  it('a permission scope that is wider, less wide, or gone', () => {
    const eve = edited([[EVE, person(EVE, { roles: [{ role: ADMIN }] })]]);
    const wider = edited([[WEB, web({ permission_scope: ['VIEWER', 'dropStore'] })]], eve);
    expect(told(wider, eve)).toEqual([
      '+ Web → dropStore  for Eve, by ADMIN | application:Example/Web/permission_scope/1',
    ]);
    expect(told(eve, wider)).toEqual([
      '- Web → dropStore  for Eve, by ADMIN | application:Example/Web/permission_scope/1 removed',
    ]);
    const { permission_scope: _, ...unscoped } = web() as { permission_scope?: readonly string[] };
    expect(told(edited([[WEB, unscoped as Entity]]))).toEqual([
      '- Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER | application:Example/Web/permission_scope/0 removed',
    ]);
  });

  it('a member comes, and many are one row', () => {
    const joined = edited([[STAFF, staff({ members: [ANN, BEN, EVE].map((to) => ({ to })) })]]);
    expect(told(joined)).toEqual([
      '+ Web → listStores, viewStore for acme  for Staff (Eve), by VIEWER | group:Example/Staff/members/2',
    ]);
    const none = edited([[STAFF, staff({ members: [] })]]);
    expect(told(none)).toEqual([
      '- Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER | group:Example/Staff/members/0 removed',
    ]);
  });

  it('a customer comes below another: what counts there counts for it too', () => {
    const more = edited([[customerAddress('acme-us'), { kind: 'customer', parent: ACME }]]);
    expect(told(more)).toEqual([
      '+ Web → listStores, viewStore for acme-us  for Staff (2 users), by VIEWER | customer:acme-us/parent',
    ]);
    const apart = edited([[ACME_EU, { kind: 'customer' }]]);
    expect(told(apart)).toEqual([
      '- Web → listStores, viewStore for acme-eu  for Staff (2 users), by VIEWER | customer:acme-eu/parent removed',
    ]);
  });

  it('what is had for all customers, or for one above, is no gain for one', () => {
    const twice = edited([
      [
        STAFF,
        staff({
          roles: [
            { role: VIEWER, customer: ACME },
            { role: VIEWER, customer: ACME_EU },
          ],
        }),
      ],
    ]);
    expect(told(twice)).toEqual([]);
    const all = edited([[STAFF, staff({ roles: [{ role: VIEWER }] })]]);
    const one = edited([[STAFF, staff({ roles: [{ role: VIEWER }, { role: VIEWER, customer: ACME }] })]]);
    expect(told(one, all)).toEqual([]);
  });

  it('a client that acts as itself has what is written on it, and as a user no more than the user has', () => {
    const itself = edited([[BATCH, batch({ permission_scope: ['dropStore'], roles: [{ role: ADMIN }] })]]);
    expect(told(itself)).toEqual([
      '+ Batch → dropStore  as itself, by ADMIN | application:Example/Batch/permission_scope/0',
    ]);
    const acting = edited(
      [
        [ANN, person(ANN, { roles: [{ role: ADMIN, customer: ACME }], impersonated_by: [{ to: BATCH }] })],
        [BATCH, batch({ permission_scope: ['dropStore'], allowed_to: [{ to: STAFF }] })],
      ],
      itself,
    );
    expect(told(acting, itself).map((row) => row.replace(/ \|.*/, ''))).toEqual([
      '- Batch → dropStore  as itself, by ADMIN',
    ]);
  });

  it('who is not let in any more may do nothing, by the line that keeps them out', () => {
    const closed = edited([[WEB, web({ allowed_to: [] })]]);
    expect(told(closed)).toEqual([
      '- Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER | application:Example/Web/allowed_to',
    ]);
    const gone = edited([[WEB, undefined]]);
    expect(told(gone)).toEqual([
      '- Web → listStores, viewStore for acme  for Staff (2 users), by VIEWER | application:Example/Web removed',
    ]);
  });

  it('nothing of it is said where no client has a permission scope', () => {
    const { permission_scope: _, ...unscoped } = web() as { permission_scope?: readonly string[] };
    const before = edited([[WEB, unscoped as Entity]]);
    const after = edited([[VIEWER, { kind: 'role', functions: [] }]], before);
    expect(told(after, before)).toEqual([]);
    expect(linesOf(before, after).at(-2)).toMatch(/Access equivalent\./);
  });
});

describe('more that a plan makes of permissions', () => {
  const more = edited([[VIEWER, { kind: 'role', functions: ['exportStore', 'listStores', 'viewStore'] }]]);

  it('the last line counts them, and a reload tells them', () => {
    expect(linesOf(BASE, more).at(-2)).toBe(
      'Plan: 0 to add, 1 to change, 0 to delete. Access: +0 −0. Permissions: +1 −0. 14 unchanged.',
    );
    expect(renderReload(planOf(BASE, more), placesOf(BASE, more), { color: false }).split('\n')[0]).toMatch(
      /^\+ Web → exportStore for acme for Staff \(2 users\), by VIEWER/,
    );
  });

  it('they are findings at the line that does it, and in the digest that is reviewed', () => {
    const findings = planFindings(planOf(BASE, more), placesOf(BASE, more));
    expect(findings.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
      'permission.granted: Web may use exportStore for acme for Staff (2 users), by VIEWER',
    ]);
    const joined = edited([[STAFF, staff({ members: [ANN].map((to) => ({ to })) })]]);
    const other = edited([[VIEWER, more.get(VIEWER) as Entity]], joined);
    expect(planOf(BASE, more).digest).not.toBe(planOf(joined, other).digest);
  });

  it('more that may be done through what is restricted is a risk', () => {
    const marked = (state: State) => edited([[WEB, web({ restricted: true })]], state);
    const { risks } = planOf(marked(BASE), marked(more));
    expect(risks).toMatchObject([
      {
        kind: 'restricted',
        subject: 'Example/Web',
        summary: 'Example/Web is restricted, and more may be done through it',
        items: [{ address: WEB, text: expect.stringContaining('exportStore') }],
      },
    ]);
    expect(planOf(marked(more), marked(BASE)).risks).toEqual([]);
    expect(planOf(BASE, more).risks).toEqual([]);
    const joined = edited([[STAFF, staff({ members: [ANN].map((to) => ({ to })) })]]);
    const others = planOf(marked(joined), marked(edited([[VIEWER, more.get(VIEWER) as Entity]], joined)));
    expect(others.risks[0]?.digest).not.toBe(risks[0]?.digest);
  });
});
