// Owns SEMANTICS algorithm A from step 4 on: which client gets which token by client_credentials, and why.
// The only place that decides it: the endpoints, the plan, explain and tests all come here. Never authenticates.

import { type ApplicationAddress, methodAddress, qualifiedName, siteAddress } from '../model/address.ts';
import { parseInstant } from '../model/duration.ts';
import type { ApplicationEntity, UserEntity } from '../model/entity.ts';
import { isEnabled, tokenSettings } from '../model/settings.ts';
import { type AccessIndex, isProtocolScope, siteNameOf } from './access-index.ts';
import { type Asker, judgeAudience, methodStep } from './audience.ts';
import type { AudienceAnswer, Decision, Place, Question, Refusal, Step } from './decision.ts';
import type { ReasonCode } from './reason.ts';
import { admitClient, refuse } from './refusal.ts';

const GRANT = 'client_credentials';

/** What a token was issued with; a later use asks about exactly this. */
export interface Grant {
  readonly client: ApplicationAddress;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** Decides a new token. `now` in milliseconds since the epoch. */
export function decideClientCredentials(index: AccessIndex, question: Question, now: number): Decision | Refusal {
  const asking = findAsker(index, question.client, now);
  if ('allowed' in asking) return asking;
  const { application, asker, until } = asking;

  const allowList = index.allowList(question.client);
  const requested = [...new Set(question.scope ?? [])];
  const isAudience = (value: string) => value === application.client_id || allowList.audiences.has(value);
  const stranger = requested.find(
    (value) => !isProtocolScope(value) && !isAudience(value) && !allowList.scopes.includes(value),
  );
  if (stranger !== undefined) {
    return refuse('invalid_scope', 'SCOPE_NOT_ALLOWED', {
      detail: stranger,
      missing: { address: question.client, pointer: allowList.pointer },
      until,
    });
  }

  const named = requested.filter(isAudience);
  const others = named.filter((value) => value !== application.client_id);
  if (asking.user === undefined && others.length > 0) {
    return refuse('invalid_scope', 'NO_IMPERSONATION', {
      detail: others.join(' '),
      missing: { address: question.client, pointer: '/impersonates' },
      until,
    });
  }
  // Without a user only the client itself is a candidate, whatever its list names (SEMANTICS A.9).
  const servers = asking.user === undefined ? [] : named.length > 0 ? others : [...allowList.audiences.keys()];
  const candidates = [...servers, application.client_id];
  const reasons = judge(index, question.client, candidates, asker);
  const granted = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);

  const lost = named.filter((value) => !granted.includes(value));
  const wanted = named.length > 0 ? named : [application.client_id];
  const refused =
    named.length > 0
      ? lost.length === named.length || (application.audience_mode === 'strict' && lost.length > 0)
      : granted.length === 0;
  if (refused) {
    const told = reasons.filter((answer) => !answer.granted && wanted.includes(answer.audience));
    return refuse(named.length > 0 ? 'invalid_scope' : 'unauthorized_client', 'NO_AUDIENCE', {
      detail: told.map((answer) => (answer.granted ? '' : `${answer.audience} ${answer.code}`)).join(', '),
      missing: told.map((answer) => (answer.granted ? undefined : answer.missing))[0],
      reasons,
      until,
    });
  }

  const scopes =
    question.scope === undefined
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
  const asking = findAsker(index, grant.client, now);
  if ('allowed' in asking) return asking;
  const { application, asker, until } = asking;

  const allowList = index.allowList(grant.client);
  const candidates = grant.audiences.filter(
    (audience) =>
      audience === application.client_id || (asking.user !== undefined && allowList.audiences.has(audience)),
  );
  const reasons = judge(index, grant.client, candidates, asker);
  const audiences = reasons.filter((answer) => answer.granted).map((answer) => answer.audience);
  if (audiences.length === 0) return refuse('unauthorized_client', 'NO_AUDIENCE', { detail: '', reasons, until });
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
  const asking = findAsker(index, client, now);
  const refusedBy = (refusal: Refusal, audience: string, address: ApplicationAddress): AudienceAnswer => ({
    audience,
    application: address,
    granted: false,
    chain: [],
    code: refusal.code,
    missing: refusal.missing ?? { address: client, pointer: '' },
  });
  if ('allowed' in asking) {
    return [...listed, [application.client_id, client] as const].map(([audience, address]) =>
      refusedBy(asking, audience, address),
    );
  }
  const noUser = refuse('invalid_scope', 'NO_IMPERSONATION', {
    missing: { address: client, pointer: '/impersonates' },
    until: asking.until,
  });
  return [
    ...listed.map(([audience, address]) =>
      asking.user === undefined
        ? refusedBy(noUser, audience, address)
        : withAsking(client, allowList.pointer, judgeAudience(index, address, asking.asker)),
    ),
    judgeAudience(index, client, asking.asker),
  ];
}

interface Asking {
  readonly client: ApplicationAddress;
  readonly application: ApplicationEntity;
  readonly user: NonNullable<ReturnType<AccessIndex['impersonates']>>['user'] | undefined;
  readonly asker: Asker;
  readonly until: number | undefined;
}

/** Steps 4, 5, 7 and 8: the client may use the grant, by which method, as which user, in which groups. */
function findAsker(index: AccessIndex, client: ApplicationAddress, now: number): Asking | Refusal {
  const refused = admitClient(index, client, undefined);
  const application = index.application(client);
  if (refused !== undefined || application === undefined)
    return refused ?? refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED', {});
  if (!(application.metadata?.grant_types ?? []).includes(GRANT)) {
    return refuse('unauthorized_client', 'GRANT_NOT_ALLOWED', {
      missing: { address: client, pointer: '/metadata/grant_types' },
    });
  }
  if (application.metadata?.token_endpoint_auth_method === 'none') {
    return refuse('unauthorized_client', 'CLIENT_IS_PUBLIC', {
      missing: { address: client, pointer: '/metadata/token_endpoint_auth_method' },
    });
  }

  const method = findMethod(index, client, application);
  if (typeof method !== 'string') return refuse('unauthorized_client', method.code, { missing: method.missing });

  const impersonation = index.impersonates(client);
  if (impersonation === undefined) {
    return { client, application, user: undefined, asker: { method, groups: undefined, prefix: [] }, until: undefined };
  }
  const { user: address, step } = impersonation;
  const user = index.user(address);
  const activity = userActivity(user, now);
  if (user === undefined || !activity.active) {
    return refuse('unauthorized_client', 'USER_NOT_ACTIVE', {
      missing: { address, pointer: activity.pointer },
      until: activity.until,
    });
  }
  const onUser = (user.methods ?? []).indexOf(method);
  if (onUser < 0) {
    return refuse('unauthorized_client', 'METHOD_NOT_ON_USER', {
      missing: { address, pointer: '/methods' },
      until: activity.until,
    });
  }
  const prefix: Step[] = [step, methodStep(address, method, onUser)];
  return {
    client,
    application,
    user: address,
    asker: { method, groups: index.groupsOf(address), prefix },
    until: activity.until,
  };
}

/** Step 5: the first usable method of the type; when there is none, the fault of the first entry of the type. */
function findMethod(
  index: AccessIndex,
  client: ApplicationAddress,
  application: ApplicationEntity,
): string | { code: ReasonCode; missing: Place } {
  const site = siteNameOf(client);
  const ofType = (application.methods ?? []).filter((name) => index.method(name)?.type === GRANT);
  const faultOf = (name: string): { code: ReasonCode; missing: Place } | undefined => {
    const method = index.method(name);
    if (method === undefined || !isEnabled(method)) {
      return { code: 'METHOD_DISABLED', missing: { address: methodAddress(name), pointer: '/enabled' } };
    }
    if (!index.siteMethods(site).includes(name)) {
      return { code: 'METHOD_NOT_ON_SITE', missing: { address: siteAddress(site), pointer: '/methods' } };
    }
    return undefined;
  };
  const usable = ofType.find((name) => faultOf(name) === undefined);
  if (usable !== undefined) return usable;
  const first = ofType[0];
  const fault = first === undefined ? undefined : faultOf(first);
  return fault ?? { code: 'METHOD_NOT_ON_APPLICATION', missing: { address: client, pointer: '/methods' } };
}

/** U-32: disabled, before its not_before, or at and after its expires. `until` is the next instant that changes it. */
function userActivity(
  user: UserEntity | undefined,
  now: number,
): { active: boolean; pointer: string; until: number | undefined } {
  if (user === undefined || !isEnabled(user)) return { active: false, pointer: '/enabled', until: undefined };
  const start = user.not_before === undefined ? undefined : parseInstant(user.not_before);
  const end = user.expires === undefined ? undefined : parseInstant(user.expires);
  if (end !== undefined && now >= end) return { active: false, pointer: '/expires', until: undefined };
  if (start !== undefined && now < start) return { active: false, pointer: '/not_before', until: start };
  return { active: true, pointer: '', until: end };
}

/** Judges candidates, each once, in order; the chain of one that the client names begins with the naming. */
function judge(
  index: AccessIndex,
  client: ApplicationAddress,
  candidates: readonly string[],
  asker: Asker,
): readonly AudienceAnswer[] {
  const allowList = index.allowList(client);
  return [...new Set(candidates)].map((audience) => {
    const application = allowList.audiences.get(audience);
    return application === undefined
      ? judgeAudience(index, client, asker)
      : withAsking(client, allowList.pointer, judgeAudience(index, application, asker));
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
  return {
    allowed: true,
    client: asking.client,
    client_id: asking.application.client_id,
    subject: asking.application.client_id,
    user: asking.user,
    method: asking.asker.method,
    ...granted,
    claims: asking.user === undefined ? {} : { impersonates: qualifiedName(asking.user) },
    lifetime: asking.until === undefined ? lifetime : Math.min(lifetime, Math.floor((asking.until - now) / 1000)),
    until: asking.until,
  };
}
