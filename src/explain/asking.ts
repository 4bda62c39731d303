// Owns one question as it is asked of the engine, whether its answer is a yes, and what stands in the way of one. Never
// decides: every answer is that of src/access.

import { type AccessIndex, isScopeOf } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer, Decision, Place, Question, Refusal, Step } from '../access/decision.ts';
import { usableMethods } from '../access/method-choice.ts';
import type { ReasonCode } from '../access/reason.ts';
import { type ApplicationAddress, kindOf, nameOf, type UserAddress } from '../model/address.ts';
import { isGranted } from '../plan/judge-request.ts';

export type Answer = Decision | Refusal;

export function ask(index: AccessIndex, question: Question, now: number): Answer {
  return decide(index, question, now);
}

/** Whether there is a token, and everything that was asked for by name is in it. */
export function isYes(answer: Answer, { scope = [] }: Pick<Question, 'scope'>): boolean {
  return answer.allowed && scope.every((value) => isGranted(answer, value));
}

/** Something that stands in the way: the first link that is missing, for one application or for the client as a whole. */
export interface Obstacle {
  readonly code: ReasonCode;
  readonly missing: Place | undefined;
  /** The application that was judged: the client itself where none was yet. */
  readonly about: ApplicationAddress;
  /** The links that are there. */
  readonly chain: readonly Step[];
  /** By which method, as far as it is known. */
  readonly method: string | undefined;
  /** The user behind the client; undefined where it acts as itself, or where that was not looked at. */
  readonly user: UserAddress | undefined;
}

/**
 * What stands in the way of a yes, in the order of the request; none where it is one. Of a request for scopes that no
 * audience carries, each audience is one.
 */
export function obstaclesOf(index: AccessIndex, question: Question, answer: Answer): readonly Obstacle[] {
  const { scope = [], client } = question;
  if (isYes(answer, question)) return [];
  if (!answer.allowed && answer.code !== 'NO_AUDIENCE') {
    const [judged] = answer.reasons;
    if (judged !== undefined) return [fromReason(question, judged)].flatMap((one) => one ?? []);
    return [fromRefusal(index, question, answer)];
  }
  const lost = answer.reasons.filter((reason) => !reason.granted);
  const named = lost.filter(({ audience }) => scope.includes(audience));
  // Without a name among them any audience would do; the client itself comes last.
  const wanted = named.length > 0 ? named : lost;
  const obstacles = wanted.flatMap((reason) => fromReason(question, reason) ?? []);
  if (obstacles.length > 0 || answer.allowed) return obstacles;
  return [{ ...fromRefusal(index, question, answer), about: client }];
}

function fromReason(question: Question, reason: AudienceAnswer): Obstacle | undefined {
  if (reason.granted) return undefined;
  const { code, missing, chain, application } = reason;
  return { code, missing, chain, about: application, method: methodOf(chain), user: question.user ?? userOf(chain) };
}

function fromRefusal(index: AccessIndex, question: Question, { code, missing }: Refusal): Obstacle {
  const { client, grant_type, user } = question;
  const application = index.application(client);
  const usable = application && usableMethods(index, client, application, grant_type, question.method);
  const method = question.method ?? (usable !== undefined && !('code' in usable) ? usable[0] : undefined);
  const acts = missing !== undefined && kindOf(missing.address) === 'user' ? (missing.address as UserAddress) : user;
  return { code, missing, chain: [], about: client, method, user: acts };
}

/** The first value that the client may not ask for. */
export function strangerOf(index: AccessIndex, { client, scope = [] }: Question): string | undefined {
  const allowList = index.allowList(client);
  const own = index.application(client)?.client_id;
  return scope.find((value) => value !== own && !allowList.audiences.has(value) && !isScopeOf(allowList, value));
}

function methodOf(chain: readonly Step[]): string | undefined {
  const step = chain.find(({ relation }) => relation === 'has_method');
  return step === undefined ? undefined : nameOf(step.to);
}

function userOf(chain: readonly Step[]): UserAddress | undefined {
  return chain.find(({ relation }) => relation === 'impersonates')?.to as UserAddress | undefined;
}
