// Owns the ways by which clients obtain tokens, as tests about everybody ask for them: one of a client, for the first of some
// users. Never decides access itself: each way is asked of src/access, as the token endpoint asks.

import type { AccessIndex } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { Decision, Question, Refusal } from '../access/decision.ts';
import { asksOf } from '../access/held-scopes.ts';
import type { Way } from '../access/reach.ts';
import { type ApplicationAddress, qualifiedName, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES } from '../model/grant-type.ts';
import { isGranted } from './judge-request.ts';
import { speakInstant } from './period-words.ts';

/** Whom a change of a State can concern: the others can obtain what they could. */
export interface Concerned {
  readonly clients: ReadonlySet<ApplicationAddress>;
  /** By grants of users; undefined for any user. */
  readonly users: ReadonlySet<UserAddress> | undefined;
}

export interface Found extends Way {
  /** What is obtained, in words. */
  readonly what: string;
  /** Milliseconds since the epoch at which it begins, where that is later than what was asked about. */
  readonly from?: number;
}

/** What one token would have to be for and to say: an audience by its client_id, a value of its scope; any token for none. */
export interface Obtained {
  readonly audience?: string | undefined;
  readonly scope?: string | undefined;
}

/**
 * The first way by which one of the users lets a client obtain something, at that instant or, where `ever`, at any later one;
 * undefined where there is none.
 */
export function firstWay(
  asked: Pick<Question, 'client' | 'grant_type' | 'ip'>,
  users: readonly (UserAddress | undefined)[],
  wanted: Obtained,
  index: AccessIndex,
  now: number,
  ever = false,
): Found | undefined {
  const { audience, scope: value } = wanted;
  const values = [...new Set([audience, value])].filter((one) => one !== undefined);
  // What a policy asks of a user may rest on the scopes that are requested: all of them, or some.
  const alone = index.allowList(asked.client).scopes.map((scope) => [scope]);
  const requests = values.length === 0 ? [undefined, ['openid'], ...alone] : [values, undefined];
  for (const user of users) {
    for (const scope of requests) {
      for (const [at, decision] of answersFrom(index, { ...asked, user, scope }, now, ever)) {
        if (!decision.allowed || (audience !== undefined && !decision.audiences.includes(audience))) continue;
        if (value !== undefined && !isGranted(decision, value)) continue;
        const what = values.length === 0 ? 'a token' : values.join(' with ');
        const { client, grant_type } = asked;
        const from = at === now ? {} : { from: at };
        return { client, grant_type, user, chain: chainOf(decision, values), decision, what, ...from };
      }
    }
  }
  return undefined;
}

/** More ends than these in the way of one request are nobody's. */
const MOST_INSTANTS = 100;

/** The answer now and, where `ever`, each other one that time makes of it: an answer says until when it holds. */
export function* answersFrom(
  index: AccessIndex,
  question: Question,
  now: number,
  ever: boolean,
): Generator<readonly [at: number, answer: Decision | Refusal]> {
  let at: number | undefined = now;
  for (let count = 0; at !== undefined && count < MOST_INSTANTS; count++) {
    const answer: Decision | Refusal = decide(index, question, at);
    yield [at, answer];
    // Of what is given, only what is not yet has to be looked for: each audience has an end of its own.
    const ends: readonly (number | undefined)[] = [answer.until, ...answer.reasons.map(({ until }) => until)];
    const later = ends.filter((end): end is number => end !== undefined && end > (at ?? now));
    at = ever && later.length > 0 ? Math.min(...later) : undefined;
  }
}

/** The namings of scopes, and the links of the audience that is obtained, else of the one with the shortest chain. */
function chainOf(decision: Decision, values: readonly string[]): Way['chain'] {
  const granted = decision.reasons.filter((answer) => answer.granted);
  const [shortest] = [...granted].sort((a, b) => a.chain.length - b.chain.length);
  const by = granted.find(({ audience }) => values.includes(audience)) ?? shortest;
  return [...values.flatMap((value) => asksOf(decision, value)), ...(by?.chain ?? [])];
}

/** The grants of an application that are decided; of one grant only that. */
export function grantsOf(application: ApplicationEntity | undefined, only: string | undefined): readonly string[] {
  const grants = (application?.metadata?.grant_types ?? []).filter((grant) => GRANT_TYPES.includes(grant));
  return only === undefined ? grants : grants.filter((grant) => grant === only);
}

/** Whether a way is known that is as short. */
export function isShorter(known: Way | undefined, way: Way): boolean {
  return known !== undefined && known.chain.length <= way.chain.length;
}

/** ` by password for Example/User1`; of a user whom the sentence is about only the grant. */
export function speakWay(
  { grant_type, user, decision, from }: Pick<Found, 'grant_type' | 'user' | 'decision' | 'from'>,
  isUser = false,
): string {
  const who = user ?? decision.user;
  const begin = from === undefined ? '' : `, from ${speakInstant(from)} on`;
  if (who === undefined || isUser) return `by ${grant_type}${begin}`;
  return `by ${grant_type} ${user === undefined ? 'as' : 'for'} ${qualifiedName(who)}${begin}`;
}
