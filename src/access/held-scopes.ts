// Owns which scopes, of the catalogue and of OpenID Connect, somebody can have in a token, and by which audience of it. Never decides: where more than
// the list of the client counts, each is asked for.

import { type ApplicationAddress, scopeAddress } from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { type AccessIndex, isProtocolScope } from './access-index.ts';
import { untilOf } from './activity.ts';
import { decide } from './decide.ts';
import type { AudienceAnswer, Decision, HeldScope, Question, Step } from './decision.ts';

export interface HeldScopes {
  readonly scopes: readonly HeldScope[];
  /** The first instant at which a policy may give another answer about one of them, milliseconds since the epoch. */
  readonly until: number | undefined;
}

/**
 * Every scope that a client can have, by a request for it alone or for everything. `reach` is what it can obtain by these
 * grants, and, where they are of one, by that user.
 */
export function heldScopes(
  index: AccessIndex,
  asked: Pick<Question, 'client' | 'user'> & { readonly grants: readonly string[] },
  reach: readonly AudienceAnswer[],
  now: number,
): HeldScopes {
  const { client, user, grants } = asked;
  const { scopes: catalogue, standard } = index.allowList(client);
  // What OpenID Connect tells about a user is held where there is one; offline_access is not about what a token opens.
  const told = grants.some((grant) => GRANT_TYPES_WITH_USER.includes(grant)) ? standard : [];
  const listed = [...new Set([...catalogue, ...told.filter((scope) => scope !== 'offline_access')])];
  // Items of a policy may rest on what is asked for (U-61); without one, a scope comes with any token (SEMANTICS A.6, A.11).
  if (!reach.some(({ application }) => index.application(application)?.policy !== undefined)) {
    const by = lastingLongest(reach);
    const scopes = by === undefined ? [] : listed.map((scope) => ({ scope, asks: namesScope(client, scope), by }));
    return { scopes, until: undefined };
  }
  const turns: (number | undefined)[] = [];
  const byRequest = (scope: string, told: readonly string[] | undefined, grant_type: string) => {
    const decision = decide(index, { client, user, grant_type, scope: told }, now);
    // With what else is in the token, more or less of it may be asked for.
    const until = untilOf(decision.until, ...decision.reasons.map((one) => one.until));
    turns.push(until);
    const by = decision.allowed && decision.scopes.includes(scope) ? lastingLongest(decision.reasons) : undefined;
    return by && { ...by, until };
  };
  const scopes = listed.flatMap((scope) => {
    for (const told of [[scope], undefined]) {
      for (const grant_type of grants) {
        const by = byRequest(scope, told, grant_type);
        if (by !== undefined) return [{ scope, asks: namesScope(client, scope), by }];
      }
    }
    return [];
  });
  return { scopes, until: untilOf(...turns) };
}

/** Of those that are granted the one that lasts longest, of those the first. */
export function lastingLongest(answers: readonly AudienceAnswer[]): HeldScope['by'] | undefined {
  const lasts = ({ until }: AudienceAnswer) => until ?? Number.POSITIVE_INFINITY;
  const [first, ...others] = answers.filter((answer) => answer.granted);
  return others.reduce((best, one) => (best !== undefined && lasts(best) >= lasts(one) ? best : one), first);
}

/** The naming of a scope of the catalogue that a token holds; none of an audience, whose own chain has it, and of a protocol's scope. */
export function asksOf({ client, scopes, reasons }: Decision, value: string): readonly Step[] {
  const isAudience = reasons.some(({ audience }) => audience === value);
  return isAudience || isProtocolScope(value) || !scopes.includes(value) ? [] : [namesScope(client, value)];
}

/** What the chain of a scope begins with. */
export function namesScope(client: ApplicationAddress, scope: string): Step {
  return {
    relation: 'may_ask_for',
    from: client,
    to: scopeAddress(scope),
    at: { address: client, pointer: '/metadata/scope' },
  };
}
