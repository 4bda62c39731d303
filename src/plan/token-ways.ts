// Owns the ways by which clients obtain tokens, as tests about everybody ask for them: one of a client, for the first of some
// users. Never decides access itself: each way is asked of src/access, as the token endpoint asks.

import type { AccessIndex } from '../access/access-index.ts';
import { decide } from '../access/decide.ts';
import type { Decision, Question } from '../access/decision.ts';
import type { Way } from '../access/reach.ts';
import { type ApplicationAddress, qualifiedName, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES } from '../model/grant-type.ts';
import { isGranted } from './judge-request.ts';

/** Whom a change of a State can concern: the others can obtain what they could. */
export interface Concerned {
  readonly clients: ReadonlySet<ApplicationAddress>;
  /** By grants of users; undefined for any user. */
  readonly users: ReadonlySet<UserAddress> | undefined;
}

export interface Found extends Way {
  /** What is obtained, in words. */
  readonly what: string;
}

/** What one token would have to be for and to say: an audience by its client_id, a value of its scope; any token for none. */
export interface Obtained {
  readonly audience?: string | undefined;
  readonly scope?: string | undefined;
}

/** The first way by which one of the users lets a client obtain something; undefined where there is none. */
export function firstWay(
  asked: Pick<Question, 'client' | 'grant_type' | 'ip'>,
  users: readonly (UserAddress | undefined)[],
  wanted: Obtained,
  index: AccessIndex,
  now: number,
): Found | undefined {
  const { audience, scope: value } = wanted;
  const values = [...new Set([audience, value])].filter((one) => one !== undefined);
  // What a policy asks of a user may rest on the scopes that are requested: all of them, or some.
  const alone = index.allowList(asked.client).scopes.map((scope) => [scope]);
  const requests = values.length === 0 ? [undefined, ['openid'], ...alone] : [values, undefined];
  for (const user of users) {
    for (const scope of requests) {
      const decision = decide(index, { ...asked, user, scope }, now);
      if (!decision.allowed || (audience !== undefined && !decision.audiences.includes(audience))) continue;
      if (value !== undefined && !isGranted(decision, value)) continue;
      const what = values.length === 0 ? 'a token' : values.join(' with ');
      const { client, grant_type } = asked;
      return { client, grant_type, user, chain: chainOf(decision, values), decision, what };
    }
  }
  return undefined;
}

/** The links of the audience that is obtained, else of the one with the shortest chain. */
function chainOf({ reasons }: Decision, values: readonly string[]): Way['chain'] {
  const granted = reasons.filter((answer) => answer.granted);
  const [shortest] = [...granted].sort((a, b) => a.chain.length - b.chain.length);
  return (granted.find(({ audience }) => values.includes(audience)) ?? shortest)?.chain ?? [];
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
  { grant_type, user, decision }: Pick<Way, 'grant_type' | 'user' | 'decision'>,
  isUser = false,
): string {
  const who = user ?? decision.user;
  if (who === undefined || isUser) return `by ${grant_type}`;
  return `by ${grant_type} ${user === undefined ? 'as' : 'for'} ${qualifiedName(who)}`;
}
