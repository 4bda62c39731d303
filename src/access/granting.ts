// Owns what both algorithms do with the audiences of a request: judge each, refuse where none is left, and give what is.
// Never decides who may ask.

import { type ApplicationAddress, qualifiedName, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { tokenSettings } from '../model/settings.ts';
import type { AccessIndex } from './access-index.ts';
import { untilOf } from './activity.ts';
import type { Asker } from './asker.ts';
import { type Circumstances, judgeAudience } from './audience.ts';
import type { Attributes, AudienceAnswer, Decision, Refusal, Step } from './decision.ts';
import { permissionsOf } from './permissions.ts';
import type { IsRequested } from './policy.ts';
import { refuse } from './refusal.ts';

/** What a token was issued with; a later use asks about exactly this. */
export interface Grant {
  readonly client: ApplicationAddress;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** Judges candidates, each once, in order; the chain of one that the client names begins with the naming. */
export function judgeAudiences(
  index: AccessIndex,
  asker: Asker,
  candidates: readonly string[],
  circumstances: Circumstances,
): readonly AudienceAnswer[] {
  const { client } = asker;
  const allowList = index.allowList(client);
  return [...new Set(candidates)].map((audience) => {
    const application = allowList.audiences.get(audience);
    return application === undefined
      ? judgeAudience(index, client, asker, circumstances)
      : withAsking(client, allowList.pointer, judgeAudience(index, application, asker, circumstances));
  });
}

/**
 * Judges until nothing more is lost. What an item of a policy rests on (U-61) is what the token will hold: a later use, which
 * knows the token alone, judges the same.
 */
export function judgeUntilSettled(
  index: AccessIndex,
  isRequested: IsRequested,
  judge: (isRequested: IsRequested) => readonly AudienceAnswer[],
): readonly AudienceAnswer[] {
  const first = judge(isRequested);
  const usesPolicy = ({ application }: AudienceAnswer) => index.application(application)?.policy !== undefined;
  if (first.every(({ granted }) => granted) || !first.some(usesPolicy)) return first;
  // What is lost stays lost, for its first reason.
  const lost = new Map<string, AudienceAnswer>();
  for (let answers = first; ; ) {
    const more = answers.filter(({ granted, audience }) => !granted && !lost.has(audience));
    if (more.length === 0) return answers;
    for (const answer of more) lost.set(answer.audience, answer);
    const again = judge((scope) => isRequested(scope) && !lost.has(scope));
    answers = again.map((answer) => lost.get(answer.audience) ?? answer);
  }
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

/** SEMANTICS A.11: told with the reason of each audience that was wanted and is not there. */
export function noAudience(
  error: Refusal['error'],
  end: number,
  reasons: readonly AudienceAnswer[],
  wanted: readonly AudienceAnswer[],
): Refusal {
  const lost = wanted.filter((answer) => !answer.granted);
  return refuse(error, 'NO_AUDIENCE', {
    reasons,
    // The values of those that were granted beside are told too.
    until: untilOf(end, ...reasons.flatMap((one) => [one.until, one.granted ? one.attributesUntil : undefined])),
    detail: lost.map(({ audience, code }) => `${audience} ${code}`).join(', '),
    missing: lost[0]?.missing,
  });
}

export function permit(
  index: AccessIndex,
  asker: Asker,
  application: ApplicationEntity,
  granted: Pick<Decision, 'subject' | 'audiences' | 'scopes' | 'reasons'> & {
    readonly impersonated?: UserAddress | undefined;
  },
  now: number,
): Decision {
  // Member by member: this is on the way of every token, and a copy of the rest costs more than all of the decision.
  const { subject, audiences, scopes, reasons, impersonated } = granted;
  const lifetime = tokenSettings(index.server, application).access_ttl;
  const used = reasons.filter((answer) => answer.granted);
  const released = releasedInToken(application.client_id, used);
  const held = permissionsOf(index, application, asker, now);
  const permissionsUntil = held === undefined ? undefined : untilOf(...held.map(({ end }) => end));
  const until = untilOf(asker.end, ...used.map((answer) => answer.until), released?.attributesUntil, permissionsUntil);
  return {
    allowed: true,
    client: asker.client,
    client_id: application.client_id,
    grant_type: asker.grant_type,
    user: asker.user,
    method: asker.method,
    subject,
    audiences,
    scopes,
    reasons,
    claims: claimsOf(released?.attributes, impersonated),
    permissions: held?.map(({ permission }) => permission),
    permissionsUntil,
    // What was granted has not ended, so this is not below zero.
    lifetime: until === undefined ? lifetime : Math.min(lifetime, Math.floor((until - now) / 1000)),
    until,
  };
}

function claimsOf(released: Attributes | undefined, impersonated: UserAddress | undefined): Attributes {
  if (impersonated === undefined) return released ?? {};
  const impersonates = qualifiedName(impersonated);
  return released === undefined ? { impersonates } : { ...released, impersonates };
}

type Granted = Extract<AudienceAnswer, { granted: true }>;

/**
 * A token shows every audience what it says, and a policy releases values to one application (U-60): they stand in a token
 * for one audience alone, beside which the client may be. The audiences of another ask for theirs by introspection.
 */
function releasedInToken(client_id: string, granted: readonly Granted[]): Granted | undefined {
  const servers = granted.filter(({ audience }) => audience !== client_id);
  const [only] = servers.length > 0 ? servers : granted;
  return servers.length > 1 ? undefined : only;
}
