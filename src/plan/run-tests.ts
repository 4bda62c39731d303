// Owns how the tests of a spec end: on the State after a plan, and on the one before it. Never decides access itself:
// each request is asked of src/access, as the token endpoint asks.

import type { AccessIndex } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../access/decision.ts';
import { type TokenClaims, tokenClaims } from '../access/token-content.ts';
import type { AccessTest, Expectation, TestRequest } from '../model/access-test.ts';
import type { ApplicationAddress } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { scopeValues } from '../model/settings.ts';
import { speakSeconds } from './period-words.ts';
import type { TestResult } from './plan.ts';

/** Both sides of a plan; `before` is undefined where there is nothing yet. */
export interface Sides {
  readonly before: AccessIndex | undefined;
  /** How a client is called there: before the plan, what it renames has its old name. */
  clientBefore(client: ApplicationAddress): ApplicationAddress;
  readonly after: AccessIndex;
}

/** In the order of the tests. `now` in milliseconds since the epoch, the same for both sides. */
export function runTests(tests: readonly AccessTest[], sides: Sides, now: number): readonly TestResult[] {
  return tests.map((test) => {
    const problems = judge(test, sides.after, now);
    return {
      name: test.name,
      range: test.range,
      outcome: problems.length === 0 ? 'passed' : 'failed',
      before: outcomeBefore(test, sides, now),
      problems,
    };
  });
}

function outcomeBefore(test: AccessTest, { before, clientBefore }: Sides, now: number): TestResult['before'] {
  const request = { ...test.request, client: clientBefore(test.request.client) };
  if (before?.application(request.client) === undefined) return 'absent';
  return judge({ ...test, request }, before, now).length === 0 ? 'passed' : 'failed';
}

/** What is otherwise than expected, a sentence each; none for a test that passes. */
function judge({ request, expectation }: AccessTest, index: AccessIndex, now: number): readonly string[] {
  switch (expectation.kind) {
    case 'token':
      return judgeToken(ask(index, request, request.scope, now), expectation);
    case 'allow':
      return judgeAllow(ask(index, request, request.scope, now), request.scope ?? []);
    case 'deny': {
      // One by one: a request may be refused for one of its scopes, and the others be granted to who asks for them alone.
      const asked = request.scope?.map((value) => [value]) ?? [undefined];
      const own = index.application(request.client)?.client_id;
      return asked.flatMap((scope) => {
        const answer = ask(index, request, scope, now);
        return judgeDeny(answer, scope?.[0], { reason: expectation.reason, about: scope?.[0] ?? own });
      });
    }
  }
}

type Answer = Decision | Refusal;

function ask(index: AccessIndex, request: TestRequest, scope: TestRequest['scope'], now: number): Answer {
  const { client, grant_type, ip } = request;
  return decide(index, { client, grant_type, scope, ip }, now);
}

function judgeToken(answer: Answer, expected: Extract<Expectation, { kind: 'token' }>): readonly string[] {
  if (!answer.allowed) return [refusedAs(answer)];
  const claims: TokenClaims = tokenClaims(answer);
  const { lifetime } = expected;
  const problems = Object.entries(expected.claims).flatMap(([claim, value]) => {
    const got = claims[claim as keyof TokenClaims];
    if (sameClaim(claim, value, got)) return [];
    // An audience is a scope too: why it is missing is told once.
    const isAudience = claim === 'aud' || (claim === 'scope' && expected.claims.aud === undefined);
    const why = isAudience ? reasonsOf(valuesOf(value), valuesOf(got), answer.reasons) : '';
    return [`${claim}: expected ${shown(value)}; got ${shown(got)}${why}`];
  });
  if (lifetime === undefined || lifetime === answer.lifetime) return problems;
  return [...problems, `lifetime: expected ${speakSeconds(lifetime)}; got ${speakSeconds(answer.lifetime)}`];
}

function judgeAllow(answer: Answer, named: readonly string[]): readonly string[] {
  if (!answer.allowed) return [refusedAs(answer)];
  return named
    .filter((value) => !isGranted(answer, value))
    .map((value) => `${value}: expected to be granted; it is not${reasonsOf([value], [], answer.reasons)}`);
}

/**
 * `value` is the one scope that is asked for; undefined for a request without any. `reason` is for that of the audience
 * `about`: the one that is asked for, else the client itself.
 */
function judgeDeny(
  answer: Answer,
  value: string | undefined,
  { reason, about }: { readonly reason: string | undefined; readonly about: string | undefined },
): readonly string[] {
  const what = value ?? 'a token';
  if (answer.allowed && (value === undefined || isGranted(answer, value))) {
    return [
      `${what}: expected to be refused; it is granted${value === undefined ? `, for ${shown(answer.audiences)}` : ''}`,
    ];
  }
  const codes = codesAbout(answer, about);
  if (reason === undefined || codes.includes(reason)) return [];
  return [`${what}: expected to be refused with ${reason}; it is with ${codes.join(', ')}`];
}

/** A requested audience or scope stands in the scope of the token, an audience in its aud too (RFC 6749 3.3). */
function isGranted({ scopes, audiences, reasons }: Decision, value: string): boolean {
  const isAudience = reasons.some(({ audience }) => audience === value);
  return scopes.includes(value) && (!isAudience || audiences.includes(value));
}

/** The codes for which an audience is not granted: its own, and that of the whole answer. */
function codesAbout(answer: Answer, audience: string | undefined): readonly string[] {
  const codes = answer.reasons.flatMap((one) => (one.granted || one.audience !== audience ? [] : [one.code]));
  return [...new Set([...codes, ...(answer.allowed ? [] : [answer.code])])];
}

function refusedAs({ description }: Refusal): string {
  return `expected a token; refused with ${description}`;
}

function sameClaim(claim: string, expected: unknown, got: unknown): boolean {
  if (claim !== 'aud' && claim !== 'scope') return canonicalJson(expected ?? null) === canonicalJson(got ?? null);
  const wanted = new Set(valuesOf(expected));
  const there = new Set(valuesOf(got));
  return wanted.size === there.size && [...wanted].every((value) => there.has(value));
}

/** The values of a claim that holds several: a list, or a text with spaces between. */
function valuesOf(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.map(String);
  return typeof claim === 'string' ? scopeValues(claim) : [];
}

/** Why what was expected is not there, as far as it is an audience that was considered: ` (Server1: NOT_IN_ALLOWED_GROUP)`. */
function reasonsOf(wanted: readonly string[], got: readonly string[], reasons: readonly AudienceAnswer[]): string {
  const told = reasons.flatMap((one) =>
    one.granted || !wanted.includes(one.audience) || got.includes(one.audience) ? [] : [`${one.audience}: ${one.code}`],
  );
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

function shown(claim: unknown): string {
  const values = Array.isArray(claim) ? claim : [claim ?? ''];
  return values.join(', ') || 'none';
}
