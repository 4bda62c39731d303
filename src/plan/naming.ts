// Owns how entities are called in one plan: bare within its only site, `Site/Name` where it shows more than one. Never
// shows one.

import { type Address, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Change, Plan } from './plan.ts';
import { escapeControls } from './style.ts';

export interface Naming {
  /** The name of an entity, ready for a terminal. */
  name(address: Address): string;
}

/** The parts of a plan that a text tells. */
type Mentioning = Pick<Plan<unknown>, 'changes' | 'access'> &
  Partial<
    Pick<Plan<unknown>, 'released' | 'permissions' | 'uses' | 'logins' | 'ending' | 'tokens' | 'risks' | 'drift'>
  >;

/** The names for a plan: every entity that its text may mention decides whether one site is shown or several. */
export function namingOf(plan: Mentioning): Naming {
  const sites = new Set<string>();
  for (const address of mentioned(plan)) {
    const site = siteOf(address);
    if (site !== undefined) sites.add(site);
  }
  const spoken = sites.size > 1 ? qualifiedName : nameOf;
  return { name: (address) => escapeControls(spoken(address)) };
}

function* mentioned(plan: Mentioning): Generator<Address> {
  for (const change of [...plan.changes, ...(plan.drift?.changes ?? [])]) {
    yield change.address;
    if (change.action === 'move') yield change.from;
    yield* linkedFrom(change);
  }
  for (const { client, held, users, cause } of plan.access) {
    yield client;
    for (const user of users?.users ?? []) yield user;
    yield held.application;
    yield cause.place.address;
    for (const step of held.chain) yield* [step.from, step.to];
  }
  for (const { application, through, users, cause } of plan.released ?? []) {
    yield* [application, ...users, cause.place.address];
    if (through !== undefined) yield through;
  }
  for (const { resource, client, as, users, cause } of plan.uses ?? []) {
    yield* [resource, client, ...(users?.users ?? []), cause.place.address];
    for (const address of [as, users?.through]) if (address !== undefined) yield address;
  }
  for (const { client, users, as, cause } of plan.permissions ?? []) {
    yield* [client, ...(users?.users ?? []), cause.place.address];
    if (users?.through !== undefined) yield users.through;
    if (as !== undefined) yield as;
  }
  for (const { client, through, users, cause } of plan.logins ?? []) {
    yield* [client, ...users, cause.place.address];
    if (through !== undefined) yield through;
  }
  for (const { client, user } of plan.tokens ?? []) {
    yield client;
    if (user !== undefined) yield user;
  }
  for (const { items } of plan.risks ?? []) {
    for (const { address } of items) if (address !== undefined) yield address;
  }
  for (const { what, place } of plan.ending ?? []) {
    yield place.address;
    if (what.kind === 'link') yield* [what.from, what.to];
  }
}

function* linkedFrom(change: Change<unknown>): Generator<Address> {
  if (change.action !== 'update' && change.action !== 'move') return;
  for (const { pointer, before, after } of change.paths) {
    for (const side of [before, after]) {
      if (pointer === '/policy' && typeof side === 'string') yield side as Address;
      const lists: readonly unknown[] =
        pointer === '/access_rules' && typeof side === 'object' ? Object.values(side ?? {}) : [side];
      for (const list of lists) if (Array.isArray(list)) for (const item of list) yield* linkedFromItem(item);
    }
  }
}

/** A link, or the group that a rule or an item of a policy is about. */
function* linkedFromItem(item: unknown): Generator<Address> {
  if (typeof item !== 'object' || item === null) return;
  if ('to' in item) yield item.to as Address;
  for (const key of ['group', 'client', 'audience'] as const)
    if (key in item) yield (item as { readonly [key: string]: Address })[key] as Address;
}

/** `application Client1`; of the server only its kind. */
export function speakEntity(address: Address, naming: Naming): string {
  const kind = address === 'server' ? '' : `${address.slice(0, address.indexOf(':'))} `;
  return `${kind}${naming.name(address)}`;
}
