// Owns by which token a client gets through to a resource: what it would ask for, and what becomes of the token there. Never
// decides: the token is one of decide's, and what a resource says of it one of judgeResource's.

import type { ApplicationAddress, ResourceAddress } from '../model/address.ts';
import type { BearerRule, ResourceEntity } from '../model/entity.ts';
import { bearerRulesOf } from '../model/settings.ts';
import type { AccessIndex } from './access-index.ts';
import { decide } from './decide.ts';
import type { Decision, Question, Refusal, Step } from './decision.ts';
import { lastingLongest } from './held-scopes.ts';
import { judgeResource, type ResourceAnswer } from './resource.ts';

/** One token, and what the resource says of it. */
export interface AtResource {
  /** Of the request that was made: with its scope and method. */
  readonly question: Question;
  readonly decision: Decision | Refusal;
  /** Undefined where there is no token. */
  readonly answer: ResourceAnswer | undefined;
}

/**
 * The first token that passes; where none does, the one that comes closest. A question with a scope is about that token alone;
 * without one, the client asks for what each rule asks for, and for everything. `now` in milliseconds since the epoch.
 */
export function askResource(index: AccessIndex, resource: ResourceAddress, asked: Question, now: number): AtResource {
  let closest: AtResource | undefined;
  for (const question of requestsFor(index, resource, asked)) {
    const decision = decide(index, question, now);
    const answer = decision.allowed ? judgeResource(index, resource, decision, { ip: asked.ip, now }) : undefined;
    const one: AtResource = { question, decision, answer };
    if (answer?.passed === true) return one;
    if (closest === undefined || rankOf(one) > rankOf(closest)) closest = one;
  }
  // There is one request at least.
  return closest as AtResource;
}

/** Whether a rule of the resource may let a token of the client through at all, whoever lets it act. */
export function isAboutClient(index: AccessIndex, resource: ResourceAddress, client: ApplicationAddress): boolean {
  const entity = index.resources.entities.get(resource);
  return entity !== undefined && rulesAbout(index, entity, client).length > 0;
}

/** What a token rests on, and what the resource asks for beside: of a rule about an audience the chain of that. */
export function chainAtResource(index: AccessIndex, { decision, answer }: AtResource): readonly Step[] {
  if (!decision.allowed || answer?.passed !== true) return answer?.chain ?? [];
  const { audience } = answer.rule;
  const value = audience === undefined ? undefined : index.application(audience)?.client_id;
  const granted = decision.reasons.filter((reason) => reason.granted);
  const by = granted.find((reason) => reason.audience === value) ?? lastingLongest(granted);
  return [...(by?.chain ?? []), ...answer.chain];
}

function rulesAbout(index: AccessIndex, resource: ResourceEntity, client: ApplicationAddress): readonly BearerRule[] {
  const { audiences } = index.allowList(client);
  const isReachable = (audience: ApplicationAddress | undefined) =>
    audience === undefined ||
    audience === client ||
    audiences.get(index.application(audience)?.client_id ?? '') === audience;
  return bearerRulesOf(resource).flatMap(({ rule }) =>
    (rule.client === undefined || rule.client === client) && isReachable(rule.audience) ? [rule] : [],
  );
}

/** What each rule asks for, everything, and each by every method that a condition may tell apart. Never empty. */
function* requestsFor(index: AccessIndex, address: ResourceAddress, asked: Question): Generator<Question> {
  const resource = index.resources.entities.get(address);
  const scopes = asked.scope === undefined && resource !== undefined ? scopesFor(index, resource, asked.client) : [];
  for (const method of methodsFor(index, resource, asked)) {
    const question = method === undefined ? asked : { ...asked, method };
    for (const scope of scopes) yield { ...question, scope };
    yield question;
  }
}

function scopesFor(
  index: AccessIndex,
  resource: ResourceEntity,
  client: ApplicationAddress,
): readonly (readonly string[])[] {
  return rulesAbout(index, resource, client).flatMap(({ audience, scopes = [] }) => {
    const named = audience === undefined ? undefined : index.application(audience)?.client_id;
    const values = [...new Set([...(named === undefined ? [] : [named]), ...scopes])];
    return values.length === 0 ? [] : [values];
  });
}

/** Where the question leaves open by which method the user logged in, and the resource asks. */
function methodsFor(
  index: AccessIndex,
  resource: ResourceEntity | undefined,
  { user, method }: Question,
): readonly (string | undefined)[] {
  if (user === undefined || method !== undefined || resource === undefined) return [undefined];
  const named = resource.access_rules.flatMap((rule) => ('method' in rule ? [rule.method] : []));
  if (named.length > 0) return [...new Set(named)];
  const isByMethod = resource.access_rules.some(
    (rule) => 'group' in rule && (index.group(rule.group)?.methods ?? []).length > 0,
  );
  return isByMethod ? [undefined, ...(index.user(user)?.methods ?? [])] : [undefined];
}

/** How far it comes: to a token, to a rule for it, to its scopes, to the conditions. */
function rankOf({ answer }: AtResource): number {
  if (answer === undefined) return 0;
  if (answer.passed) return ORDER.length + 1;
  return 1 + ORDER.indexOf(answer.code);
}

const ORDER: readonly string[] = [
  ...['RESOURCE_UNKNOWN', 'RESOURCE_AUDIENCE', 'RESOURCE_CLIENT', 'RESOURCE_SCOPE'],
  ...['RESOURCE_CONDITION', 'CLIENT_IP_NOT_ALLOWED'],
];
