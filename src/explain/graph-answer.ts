// Owns the questions that a graph answers: who gets what, along which links, or which one is missing. Never decides: each
// answer is that of src/access.

import type { AccessIndex } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer, Decision, Place, Refusal, Step } from '../access/decision.ts';
import { heldScopes } from '../access/held-scopes.ts';
import { networksOf } from '../access/reach.ts';
import { REASONS, type ReasonCode } from '../access/reason.ts';
import { reachForUser } from '../access/user-grant.ts';
import { type Address, type ApplicationAddress, kindOf, nameOf, type UserAddress } from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Networks } from '../model/network.ts';
import type { AccessGraph } from './graph.ts';

/** Who asks: a client as itself or as the user that it impersonates, or, in grants with a user, for one who logged in. */
export interface Asker {
  readonly client: ApplicationAddress;
  readonly user: UserAddress | undefined;
  readonly grant_type: string;
}

export interface GraphAnswer {
  readonly asker: Asker;
  /** An application or a scope. */
  readonly target: Address;
  readonly granted: boolean;
  /** Of a yes: from where; undefined from anywhere. */
  readonly networks?: readonly Networks[] | undefined;
  /** The links that are there, in the order in which they were asked about. */
  readonly steps: readonly Step[];
  /** Of a no: the first link that is not there. `missing` undefined when no spec can mend it. */
  readonly refusal:
    | { readonly code: ReasonCode; readonly sentence: string; readonly missing: Place | undefined }
    | undefined;
}

/** How many answers a page holds at most: over that it is slow to load, and only one question is answered in it. */
const MOST_ANSWERS = 4000;

/**
 * Every answer about the clients of a graph, by client and target: what each may name, and itself. Grants with a user are
 * answered for the users of the graph as long as all that is not too much; undefined where even the rest is.
 */
export function answersOf(graph: AccessGraph, index: AccessIndex, now: number): readonly GraphAnswer[] | undefined {
  const askers = [...graph.entities.keys()].flatMap((address) => askersFor(graph, index, address));
  const cost = ({ client }: Asker) =>
    index.allowList(client).audiences.size + index.allowList(client).scopes.length + 1;
  const costOf = (some: readonly Asker[]) => some.reduce((sum, one) => sum + cost(one), 0);
  const own = askers.filter(({ user }) => user === undefined);
  const chosen = costOf(askers) <= MOST_ANSWERS ? askers : own;
  if (costOf(chosen) > MOST_ANSWERS) return undefined;
  return chosen.flatMap((asker) => answersFor(index, asker, now)).filter(({ target }) => graph.entities.has(target));
}

function askersFor(graph: AccessGraph, index: AccessIndex, address: Address): readonly Asker[] {
  if (kindOf(address) !== 'application') return [];
  const client = address as ApplicationAddress;
  const grants = index.application(client)?.metadata?.grant_types ?? [];
  const grant_type = grants.find((grant) => GRANT_TYPES_WITH_USER.includes(grant));
  const users = grant_type === undefined ? [] : [...graph.entities.keys()].filter((one) => kindOf(one) === 'user');
  return [
    ...(grants.includes('client_credentials') ? [{ client, user: undefined, grant_type: 'client_credentials' }] : []),
    ...(grant_type === undefined ? [] : users.map((user) => ({ client, user: user as UserAddress, grant_type }))),
  ];
}

function answersFor(index: AccessIndex, asker: Asker, now: number): readonly GraphAnswer[] {
  const reach = reachOf(index, asker, now);
  return [
    ...reach.map((answer) => fromReach(asker, answer)),
    ...index.allowList(asker.client).scopes.map((scope) => ofScope(index, asker, scope, reach, now)),
  ];
}

/** The answer to one question, whether or not the client may name the target at all. */
export function answerOf(index: AccessIndex, asker: Asker, target: Address, now: number): GraphAnswer {
  const reach = reachOf(index, asker, now);
  const known = reach.find(({ application }) => application === target);
  if (known !== undefined) return fromReach(asker, known);
  if (kindOf(target) === 'scope') return ofScope(index, asker, nameOf(target), reach, now);
  const value = index.application(target as ApplicationAddress)?.client_id ?? nameOf(target);
  return fromDecision(asker, target, askedFor(index, asker, value, now));
}

function reachOf(index: AccessIndex, asker: Asker, now: number): readonly AudienceAnswer[] {
  const { client, user, grant_type } = asker;
  return user === undefined
    ? reachClientCredentials(index, client, now)
    : reachForUser(index, { client, user, grant_type }, now);
}

function fromReach(asker: Asker, answer: AudienceAnswer): GraphAnswer {
  return {
    asker,
    target: answer.application,
    granted: answer.granted,
    networks: answer.granted ? answer.networks : undefined,
    steps: answer.chain,
    refusal: answer.granted ? undefined : refusalOf(answer.code, answer.missing),
  };
}

function ofScope(
  index: AccessIndex,
  asker: Asker,
  scope: string,
  reach: readonly AudienceAnswer[],
  now: number,
): GraphAnswer {
  const target: Address = `scope:${scope}`;
  const held = heldScopes(index, { ...asker, grants: [asker.grant_type] }, reach, now).scopes.find(
    (one) => one.scope === scope,
  );
  if (held !== undefined) {
    const { asks, by } = held;
    const steps = [asks, ...by.chain];
    return { asker, target, granted: true, networks: by.networks, steps, refusal: undefined };
  }
  return fromDecision(asker, target, askedFor(index, asker, scope, now));
}

function askedFor(index: AccessIndex, { client, user, grant_type }: Asker, value: string, now: number) {
  return decide(index, { client, user, grant_type, scope: [value] }, now);
}

function fromDecision(asker: Asker, target: Address, told: Decision | Refusal): GraphAnswer {
  const about = told.reasons.find(({ granted }) => granted === told.allowed);
  const steps = about?.chain ?? [];
  if (told.allowed) {
    const at = { address: asker.client, pointer: '/metadata/scope' };
    const asks: Step = { relation: 'may_ask_for', from: asker.client, to: target, at };
    const networks = networksOf(told);
    return { asker, target, granted: true, networks, steps: [asks, ...steps], refusal: undefined };
  }
  return { asker, target, granted: false, steps, refusal: refusalOf(told.code, told.missing) };
}

function refusalOf(code: ReasonCode, missing: Place | undefined): GraphAnswer['refusal'] {
  return { code, sentence: REASONS[code], missing };
}
