// Owns a second, naive reading of SEMANTICS algorithm B, written from its text: the oracle of decide for grants with a user.
// Imports src/model alone, takes nothing from src/access, and cares for clearness only.

import { type Address, methodAddress, siteOf } from '../../src/model/address.ts';
import type { ApplicationEntity } from '../../src/model/entity.ts';
import { inBlocks } from '../../src/model/network.ts';
import type { State } from '../../src/model/state.ts';
import {
  countingGroups,
  groupsOf,
  hasEnded,
  holding,
  type NaiveAttributes,
  naivePolicy,
  naiveRules,
} from './naive-policy.ts';
import { naivePermissions, naiveRequiredRole } from './naive-roles.ts';

export interface NaiveQuestion {
  readonly client: Address;
  readonly user?: Address | undefined;
  readonly grant_type: string;
  readonly scope: readonly string[] | undefined;
  readonly method?: string | undefined;
  readonly ip?: string | undefined;
  readonly consented?: readonly string[] | undefined;
}

export type NaiveAnswer = {
  /** Of each audience that was looked at: `granted`, or the code of what is missing. */
  readonly codes: { readonly [audience: string]: string };
} & (
  | {
      readonly allowed: true;
      readonly audiences: readonly string[];
      readonly scopes: readonly string[];
      readonly method: string;
      /** What is released to each audience that has a policy. */
      readonly attributes: { readonly [audience: string]: NaiveAttributes };
      /** `FUNCTION CUSTOMER`; undefined where the client has no permission scope. */
      readonly permissions: readonly string[] | undefined;
      /** What stands in the token. */
      readonly claims: NaiveAttributes;
    }
  | { readonly allowed: false; readonly error: string; readonly code: string }
);

export function naiveUserGrant(state: State, question: NaiveQuestion, now: number): NaiveAnswer {
  const { client: clientAt, grant_type, ip } = question;
  const client = state.get(clientAt) as ApplicationEntity | undefined;
  const refuse = (error: string, code: string): NaiveAnswer => ({ allowed: false, error, code, codes: {} });

  // Before: the client authenticates, from where it may.
  if (client === undefined || client.enabled === false || hasEnded(client, now)) {
    return refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED');
  }
  const range = client.client_ip_range ?? [];
  if (ip !== undefined && range.length > 0 && !inBlocks(ip, range)) {
    return refuse('invalid_client', 'CLIENT_IP_NOT_ALLOWED');
  }
  // 1. The grant; and N-10.
  if (!client.metadata?.grant_types?.includes(grant_type)) return refuse('unauthorized_client', 'GRANT_NOT_ALLOWED');
  if (grant_type === 'password' && client.metadata.token_endpoint_auth_method === 'none') {
    return refuse('unauthorized_client', 'CLIENT_IS_PUBLIC');
  }
  // 2. The scope.
  const asked = question.scope === undefined || question.scope.length === 0 ? undefined : [...new Set(question.scope)];
  const list = listOf(state, clientAt, client);
  const isLegal = (value: string) =>
    ['openid', 'userinfo', 'oidc', client.client_id].includes(value) ||
    list.servers.has(value) ||
    list.scopes.includes(value);
  if (asked?.every(isLegal) === false) return refuse('invalid_scope', 'SCOPE_NOT_ALLOWED');
  if (question.user === undefined) return refuse('access_denied', 'USER_MISSING');

  // 3. The method, on the application and before it everything that makes it one to use.
  const user = state.get(question.user);
  const on = client.methods ?? [];
  const faultOf = (name: string): string | undefined => {
    const method = state.get(methodAddress(name));
    const type = method?.kind === 'method' ? method.type : undefined;
    const serves =
      grant_type === 'password' ? type === 'password' : type !== undefined && type !== 'client_credentials';
    if (!serves) return 'METHOD_NOT_ON_APPLICATION';
    if (method?.kind === 'method' && method.enabled === false) return 'METHOD_DISABLED';
    if (!siteHas(state, clientAt, name)) return 'METHOD_NOT_ON_SITE';
    return on.includes(name) ? undefined : 'METHOD_NOT_ON_APPLICATION';
  };
  const candidates = question.method === undefined ? on : [question.method];
  const usable = candidates.filter((name) => faultOf(name) === undefined);
  if (usable.length === 0) {
    const faults = candidates.map(faultOf).filter((fault) => fault !== 'METHOD_NOT_ON_APPLICATION');
    return refuse('access_denied', faults[0] ?? 'METHOD_NOT_ON_APPLICATION');
  }
  if (user?.kind !== 'user') return refuse('access_denied', 'USER_NOT_ACTIVE');
  const methods = usable.filter((name) => user.methods?.includes(name));
  if (methods.length === 0) return refuse('access_denied', 'METHOD_NOT_ON_USER');
  // 4. The user.
  const hasBegun = user.not_before === undefined || now >= Date.parse(user.not_before);
  if (user.enabled === false || !hasBegun || hasEnded(user, now)) return refuse('access_denied', 'USER_NOT_ACTIVE');

  // 5 to 7 by the method of the login; where that is not said, by the one that gives most, of those from anywhere.
  const by = (method: string, from: string | undefined) =>
    byMethod(state, { ...question, user: question.user as Address, method, ip: from }, asked, now);
  const [first] = methods;
  if (first !== undefined && methods.length === 1) return by(first, ip);
  const answers = methods.map((method) => {
    const answer = by(method, ip);
    return { answer, rank: 2 * sizeOf(answer) + (sizeOf(by(method, ip ?? ELSEWHERE)) === sizeOf(answer) ? 1 : 0) };
  });
  return answers.reduce((best, one) => (one.rank > best.rank ? one : best)).answer;
}

/** An address of which no random State says anything. */
const ELSEWHERE = '203.0.113.9';

const sizeOf = (answer: NaiveAnswer) => (answer.allowed ? answer.audiences.length : 0);

type ByMethod = NaiveQuestion & { readonly user: Address; readonly method: string };

/** What is lost is not in the token, so that no item of a policy rests on it: asked again until nothing more is. */
function byMethod(
  state: State,
  question: ByMethod,
  asked: readonly string[] | undefined,
  now: number,
  lost: ReadonlyMap<string, string> = new Map(),
): NaiveAnswer {
  const answer = without(state, question, asked, now, lost);
  const all = Object.entries(answer.codes).filter(([, code]) => code !== 'granted');
  const isMore = all.some(([audience]) => !lost.has(audience));
  return isMore ? byMethod(state, question, asked, now, new Map([...lost, ...all])) : answer;
}

function without(
  state: State,
  question: ByMethod,
  asked: readonly string[] | undefined,
  now: number,
  gone: ReadonlyMap<string, string>,
): NaiveAnswer {
  const { client: clientAt, user, method, grant_type, consented, ip } = question;
  const client = state.get(clientAt) as ApplicationEntity;
  const list = listOf(state, clientAt, client);
  const subject = { client: clientAt, user, grant_type, method };
  const named = (asked ?? []).filter((value) => value === client.client_id || list.servers.has(value));
  const consents = (value: string) => consented === undefined || consented.includes(value);
  // No scope is the whole list, no server all servers of it; and what the user kept back was not asked for.
  const wanted = [...(asked ?? list.scopes), ...(named.length === 0 ? list.servers.keys() : [])].filter(consents);
  const requested = new Set(wanted.filter((value) => !gone.has(value)));
  const codes: Record<string, string> = {};
  const attributes: Record<string, NaiveAttributes> = {};
  const policyOf = (at: Address, audience: string): string => {
    const released = naivePolicy(state, at, subject, requested, now);
    if (released === 'denied') return 'POLICY_NOT_MET';
    if (released !== undefined) attributes[audience] = released;
    return 'granted';
  };

  // 5. The gates of the client; all that are written, and one is.
  const gate = (): string => {
    const before = gone.get(client.client_id);
    if (before !== undefined) return before;
    const { allowed_to, access_rules, required_role } = client;
    const isClosed = allowed_to === undefined && access_rules === undefined && required_role === undefined;
    if (isClosed) return 'NOT_IN_ALLOWED_GROUP';
    const opening = allowed_to === undefined ? 'granted' : openingOf(state, client, subject, now);
    if (opening !== 'granted') return opening;
    if (!naiveRules(state, access_rules, subject, ip, now)) return 'ACCESS_RULE_NOT_MET';
    const role = naiveRequiredRole(state, client, subject, now);
    if (role !== 'granted') return role;
    return policyOf(clientAt, client.client_id);
  };
  const self = gate();
  if (self !== 'granted') {
    return { allowed: false, error: 'access_denied', code: self, codes: { [client.client_id]: self } };
  }

  // 6. The servers: those that are named, or all.
  const servers = (named.length === 0 ? [...list.servers.keys()] : named).filter(
    (value) => value !== client.client_id && consents(value),
  );
  const audiences: string[] = [];
  for (const audience of servers) {
    const at = list.servers.get(audience) as Address;
    const server = state.get(at) as ApplicationEntity;
    const judge = (): string => {
      if (server.enabled === false || hasEnded(server, now)) return 'APPLICATION_DISABLED';
      if (!siteHas(state, at, method)) return 'METHOD_NOT_ON_SITE';
      if (!server.methods?.includes(method)) return 'METHOD_NOT_ON_APPLICATION';
      const opening = openingOf(state, server, subject, now);
      return opening === 'granted' ? policyOf(at, audience) : opening;
    };
    codes[audience] = gone.get(audience) ?? judge();
    if (codes[audience] === 'granted') audiences.push(audience);
  }
  codes[client.client_id] = 'granted';
  const lost = named.filter((value) => value !== client.client_id && consents(value) && !audiences.includes(value));
  audiences.push(client.client_id);

  // 7. The scope.
  const isGranted = (value: string) => !lost.includes(value);
  const defaults = (named.length === 0 ? servers : []).filter((value) => audiences.includes(value));
  const scopes = (
    asked === undefined ? [...defaults, ...list.scopes] : [...asked.filter(isGranted), ...defaults]
  ).filter(consents);
  const strictly = client.audience_mode === 'strict' && lost.length > 0;
  if (strictly || (asked !== undefined && scopes.length === 0 && lost.length > 0)) {
    return { allowed: false, error: 'invalid_scope', code: 'NO_AUDIENCE', codes };
  }
  // The values of a policy stand in a token of which nobody else is an audience; the client may be beside.
  const others = audiences.filter((value) => value !== client.client_id);
  const only = others.length === 0 ? client.client_id : others.length === 1 ? (others[0] as string) : '';
  const permissions = naivePermissions(state, clientAt, user, method, now);
  return { allowed: true, audiences, scopes, method, codes, attributes, permissions, claims: attributes[only] ?? {} };
}

/** U-22. */
function listOf(
  state: State,
  clientAt: Address,
  { metadata }: ApplicationEntity,
): { readonly servers: ReadonlyMap<string, Address>; readonly scopes: readonly string[] } {
  const scope = (metadata?.scope ?? '').split(' ').filter((value) => value !== '');
  const servers = new Map<string, Address>();
  for (const value of metadata?.aud ?? scope) {
    const found = [...state].find(([, entity]) => entity.kind === 'application' && entity.client_id === value);
    if (found !== undefined && found[0] !== clientAt) servers.set(value, found[0]);
  }
  return { servers, scopes: scope.filter((value) => state.has(`scope:${value}`)) };
}

/** U-26 and U-27. */
function openingOf(
  state: State,
  { allowed_to }: ApplicationEntity,
  { user, method }: { readonly user: Address; readonly method: string },
  now: number,
): string {
  const open = holding(allowed_to, now);
  const counting = countingGroups(state, user, method, now);
  if (open.some((group) => counting.has(group))) return 'granted';
  const all = groupsOf(state, user, now);
  return open.some((group) => all.has(group)) ? 'METHOD_NOT_ON_GROUP' : 'NOT_IN_ALLOWED_GROUP';
}

function siteHas(state: State, application: Address, method: string): boolean {
  const site = state.get(`site:${siteOf(application)}`);
  return site?.kind === 'site' && (site.methods ?? []).includes(method);
}
