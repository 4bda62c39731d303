import { describe, expect, it } from 'vitest';
import {
  type Address,
  applicationAddress,
  everyoneOf,
  groupAddress,
  methodAddress,
  siteAddress,
  type UserAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import type { AccessChange } from '../../src/plan/plan.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { edited, without } from '../model/example-state.ts';
import { linesOf, placesOf, planOf } from './make.ts';

const SHOP = siteAddress('Shop');
const WEB = applicationAddress('Shop', 'web');
const API = applicationAddress('Shop', 'api');
const STAFF = groupAddress('Shop', 'Staff');
const LOGIN = 'password.1';
const users = (count: number) =>
  Array.from({ length: count }, (_, at) => userAddress('Shop', `user-${String(at).padStart(3, '0')}`));

/** A client that users of one group let act, and a server that is open to the same group. */
function shop(members: number, more: readonly (readonly [Address, Entity])[] = []): State {
  return createState([
    ['server', { kind: 'server', issuer: 'https://localhost:8443/uas' }],
    [methodAddress(LOGIN), { kind: 'method', type: 'password' }],
    [SHOP, { kind: 'site', methods: [LOGIN] }],
    [
      WEB,
      {
        kind: 'application',
        client_id: 'web',
        methods: [LOGIN],
        allowed_to: [{ to: STAFF }],
        metadata: { grant_types: ['authorization_code'], scope: 'api' },
      },
    ],
    [API, { kind: 'application', client_id: 'api', methods: [LOGIN], allowed_to: [{ to: STAFF }] }],
    [STAFF, { kind: 'group', members: users(members).map((to) => ({ to })) }],
    ...users(members).map((user) => [user, { kind: 'user', sub: user, methods: [LOGIN] }] as const),
    ...more,
  ]);
}

const told = (access: readonly AccessChange[]) =>
  access.map(({ effect, client, held, users: some }) => [
    effect,
    client,
    held.application,
    some?.through,
    some?.users.length,
  ]);

describe('DESIGN 3: access of users', () => {
  it('is told per group with a count, never as the product of users and clients', () => {
    const { access } = planOf(EMPTY_STATE, shop(300));
    expect(told(access)).toEqual([
      ['grant', WEB, API, STAFF, 300],
      ['grant', WEB, WEB, STAFF, 300],
    ]);
  });

  it('tells only the users who come, of a group that many are in', () => {
    const { access } = planOf(shop(300), shop(302));
    expect(access.map(({ users: some }) => some?.users)).toEqual([users(302).slice(300), users(302).slice(300)]);
    const lines = linesOf(shop(300), shop(302));
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}\+ Staff \(2 users\) → api +through web, by authorization_code/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}\+ Staff \(2 users\) → web +by authorization_code/));
  });

  it('loses a server with the client by which it is reached, at the line of the client', () => {
    const closed = edited(shop(2), 'application', WEB, { allowed_to: undefined });
    const { access } = planOf(shop(2), closed);
    expect(told(access)).toEqual([
      ['revoke', WEB, API, STAFF, 2],
      ['revoke', WEB, WEB, STAFF, 2],
    ]);
    for (const { cause, other } of access) {
      expect(cause.place).toEqual({ address: WEB, pointer: '/allowed_to/0' });
      expect(other?.code).toBe('NOT_IN_ALLOWED_GROUP');
    }
  });

  describe('a standard scope, which no spec declares, is lost by what is lost with it', () => {
    const web = { grant_types: ['authorization_code'], scope: 'api profile' };
    const before = edited(shop(2), 'application', WEB, { metadata: web });
    const [first] = users(1);
    const rows: readonly (readonly [what: string, State, cause: string])[] = [
      ['a user who is disabled', edited(before, 'user', first as UserAddress, { enabled: false }), `${first}/enabled`],
      [
        'a membership',
        edited(before, 'group', STAFF, {
          members: users(2)
            .slice(1)
            .map((to) => ({ to })),
        }),
        `${STAFF}/members/0`,
      ],
      ['another client_id', edited(before, 'application', WEB, { client_id: 'front' }), `${WEB}/client_id`],
      ['a client that is disabled', edited(before, 'application', WEB, { enabled: false }), `${WEB}/enabled`],
      [
        'the scope itself, out of the list of the client',
        edited(before, 'application', WEB, { metadata: { ...web, scope: 'api' } }),
        `${WEB}/metadata/scope`,
      ],
    ];
    it.each(rows)('%s', (_, after, cause) => {
      const lost = planOf(before, after).access.filter(
        ({ effect, scope }) => effect === 'revoke' && scope === 'profile',
      );
      expect(lost.map(({ cause: { place } }) => `${place.address}${place.pointer}`)).toEqual([cause]);
      expect(lost[0]?.cause.range).toBeDefined();
    });
  });

  it('is of everyone of the site where that is who is let in, and of nobody of another site', () => {
    const open = edited(shop(3), 'application', WEB, { allowed_to: [{ to: everyoneOf('Shop') }] });
    const other = userAddress('Other', 'Zoe');
    const after = createState([
      ...open,
      [siteAddress('Other'), { kind: 'site', methods: [LOGIN] }],
      [other, { kind: 'user', sub: other, methods: [LOGIN] }],
      [userAddress('Shop', 'New'), { kind: 'user', sub: 'New', methods: [LOGIN] }],
    ]);
    expect(told(planOf(open, after).access)).toEqual([['grant', WEB, WEB, everyoneOf('Shop'), 1]]);
  });

  it('that rules give in the place of groups is shown at the rules', () => {
    const closed = edited(shop(2), 'application', API, { allowed_to: [] });
    const before = edited(closed, 'group', STAFF, { members: [] });
    const rules = { any: [{ ip: ['10.0.0.0/8'] }] };
    const { access } = planOf(
      before,
      edited(before, 'application', WEB, { allowed_to: undefined, access_rules: rules }),
    );
    expect(access.map(({ effect, held, cause }) => [effect, held.networks, cause.place, cause.removed])).toEqual([
      ['grant', [['10.0.0.0/8']], { address: WEB, pointer: '/access_rules' }, undefined],
    ]);
  });

  it('that goes with a user is told as that, and of several together', () => {
    const [, second, third] = users(3) as [Address, Address, Address];
    const after = edited(without(shop(3), second, third), 'group', STAFF, {
      members: users(1).map((to) => ({ to })),
    });
    const lines = linesOf(shop(3), after);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}- Staff \(2 users\) → web +2 users removed/));
    const outside = edited(shop(3), 'group', STAFF, { members: users(1).map((to) => ({ to })) });
    expect(linesOf(shop(3), outside)).toContainEqual(
      expect.stringMatching(/^ {2}- Staff \(2 users\) → web +2 users leave Staff/),
    );
  });

  it('is told in numbers where there are many rows, and by group with --full', () => {
    const groups = Array.from({ length: 60 }, (_, at) => groupAddress('Shop', `team-${at}`));
    const more = groups.flatMap((group, at): (readonly [Address, Entity])[] => {
      const user = userAddress('Shop', `member-${at}`);
      return [
        [group, { kind: 'group', members: [{ to: user }] }],
        [user, { kind: 'user', sub: user, methods: [LOGIN] }],
      ];
    });
    const before = shop(0, more);
    const after = edited(before, 'application', WEB, { allowed_to: groups.map((to) => ({ to })).sort(byTo) });
    const plan = planOf(before, after);
    const text = (full: boolean) => renderPlan(plan, placesOf(before, after), { color: false, full });
    expect(text(false)).toMatch(/\+ 60 users → web +team-0, team-1, team-10, … and 57 more/);
    expect(text(true)).toMatch(/\+ team-59 \(member-59\) → web +by authorization_code/);
  });

  it('asks about nobody where nothing changed that access rests on', () => {
    const renamed = edited(shop(2), 'application', WEB, {
      metadata: { grant_types: ['authorization_code'], scope: 'api', client_name: 'Shop' },
    });
    expect(planOf(shop(2), renamed).access).toEqual([]);
  });
});

describe('DESIGN 3: restricted access of users', () => {
  const restricted = (members: number) => edited(shop(members), 'application', API, { restricted: true });

  it('has to be approved, and the approval is bound to who they are', () => {
    const [risk] = planOf(restricted(2), restricted(3)).risks;
    expect(risk).toMatchObject({ kind: 'restricted', subject: 'Shop/api' });
    expect(risk?.summary).toBe('Shop/api is restricted, and a user gains access to it');
    expect(risk?.items.map(({ text }) => text)).toEqual(['for Shop/user-002 of Shop/Staff']);
    const [other] = planOf(restricted(2), restricted(4)).risks;
    expect(other?.items.map(({ text }) => text)).toEqual(['for 2 users of Shop/Staff']);
    expect(other?.digest).not.toBe(risk?.digest);
  });
});

function byTo(a: { readonly to: string }, b: { readonly to: string }): number {
  return a.to < b.to ? -1 : 1;
}
