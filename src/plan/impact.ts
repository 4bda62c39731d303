// Owns what a change means for tokens that are in use: whose end, whose live on with who checks them offline, and how
// long. Counts come from the store. Never changes a token.

import type { AccessIndex } from '../access/access-index.ts';
import { isInReach, userGrantsOf } from '../access/reach.ts';
import { type Address, type ApplicationAddress, compareText, type UserAddress } from '../model/address.ts';
import type { ApplicationEntity, Entity } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { isEnabled, refreshSettings, tokenSettings } from '../model/settings.ts';
import { entitiesOf, entityAt, type State, serverOf } from '../model/state.ts';
import type { ComparedSide } from './compared.ts';
import { isLostNow } from './holding.ts';
import { formerNames } from './moves.ts';
import type { AccessChange, Change, Impact, Plan } from './plan.ts';
import type { Usage } from './port.ts';
import { compareRisks, judgeLiveTokens } from './risks.ts';

/** Of each client and user whose tokens end or lose access, by what it is called after the plan. */
export function impactOf(
  before: Pick<ComparedSide, 'state' | 'index'>,
  changes: readonly Change[],
  access: readonly AccessChange[],
): readonly Impact[] {
  const ends = new Map<ApplicationAddress | UserAddress, boolean>();
  for (const change of access) if (isLostNow(change)) ends.set(change.client, false);
  const stopped = new Set(changes.flatMap(stoppedRefresh));
  for (const address of stopped) ends.set(address, false);
  for (const change of changes) {
    if (endsTokens(change)) ends.set(change.address as ApplicationAddress | UserAddress, true);
  }
  const was = formerNames(changes);
  const offlineSeconds = offlineLifetimes(before);
  return [...ends]
    .map(([address, end]) => ({
      address,
      ends: end,
      stopsRefresh: !end && stopped.has(address as ApplicationAddress),
      liveTokens: undefined,
      families: undefined,
      users: undefined,
      sessions: undefined,
      lastUsed: undefined,
      offlineSeconds: offlineSeconds(was.get(address) ?? address),
    }))
    .sort((a, b) => compareText(a.address, b.address));
}

/** What a store calls those whose tokens a plan is about: until it is applied, what moves has its old name. */
export function ownersOf({ impact, changes }: Pick<Plan, 'impact' | 'changes'>): ReadonlyMap<Address, Address> {
  const was = formerNames(changes);
  return new Map(impact.map(({ address }) => [address, was.get(address) ?? address]));
}

/** What the store does not mention. */
const UNUSED: Usage = { liveTokens: 0, families: 0, users: 0, sessions: 0, lastUsed: undefined };

/** The plan with what the store knows of those tokens, by what it calls their owners, and the risk of ending live ones. */
export function withUsage(plan: Plan, usage: ReadonlyMap<Address, Usage>): Plan {
  const owners = ownersOf(plan);
  const impact = plan.impact.map((one) => {
    const { liveTokens, families, users, sessions, lastUsed } =
      usage.get(owners.get(one.address) ?? one.address) ?? UNUSED;
    return { ...one, liveTokens, families, users, sessions, lastUsed };
  });
  return { ...plan, impact, risks: [...plan.risks, ...judgeLiveTokens(plan.changes, usage)].sort(compareRisks) };
}

function endsTokens(change: Change): boolean {
  switch (change.action) {
    case 'create':
      return false;
    case 'delete':
      return holdsTokens(change.before);
    default:
      return (
        holdsTokens(change.before) &&
        (change.renews || (isOn(change.before) && !isOn(change.after)) || beginsToBind(change.before, change.after))
      );
  }
}

/** The client that got refresh tokens and can use them no more; it goes on itself. */
function stoppedRefresh(change: Change): ApplicationAddress[] {
  if (change.action === 'create' || change.action === 'delete') return [];
  const { before, after } = change;
  if (before.kind !== 'application' || after.kind !== 'application') return [];
  const stops = refreshSettings(before).enabled && !refreshSettings(after).enabled;
  return stops ? [change.address as ApplicationAddress] : [];
}

/** of what was let before no address is known. */
function beginsToBind(before: Entity, after: Entity): boolean {
  if (before.kind !== 'application' || after.kind !== 'application') return false;
  return before.bind_token_ip !== true && after.bind_token_ip === true && hasUsers(before);
}

function hasUsers({ metadata }: ApplicationEntity): boolean {
  return metadata?.grant_types?.some((grant) => GRANT_TYPES_WITH_USER.includes(grant)) === true;
}

function holdsTokens({ kind }: Entity): boolean {
  return kind === 'application' || kind === 'user';
}

function isOn(entity: Entity): boolean {
  return (entity.kind !== 'application' && entity.kind !== 'user') || isEnabled(entity);
}

/**
 * How long a JWT of the client, or for the user, is valid from when it was issued; undefined when there are none. Those for a user
 * are of the clients that act as the user and of those that let the user log in, whom their groups let in at any time.
 */
function offlineLifetimes({ state, index }: Parameters<typeof impactOf>[0]): (owner: Address) => number | undefined {
  let known: readonly LoginLifetime[] | undefined;
  return (owner) => {
    const user = entityAt(state, 'user', owner);
    const clients =
      user === undefined
        ? [entityAt(state, 'application', owner)]
        : (user.impersonated_by ?? []).map(({ to }) => entityAt(state, 'application', to));
    const lifetimes = clients.flatMap((client) => (client === undefined ? [] : jwtSeconds(state, client)));
    if (user !== undefined) {
      known ??= loginLifetimes(state, index());
      const longest = known.find(({ client }) => isInReach(index(), client, owner as UserAddress));
      if (longest !== undefined) lifetimes.push(longest.seconds);
    }
    return lifetimes.length === 0 ? undefined : Math.max(...lifetimes);
  };
}

interface LoginLifetime {
  readonly client: ApplicationAddress;
  readonly seconds: number;
}

/** Of the clients that users log in to, the longest first. */
function loginLifetimes(state: State, index: AccessIndex): readonly LoginLifetime[] {
  return [...entitiesOf(state, 'application')]
    .flatMap(([address, application]) => {
      const client = address as ApplicationAddress;
      if (userGrantsOf(index, client).length === 0) return [];
      return jwtSeconds(state, application).map((seconds) => ({ client, seconds }));
    })
    .sort((a, b) => b.seconds - a.seconds);
}

function jwtSeconds(state: State, client: ApplicationEntity): number[] {
  const { format, access_ttl } = tokenSettings(serverOf(state), client);
  const isClient = (client.metadata?.grant_types ?? []).length > 0;
  return isClient && format === 'jwt' && access_ttl > 0 ? [access_ttl] : [];
}
