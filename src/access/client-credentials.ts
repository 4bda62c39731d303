// Owns SEMANTICS algorithm A from step 4 on: which client gets which token by client_credentials, and why.
// The only place that decides it: the endpoints, the plan, explain and tests all come here. Never authenticates.

import type { ApplicationAddress } from '../model/address.ts';
import { type AccessIndex, isScopeOf } from './access-index.ts';
import { untilOf } from './activity.ts';
import type { Asker } from './asker.ts';
import { type Asking, admitGrant, findAsker } from './asking.ts';
import type { AudienceAnswer, Decision, Question, Refusal } from './decision.ts';
import { type Grant, judgeAudiences, judgeUntilSettled, noAudience, permit } from './granting.ts';
import { refuse } from './refusal.ts';
import { grantedScopes, isRequestedBy, readRequested } from './requested.ts';

/** Decides a new token. `now` in milliseconds since the epoch. */
export function decideClientCredentials(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const { client, ip } = question;
  const admitted = admitGrant(index, client, now, ip);
  if ('allowed' in admitted) return admitted;
  const { application } = admitted;
  const requested = readRequested(index, client, application, question.scope, untilOf(admitted.end));
  if ('allowed' in requested) return requested;
  const asking = findAsker(index, client, admitted, now);
  if ('allowed' in asking) return asking;

  const { allowList, named, others } = requested;
  if (asking.user === undefined && others.length > 0) return noImpersonation(asking, others.join(' '));
  // Without a user only the client itself is a candidate, whatever its list names (SEMANTICS A.9).
  const servers = asking.user === undefined ? [] : named.length > 0 ? others : [...allowList.audiences.keys()];
  const candidates = [...servers, application.client_id];
  const reasons = judgeUntilSettled(index, isRequestedBy(requested), (isRequested) =>
    judgeAudiences(index, asking.asker, candidates, { isRequested, now }),
  );
  const granted = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);

  const lost = named.filter((value) => !granted.includes(value));
  // The client surviving alone does not satisfy a request that named a server (SEMANTICS A.11).
  const wanted = others.length > 0 ? others : [application.client_id];
  const satisfied = named.length > 0 ? wanted.some((value) => granted.includes(value)) : granted.length > 0;
  if (!satisfied || (application.audience_mode === 'strict' && lost.length > 0)) {
    const told = named.length > 0 ? named : [application.client_id];
    return noAudience(
      named.length > 0 ? 'invalid_scope' : 'unauthorized_client',
      asking.asker.end,
      reasons,
      reasons.filter(({ audience }) => told.includes(audience)),
    );
  }
  return give(index, asking, { audiences: granted, scopes: grantedScopes(requested, granted), reasons }, now);
}

/**
 * Decides what is left of a token that was issued before: its audiences and scopes intersected with what today's
 * state gives. A refusal when nothing is left.
 */
export function reviewClientCredentials(index: AccessIndex, grant: Grant, now: number): Decision | Refusal {
  const admitted = admitGrant(index, grant.client, now);
  const asking = 'allowed' in admitted ? admitted : findAsker(index, grant.client, admitted, now);
  if ('allowed' in asking) return asking;
  const { application } = asking;

  const allowList = index.allowList(grant.client);
  const candidates = grant.audiences.filter(
    (audience) =>
      audience === application.client_id || (asking.user !== undefined && allowList.audiences.has(audience)),
  );
  const isHeld = (scope: string) => grant.scopes.includes(scope);
  const reasons = judgeUntilSettled(index, isHeld, (isRequested) =>
    judgeAudiences(index, asking.asker, candidates, { isRequested, now }),
  );
  const audiences = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);
  if (audiences.length === 0) return noAudience('unauthorized_client', asking.asker.end, reasons, reasons);
  const scopes = grant.scopes.filter((value) => isScopeOf(allowList, value) || audiences.includes(value));
  return give(index, asking, { audiences, scopes, reasons }, now);
}

/**
 * Every audience that the client could name, and itself, each judged alone: the rows of an access diff. A refusal that
 * stops the client before any audience is judged is given for each of them.
 */
export function reachClientCredentials(
  index: AccessIndex,
  client: ApplicationAddress,
  now: number,
): readonly AudienceAnswer[] {
  const application = index.application(client);
  if (application === undefined) return [];
  const allowList = index.allowList(client);
  const listed = [...allowList.audiences];
  const admitted = admitGrant(index, client, now);
  const asking = 'allowed' in admitted ? admitted : findAsker(index, client, admitted, now);
  const refusedBy = (refusal: Refusal, audience: string, address: ApplicationAddress): AudienceAnswer => ({
    audience,
    application: address,
    granted: false,
    chain: [],
    code: refusal.code,
    missing: refusal.missing ?? { address: client, pointer: '' },
    until: refusal.until,
  });
  if ('allowed' in asking) {
    return [...listed, [application.client_id, client] as const].map(([audience, address]) =>
      refusedBy(asking, audience, address),
    );
  }
  const noUser = noImpersonation(asking, '');
  const candidates = asking.user === undefined ? [] : [...allowList.audiences.keys()];
  let together: readonly AudienceAnswer[] | undefined;
  // The values of a policy may rest on what else is requested (U-61): by a request for it alone, or by one for everything.
  const judge = (audience: string): readonly AudienceAnswer[] => {
    const isRequested = (scope: string) => scope === audience;
    const alone = judgeAudiences(index, asking.asker, [audience], { isRequested, now });
    const [first] = alone;
    if (first === undefined || first.granted || index.application(first.application)?.policy === undefined)
      return alone;
    together ??= judgeTogether(index, asking.asker, [...candidates, application.client_id], now);
    const withAll = together.find((answer) => answer.audience === audience);
    // With what else is in the token, more or less of it may be asked for; and either may be another answer by then.
    const until = untilOf(...together.map((one) => one.until));
    if (withAll?.granted === true) return [{ ...withAll, until }];
    return [{ ...first, until: untilOf(first.until, until) }];
  };
  return [
    ...listed.flatMap(([audience, address]) =>
      asking.user === undefined ? [refusedBy(noUser, audience, address)] : judge(audience),
    ),
    ...judge(application.client_id),
  ];
}

/** What a request for everything on the list of a client is answered. */
function judgeTogether(
  index: AccessIndex,
  asker: Asker,
  candidates: readonly string[],
  now: number,
): readonly AudienceAnswer[] {
  const { audiences, scopes } = index.allowList(asker.client);
  const isListed = (scope: string) => audiences.has(scope) || scopes.includes(scope);
  return judgeUntilSettled(index, isListed, (isRequested) =>
    judgeAudiences(index, asker, candidates, { isRequested, now }),
  );
}

function noImpersonation({ asker, ended }: Asking, asked: string): Refusal {
  return refuse('invalid_scope', 'NO_IMPERSONATION', {
    detail: asked,
    missing: ended ?? { address: asker.client, pointer: '/impersonates' },
    until: untilOf(asker.end),
  });
}

function give(
  index: AccessIndex,
  { asker, application, user }: Asking,
  granted: Pick<Decision, 'audiences' | 'scopes' | 'reasons'>,
  now: number,
): Decision {
  const { audiences, scopes, reasons } = granted;
  const given = { subject: application.client_id, impersonated: user, audiences, scopes, reasons };
  return permit(index, asker, application, given, now);
}
