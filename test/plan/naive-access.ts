// Owns a second, naive reading of SEMANTICS algorithm A, asked for one audience at a time: the oracle of the access
// diff. Imports src/model alone, takes nothing from src/access, and cares for clearness only.

import { type Address, kindOf, methodAddress, siteAddress, siteOf } from '../../src/model/address.ts';
import type { ApplicationEntity, GroupEntity, UserEntity } from '../../src/model/entity.ts';
import { inBlocks } from '../../src/model/network.ts';
import type { State } from '../../src/model/state.ts';
import { countingGroups, hasEnded, holding, naivePolicy, naiveRules } from '../access/naive-policy.ts';
import { instantsAfter } from '../model/written-instants.ts';

/**
 * What the client may get, from any network address, by naming it alone or by naming nothing: `ADDRESS CLIENT_ID as USER` of
 * each audience, `scope:NAME as USER`; by the names that `called` gives.
 */
export function naiveReach(
  state: State,
  client: Address,
  now: number,
  called: (address: Address) => Address = (address) => address,
  ip?: string,
): ReadonlySet<string> {
  const user = impersonatedBy(state, client, now)?.[0];
  const as = `as ${user === undefined ? 'itself' : called(user)}`;
  const reached = new Set<string>();
  const everything = naiveToken(state, client, undefined, now, ip);
  for (const [address, entity] of state) {
    if (entity.kind !== 'application' && entity.kind !== 'scope') continue;
    const value = entity.kind === 'application' ? entity.client_id : address.slice('scope:'.length);
    const told = entity.kind === 'application' ? `${called(address)} ${value} ${as}` : `${address} ${as}`;
    const isGiven = ({ audiences, scopes }: NaiveToken) =>
      (entity.kind === 'application' ? audiences : scopes).includes(value);
    if (isGiven(everything) || isGiven(naiveToken(state, client, value, now, ip))) reached.add(told);
  }
  return reached;
}

/** From when until when, in milliseconds since the epoch; infinite where it is held at `now`, or without end. */
export type NaiveSpan = readonly [from: number, until: number];

/**
 * What every client holds at `now` or later, as `CLIENT CLIENT_ID WHAT`: asked at each instant that is written anywhere in the
 * State, between which nothing can change.
 */
export function naiveSpans(
  state: State,
  now: number,
  called: (address: Address) => Address = (address) => address,
  ip?: string,
): ReadonlyMap<string, NaiveSpan> {
  const instants = [now, ...instantsAfter(state, now)];
  const spans = new Map<string, NaiveSpan>();
  for (const [client, entity] of state) {
    if (entity.kind !== 'application') continue;
    for (const [position, instant] of instants.entries()) {
      const until = instants[position + 1] ?? Number.POSITIVE_INFINITY;
      for (const held of naiveReach(state, client, instant, called, ip)) {
        const key = `${called(client)} ${entity.client_id} ${held}`;
        const from = spans.get(key)?.[0] ?? (instant === now ? Number.NEGATIVE_INFINITY : instant);
        spans.set(key, [from, until]);
      }
    }
  }
  return spans;
}

/** What is held at some time in the one and not at that time in the other: `grant` or `revoke`, what, when, and when otherwise. */
export function naiveChanges(
  before: ReadonlyMap<string, NaiveSpan>,
  after: ReadonlyMap<string, NaiveSpan>,
): readonly string[] {
  const beyond = (effect: string, one: ReadonlyMap<string, NaiveSpan>, other: ReadonlyMap<string, NaiveSpan>) =>
    [...one].flatMap(([key, [from, until]]) => {
      const otherwise = other.get(key);
      if (otherwise !== undefined && from >= otherwise[0] && until <= otherwise[1]) return [];
      return [`${effect} ${key} ${from} ${until} ${otherwise ?? 'never'}`];
    });
  return [...beyond('grant', after, before), ...beyond('revoke', before, after)].sort();
}

function impersonatedBy(state: State, client: Address, now: number): [Address, UserEntity] | undefined {
  return [...state].find(
    (entry): entry is [Address, UserEntity] =>
      entry[1].kind === 'user' && holding(entry[1].impersonated_by, now).includes(client),
  );
}

interface NaiveToken {
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

const NO_TOKEN: NaiveToken = { audiences: [], scopes: [] };

/** What a request for one value, or for everything, is answered. */
function naiveToken(
  state: State,
  clientAt: Address,
  asked: string | undefined,
  now: number,
  ip: string | undefined,
): NaiveToken {
  const client = state.get(clientAt) as ApplicationEntity | undefined;
  if (client === undefined) return NO_TOKEN;

  // 2: disabled. 4: the grant, and no public client.
  if (client.enabled === false || hasEnded(client, now)) return NO_TOKEN;
  if (!client.metadata?.grant_types?.includes('client_credentials')) return NO_TOKEN;
  if (client.metadata.token_endpoint_auth_method === 'none') return NO_TOKEN;

  // 3, and X-13.
  const range = client.client_ip_range ?? [];
  if (ip !== undefined && range.length > 0 && !inBlocks(ip, range)) return NO_TOKEN;
  if (!naiveRules(state, client.access_rules, undefined, ip, now)) return NO_TOKEN;

  // 5: the first method that is of the type, on, and of the client's site.
  const method = (client.methods ?? []).find((name) => {
    const entity = state.get(methodAddress(name));
    if (entity?.kind !== 'method' || entity.type !== 'client_credentials' || entity.enabled === false) return false;
    return siteHas(state, clientAt, name);
  });
  if (method === undefined) return NO_TOKEN;

  // 6: only what is listed may be named; oneself always.
  const self = client.client_id;
  const written = (client.metadata.scope ?? '').split(' ');
  const scopes = [...new Set(written)].filter((value) => state.has(`scope:${value}`));
  const servers = (client.metadata.aud ?? written).filter(
    (value) => value !== self && addressOf(state, value) !== undefined,
  );
  if (asked !== undefined && asked !== self && !servers.includes(asked) && !scopes.includes(asked)) return NO_TOKEN;

  // 7: the impersonated user.
  const [userAt, user] = impersonatedBy(state, clientAt, now) ?? [undefined, undefined];
  if (user !== undefined) {
    if (user.enabled === false) return NO_TOKEN;
    if (user.not_before !== undefined && now < Date.parse(user.not_before)) return NO_TOKEN;
    if (hasEnded(user, now)) return NO_TOKEN;
    if (!(user.methods ?? []).includes(method)) return NO_TOKEN;
  }

  // 8: groups, first all of them, then those that count for the method.
  const groups = [...state].filter((entry): entry is [Address, GroupEntity] => kindOf(entry[0]) === 'group');
  let counting = groups.filter(([, group]) => (group.methods ?? []).includes(method)).map(([at]) => at);
  if (userAt !== undefined) counting = [...countingGroups(state, userAt, method, now)];

  // 9: what is asked for, without a user nothing but oneself; the client too, whatever was named.
  const named = asked !== undefined && (asked === self || servers.includes(asked)) ? asked : undefined;
  const wanted = userAt === undefined ? [] : servers.filter((value) => named === undefined || value === named);
  let audiences = [...wanted, self];

  // 10: each audience itself, with the constraints of its policy.
  const isOpen = (at: Address): boolean => {
    const entity = state.get(at) as ApplicationEntity;
    if (entity.enabled === false || hasEnded(entity, now)) return false;
    if (!siteHas(state, at, method)) return false;
    if (!(entity.methods ?? []).includes(method)) return false;
    return holding(entity.allowed_to, now).some((to) => counting.includes(to));
  };
  const meets = (at: Address, requested: ReadonlySet<string>) => {
    if (userAt === undefined) return true;
    const subject = { client: clientAt, user: userAt, grant_type: 'client_credentials', method };
    return naivePolicy(state, at, subject, requested, now) !== 'denied';
  };
  const askedScopes = asked === undefined ? scopes : scopes.filter((value) => value === asked);
  // What is lost is not in the token, so that nothing rests on it; and it stays lost.
  for (let before = -1; before !== audiences.length; ) {
    before = audiences.length;
    const isLeft = (value: string) => value !== self || named === self;
    const requested = new Set([...audiences.filter(isLeft), ...askedScopes]);
    audiences = audiences.filter((value) => {
      const at = addressOf(state, value) as Address;
      return isOpen(at) && meets(at, requested);
    });
  }

  // 11: the client alone is not what was asked for where a server was; and no token is without an audience.
  if (audiences.length === 0 || (named !== undefined && !audiences.includes(named))) return NO_TOKEN;
  return { audiences, scopes: askedScopes };
}

function addressOf(state: State, client_id: string): Address | undefined {
  return [...state].find(([, entity]) => entity.kind === 'application' && entity.client_id === client_id)?.[0];
}

function siteHas(state: State, application: Address, method: string): boolean {
  const site = state.get(siteAddress(siteOf(application) ?? ''));
  return site?.kind === 'site' && (site.methods ?? []).includes(method);
}
