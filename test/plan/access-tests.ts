// Owns short forms for tests of the tests of a spec. Never decides what is expected.

import type { AccessTest, Assertion, Invariant, TestRequest, WhoQuestion } from '../../src/model/access-test.ts';
import { CLIENT1 } from '../model/example-state.ts';

const range = {
  file: 'tests.yaml',
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 2, offset: 1 },
};

type Form<K extends Assertion['kind']> = Omit<Extract<Assertion, { kind: K }>, 'request'>;
/** What is expected of a request. */
export type Expectation = Form<'token'> | Form<'allow'> | Form<'deny'>;

/** A test of Client1, or another; `scope` is one text with spaces between. */
export function testOf(
  expectation: Expectation,
  scope: string | undefined,
  asked: Partial<Omit<TestRequest, 'scope'>> = {},
): AccessTest {
  return assertion({ ...expectation, request: { ...REQUEST, ...asked, scope: scope?.split(' ') } } as Assertion);
}

const REQUEST: Omit<TestRequest, 'scope'> = {
  client: CLIENT1,
  grant_type: 'client_credentials',
  user: undefined,
  method: undefined,
  ip: undefined,
  time: undefined,
};

export function assertion(asserted: Assertion): AccessTest {
  return { name: 'a test', assertion: asserted, range };
}

/** Who can obtain something, by any grant, from anywhere, now, unless it is said. */
export function whoCan(
  target: WhoQuestion['target'],
  compared: Pick<Extract<Assertion, { kind: 'who_can' }>, 'compare' | 'names'>,
  asked: Partial<WhoQuestion> = {},
): AccessTest {
  const who = { target, grant_type: undefined, client: undefined, ip: undefined, time: undefined, ...asked };
  return assertion({ kind: 'who_can', who, ...compared });
}

/** What is not said may be anything. */
export function never(said: Partial<Invariant>): AccessTest {
  const anything = {
    client_type: undefined,
    client: undefined,
    site: undefined,
    grant_type: undefined,
    user: undefined,
    scope: undefined,
    audience: undefined,
  };
  return assertion({ kind: 'never', never: { ...anything, ...said } });
}

export const ALLOW: Expectation = { kind: 'allow' };

export function deny(reason?: string): Expectation {
  return { kind: 'deny', reason };
}

export function token(claims: { readonly [claim: string]: unknown }, lifetime?: number): Expectation {
  return { kind: 'token', claims, lifetime };
}
