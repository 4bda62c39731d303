// Owns SEMANTICS algorithm A from step 4 on: which client gets which token by client_credentials, and why.
// The only place that decides it: the endpoints, the plan, explain and tests all come here. Never authenticates.

import { type ApplicationAddress, qualifiedName, scopeAddress } from '../model/address.ts';
import { tokenSettings } from '../model/settings.ts';
import { type AccessIndex, isProtocolScope } from './access-index.ts';
import { untilOf } from './activity.ts';
import { type Asking, admitGrant, findAsker } from './asking.ts';
import { judgeAudience } from './audience.ts';
import type { AudienceAnswer, Decision, HeldScope, Question, Refusal, Step } from './decision.ts';
import { refuse } from './refusal.ts';

/** What a token was issued with; a later use asks about exactly this. */
export interface Grant {
  readonly client: ApplicationAddress;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** Decides a new token. `now` in milliseconds since the epoch. */
export function decideClientCredentials(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const admitted = admitGrant(index, question.client, now);
  if ('allowed' in admitted) return admitted;
  const { application } = admitted;

  const allowList = index.allowList(question.client);
  // A scope without a value is none (RFC 6749 3.3 knows no empty one).
  const scope = question.scope?.length === 0 ? undefined : question.scope;
  const requested = [...new Set(scope ?? [])];
  const isAudience = (value: string) => value === application.client_id || allowList.audiences.has(value);
  const stranger = requested.find(
    (value) => !isProtocolScope(value) && !isAudience(value) && !allowList.scopes.includes(value),
  );
  if (stranger !== undefined) {
    return refuse('invalid_scope', 'SCOPE_NOT_ALLOWED', {
      detail: stranger,
      missing: { address: question.client, pointer: allowList.pointer },
      until: untilOf(admitted.end),
    });
  }

  const asking = findAsker(index, question.client, admitted, now);
  if ('allowed' in asking) return asking;
  const { asker } = asking;

  const named = requested.filter(isAudience);
  const others = named.filter((value) => value !== application.client_id);
  if (asking.user === undefined && others.length > 0) return noImpersonation(asking, others.join(' '));

  // Without a user only the client itself is a candidate, whatever its list names (SEMANTICS A.9).
  const servers = asking.user === undefined ? [] : named.length > 0 ? others : [...allowList.audiences.keys()];
  const candidates = [...servers, application.client_id];
  const reasons = judge(index, asking, candidates, now);
  const granted = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);

  const lost = named.filter((value) => !granted.includes(value));
  // The client surviving alone does not satisfy a request that named a server (SEMANTICS A.11).
  const wanted = others.length > 0 ? others : [application.client_id];
  const satisfied = named.length > 0 ? wanted.some((value) => granted.includes(value)) : granted.length > 0;
  if (!satisfied || (application.audience_mode === 'strict' && lost.length > 0)) {
    const told = named.length > 0 ? named : [application.client_id];
    return noAudience(
      named.length > 0 ? 'invalid_scope' : 'unauthorized_client',
      asker.end,
      reasons,
      reasons.filter(({ audience }) => told.includes(audience)),
    );
  }

  const scopes =
    scope === undefined
      ? // No scope asked for: all that the list holds, the documented default (RFC 6749 3.3).
        [...granted.filter((value) => value !== application.client_id), ...allowList.scopes]
      : [
          ...requested.filter((value) => !isAudience(value) || granted.includes(value)),
          ...(named.length === 0 ? granted.filter((value) => value !== application.client_id) : []),
        ];
  return permit(index, asking, { audiences: granted, scopes, reasons }, now);
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
  const reasons = judge(index, asking, candidates, now);
  const audiences = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);
  if (audiences.length === 0) return noAudience('unauthorized_client', asking.asker.end, reasons, reasons);
  const scopes = grant.scopes.filter(
    (value) => isProtocolScope(value) || allowList.scopes.includes(value) || audiences.includes(value),
  );
  return permit(index, asking, { audiences, scopes, reasons }, now);
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
  return [
    ...listed.map(([audience, address]) =>
      asking.user === undefined
        ? refusedBy(noUser, audience, address)
        : withAsking(client, allowList.pointer, judgeAudience(index, address, asking.asker, now)),
    ),
    judgeAudience(index, client, asking.asker, now),
  ];
}

/**
 * Every scope of the catalogue that the client can have, by what `reachClientCredentials` says that it reaches: a
 * scope on its list comes with any token, and there is a token where there is an audience (SEMANTICS A.6, A.11).
 */
export function scopesClientCredentials(
  index: AccessIndex,
  client: ApplicationAddress,
  reach: readonly AudienceAnswer[],
): readonly HeldScope[] {
  const lasts = ({ until }: AudienceAnswer) => until ?? Number.POSITIVE_INFINITY;
  const by = reach
    .filter((answer) => answer.granted)
    .reduce<HeldScope['by'] | undefined>((best, one) => (best && lasts(best) >= lasts(one) ? best : one), undefined);
  if (by === undefined) return [];
  return [...new Set(index.allowList(client).scopes)].map((scope) => ({
    scope,
    asks: {
      relation: 'may_ask_for',
      from: client,
      to: scopeAddress(scope),
      at: { address: client, pointer: '/metadata/scope' },
    },
    by,
  }));
}

function noImpersonation({ client, asker, ended }: Asking, asked: string): Refusal {
  return refuse('invalid_scope', 'NO_IMPERSONATION', {
    detail: asked,
    missing: ended ?? { address: client, pointer: '/impersonates' },
    until: untilOf(asker.end),
  });
}

/** Step 11: told with the reason of each audience that was wanted and is not there. */
function noAudience(
  error: Refusal['error'],
  end: number,
  reasons: readonly AudienceAnswer[],
  wanted: readonly AudienceAnswer[],
): Refusal {
  const lost = wanted.filter((answer) => !answer.granted);
  return refuse(error, 'NO_AUDIENCE', {
    reasons,
    until: untilOf(end, ...reasons.map(({ until }) => until)),
    detail: lost.map(({ audience, code }) => `${audience} ${code}`).join(', '),
    missing: lost[0]?.missing,
  });
}

/** Judges candidates, each once, in order; the chain of one that the client names begins with the naming. */
function judge(
  index: AccessIndex,
  { client, asker }: Asking,
  candidates: readonly string[],
  now: number,
): readonly AudienceAnswer[] {
  const allowList = index.allowList(client);
  return [...new Set(candidates)].map((audience) => {
    const application = allowList.audiences.get(audience);
    return application === undefined
      ? judgeAudience(index, client, asker, now)
      : withAsking(client, allowList.pointer, judgeAudience(index, application, asker, now));
  });
}

function withAsking(client: ApplicationAddress, pointer: string, answer: AudienceAnswer): AudienceAnswer {
  const asks: Step = {
    relation: 'may_ask_for',
    from: client,
    to: answer.application,
    at: { address: client, pointer },
  };
  return { ...answer, chain: [asks, ...answer.chain] };
}

function permit(
  index: AccessIndex,
  asking: Asking,
  granted: Pick<Decision, 'audiences' | 'scopes' | 'reasons'>,
  now: number,
): Decision {
  const lifetime = tokenSettings(index.server, asking.application).access_ttl;
  const used = granted.reasons.filter((answer) => answer.granted);
  const until = untilOf(asking.asker.end, ...used.map((answer) => answer.until));
  return {
    allowed: true,
    client: asking.client,
    client_id: asking.application.client_id,
    subject: asking.application.client_id,
    user: asking.user,
    method: asking.asker.method,
    ...granted,
    claims: asking.user === undefined ? {} : { impersonates: qualifiedName(asking.user) },
    // What was granted has not ended, so this is not below zero.
    lifetime: until === undefined ? lifetime : Math.min(lifetime, Math.floor((until - now) / 1000)),
    until,
  };
}
