// What a name in a question stands for, and what is said where it stands for nothing or for several.

import { describe, expect, it } from 'vitest';
import {
  findClient,
  findGrant,
  findMethod,
  findScopes,
  findSubject,
  findTarget,
  findUser,
} from '../../src/explain/names.ts';
import { worldOfText } from './state-world.ts';

const { state } = worldOfText(
  `
server: { issuer: http://localhost:8080 }
methods: { cc: { type: client_credentials } }
scopes: { refund: { descriptions: [{ key: en, value: Give money back }] } }
---
site: East
methods: [cc]
applications:
  api: { client_id: east-api }
  job: { metadata: { grant_types: [refresh_token] } }
  twin: {}
groups: { twin: { methods: [cc] }, staff: { members: [ada] } }
users: { ada: {}, bob: {} }
---
site: West
applications: { api: {} }
users: { bob: {} }
`,
  0,
).index;

function message(found: { readonly ok: boolean; readonly message?: string }): string | undefined {
  return found.ok ? undefined : found.message;
}

describe('a client', () => {
  it('is its client_id before a name: a name that is the client_id of another is that other', () => {
    expect(findClient(state, 'east-api')).toEqual({ ok: true, value: 'application:East/api' });
    expect(findClient(state, 'api')).toEqual({ ok: true, value: 'application:West/api' });
  });

  it('is Site/Name, or a name that only one has', () => {
    expect(findClient(state, 'East/api')).toEqual({ ok: true, value: 'application:East/api' });
    expect(findClient(state, 'job')).toEqual({ ok: true, value: 'application:East/job' });
  });

  it('that is nothing is told with what was meant', () => {
    expect(message(findClient(state, 'east-apu'))).toBe('No client is called "east-apu". Did you mean "east-api"?');
    expect(message(findClient(state, 'zzz'))).toBe('No client is called "zzz".');
    expect(message(findClient(state, 'ada'))).toContain('No client is called "ada"');
  });
});

describe('a user', () => {
  it('of two sites by one name is told with both', () => {
    expect(message(findUser(state, 'bob'))).toBe(
      '"bob" is the name of several users. Write which one: East/bob, West/bob.',
    );
    expect(findUser(state, 'West/bob')).toEqual({ ok: true, value: 'user:West/bob' });
  });
});

describe('a subject', () => {
  it('is of whichever kind has the name alone', () => {
    expect(findSubject(state, 'ada')).toEqual({ ok: true, value: 'user:East/ada' });
    expect(findSubject(state, 'staff')).toEqual({ ok: true, value: 'group:East/staff' });
  });

  it('of several kinds needs the kind before it, also where one of them has it as client_id', () => {
    expect(message(findSubject(state, 'twin'))).toBe(
      '"twin" is the name of several. Write which one: client:East/twin, group:East/twin.',
    );
    expect(findSubject(state, 'group:twin')).toEqual({ ok: true, value: 'group:East/twin' });
    expect(findSubject(state, 'client:twin')).toEqual({ ok: true, value: 'application:East/twin' });
    expect(message(findSubject(state, 'user:twin'))).toContain('No user is called "twin"');
  });

  it('is the built-in group of a site too, by the site where there are several', () => {
    expect(findSubject(state, 'East/everyone')).toEqual({ ok: true, value: 'group:East/everyone' });
    expect(message(findSubject(state, 'everyone'))).toBe(
      '"everyone" is a group of every site. Write which one: East/everyone, West/everyone.',
    );
  });
});

describe('what is asked for', () => {
  it('is a scope of the catalogue, or an application', () => {
    expect(findTarget(state, 'refund')).toEqual({ ok: true, value: { scope: 'refund' } });
    expect(findTarget(state, 'East/api')).toEqual({ ok: true, value: { audience: 'application:East/api' } });
    expect(message(findTarget(state, 'refnud'))).toBe(
      'No application and no scope is called "refnud". Did you mean "refund"?',
    );
  });

  it('is no scope of a protocol: nobody is asked about that', () => {
    expect(message(findTarget(state, 'openid'))).toContain('a scope of the protocol');
  });

  it('in a request is what the request says: client_ids, each once, scopes of protocols as they are', () => {
    expect(findScopes(state, ['East/api refund', 'openid', 'east-api'])).toEqual({
      ok: true,
      value: ['east-api', 'refund', 'openid'],
    });
    expect(message(findScopes(state, ['refund', 'nothing']))).toContain('"nothing"');
  });
});

it('a grant and a method are told with what was meant', () => {
  expect(findGrant(state, 'password')).toEqual({ ok: true, value: 'password' });
  expect(message(findGrant(state, 'client_credential'))).toContain('Did you mean "client_credentials"?');
  expect(findMethod(state, 'cc')).toEqual({ ok: true, value: 'cc' });
  expect(message(findMethod(state, 'ccc'))).toContain('Did you mean "cc"?');
});

it('a target that a spec without scopes does not have is told as one all the same', () => {
  const { state: bare } = worldOfText(
    'server: { issuer: http://localhost:8080 }\n---\nsite: East\napplications: { api: {} }\n',
    0,
  ).index;
  expect(message(findTarget(bare, 'ledger'))).toBe('No application and no scope is called "ledger".');
  expect(message(findScopes(bare, ['ledger']))).toBe('No application and no scope is called "ledger".');
});
