// Owns SEMANTICS algorithm B: which token a client gets that a user lets act, by authorization_code, implicit, password or
// refresh_token, and why. Pure: it asks nobody for a password or for consent, and never authenticates a client.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { refreshSettings } from '../model/settings.ts';
import { type AccessIndex, isScopeOf } from './access-index.ts';
import { activityOf, untilOf } from './activity.ts';
import { type Asker, methodStep } from './asker.ts';
import { type Circumstances, judgeClient } from './audience.ts';
import type { AudienceAnswer, Decision, Place, Question, Refusal } from './decision.ts';
import { type Grant, judgeAudiences, judgeUntilSettled, noAudience, permit } from './granting.ts';
import { usableMethods } from './method-choice.ts';
import type { ReasonCode } from './reason.ts';
import { networksOfClient, refusalOfServer, refuse } from './refusal.ts';
import { grantedScopes, isRequestedBy, type Requested, readRequested } from './requested.ts';
import { type BoundTo, lacksAddress } from './token-address.ts';

/** Decides a new token. The client is active. `now` in milliseconds since the epoch. */
export function decideForUser(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const { client, user } = question;
  const admitted = admitUserGrant(index, question, now);
  if ('allowed' in admitted) return admitted;
  const { application, until } = admitted;
  const requested = readRequested(index, client, application, question.scope, until);
  if ('allowed' in requested) return requested;
  if (user === undefined) return refuse('access_denied', 'USER_MISSING', { until });

  const askers = findUser(index, application, { ...question, user }, now);
  if ('allowed' in askers) return askers;
  const decideBy = (asker: UserAsker) => decideByMethod(index, application, requested, { ...question, asker }, now);
  const [first, ...others] = askers;
  return bestOf(decideBy(first), others.map(decideBy));
}

/** Steps 5 to 7, by one method. */
function decideByMethod(
  index: AccessIndex,
  application: ApplicationEntity,
  requested: Requested,
  { asker, ip, consented }: Pick<Question, 'ip' | 'consented'> & { readonly asker: UserAsker },
  now: number,
): Decision | Refusal {
  const isConsented = (value: string) => consented === undefined || consented.includes(value);
  const isAskedFor = isRequestedBy(requested);
  // What the user kept back is not released by way of a policy either.
  const isGiven = (scope: string) => isAskedFor(scope) && isConsented(scope);
  const { allowList, named, others } = requested;
  const servers = (named.length > 0 ? others : [...allowList.audiences.keys()]).filter(isConsented);
  const reasons = judgeUntilSettled(index, isGiven, (isRequested) =>
    judgeBehind(index, asker, servers, { isRequested, now, ip }),
  );
  const self = reasons.at(-1) as AudienceAnswer;
  if (!self.granted) return deny(self);
  const audiences = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);
  const lost = reasons.filter(({ audience, granted }) => !granted && named.includes(audience));
  const scopes = grantedScopes(requested, audiences).filter(isConsented);
  // Something was asked for, and nothing of it is given: a token for the client alone would not be what was asked for.
  const isNothing = requested.values !== undefined && scopes.length === 0 && lost.length > 0;
  if (isNothing || (application.audience_mode === 'strict' && lost.length > 0)) {
    return noAudience('invalid_scope', asker.end, reasons, lost);
  }
  return permit(index, asker, application, { ...granted(index, asker.user), audiences, scopes, reasons }, now);
}

/** The servers of a client and, last, the client; it alone where it does not let the user in. Servers rest on its gates too. */
function judgeBehind(
  index: AccessIndex,
  asker: UserAsker,
  servers: readonly string[],
  circumstances: Circumstances & { readonly ip: string | undefined },
): readonly AudienceAnswer[] {
  const self = judgeClient(index, asker.client, asker, circumstances);
  if (!self.granted) return [self];
  const end = Math.min(asker.end, self.until ?? Number.POSITIVE_INFINITY);
  const { chain: prefix, networks = [] } = self;
  return [...judgeAudiences(index, { ...asker, prefix, networks, end }, servers, circumstances), self];
}

/**
 * Where it is not known by which method the user logged in: the answer that gives most audiences, of those one that is given
 * from anywhere, of those the first; a refusal is that of the first method, for as long as it holds by all of them.
 */
function bestOf(first: Decision | Refusal, others: readonly (Decision | Refusal)[]): Decision | Refusal {
  const best = others.reduce((one, other) => (rankOf(other) > rankOf(one) ? other : one), first);
  return best.allowed ? best : { ...best, until: untilOf(best.until, ...others.map(({ until }) => until)) };
}

function rankOf(answer: Decision | Refusal): number {
  if (!answer.allowed) return 0;
  const isAnywhere = answer.reasons.every((one) => !one.granted || one.networks === undefined);
  return 2 * answer.audiences.length + (isAnywhere ? 1 : 0);
}

/** What a user's token was issued with. `method` undefined: by which the user logged in is not known any more. */
export interface UserGrant extends Grant {
  readonly user: UserAddress;
  readonly grant_type: string;
  readonly method: string | undefined;
  /** To which user agent, where the client binds. */
  readonly bound_ip?: BoundTo;
}

/**
 * Decides what is left of a token that was issued before: each later use intersects the grant with today's answer. A
 * refusal where the user may not use the client any more.
 */
export function reviewForUser(index: AccessIndex, grant: UserGrant, now: number): Decision | Refusal {
  const { client, user, grant_type, method } = grant;
  const admitted = admitUserGrant(index, grant, now);
  if ('allowed' in admitted) return admitted;
  const { application, until } = admitted;
  if (lacksAddress(application, grant.bound_ip)) {
    return refuse('access_denied', 'TOKEN_IP_UNKNOWN', {
      missing: { address: client, pointer: '/bind_token_ip' },
      until,
    });
  }
  const askers = findUser(index, application, { client, user, grant_type, method }, now);
  if ('allowed' in askers) return askers;
  const reviewBy = (asker: UserAsker) => reviewByMethod(index, application, grant, asker, now);
  const [first, ...others] = askers;
  return bestOf(reviewBy(first), others.map(reviewBy));
}

function reviewByMethod(
  index: AccessIndex,
  application: ApplicationEntity,
  grant: UserGrant,
  asker: UserAsker,
  now: number,
): Decision | Refusal {
  const { client } = grant;
  const isHeld = (scope: string) => grant.scopes.includes(scope);
  const allowList = index.allowList(client);
  const servers = grant.audiences.filter((audience) => allowList.audiences.has(audience));
  const all = judgeUntilSettled(index, isHeld, (isRequested) =>
    judgeBehind(index, asker, servers, { isRequested, now, ip: undefined }),
  );
  const self = all.at(-1) as AudienceAnswer;
  if (!self.granted) return deny(self);
  const reasons = grant.audiences.includes(application.client_id) ? all : all.slice(0, -1);
  const audiences = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);
  if (audiences.length === 0) return noAudience('access_denied', asker.end, reasons, reasons);
  const scopes = grant.scopes.filter((value) => isScopeOf(allowList, value) || audiences.includes(value));
  return permit(index, asker, application, { ...granted(index, asker.user), audiences, scopes, reasons }, now);
}

/** Steps 1 and 2, before it is known who the user is: what is asked for, or why it cannot be given. */
export function admitRequest(
  index: AccessIndex,
  question: Pick<Question, 'client' | 'grant_type' | 'scope'>,
  now: number,
): Requested | Refusal {
  const admitted = admitUserGrant(index, question, now);
  if ('allowed' in admitted) return admitted;
  return readRequested(index, question.client, admitted.application, question.scope, admitted.until);
}

/** Step 1: the client may use the grant. Passwords are for confidential clients (N-10). */
function admitUserGrant(
  index: AccessIndex,
  { client, grant_type }: Pick<Question, 'client' | 'grant_type'>,
  now: number,
): { readonly application: ApplicationEntity; readonly until: number | undefined } | Refusal {
  const off = refusalOfServer(index);
  if (off !== undefined) return off;
  const application = index.application(client);
  if (application === undefined) return refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED', {});
  const { metadata = {} } = application;
  const until = untilOf(activityOf(application, now).end);
  const refuseGrant = (code: ReasonCode, missing: Place) => refuse('unauthorized_client', code, { missing, until });
  const refresh = refreshSettings(application);
  if (grant_type === 'refresh_token' && !refresh.enabled && application.tokens?.refresh?.enabled === false) {
    return refuseGrant('GRANT_NOT_ALLOWED', { address: client, pointer: '/tokens/refresh/enabled' });
  }
  const isAllowed = grant_type === 'refresh_token' ? refresh.enabled : metadata.grant_types?.includes(grant_type);
  if (isAllowed !== true) {
    return refuseGrant('GRANT_NOT_ALLOWED', { address: client, pointer: '/metadata/grant_types' });
  }
  if (grant_type === 'password' && metadata.token_endpoint_auth_method === 'none') {
    return refuseGrant('CLIENT_IS_PUBLIC', { address: client, pointer: '/metadata/token_endpoint_auth_method' });
  }
  return { application, until };
}

type UserAsker = Asker & { readonly user: UserAddress };
type UserAskers = readonly [UserAsker, ...UserAsker[]];

/** Steps 3 and 4: by which methods the user may be who asks, and that the user is active. */
function findUser(
  index: AccessIndex,
  application: ApplicationEntity,
  asked: Pick<Question, 'client' | 'grant_type' | 'method' | 'ip'> & { readonly user: UserAddress },
  now: number,
): UserAskers | Refusal {
  const { client, user: address, grant_type } = asked;
  const user = index.user(address);
  const activity = activityOf(user, now);
  const end = Math.min(activityOf(application, now).end, activity.end);
  const denyAt = (code: ReasonCode, missing: Place, detail = '') =>
    refuse('access_denied', code, { detail, missing, until: untilOf(end) });
  const methods = usableMethods(index, client, application, grant_type, asked.method);
  if ('code' in methods) return denyAt(methods.code, methods.missing, methods.detail);
  const listed = user?.methods ?? [];
  const [first, ...others] = methods.filter((name) => listed.includes(name));
  if (user !== undefined && first === undefined) return denyAt('METHOD_NOT_ON_USER', { address, pointer: '/methods' });
  if (first === undefined || !activity.active) {
    return denyAt('USER_NOT_ACTIVE', { address, pointer: activity.pointer });
  }
  const groups = index.groupsOf(address);
  const networks = networksOfClient(application, asked.ip);
  const askerBy = (method: string): UserAsker => {
    const prefix = [methodStep(address, method, listed.indexOf(method))];
    return { client, grant_type, method, user: address, groups, prefix, networks, end };
  };
  return [askerBy(first), ...others.map(askerBy)];
}

/** Steps 3 to 5: told with the code of what is missing. */
function deny(self: Extract<AudienceAnswer, { granted: false }>): Refusal {
  return refuse('access_denied', self.code, { missing: self.missing, reasons: [self], until: self.until });
}

function granted(index: AccessIndex, user: UserAddress): Pick<Decision, 'subject'> {
  return { subject: index.user(user)?.sub ?? user };
}

/** What a user can obtain through a client, by name: the client itself, and every audience of its list, each judged alone. */
export function reachForUser(
  index: AccessIndex,
  asked: { readonly client: ApplicationAddress; readonly user: UserAddress; readonly grant_type: string },
  now: number,
): readonly AudienceAnswer[] {
  const { client, user } = asked;
  const application = index.application(client);
  if (application === undefined) return [];
  const allowList = index.allowList(client);
  const answersTo = (scope: readonly string[] | undefined) => decideForUser(index, { ...asked, scope }, now);
  const all = answersTo(undefined);
  const about = (told: Decision | Refusal, address: ApplicationAddress, audience: string): AudienceAnswer => {
    const answer = told.reasons.find((one) => one.audience === audience);
    if (answer !== undefined) return answer;
    const code = told.allowed ? 'NO_AUDIENCE' : told.code;
    const missing = (told.allowed ? undefined : told.missing) ?? { address: user, pointer: '' };
    return { audience, application: address, granted: false, chain: [], code, missing, until: told.until };
  };
  const judge = (address: ApplicationAddress, audience: string): AudienceAnswer => {
    const withAll = about(all, address, audience);
    // Only a policy looks at what else is asked for; and another method may give this one alone.
    const isSame = index.application(address)?.policy === undefined && (withAll.granted || !all.allowed);
    if (isSame) return withAll;
    const alone = about(answersTo([audience]), address, audience);
    if (alone.granted) return alone;
    // With what else is in the token, more or less of it may be asked for; and either may be another answer by then.
    const until = untilOf(...all.reasons.map((one) => one.until), withAll.until);
    return withAll.granted ? { ...withAll, until } : { ...alone, until: untilOf(alone.until, until) };
  };
  return [
    ...[...allowList.audiences].map(([audience, address]) => judge(address, audience)),
    judge(client, application.client_id),
  ];
}
