// Owns the answer to `who-can`: which clients obtain an audience or a scope, by which grants, as whom or with how many
// users; and of nobody why. Never decides: each answer is one of the engine's.

import { isScopeOf } from '../access/access-index.ts';
import type { Step } from '../access/decision.ts';
import { clientsWho, networksOf, type Target, usersWho, type Way, type WhoOptions } from '../access/reach.ts';
import type { ReasonCode } from '../access/reason.ts';
import type { ApplicationAddress, GroupAddress, UserAddress } from '../model/address.ts';
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
  const value = target.scope ?? index.application(target.audience)?.client_id ?? '';
  const clients = clientsWho(index, target, options, now).map(({ client, grant_type, chain, decision }): Obtaining => {
    const client_id = index.application(client)?.client_id ?? '';
    if (!GRANT_TYPES_WITH_USER.includes(grant_type)) {
      const own = { until: endOf(decision, value), networks: networksOf(decision), limited: 0 };
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
    refused: refusedOf(world, value, options, new Set(clients.map((one) => one.client))),
  };
}

/** From where users come: told where it is the same for all. */
function limitsOf(ways: readonly Way[]): Pick<Obtaining, 'networks' | 'limited'> {
  const all = ways.map(({ decision }) => networksOf(decision));
  const [first] = all;
  const isSame = all.every((one) => canonicalJson(one ?? null) === canonicalJson(first ?? null));
  return { networks: isSame ? first : undefined, limited: all.filter((one) => one !== undefined).length };
}

/** An audience ends with what gives it, a scope with the audience that lasts longest: values that end take nothing away. */
function endOf(decision: Extract<ReturnType<typeof ask>, { allowed: true }>, value: string): number | undefined {
  const reason = decision.reasons.find(({ audience }) => audience === value);
  if (reason !== undefined) return reason.until;
  const ends = decision.reasons.flatMap(({ granted, until }) => (granted ? [until ?? Number.POSITIVE_INFINITY] : []));
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : undefined;
}

function refusedOf(
  { index, now }: World,
  value: string,
  { grant_type, ip }: WhoOptions,
  obtaining: ReadonlySet<ApplicationAddress>,
): readonly NotObtaining[] {
  const codes = new Map<ReasonCode, ApplicationAddress[]>();
  for (const [address] of entitiesOf(index.state, 'application')) {
    const client = address as ApplicationAddress;
    const allowList = index.allowList(client);
    if (obtaining.has(client) || (!allowList.audiences.has(value) && !isScopeOf(allowList, value))) continue;
    const own = index.application(client)?.metadata?.grant_types ?? [];
    const grant = grant_type ?? own.find((one) => GRANT_TYPES.includes(one)) ?? 'client_credentials';
    const question = { client, grant_type: grant, scope: [value], ip };
    const told = obstaclesOf(index, question, ask(index, question, now))[0]?.code;
    if (told === undefined) continue;
    // No user is asked about: that none can is all there is to say.
    const code = told === 'USER_MISSING' ? 'NOT_IN_ALLOWED_GROUP' : told;
    codes.set(code, [...(codes.get(code) ?? []), client]);
  }
  return [...codes]
    .map(([code, clients]) => ({ code, clients }))
    .sort((a, b) => b.clients.length - a.clients.length || (a.code < b.code ? -1 : 1));
}
