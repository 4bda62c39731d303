// Owns short forms for tests of the tests of a spec. Never decides what is expected.

import type { AccessTest, Expectation, TestRequest } from '../../src/model/access-test.ts';
import { CLIENT1 } from '../model/example-state.ts';

const range = {
  file: 'tests.yaml',
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 2, offset: 1 },
};

/** A test of Client1, or another; `scope` is one text with spaces between. */
export function testOf(
  expectation: Expectation,
  scope: string | undefined,
  asked: Partial<Omit<TestRequest, 'scope'>> = {},
): AccessTest {
  const request: TestRequest = {
    client: CLIENT1,
    grant_type: 'client_credentials',
    ip: undefined,
    ...asked,
    scope: scope?.split(' '),
  };
  return { name: 'a test', request, expectation, range };
}

export const ALLOW: Expectation = { kind: 'allow' };

export function deny(reason?: string): Expectation {
  return { kind: 'deny', reason };
}

export function token(claims: { readonly [claim: string]: unknown }, lifetime?: number): Expectation {
  return { kind: 'token', claims, lifetime };
}
