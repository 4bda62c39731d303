import { expect, it } from 'vitest';
import { exitCodeOfFailure, exitCodeOfRefusal } from '../../src/cli/exit-code.ts';
import { Failure, type FailureCode } from '../../src/model/failure.ts';

it.each<[FailureCode, number]>([
  ['usage', 64],
  ['stale_plan', 6],
  ['store_unavailable', 1],
  ['store_foreign', 1],
  ['store_newer', 1],
  ['store_other_issuer', 1],
  ['listen_failed', 1],
  ['tls_invalid', 1],
  ['server_absent', 1],
  ['server_unreachable', 1],
  ['spec_unsettled', 1],
  ['busy', 1],
])('a failure %s ends in %i (DESIGN 3)', (code, expected) => {
  const failure = new Failure(code, 'x');
  expect(exitCodeOfFailure(failure)).toBe(expected);
  expect(exitCodeOfRefusal({ reason: 'failure', failure })).toBe(expected);
});

it('an invalid spec is 3, a missing secret and a bug are 1', () => {
  expect(exitCodeOfRefusal({ reason: 'spec', diagnostics: [], files: [] })).toBe(3);
  expect(exitCodeOfRefusal({ reason: 'secrets', diagnostics: [], files: [] })).toBe(1);
  expect(exitCodeOfRefusal({ reason: 'bug', error: new TypeError('x') })).toBe(1);
});
