// Owns the answer to `who-can`: which clients obtain an audience or a scope, by which grants, as whom or with how many
// users; and of nobody why. Never decides: each answer is one of the engine's.

import { type AccessIndex, isScopeOf } from '../access/access-index.ts';
import type { Question, Step } from '../access/decision.ts';
import { clientsWho, networksOfWay, type Target, usersWho, type Way, type WhoOptions } from '../access/reach.ts';
import type { ReasonCode } from '../access/reason.ts';
import { askResource, isAboutClient } from '../access/resource-reach.ts';
import { type ApplicationAddress, type GroupAddress, nameOf, type UserAddress } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { GRANT_TYPES, GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Networks } from '../model/network.ts';
import { entitiesOf } from '../model/state.ts';
import { ask, obstaclesOf } from './asking.ts';
import { countEach } from './explain-users.ts';
import type { World } from './world.ts';

/** A client that obtains it by one of its grants. */
export interface Obtaining {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly grant_type: string;
  /** What it rests on; of a grant with a user that of the first user. */
  readonly chain: readonly Step[];
  /** Milliseconds since the epoch; of a grant with a user undefined. */
  readonly until: number | undefined;
  /** From where; undefined from anywhere, and where that is not the same for all of the users. */
  readonly networks: readonly Networks[] | undefined;
  /** How many of the users only from some addresses. */
  readonly limited: number;
  /** Who may let it act; undefined by client_credentials. */
  readonly users: readonly UserAddress[] | undefined;
  /** By the group that opens the target, how many of them, most first. */
  readonly through: readonly { readonly group: GroupAddress; readonly users: number }[];
}

/** Why some clients that may name it do not obtain it. */
export interface NotObtaining {
  readonly code: ReasonCode;
  readonly clients: readonly ApplicationAddress[];
}

export interface WhoCan {
  readonly target: Target;
  /** What a request says for it. */
  readonly value: string;
  readonly clients: readonly Obtaining[];
  /** Of those that name it and obtain it by none of their grants, most first. */
  readonly refused: readonly NotObtaining[];
}

export function whoCan(world: World, target: Target, options: WhoOptions): WhoCan {
  const { index, now } = world;
  const value = namingOf(world, target);
  const clients = clientsWho(index, target, options, now).map((way): Obtaining => {
    const { client, grant_type, chain } = way;
    const client_id = index.application(client)?.client_id ?? '';
    if (!GRANT_TYPES_WITH_USER.includes(grant_type)) {
      const own = { until: endOf(way, value), networks: networksOfWay(way), limited: 0 };
      return { client, client_id, grant_type, chain, ...own, users: undefined, through: [] };
    }
    const ways = usersWho(index, client, target, { ...options, grant_type }, now);
    const opening = ways.flatMap(({ chain: one }) => one.findLast(({ relation }) => relation === 'open_to') ?? []);
    const through = countEach(opening.map(({ to }) => to as GroupAddress));
    return {
      client,
      client_id,
      grant_type,
      chain,
      until: undefined,
      ...limitsOf(ways),
      users: ways.flatMap(({ user }) => user ?? []),
      through: through.map(([group, users]) => ({ group, users })),
    };
  });
  return {
    target,
    value,
    clients,
    refused: refusedOf(world, target, options, new Set(clients.map((one) => one.client))),
  };
}

/** From where users come: told where it is the same for all. */
function limitsOf(ways: readonly Way[]): Pick<Obtaining, 'networks' | 'limited'> {
  const all = ways.map(networksOfWay);
  const [first] = all;
  const isSame = all.every((one) => canonicalJson(one ?? null) === canonicalJson(first ?? null));
  return { networks: isSame ? first : undefined, limited: all.filter((one) => one !== undefined).length };
}

/** An audience ends with what gives it, a scope with the audience that lasts longest: values that end take nothing away. */
function endOf({ decision, answer }: Way, value: string): number | undefined {
  if (answer !== undefined) return answer.until;
  const reason = decision.reasons.find(({ audience }) => audience === value);
  if (reason !== undefined) return reason.until;
  const ends = decision.reasons.flatMap(({ granted, until }) => (granted ? [until ?? Number.POSITIVE_INFINITY] : []));
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : undefined;
}

/** What a request says for it; a resource is named by no request. */
function namingOf({ index }: World, target: Target): string {
  if (target.resource !== undefined) return nameOf(target.resource);
  return target.scope ?? index.application(target.audience)?.client_id ?? '';
}

function refusedOf(
  world: World,
  target: Target,
  { grant_type, ip }: WhoOptions,
  obtaining: ReadonlySet<ApplicationAddress>,
): readonly NotObtaining[] {
  const { index, now } = world;
  const value = namingOf(world, target);
  const codes = new Map<ReasonCode, ApplicationAddress[]>();
  for (const [address] of entitiesOf(index.state, 'application')) {
    const client = address as ApplicationAddress;
    if (obtaining.has(client) || !mayName(index, client, target, value)) continue;
    const own = index.application(client)?.metadata?.grant_types ?? [];
    const grant = grant_type ?? own.find((one) => GRANT_TYPES.includes(one)) ?? 'client_credentials';
    const told = refusalOf(index, target, { client, grant_type: grant, scope: [value], ip }, now);
    if (told === undefined) continue;
    // No user is asked about: that none can is all there is to say.
    const code = told === 'USER_MISSING' ? 'NOT_IN_ALLOWED_GROUP' : told;
    codes.set(code, [...(codes.get(code) ?? []), client]);
  }
  return [...codes]
    .map(([code, clients]) => ({ code, clients }))
    .sort((a, b) => b.clients.length - a.clients.length || (a.code < b.code ? -1 : 1));
}

function mayName(index: AccessIndex, client: ApplicationAddress, target: Target, value: string): boolean {
  if (target.resource !== undefined) {
    const grants = index.application(client)?.metadata?.grant_types ?? [];
    return grants.length > 0 && isAboutClient(index, target.resource, client);
  }
  const allowList = index.allowList(client);
  return allowList.audiences.has(value) || isScopeOf(allowList, value);
}

function refusalOf(index: AccessIndex, target: Target, question: Question, now: number): ReasonCode | undefined {
  if (target.resource === undefined) return obstaclesOf(index, question, ask(index, question, now))[0]?.code;
  const { decision, answer } = askResource(index, target.resource, { ...question, scope: undefined }, now);
  if (!decision.allowed) return decision.code;
  return answer?.passed === false ? answer.code : undefined;
}
