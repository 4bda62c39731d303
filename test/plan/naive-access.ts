// Owns a second, naive reading of SEMANTICS algorithm A, asked for one audience at a time: the oracle of the access
// diff. Imports src/model alone, takes nothing from src/access, and cares for clearness only.

import { type Address, kindOf, methodAddress, siteAddress, siteOf } from '../../src/model/address.ts';
import type { ApplicationEntity, GroupEntity, UserEntity } from '../../src/model/entity.ts';
import type { State } from '../../src/model/state.ts';
import { countingGroups, hasEnded, holding, naivePolicy } from '../access/naive-policy.ts';

/**
 * What the client may get, from any network address, by naming it alone or by naming nothing: `ADDRESS CLIENT_ID as USER` of
 * each audience, `scope:NAME as USER`; by the names that `called` gives.
 */
export function naiveReach(
  state: State,
  client: Address,
  now: number,
  called: (address: Address) => Address = (address) => address,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const user = impersonatedBy(state, client, now)?.[0];
  const as = `as ${user === undefined ? 'itself' : called(user)}`;
  for (const [address, entity] of state) {
    if (entity.kind === 'application' && mayGet(state, client, address, now)) {
      reached.add(`${called(address)} ${entity.client_id} ${as}`);
    }
  }
  // 6 and 11: a scope of the catalogue that is listed, in a token, and no token is without an audience.
  if (reached.size === 0) return reached;
  const list = ((state.get(client) as ApplicationEntity).metadata?.scope ?? '').split(' ');
  for (const [address, entity] of state) {
    if (entity.kind === 'scope' && list.includes(address.slice('scope:'.length))) reached.add(`${address} ${as}`);
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
): ReadonlyMap<string, NaiveSpan> {
  const written = [...JSON.stringify([...state.values()]).matchAll(/"(?:expires|not_before)":"([^"]*)"/g)];
  const later = [...new Set(written.map(([, text]) => Date.parse(text as string)))].filter((instant) => instant > now);
  const instants = [now, ...later.sort((a, b) => a - b)];
  const spans = new Map<string, NaiveSpan>();
  for (const [client, entity] of state) {
    if (entity.kind !== 'application') continue;
    for (const [position, instant] of instants.entries()) {
      const until = instants[position + 1] ?? Number.POSITIVE_INFINITY;
      for (const held of naiveReach(state, client, instant, called)) {
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

function mayGet(state: State, clientAt: Address, audienceAt: Address, now: number): boolean {
  const client = state.get(clientAt) as ApplicationEntity | undefined;
  const audience = state.get(audienceAt) as ApplicationEntity;
  if (client === undefined) return false;

  // 2: disabled. 4: the grant, and no public client.
  if (client.enabled === false || hasEnded(client, now)) return false;
  if (!client.metadata?.grant_types?.includes('client_credentials')) return false;
  if (client.metadata.token_endpoint_auth_method === 'none') return false;

  // 5: the first method that is of the type, on, and of the client's site.
  const method = (client.methods ?? []).find((name) => {
    const entity = state.get(methodAddress(name));
    if (entity?.kind !== 'method' || entity.type !== 'client_credentials' || entity.enabled === false) return false;
    return siteHas(state, clientAt, name);
  });
  if (method === undefined) return false;

  // 6: only what is listed may be named; oneself always.
  const isSelf = audienceAt === clientAt;
  const list = client.metadata.aud ?? (client.metadata.scope ?? '').split(' ');
  if (!isSelf && !list.includes(audience.client_id)) return false;

  // 7: the impersonated user.
  const [userAt, user] = impersonatedBy(state, clientAt, now) ?? [undefined, undefined];
  if (user !== undefined) {
    if (user.enabled === false) return false;
    if (user.not_before !== undefined && now < Date.parse(user.not_before)) return false;
    if (hasEnded(user, now)) return false;
    if (!(user.methods ?? []).includes(method)) return false;
  }
  // 9: without a user nothing but oneself.
  if (user === undefined && !isSelf) return false;

  // 8: groups, first all of them, then those that count for the method.
  const groups = [...state].filter((entry): entry is [Address, GroupEntity] => kindOf(entry[0]) === 'group');
  let counting = groups.filter(([, group]) => (group.methods ?? []).includes(method)).map(([at]) => at);
  if (userAt !== undefined) counting = [...countingGroups(state, userAt, method, now)];

  // 10: the audience itself.
  const isOpen = (at: Address): boolean => {
    const entity = state.get(at) as ApplicationEntity;
    if (entity.enabled === false || hasEnded(entity, now)) return false;
    if (!siteHas(state, at, method)) return false;
    if (!(entity.methods ?? []).includes(method)) return false;
    return holding(entity.allowed_to, now).some((to) => counting.includes(to));
  };
  if (!isOpen(audienceAt)) return false;
  if (userAt === undefined) return true;
  // The constraints of its policy: in a request for it alone, or in one for all that the client may ask for.
  const subject = { client: clientAt, user: userAt, grant_type: 'client_credentials', method };
  const meets = (at: Address, requested: ReadonlySet<string>) =>
    naivePolicy(state, at, subject, requested, now) !== 'denied';
  if (meets(audienceAt, new Set([audience.client_id]))) return true;
  const scopes = (client.metadata.scope ?? '').split(' ').filter((value) => state.has(`scope:${value}`));
  let servers = list.filter((value) => value !== client.client_id && addressOf(state, value) !== undefined);
  // What is lost is not in the token, so that nothing rests on it.
  for (let round = 0; round <= list.length; round++) {
    const requested = new Set([...servers, ...scopes]);
    servers = servers.filter((value) => {
      const at = addressOf(state, value) as Address;
      return isOpen(at) && meets(at, requested);
    });
  }
  // What was lost stays lost.
  return (isSelf || servers.includes(audience.client_id)) && meets(audienceAt, new Set([...servers, ...scopes]));
}

function addressOf(state: State, client_id: string): Address | undefined {
  return [...state].find(([, entity]) => entity.kind === 'application' && entity.client_id === client_id)?.[0];
}

function siteHas(state: State, application: Address, method: string): boolean {
  const site = state.get(siteAddress(siteOf(application) ?? ''));
  return site?.kind === 'site' && (site.methods ?? []).includes(method);
}
