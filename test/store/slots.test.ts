import { expect, it } from 'vitest';
import { slotsOf } from '../../src/store/verifiers.ts';

it('verifiers are kept of the secrets of applications and of the passwords of users, by their references', () => {
  const user = { kind: 'user', sub: 'Example/User1' } as const;
  expect([...slotsOf({ ...user, password: { env: 'USER1_PASSWORD' } })]).toEqual(['env:USER1_PASSWORD']);
  // A written hash is its own verifier.
  expect([...slotsOf({ ...user, password: { hash: '$argon2id$' } })]).toEqual([]);
  expect([...slotsOf(user)]).toEqual([]);
  expect([
    ...slotsOf({ kind: 'application', client_id: 'A', secrets: [{ env: 'A' }, { file: 'b', expires: '2027-01-31' }] }),
  ]).toEqual(['env:A', 'file:b']);
  expect([...slotsOf({ kind: 'group' })]).toEqual([]);
});
