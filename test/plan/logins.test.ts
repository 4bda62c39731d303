import { describe, expect, it } from 'vitest';
import { groupAddress, userAddress } from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { EMPTY_STATE, type State } from '../../src/model/state.ts';
import { CLIENT_GROUP, CLIENT1, EX3, edited, USER1 } from '../model/example-state.ts';
import { planOf } from './make.ts';

const client = (edit: Partial<ApplicationEntity>, state: State = EX3) =>
  edited(state, 'application', CLIENT1, {
    metadata: { grant_types: ['authorization_code'], scope: 'Server1' },
    ...edit,
  });
const told = (before: State, after: State) =>
  (planOf(before, after).logins ?? []).map(({ effect, through, users, cause: { place } }) => [
    effect,
    through,
    users,
    `${place.address} ${place.pointer}`,
  ]);
const row = (effect: string, pointer: string) => [effect, CLIENT_GROUP, [USER1], `${CLIENT1} ${pointer}`];

describe('what a plan tells of logins', () => {
  const rows: readonly (readonly [what: string, Partial<ApplicationEntity>, Partial<ApplicationEntity>, unknown])[] = [
    ['is asked each time', {}, { consent: { required: true } }, [row('asked', '/consent/required')]],
    [
      'is asked once',
      { consent: { required: false } },
      { consent: { required: true, remember: true } },
      [row('asked_once', '/consent/required')],
    ],
    [
      'is asked no more, which is told of what was written',
      { consent: { required: true } },
      {},
      [row('not_asked', '/consent/required')],
    ],
    [
      'is asked, as the client may have a scope of the catalogue',
      {},
      { metadata: { grant_types: ['authorization_code'], scope: 'Server1 WS' } },
      [row('asked', '/metadata/scope')],
    ],
    [
      'is remembered',
      { consent: { required: true } },
      { consent: { required: true, remember: true } },
      [row('remembered', '/consent/remember')],
    ],
    [
      'is remembered no more',
      { consent: { required: true, remember: true } },
      { consent: { required: true } },
      [row('not_remembered', '/consent/remember')],
    ],
    [
      'is forgotten with another client_id',
      { consent: { required: true, remember: true } },
      { consent: { required: true, remember: true }, client_id: 'another' },
      [row('forgotten', '/client_id')],
    ],
    ['is bound', {}, { bind_token_ip: true }, [row('bound', '/bind_token_ip')]],
    ['is bound no more', { bind_token_ip: true }, {}, [row('unbound', '/bind_token_ip')]],
    ['meets the same where only the words of nobody change', {}, { consent: { template: 'localized' } }, []],
    ['meets the same where nothing is asked', {}, { consent: { remember: true } }, []],
    [
      'is shown no page by password',
      { metadata: { grant_types: ['password'] } },
      { metadata: { grant_types: ['password'] }, consent: { required: true } },
      [],
    ],
    [
      'of a client that acts as itself is nobody',
      { metadata: { grant_types: ['client_credentials'] } },
      { metadata: { grant_types: ['client_credentials'] }, consent: { required: true }, bind_token_ip: true },
      [],
    ],
  ];
  it.each(rows)('who may use a client before and after %s', (_, before, after, expected) => {
    expect(told(client(before), client(after))).toEqual(expected);
  });

  it('is about nobody of a first plan, and not about who is let in or out: that is access', () => {
    const asking = client({ consent: { required: true } });
    expect(planOf(EMPTY_STATE, asking).logins).toBeUndefined();
    const shut = edited(client({}), 'group', groupAddress('Example', 'ClientGroup'), { members: [] });
    expect(told(shut, asking)).toEqual([]);
    expect(told(asking, shut)).toEqual([]);
  });

  it('names the user who is somebody else by now, and is remembered nothing of', () => {
    const kept = client({ consent: { required: true, remember: true } });
    const user = userAddress('Example', 'User1');
    expect(told(kept, edited(kept, 'user', user, { sub: 'another' }))).toEqual([
      ['forgotten', CLIENT_GROUP, [user], `${user} /sub`],
    ]);
  });
});
