// Owns how a test of one request ends: what its token is expected to say, or that there is one, or none. Never decides
// access itself: each request is asked of src/access, as the token endpoint asks.

import type { AccessIndex } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer, Decision, Refusal } from '../access/decision.ts';
import { asksOf } from '../access/held-scopes.ts';
import { REASONS, type ReasonCode } from '../access/reason.ts';
import { askResource, chainAtResource } from '../access/resource-reach.ts';
import { tokenClaims } from '../access/token-content.ts';
import type { Assertion, TestPermission, TestRequest } from '../model/access-test.ts';
import { nameOf, resourceAddress } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { scopeValues } from '../model/settings.ts';
import { speakSeconds } from './period-words.ts';
import { valuesIn } from './policy-words.ts';
import { speakPermission } from './role-links.ts';
import type { TestProblem } from './test-problem.ts';

export type RequestAssertion = Extract<Assertion, { readonly request: TestRequest }>;

/** What is otherwise than expected; none for a test that passes. `now` counts where the request says no time. */
export function judgeRequest(assertion: RequestAssertion, index: AccessIndex, now: number): readonly TestProblem[] {
  const { request } = assertion;
  switch (assertion.kind) {
    case 'token': {
      const unused = request.resource === undefined ? undefined : judgeUse(index, request, now);
      return [...judgeToken(askFor(index, request, request.scope, now), assertion), ...told(unused)];
    }
    case 'allow': {
      if (request.resource === undefined)
        return judgeAllow(askFor(index, request, request.scope, now), request.scope ?? []);
      const problem = judgeUse(index, request, now);
      if (problem !== undefined || request.scope === undefined) return told(problem);
      return judgeAllow(askFor(index, request, request.scope, now), request.scope);
    }
    case 'deny': {
      if (request.resource !== undefined) return judgeDenyUse(index, request, assertion.reason, now);
      // One by one: a request may be refused for one of its scopes, and the others be granted to who asks for them alone.
      const asked = request.scope?.map((value) => [value]) ?? [undefined];
      const own = index.application(request.client)?.client_id;
      return asked.flatMap((scope) => {
        const answer = askFor(index, request, scope, now);
        return judgeDeny(answer, scope?.[0], { reason: assertion.reason, about: scope?.[0] ?? own });
      });
    }
  }
}

function told(problem: TestProblem | undefined): readonly TestProblem[] {
  return problem === undefined ? [] : [problem];
}

/** Why the token of a request does not pass at the resource that the test names; undefined where it does. */
export function judgeUse(
  index: AccessIndex,
  request: TestRequest,
  now: number,
): (TestProblem & { readonly code: ReasonCode }) | undefined {
  const { decision, answer, name } = useOf(index, request, now);
  if (answer?.passed === true) return undefined;
  if (!decision.allowed) return { ...refusedAs(decision), code: decision.code };
  const code = answer?.code ?? 'RESOURCE_UNKNOWN';
  const text = `resource ${name}: expected to be usable; it is not (${code}: ${REASONS[code]})`;
  return { text, chain: answer?.chain ?? [], code, missing: answer?.missing };
}

function judgeDenyUse(
  index: AccessIndex,
  request: TestRequest,
  reason: string | undefined,
  now: number,
): readonly TestProblem[] {
  const { chain, name, answer } = useOf(index, request, now);
  if (answer?.passed === true) return [{ text: `resource ${name}: expected to be refused; it may be used`, chain }];
  const problem = judgeUse(index, request, now);
  if (problem === undefined || reason === undefined || problem.code === reason) return [];
  return [{ ...problem, text: `resource ${name}: expected to be refused with ${reason}; it is with ${problem.code}` }];
}

function useOf(index: AccessIndex, { time, resource, ...request }: TestRequest, now: number) {
  const address = resource ?? resourceAddress('');
  const tried = askResource(index, address, request, time ?? now);
  return { ...tried, chain: chainAtResource(index, tried), name: nameOf(address) };
}

type Answer = Decision | Refusal;

/** The answer to a request of a test, for its own scope or another. */
export function askFor(
  index: AccessIndex,
  { time, resource: _, ...request }: TestRequest,
  scope: TestRequest['scope'],
  now: number,
): Answer {
  return decide(index, { ...request, scope }, time ?? now);
}

function judgeToken(
  answer: Answer,
  { claims: expected, lifetime }: Extract<Assertion, { kind: 'token' }>,
): readonly TestProblem[] {
  if (!answer.allowed) return [refusedAs(answer)];
  const claims: { readonly [claim: string]: unknown } = { ...tokenClaims(answer) };
  const problems = Object.entries(expected).flatMap(([claim, value]): readonly TestProblem[] => {
    const got = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (sameClaim(claim, value, got)) return [];
    const told = (one: unknown) => shown(claim === 'permissions' ? permissionsIn(one) : one);
    // An audience is a scope too: why it is missing is told once.
    const isAudience = claim === 'aud' || (claim === 'scope' && expected.aud === undefined);
    const lost = isAudience ? lostOf(valuesOf(value), valuesOf(got), answer.reasons) : [];
    return [{ text: `${claim}: expected ${told(value)}; got ${told(got)}${reasonsOf(lost)}`, ...linksOf(lost) }];
  });
  if (lifetime === undefined || lifetime === answer.lifetime) return problems;
  const text = `lifetime: expected ${speakSeconds(lifetime)}; got ${speakSeconds(answer.lifetime)}`;
  return [...problems, { text, chain: [] }];
}

function judgeAllow(answer: Answer, named: readonly string[]): readonly TestProblem[] {
  if (!answer.allowed) return [refusedAs(answer)];
  return named
    .filter((value) => !isGranted(answer, value))
    .map((value) => {
      const lost = lostOf([value], [], answer.reasons);
      return { text: `${value}: expected to be granted; it is not${reasonsOf(lost)}`, ...linksOf(lost) };
    });
}

/**
 * `value` is the one scope that is asked for; undefined for a request without any. `reason` is for that of the audience
 * `about`: the one that is asked for, else the client itself.
 */
function judgeDeny(
  answer: Answer,
  value: string | undefined,
  { reason, about }: { readonly reason: string | undefined; readonly about: string | undefined },
): readonly TestProblem[] {
  const what = value ?? 'a token';
  if (answer.allowed && (value === undefined || isGranted(answer, value))) {
    const audiences = value === undefined ? `, for ${shown(answer.audiences)}` : '';
    return [{ text: `${what}: expected to be refused; it is granted${audiences}`, chain: chainFor(answer, value) }];
  }
  const codes = codesAbout(answer, about);
  if (reason === undefined || codes.some((code) => code === reason)) return [];
  const lost = answer.reasons.filter(isLost).filter(({ audience }) => audience === about);
  const links = lost.length === 0 ? refusalLinks(answer) : linksOf(lost);
  return [{ text: `${what}: expected to be refused with ${reason}; it is with ${codes.join(', ')}`, ...links }];
}

/** A requested audience or scope stands in the scope of the token, an audience in its aud too (RFC 6749 3.3). */
export function isGranted({ scopes, audiences, reasons }: Decision, value: string): boolean {
  const isAudience = reasons.some(({ audience }) => audience === value);
  return scopes.includes(value) && (!isAudience || audiences.includes(value));
}

/** The links that give an audience; of a scope its naming, and the links of the first audience of the token. */
function chainFor(decision: Decision, value: string | undefined): TestProblem['chain'] {
  const granted = decision.reasons.filter((answer) => answer.granted);
  const by = granted.find(({ audience }) => audience === value) ?? granted[0];
  return [...(value === undefined ? [] : asksOf(decision, value)), ...(by?.chain ?? [])];
}

/** The codes for which an audience is not granted: its own, and that of the whole answer. */
export function codesAbout(answer: Answer, audience: string | undefined): readonly ReasonCode[] {
  const codes = answer.reasons.filter(isLost).flatMap((one) => (one.audience === audience ? [one.code] : []));
  return [...new Set([...codes, ...(answer.allowed ? [] : [answer.code])])];
}

function refusedAs(refusal: Refusal): TestProblem {
  const links = refusalLinks(refusal);
  return { text: `expected a token; refused with ${refusal.description}${tooMany(links.chain)}`, ...links };
}

/** Of a refusal for an audience, the links up to the one that the audience lacks. */
export function refusalLinks(answer: Answer): Omit<TestProblem, 'text'> {
  if (answer.allowed) return { chain: [] };
  const [first] = answer.reasons.filter(isLost);
  const { code, missing } = answer;
  if (code === 'NO_AUDIENCE' && first !== undefined) return linksOf([first]);
  return { code, chain: first?.code === code ? first.chain : [], missing };
}

type Lost = Extract<AudienceAnswer, { granted: false }>;

function isLost(answer: AudienceAnswer): answer is Lost {
  return !answer.granted;
}

function linksOf([first]: readonly Lost[]): Omit<TestProblem, 'text'> {
  return first === undefined ? { chain: [] } : { code: first.code, chain: first.chain, missing: first.missing };
}

function sameClaim(claim: string, expected: unknown, got: unknown): boolean {
  if (claim === 'permissions') return canonicalJson(permissionsIn(expected)) === canonicalJson(permissionsIn(got));
  if (claim !== 'aud' && claim !== 'scope') return canonicalJson(orNull(expected)) === canonicalJson(orNull(got));
  const wanted = new Set(valuesOf(expected));
  const there = new Set(valuesOf(got));
  return wanted.size === there.size && [...wanted].every((value) => there.has(value));
}

/** Each once, in words. */
function permissionsIn(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? [...new Set((claim as readonly TestPermission[]).map(speakPermission))].sort() : [];
}

/** An empty list is no value. */
function orNull(claim: unknown): unknown {
  return Array.isArray(claim) && claim.length === 0 ? null : (claim ?? null);
}

/** The values of a claim that holds several: a list, or a text with spaces between. */
function valuesOf(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.map(String);
  return typeof claim === 'string' ? scopeValues(claim) : [];
}

/** What was expected and is not there, as far as it is an audience that was considered. */
function lostOf(
  wanted: readonly string[],
  got: readonly string[],
  reasons: readonly AudienceAnswer[],
): readonly Lost[] {
  return reasons.filter(isLost).filter(({ audience }) => wanted.includes(audience) && !got.includes(audience));
}

/** ` (Server1: NOT_IN_ALLOWED_GROUP)` */
function reasonsOf(lost: readonly Lost[]): string {
  const told = lost.map(({ audience, code, chain }) => `${audience}: ${code}${tooMany(chain)}`);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

/** `; role has the values doctor and nurse` */
function tooMany(chain: TestProblem['chain']): string {
  const found = valuesIn(chain);
  return found === undefined ? '' : `; ${found.name} has the values ${found.values.join(' and ')}`;
}

function shown(claim: unknown): string {
  const values = Array.isArray(claim) ? claim : [claim ?? ''];
  return values.join(', ') || 'none';
}
