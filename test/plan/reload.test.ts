import { describe, expect, it } from 'vitest';
import { type Address, applicationAddress } from '../../src/model/address.ts';
import type { Entity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { renderReload } from '../../src/plan/reload.ts';
import { added, CLIENT1, EX2, EX3, edited, GROUP1, GROUP2, LOGIN, SERVER2, USER1 } from '../model/example-state.ts';
import { placesOf, planOf } from './make.ts';

const reload = (before: State, after: State, color = false) =>
  renderReload(planOf(before, after), placesOf(before, after), { color }).split('\n');

describe('DESIGN 5: a reload', () => {
  it('is told in a few lines, access first', () => {
    const outside = edited(EX2, 'group', GROUP2, { members: [] });
    expect(reload(outside, EX2)).toEqual([
      '+ Client1 → Server2 as User1, through Group2   groups.yaml:3:13',
      '~ group Group2: members + User1   groups.yaml:3:1',
      'Plan: 0 to add, 1 to change, 0 to delete. Access: +1 −0. 11 unchanged.',
      '',
    ]);
    expect(reload(EX2, outside).slice(0, 2)).toEqual([
      '- Client1 → Server2: User1 leaves Group2   (was groups.yaml:3)',
      '~ group Group2: members - User1   groups.yaml:3:1',
    ]);
  });

  it('tells a scope as one', () => {
    const metadata = { grant_types: ['client_credentials'], scope: 'Server1 Server2 WS' };
    expect(reload(EX2, edited(EX2, 'application', CLIENT1, { metadata }))[0]).toBe(
      '+ Client1 → scope WS as User1   applications.yaml:1:18',
    );
  });

  it('of a client that people use names those people', () => {
    const client: Entity = {
      kind: 'application',
      client_id: 'portal',
      methods: [LOGIN],
      allowed_to: [{ to: GROUP1 }],
      metadata: { grant_types: ['authorization_code'] },
    };
    const portal = applicationAddress('Example', 'portal');
    expect(reload(EX3, added(EX3, [[portal, client]]))[0]).toMatch(
      /^\+ Group1 \(User1\) → portal by authorization_code/,
    );
  });

  it('names the members of an entity in which several changed', () => {
    const after = edited(EX2, 'application', CLIENT1, {
      tokens: { access_ttl: '5m', format: 'opaque' },
      secret: { hash: '$argon2id$v=19$m=1,t=1,p=1$a$SENSITIVE' },
    });
    expect(reload(EX2, after)[0]).toBe(
      '~ application Client1: secret, tokens.access_ttl, tokens.format   applications.yaml:1:1',
    );
  });

  it('of nothing is one line', () => {
    expect(reload(EX2, EX2)).toEqual(['No changes. Access equivalent. The store is at generation 7.', '']);
  });

  it('is at most a dozen lines and a count', () => {
    const many = added(
      EX2,
      Array.from({ length: 40 }, (_, number): [Address, Entity] => [
        applicationAddress('Example', `x${number}`),
        { kind: 'application', client_id: `x${number}` },
      ]),
    );
    const lines = reload(EX2, edited(many, 'application', SERVER2, { enabled: false }));
    expect(lines).toHaveLength(15);
    expect(lines[0]).toBe('- Client1 → Server2: Server2 disabled   applications.yaml:3:11');
    expect(lines[12]).toBe('… and 30 more');
  });

  it('lets nothing of the spec reach the terminal raw', () => {
    const after = edited(EX2, 'user', USER1, { attributes: { 'a\u001b[2J': '\u0007\n' } });
    expect(reload(EX2, after)[0]).toBe('~ user User1: attributes.a\\u{1b}[2J + "\\u{7}\\u{a}"   users.yaml:1:1');
    expect(reload(EX2, after, true)[0]).toContain('\u001b[33m~\u001b[39m user User1');
  });
});
