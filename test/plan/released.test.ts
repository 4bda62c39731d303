// What a plan says of claims that policies release: about whom, by which line, and how it reads.

import { describe, expect, it } from 'vitest';
import {
  type Address,
  applicationAddress,
  everyoneOf,
  groupAddress,
  policyAddress,
  userAddress,
} from '../../src/model/address.ts';
import type { Entity, PolicyItem } from '../../src/model/entity.ts';
import { followRenames } from '../../src/model/move.ts';
import { createState, type State } from '../../src/model/state.ts';
import { type ComparedSide, comparedSides } from '../../src/plan/compared.ts';
import { diffStates } from '../../src/plan/diff.ts';
import { planToJson } from '../../src/plan/json.ts';
import { diffReleased } from '../../src/plan/released.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { renderPlan } from '../../src/plan/text.ts';
import { linesOf, placesOf, planOf } from './make.ts';

const PORTAL = applicationAddress('Example', 'Portal');
const STAFF = groupAddress('Example', 'Staff');
const CREW = groupAddress('Example', 'Crew');
const RULES = policyAddress('Example', 'Rules');
const OTHER = policyAddress('Example', 'Other');
const ANN = userAddress('Example', 'Ann');
const BEN = userAddress('Example', 'Ben');
const MAIL: PolicyItem = { name: 'mail', value: 'user:mail' };
const ROLE: PolicyItem = { group: STAFF, name: 'role', value: 'text:staff' };

const portal = (more: object = {}): Entity => ({
  kind: 'application',
  client_id: 'Portal',
  methods: ['pw'],
  allowed_to: [{ to: everyoneOf('Example') }],
  policy: RULES,
  metadata: { grant_types: ['authorization_code'], redirect_uris: [{ uri: 'https://a.example/cb' }] },
  ...more,
});
const person = (address: Address, more: object = {}): Entity => ({
  kind: 'user',
  sub: address.slice('user:'.length),
  methods: ['pw'],
  attributes: { mail: `${address}@SENSITIVE.example` },
  ...more,
});
const policy = (...items: readonly PolicyItem[]): Entity => ({ kind: 'policy', items });
const group = (members: readonly { readonly to: string; readonly expires?: string }[], more: object = {}) =>
  ({ kind: 'group', members, ...more }) as Entity;

const ENTITIES: readonly (readonly [Address, Entity])[] = [
  ['server', { kind: 'server', issuer: 'https://id.example' }],
  ['method:pw', { kind: 'method', type: 'password' }],
  ['method:otp', { kind: 'method', type: 'password' }],
  ['site:Example', { kind: 'site', methods: ['pw'] }],
  [PORTAL, portal()],
  [STAFF, group([{ to: ANN }])],
  [CREW, group([])],
  [RULES, policy(MAIL, ROLE)],
  [OTHER, policy({ name: 'mail', value: 'text:none' })],
  [ANN, person(ANN)],
  [BEN, person(BEN)],
];
const BASE = createState(ENTITIES);

function edited(changes: readonly (readonly [Address, Entity])[], from: State = BASE): State {
  return createState(new Map([...from, ...changes]));
}

function without(address: Address): State {
  return createState([...BASE].filter(([one]) => one !== address));
}

/** `EFFECT CLAIM: USERS` */
function told(before: State, after: State): readonly string[] {
  const names = (users: readonly string[]) => users.map((user) => user.replace(/^.*\//, '')).join(' ');
  return planOf(before, after).released.map(({ effect, name, users }) => `${effect} ${name}: ${names(users)}`);
}

describe('what is released anew', () => {
  const tax: PolicyItem = { name: 'tax', value: 'user:tax' };
  const withTax = (more: object = {}) => person(ANN, { attributes: { tax: 'SENSITIVE' }, ...more });
  const added = (change: readonly (readonly [Address, Entity])[]) => {
    const before = edited(change);
    return told(before, edited([[RULES, policy(MAIL, ROLE, tax)]], before));
  };

  it('is about who has the attribute', () => {
    expect(added([[ANN, withTax()]])).toEqual(['add tax: Ann']);
    expect(added([[ANN, person(ANN, { attributes: { tax: ['', ''] } })]])).toEqual([]);
  });

  it('is about nobody who is disabled, has ended, or whom the application lets in by no group', () => {
    expect(added([[ANN, withTax({ enabled: false })]])).toEqual([]);
    expect(added([[ANN, withTax({ expires: '1969-12-31' })]])).toEqual([]);
    expect(added([[ANN, withTax({ not_before: '1970-01-02' })]])).toEqual(['add tax: Ann']);
    expect(
      added([
        [ANN, withTax()],
        [PORTAL, portal({ allowed_to: [{ to: CREW }] })],
      ]),
    ).toEqual([]);
    expect(
      added([
        [ANN, withTax()],
        [PORTAL, portal({ allowed_to: [{ to: STAFF, expires: '1969-12-31' }] })],
      ]),
    ).toEqual([]);
    expect(
      added([
        [ANN, withTax()],
        [STAFF, group([{ to: ANN, expires: '1969-12-31' }])],
        [PORTAL, portal({ allowed_to: [{ to: STAFF }] })],
      ]),
    ).toEqual([]);
    expect(
      added([
        [ANN, withTax()],
        [PORTAL, portal({ enabled: false })],
      ]),
    ).toEqual([]);
  });

  it('is no name that only tokens give', () => {
    expect(told(BASE, edited([[RULES, policy(MAIL, ROLE, { name: 'sub', value: 'text:root' })]]))).toEqual([]);
  });
});

describe('what is no change of what is released', () => {
  const rows: readonly (readonly [string, readonly PolicyItem[]])[] = [
    ['another order', [ROLE, MAIL]],
    ['the same twice', [MAIL, ROLE, MAIL]],
    ['the spelling of the replaced system', [{ name: 'mail', value: `\${${'user.mail'}}` }, ROLE]],
    ['a scope for what is given whatever is asked for', [MAIL, ROLE, { ...ROLE, scopes: ['openid'] }]],
    ['what gives nobody a value', [MAIL, ROLE, { name: 'tax', value: 'user:tax' }]],
  ];
  it.each(rows)('%s', (_, items) => {
    expect(told(BASE, edited([[RULES, policy(...items)]]))).toEqual([]);
    expect(told(edited([[RULES, policy(...items)]]), BASE)).toEqual([]);
  });

  it('what a group with methods gives beside one without', () => {
    const more: PolicyItem = { group: CREW, name: 'role', value: 'text:staff' };
    const crew = edited([[CREW, group([{ to: ANN }], { methods: ['otp'] })]]);
    const both = edited([[RULES, policy(MAIL, ROLE, more)]], crew);
    expect(told(crew, both)).toEqual([]);
    expect(told(both, crew)).toEqual([]);
    const alone = edited([[RULES, policy(MAIL, more)]], crew);
    expect(told(both, alone)).toEqual(['change role: Ann']);
  });

  it('another name of a group, a policy, an application or a user', () => {
    const names: readonly (readonly [Address, Address])[] = [
      [STAFF, groupAddress('Example', 'Team')],
      [RULES, policyAddress('Example', 'Claims')],
      [PORTAL, applicationAddress('Example', 'Entry')],
      [ANN, userAddress('Example', 'Anna')],
    ];
    const renames = new Map(names);
    const called = (state: State) =>
      createState([...state].map(([at, entity]) => [renames.get(at) ?? at, followRenames(entity, renames)]));
    const moves = names.map(([from, to]) => ({ from, to, range: undefined }));
    expect(planOf(BASE, called(BASE), 0, [], moves).released).toEqual([]);
    // What is gone is told by the names of today too.
    expect(planOf(BASE, called(edited([[RULES, policy(MAIL)]])), 0, [], moves).released).toMatchObject([
      {
        effect: 'remove',
        application: renames.get(PORTAL),
        through: renames.get(STAFF),
        users: [renames.get(ANN)],
        cause: { place: { address: renames.get(RULES) } },
      },
    ]);
  });

  it('asks no index where no application has a policy, or nothing changed that a release rests on', () => {
    const refuse = () => {
      throw new Error('asked');
    };
    const bare = edited([[PORTAL, portal({ policy: undefined })]]);
    const pairs = [
      [bare, edited([[STAFF, group([{ to: BEN }])]], bare)],
      [BASE, edited([['server', { kind: 'server', issuer: 'https://b.example' }]])],
    ] as const;
    for (const [before, after] of pairs) {
      const changes = diffStates(before, after);
      expect(changes).toHaveLength(1);
      const sides = comparedSides({ before, after, ...placesOf(before, after), changes, renames: new Map() });
      const blind = { ...sides, before: { ...sides.before, index: refuse }, after: { ...sides.after, index: refuse } };
      expect(diffReleased(blind, 0)).toEqual([]);
    }
  });
});

describe('a small edit of many', () => {
  const people = Array.from({ length: 200 }, (_, position) => userAddress('Example', `u${position}`));
  const members = people.map((to) => ({ to }));
  const many = edited([...people.map((one) => [one, person(one)] as const), [STAFF, group(members)]]);

  /** Whose groups are looked at. */
  const asked = (after: State) => {
    const users = new Set<string>();
    const changes = diffStates(many, after);
    const sides = comparedSides({
      before: many,
      beforeOrigins: new Map(),
      after,
      afterOrigins: new Map(),
      changes,
      renames: new Map(),
    });
    const watched = (side: ComparedSide): ComparedSide => {
      const index = side.index();
      const groupsOf: typeof index.groupsOf = (user) => {
        users.add(user);
        return index.groupsOf(user);
      };
      return { ...side, index: () => ({ ...index, groupsOf }) };
    };
    const released = diffReleased({ ...sides, before: watched(sides.before), after: watched(sides.after) }, 0);
    return { users: [...users], rows: released.length };
  };

  it('asks about those alone who changed or came into a group', () => {
    expect(asked(edited([[STAFF, group([...members, { to: BEN }])]], many))).toEqual({ users: [BEN], rows: 1 });
    const crew = edited(
      [
        [CREW, group([{ to: BEN }])],
        [STAFF, group([...members, { to: CREW }])],
      ],
      many,
    );
    expect(asked(crew)).toEqual({ users: [BEN], rows: 1 });
    expect(asked(edited([[ANN, person(ANN, { attributes: {} })]], many))).toEqual({ users: [ANN], rows: 1 });
  });

  it('of a policy tells about those alone whom its applications let in', () => {
    const closed = [PORTAL, portal({ allowed_to: [{ to: CREW }] })] as const;
    const crew = [CREW, group([{ to: BEN }])] as const;
    const before = edited([closed, crew], many);
    const { released } = planOf(before, edited([[RULES, policy({ ...MAIL, value: 'text:x' })]], before));
    expect(released.flatMap(({ users }) => users)).toEqual([BEN]);
  });
});

describe('the line that changed what is released', () => {
  const place = (before: State, after: State) =>
    planOf(before, after).released.map(({ effect, name, cause }) => {
      const { address, pointer } = cause.place;
      return `${effect} ${name} ${address}${pointer}${cause.removed === true ? ' was' : ''}`;
    });
  const joined = group([{ to: ANN }, { to: BEN }]);
  const rows: readonly (readonly [string, State, readonly string[], readonly string[]])[] = [
    [
      'is an item of the policy',
      edited([[RULES, policy(MAIL, ROLE, { name: 'a', value: 'text:b' })]]),
      [`add a ${RULES}/items/2`],
      [`remove a ${RULES}/items/2 was`],
    ],
    [
      'is the item that came in the place of another',
      edited([[RULES, policy(ROLE, { ...MAIL, scopes: ['WS'] })]]),
      [`change mail ${RULES}/items/1`],
      [`change mail ${RULES}/items/0`],
    ],
    [
      'is the naming of a policy',
      edited([[PORTAL, portal({ policy: OTHER })]]),
      [`change mail ${PORTAL}/policy`, `remove role ${PORTAL}/policy`],
      [`change mail ${PORTAL}/policy`, `add role ${PORTAL}/policy`],
    ],
    [
      'is a membership',
      edited([[STAFF, joined]]),
      [`add role ${STAFF}/members/1`],
      [`remove role ${STAFF}/members/1 was`],
    ],
    [
      'is a membership of a group in a group',
      edited([
        [STAFF, group([{ to: CREW }, { to: ANN }])],
        [CREW, group([{ to: BEN }])],
      ]),
      [`add role ${CREW}/members/0`],
      [`remove role ${CREW}/members/0 was`],
    ],
    [
      'is the end of a membership',
      edited([[STAFF, group([{ to: ANN, expires: '2027-01-31' }])]]),
      [`change role ${STAFF}/members/0/expires`],
      [`change role ${STAFF}/members/0/expires was`],
    ],
    [
      'is the list of methods of a group',
      edited([[STAFF, group([{ to: ANN }], { methods: ['otp'] })]]),
      [`change role ${STAFF}/methods`],
      [`change role ${STAFF}/methods`],
    ],
    [
      'is an attribute of the user',
      edited([[ANN, person(ANN, { attributes: { mail: 'b@SENSITIVE.example' } })]]),
      [`change mail ${ANN}/attributes/mail`],
      [`change mail ${ANN}/attributes/mail`],
    ],
    ['is the user', without(BEN), [`remove mail ${BEN} was`], [`add mail ${BEN}`]],
    [
      'is that the user is disabled',
      edited([[BEN, person(BEN, { enabled: false })]]),
      [`remove mail ${BEN}/enabled`],
      [`add mail ${BEN}/enabled`],
    ],
    [
      'is a group that the application is open to',
      edited([[PORTAL, portal({ allowed_to: [{ to: STAFF }] })]]),
      [`remove mail ${PORTAL}/allowed_to/0 was`],
      [`add mail ${PORTAL}/allowed_to/0`],
    ],
  ];
  it.each(rows)('%s', (_, other, there, back) => {
    expect(place(BASE, other)).toEqual(there);
    expect(place(other, BASE)).toEqual(back);
  });
});

describe('a plan of what is released', () => {
  const after = edited([
    [RULES, policy({ ...MAIL, scopes: ['openid', 'WS'] }, { ...ROLE, value: 'text:crew' })],
    [STAFF, group([{ to: ANN }, { to: BEN, expires: '2027-01-31' }])],
  ]);

  it('tells about whom and from where a value comes, and never says that access is equivalent', () => {
    const lines = linesOf(BASE, after).map((line) => line.replace(/ {2,}\S+$/, ''));
    expect(lines.slice(lines.indexOf('Released'), lines.indexOf('Risks'))).toEqual([
      'Released',
      '  ~ mail → Portal     about 2 users: user:mail → user:mail where openid or WS is asked for',
      '  + role → Portal     about Staff (Ben): text:crew, until 2027-01-31',
      '  ~ role → Portal     about Staff (Ann): text:staff → text:crew',
      '',
    ]);
    expect(lines.at(-2)).toBe(
      'Plan: 0 to add, 2 to change, 0 to delete. Access: +0 −0. Released: +1 ~2 −0. 9 unchanged.',
    );
  });

  it('tells of an attribute its name, and nothing that a user has', () => {
    const other = edited([[ANN, person(ANN, { attributes: { mail: 'b@SENSITIVE.example' } })]]);
    const { released } = planOf(BASE, other);
    expect(released).toMatchObject([{ before: [{ value: 'user:mail' }], after: [{ value: 'user:mail' }] }]);
    const added = edited([[RULES, policy(MAIL, ROLE, { name: 'more', value: 'user:mail' })]]);
    const outcome = { exit_code: 0, changes: true };
    expect(JSON.stringify(planToJson(planOf(BASE, added), placesOf(BASE, added), outcome))).not.toContain('SENSITIVE');
    expect(linesOf(BASE, added).join('\n')).not.toContain('SENSITIVE');
    expect(linesOf(BASE, other).find((line) => line.startsWith('  ~ mail'))).toMatch(
      /about Ann: user:mail, with another value/,
    );
  });

  it('has another digest where it is about other users, as a reviewer saw whom it is about', () => {
    const item = policy(MAIL, { ...ROLE, value: 'text:crew' });
    const more = edited([[STAFF, group([{ to: ANN }, { to: BEN }])]]);
    const [few, many] = [BASE, more].map((base) => planOf(base, edited([[RULES, item]], base)));
    expect(few?.changes).toEqual(many?.changes);
    expect(few?.digest).not.toBe(many?.digest);
  });

  it('counts in its summary, only where something is released otherwise', () => {
    const summaryOf = (to: State) =>
      planToJson(planOf(BASE, to), placesOf(BASE, to), { exit_code: 2, changes: true }).summary;
    expect(summaryOf(after)).toMatchObject({ released_added: 1, released_changed: 2, released_removed: 0 });
    expect(summaryOf(edited([[CREW, group([{ to: BEN }])]]))).not.toHaveProperty('released_added');
  });

  it('is told in the log of a server', () => {
    const text = renderReload(planOf(BASE, after), placesOf(BASE, after), { color: false });
    expect(text).toContain('+ role → Portal about Staff (Ben): text:crew, until 2027-01-31   ');
    expect(text).toContain('Released: +1 ~2 −0.');
  });

  it('of more than is read at once tells numbers, by claim or by application, whichever are fewer', () => {
    const names = Array.from({ length: 60 }, (_, position) => `claim${position + 10}`);
    const items = names.map((name): PolicyItem => ({ name, value: 'text:x' }));
    const second = applicationAddress('Example', 'Desk');
    const many = edited([
      [RULES, policy(MAIL, ROLE, ...items)],
      [second, { ...portal(), client_id: 'Desk' } as Entity],
    ]);
    const plan = planOf(edited([[second, { ...portal(), client_id: 'Desk' } as Entity]]), many);
    expect(plan.released).toHaveLength(120);
    const lines = renderPlan(plan, placesOf(BASE, many), { color: false }).split('\n');
    const at = lines.indexOf('Released');
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '  + 60 claims → Desk       about 2 users: claim10, claim11, claim12, … and 57 more',
      '  + 60 claims → Portal     about 2 users: claim10, claim11, claim12, … and 57 more',
    ]);
    expect(lines.join('\n')).toContain('Long lists are cut here');
    const full = renderPlan(plan, placesOf(BASE, many), { color: false, full: true });
    expect(full.match(/^ {2}\+ claim/gm)).toHaveLength(120);
  });
});
