import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import {
  added,
  CLIENT_GROUP,
  CLIENT1,
  EX2,
  edited,
  GROUP1,
  GROUP2,
  METHOD,
  METHOD1,
  SERVER1,
  SERVER2,
  SITE,
  USER1,
  without,
} from '../model/example-state.ts';
import { affectedBy, planOf } from './make.ts';

/** Ex-2, and in a site of its own a client that reaches Server2 as a user of its own, and one that reaches nobody. */
const far = applicationAddress('Far', 'Client');
const lone = applicationAddress('Far', 'Lone');
const farUser = userAddress('Far', 'User');
const farGroup = groupAddress('Far', 'Group');
const metadataOf = (scope: string) => ({ grant_types: ['client_credentials'], scope });
const wide = added(edited(EX2, 'application', SERVER2, { allowed_to: [{ to: GROUP2 }, { to: farGroup }] }), [
  ['site:Far', { kind: 'site', methods: [METHOD] }],
  [far, { kind: 'application', client_id: 'far', methods: [METHOD], metadata: metadataOf('Server2') }],
  [
    lone,
    {
      kind: 'application',
      client_id: 'lone',
      methods: [METHOD],
      metadata: { ...metadataOf('WS'), aud: [] },
      allowed_to: [{ to: farGroup }],
    },
  ],
  [farGroup, { kind: 'group', members: [{ to: farUser }] }],
  [farUser, { kind: 'user', sub: 'Far/User', methods: [METHOD], impersonated_by: [{ to: far }] }],
] satisfies [Address, Entity][]);

describe('the clients that a change can affect', () => {
  const rows: readonly (readonly [what: string, State, readonly Address[]])[] = [
    ['a secret: nobody', edited(wide, 'application', CLIENT1, { secret: { env: 'OTHER' } }), []],
    ['the server: nobody', edited(wide, 'server', 'server', { issuer: 'https://b.example' }), []],
    [
      'a group: who acts as its members, and whom it opens',
      edited(wide, 'group', GROUP1, { methods: [] }),
      [CLIENT1, SERVER1],
    ],
    ['a group without members: also', edited(wide, 'group', farGroup, { members: [] }), [SERVER2, far, lone]],
    ['how a scope is described: nobody', edited(wide, 'scope', 'scope:WS', { descriptions: [] }), []],
    ['a scope that goes: who asks for it', without(wide, 'scope:WS'), [lone]],
    ['a user: its clients', edited(wide, 'user', USER1, { methods: [] }), [CLIENT1]],
    [
      'an impersonation that is gone: the client that had it',
      edited(wide, 'user', USER1, { impersonated_by: [] }),
      [CLIENT1],
    ],
    [
      'an application: itself, and who asks for it',
      edited(wide, 'application', SERVER2, { enabled: false }),
      [CLIENT1, SERVER2, far],
    ],
    [
      'another client_id: who asks for the old one',
      edited(wide, 'application', SERVER1, { client_id: 'one' }),
      [CLIENT1, SERVER1],
    ],
    [
      'a site: its clients, and who asks for its applications',
      edited(wide, 'site', SITE, { methods: [] }),
      [CLIENT1, SERVER1, SERVER2, far],
    ],
    [
      'a method: everybody',
      edited(wide, 'method', METHOD1, { enabled: false }),
      [CLIENT1, SERVER1, SERVER2, far, lone],
    ],
  ];

  it.each(rows)('%s', (_, after, clients) => {
    expect(affectedBy(wide, after)).toEqual([...clients].sort());
    expect(affectedBy(after, wide)).toEqual([...clients].sort());
  });

  it('of a group within groups are those of the inner group', () => {
    const nested = edited(wide, 'group', CLIENT_GROUP, { members: [{ to: GROUP2 }] });
    expect(affectedBy(nested, edited(nested, 'group', CLIENT_GROUP, { methods: ['password.1'] }))).toEqual([CLIENT1]);
  });
});

describe('access across sites', () => {
  it('is told when the site of the audience changes, for clients of other sites too', () => {
    const access = planOf(wide, edited(wide, 'site', SITE, { methods: [] })).access;
    expect(access.map(({ client, audience }) => `${client} ${audience}`)).toEqual([
      `${CLIENT1} Client1`,
      `${CLIENT1} Server1`,
      `${CLIENT1} Server2`,
      `${far} Server2`,
    ]);
  });
});
