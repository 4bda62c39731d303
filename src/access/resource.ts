// Owns whether a token in use passes the rules of a resource (SEMANTICS N-03, N-52, N-53, X-14), and which resource covers a
// request. Never looks at what the token itself is: it is given what is left of one today.

import type { ApplicationAddress, ResourceAddress } from '../model/address.ts';
import type { AccessRule, BearerRule, ResourceEntity } from '../model/entity.ts';
import { inBlocks, type Networks } from '../model/network.ts';
import { bearerRulesOf, isCondition } from '../model/settings.ts';
import { type AccessIndex, isScopeOf } from './access-index.ts';
import { untilOf } from './activity.ts';
import { type Asker, methodStep } from './asker.ts';
import type { Decision, Place, Step } from './decision.ts';
import { judgeGroups } from './opening.ts';
import type { ReasonCode } from './reason.ts';
import { type Asked, mostSpecific } from './resource-table.ts';
import { type BoundTo, judgeUserAgent } from './token-address.ts';
import { failed, type Verdict } from './verdict.ts';

/** What is left of a token today: what `decide` gave, or a review of what was issued. */
export type TokenAtResource = Pick<
  Decision,
  'client' | 'grant_type' | 'user' | 'method' | 'audiences' | 'scopes' | 'until'
>;

export interface CircumstancesAtResource {
  /** From where the request comes; undefined where that is not known: then what is said of addresses is not looked at. */
  readonly ip: string | undefined;
  /** For whom the client says that it calls (token-address.ts). */
  readonly forwarded?: string | undefined;
  /** To which user agent the token is bound; absent where no user let its client act, and of a token that is only asked about. */
  readonly bound?: { readonly to: BoundTo } | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why a token does not pass. */
export type ResourceCode = Extract<ReasonCode, `RESOURCE_${string}` | 'CLIENT_IP_NOT_ALLOWED' | 'TOKEN_IP_MISMATCH'>;

export type ResourceAnswer = {
  readonly resource: ResourceAddress;
  /** The links that it rests on: of a refusal those that are there. */
  readonly chain: readonly Step[];
  /** Milliseconds since the epoch at which the answer may be another; undefined where nothing ends. */
  readonly until: number | undefined;
} & (
  | {
      readonly passed: true;
      /** The rule that let the token through, and where it is written. */
      readonly rule: BearerRule;
      readonly at: Place;
      /** Where the address is not known: the caller has to be in one block of each; absent where from anywhere. */
      readonly networks?: readonly Networks[];
    }
  | {
      readonly passed: false;
      readonly code: ResourceCode;
      /** Where what is missing would be written; undefined where no spec mends it. */
      readonly missing: Place | undefined;
      /** Of RESOURCE_SCOPE: all scopes of the rule, where a token that holds them would pass and the client can get one. */
      readonly scopes?: readonly string[];
      /** What is for the log alone. */
      readonly detail?: string;
    }
);

/** The resource that decides about a request; undefined where none covers it, and then it is refused (default deny). */
export function coveringResource(index: AccessIndex, asked: Asked): ResourceAddress | undefined {
  return mostSpecific(index.resources, asked);
}

/** Whether a token passes. A resource that is not there lets nobody through. */
export function judgeResource(
  index: AccessIndex,
  address: ResourceAddress,
  token: TokenAtResource,
  { ip, forwarded, bound, now }: CircumstancesAtResource,
): ResourceAnswer {
  const resource = index.resources.entities.get(address);
  const refused = (
    code: ResourceCode,
    missing: Place | undefined,
    more: { chain?: readonly Step[]; until?: number | undefined; scopes?: readonly string[]; detail?: string } = {},
  ): ResourceAnswer => {
    const { chain = [], until = token.until, scopes, detail } = more;
    const told = { ...(scopes === undefined ? {} : { scopes }), ...(detail === undefined ? {} : { detail }) };
    return { resource: address, passed: false, code, missing, chain, until, ...told };
  };
  if (resource === undefined) return refused('RESOURCE_UNKNOWN', undefined);
  const range = index.application(token.client)?.client_ip_range ?? [];
  // the client's own range holds wherever it uses a token.
  if (ip !== undefined && range.length > 0 && !inBlocks(ip, range)) {
    return refused('CLIENT_IP_NOT_ALLOWED', { address: token.client, pointer: '/client_ip_range' });
  }
  const other = ip === undefined ? undefined : judgeUserAgent(index, token.client, bound, { ip, forwarded });
  if (other !== undefined) return refused(other.code, other.missing, { detail: other.detail });
  const bearer = judgeBearers(index, address, resource, token);
  const conditions = judgeConditions(index, address, resource, token, { ip, now });
  if (!bearer.passed) {
    const { code, missing, scopes } = bearer;
    const helps = conditions.passed && canGet(index, token.client, scopes ?? []);
    return refused(code, missing, helps && scopes !== undefined ? { scopes } : {});
  }
  if (!conditions.passed) {
    const until = untilOf(token.until, conditions.end);
    return refused('RESOURCE_CONDITION', conditions.missing, { chain: [bearer.step], until });
  }
  const networks = [...(ip === undefined && range.length > 0 ? [range] : []), ...(conditions.networks ?? [])];
  return {
    resource: address,
    passed: true,
    rule: bearer.rule,
    at: bearer.step.at,
    chain: [bearer.step, ...conditions.steps],
    until: untilOf(token.until, conditions.end),
    ...(networks.length === 0 ? {} : { networks }),
  };
}

type BearerVerdict =
  | { readonly passed: true; readonly rule: BearerRule; readonly step: Step }
  | {
      readonly passed: false;
      readonly code: 'RESOURCE_AUDIENCE' | 'RESOURCE_CLIENT' | 'RESOURCE_SCOPE';
      readonly missing: Place;
      readonly scopes?: readonly string[];
    };

/** N-52: any rule is enough. Of several that the token does not pass the one that it comes closest to is told. */
function judgeBearers(
  index: AccessIndex,
  address: ResourceAddress,
  resource: ResourceEntity,
  token: TokenAtResource,
): BearerVerdict {
  const rules = bearerRulesOf(resource);
  const list: Place = { address, pointer: '/access_rules' };
  const isFor = ({ audience }: BearerRule) =>
    audience === undefined || token.audiences.includes(index.application(audience)?.client_id ?? '');
  const forToken = rules.filter(({ rule }) => isFor(rule));
  const [only] = rules;
  if (forToken.length === 0) {
    const missing = rules.length === 1 && only !== undefined ? { address, pointer: `${only.pointer}/audience` } : list;
    return { passed: false, code: 'RESOURCE_AUDIENCE', missing };
  }
  const ofClient = forToken.filter(({ rule }) => rule.client === undefined || rule.client === token.client);
  if (ofClient.length === 0) return { passed: false, code: 'RESOURCE_CLIENT', missing: list };
  const lacking = ofClient.map(({ rule, pointer }) => {
    const { scopes = [] } = rule;
    return { rule, pointer, lacks: scopes.filter((scope) => !token.scopes.includes(scope)) };
  });
  const best = lacking.reduce((one, other) => (other.lacks.length < one.lacks.length ? other : one));
  const at = { address, pointer: best.pointer };
  if (best.lacks.length === 0) {
    const step: Step = { relation: 'may_use', from: token.client, to: address, at };
    return { passed: true, rule: best.rule, step };
  }
  const { scopes = [] } = best.rule;
  const position = scopes.indexOf(best.lacks[0] ?? '');
  return {
    passed: false,
    code: 'RESOURCE_SCOPE',
    missing: { address, pointer: `${best.pointer}/scopes/${position}` },
    scopes,
  };
}

/** Whether a client may ask for scopes, or holds them without. */
function canGet(index: AccessIndex, client: ApplicationAddress, scopes: readonly string[]): boolean {
  const list = index.allowList(client);
  const { client_id } = index.application(client) ?? {};
  return scopes.every((scope) => scope === client_id || list.audiences.has(scope) || isScopeOf(list, scope));
}

/** every condition must hold, whichever rule passes. The first that does not is told. */
function judgeConditions(
  index: AccessIndex,
  address: ResourceAddress,
  { access_rules }: ResourceEntity,
  token: TokenAtResource,
  { ip, now }: CircumstancesAtResource,
): Verdict {
  const verdicts = access_rules.flatMap((rule, position): readonly Verdict[] => {
    const at = { address, pointer: `/access_rules/${position}` };
    return isCondition(rule) ? [judgeCondition(index, rule, at, token, { ip, now })] : [];
  });
  const position = verdicts.findIndex((verdict) => !verdict.passed);
  const refused = verdicts[position];
  // With the end of one before it, that one is the first that does not hold.
  if (refused !== undefined)
    return { ...refused, end: Math.min(...verdicts.slice(0, position + 1).map(({ end }) => end)) };
  const passed = verdicts.filter((verdict) => verdict.passed);
  const networks = passed.flatMap((verdict) => verdict.networks ?? []);
  return {
    passed: true,
    steps: passed.flatMap(({ steps }) => steps),
    end: Math.min(...passed.map(({ end }) => end), Number.POSITIVE_INFINITY),
    ...(networks.length === 0 ? {} : { networks }),
  };
}

/** What is said of a user, a client that acts as itself never is. */
function judgeCondition(
  index: AccessIndex,
  rule: AccessRule,
  at: Place,
  token: TokenAtResource,
  { ip, now }: CircumstancesAtResource,
): Verdict {
  if ('ip' in rule) {
    if (ip === undefined) return { ...PASSED, networks: [rule.ip] };
    return inBlocks(ip, rule.ip) ? PASSED : failed('RESOURCE_CONDITION', at);
  }
  const { client, grant_type, method, user } = token;
  if (user === undefined) return failed('RESOURCE_CONDITION', at);
  if ('method' in rule) {
    if (rule.method !== method) return failed('RESOURCE_CONDITION', at);
    return { passed: true, steps: [{ ...methodStep(at.address, method, 0), at }], end: Number.POSITIVE_INFINITY };
  }
  const groups = index.groupsOf(user);
  const asker: Asker = { client, grant_type, method, user, groups, prefix: [], networks: [], end: PASSED.end };
  const verdict = judgeGroups(index, [{ to: rule.group }], () => at, asker, at, now);
  return verdict.passed ? verdict : failed('RESOURCE_CONDITION', verdict.missing, verdict.end);
}

const PASSED: Extract<Verdict, { passed: true }> = { passed: true, steps: [], end: Number.POSITIVE_INFINITY };
