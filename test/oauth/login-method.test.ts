// By which method a login counts whose proof is that of several.

import { expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';
import { createState } from '../../src/model/state.ts';
import { loginMethod } from '../../src/oauth/login-method.ts';

const METHODS = ['card', 'weak', 'strong'];
const client = applicationAddress('Desk', 'portal');
const user = userAddress('Desk', 'ada');
const index = indexState(
  createState([
    ['server', { kind: 'server', issuer: 'https://id.example' }],
    ['method:card', { kind: 'method', type: 'certificate', certificate_authority: 'corporate' }],
    ['method:weak', { kind: 'method', type: 'password' }],
    ['method:strong', { kind: 'method', type: 'password' }],
    ['site:Desk', { kind: 'site', methods: METHODS }],
    [
      client,
      {
        kind: 'application',
        client_id: 'portal',
        methods: METHODS,
        allowed_to: [{ to: groupAddress('Desk', 'everyone') }],
        access_rules: { any: [{ method: 'card' }, { method: 'strong' }] },
        metadata: { grant_types: ['authorization_code'] },
      },
    ],
    [groupAddress('Desk', 'everyone'), { kind: 'group', members: [{ to: user }] }],
    [user, { kind: 'user', sub: 'Desk/ada', methods: METHODS }],
  ]),
);
const question = { client, user, grant_type: 'authorization_code', scope: undefined };
const context = { snapshot: { index }, now: Date.UTC(2026, 0, 1) } as unknown as Parameters<typeof loginMethod>[2];

it.each([
  [['weak', 'strong'], 'strong'],
  // One that was not used opens nothing, whatever it would open.
  [['weak'], 'weak'],
  [['card', 'strong'], 'card'],
  [['strong', 'card'], 'strong'],
] as const)('S:N-46 of %j it is %s', (methods, expected) => {
  expect(loginMethod(methods as unknown as [string, ...string[]], question, context)).toBe(expected);
});
