// Owns which written link made an access change: the place that a reviewer has to look at. Never decides access.

import type { AudienceAnswer, Place, Step } from '../access/decision.ts';
import {
  type Address,
  type ApplicationAddress,
  kindOf,
  methodAddress,
  nameOf,
  siteAddress,
  siteOf,
} from '../model/address.ts';
import { isWithin, periodOf } from '../model/duration.ts';
import type { Link } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import { entityAt } from '../model/state.ts';
import type { ComparedSide } from './compared.ts';
import { impersonationOf, targetOf } from './holding.ts';
import type { Inheritance } from './inherited.ts';
import type { AccessChange, Change } from './plan.ts';

/** All that a cause is looked for in, the same for every change of a plan. */
export interface CauseSides {
  readonly before: ComparedSide;
  readonly after: ComparedSide;
  /** What leads from the one to the other. */
  readonly changed: ReadonlyMap<Address, Change>;
  readonly inheritance: Inheritance;
  /** Milliseconds since the epoch: the first instant at which the sides differ. A link that has ended by then is none. */
  readonly now: number;
}

/** An access change of which the cause is not known yet. */
export interface Uncaused {
  readonly effect: AccessChange['effect'];
  readonly client: ApplicationAddress;
  readonly scope?: string | undefined;
  readonly held: Granted;
  readonly other: Extract<AudienceAnswer, { granted: false }> | undefined;
  /** What the other side has in its place: the same, held as another user. */
  readonly instead: Granted | undefined;
  /** Whether the other side has the same too, known by another client_id. */
  readonly isRenamed: boolean;
}

type Granted = Extract<AudienceAnswer, { granted: true }>;
type Cause = AccessChange['cause'];

/**
 * The link by which the change came. Of the links that held the access on one side and are not on the other, the one
 * that the refusal names, else the first of the chain; where every link is new, the last: what opens the application says
 * more than that its site has a method. When no link differs (an entity was disabled, a group lists other methods) it is
 * the place that the refusal names, else the first change to what the answers rest on.
 */
export function causeOf(change: Uncaused, sides: CauseSides): Cause {
  const { effect, client, scope, held, other, instead, isRenamed } = change;
  const { before, after, inheritance, now } = sides;
  const [lacking, holding] = effect === 'grant' ? [before, after] : [after, before];
  if (instead !== undefined) return causeOfOtherUser(held, instead, effect, sides);

  // Who reads "Batch7 removed" needs no link of Batch7's.
  const isRemoved = (address: Address) => effect === 'revoke' && !has(lacking, address);
  const removed = [client, targetOf({ scope, held })].find(isRemoved);
  if (removed !== undefined) return at({ address: removed, pointer: '' }, holding);
  if (isRenamed) return at({ address: client, pointer: '/client_id' }, after);
  const naming = scope === undefined ? undefined : held.chain[0];
  if (naming !== undefined && !hasLink(lacking, naming, '', now)) return at(naming.at, holding);
  if (naming !== undefined && !has(lacking, naming.to)) return at({ address: naming.to, pointer: '' }, holding);

  if (isRemoved(held.application)) return at({ address: held.application, pointer: '' }, holding);
  const identifier = entityAt(lacking.state, 'application', lacking.own(held.application))?.client_id;
  if (identifier !== undefined && identifier !== held.audience) {
    return at({ address: held.application, pointer: '/client_id' }, after);
  }

  const differing = held.chain.filter((step) => !hasLink(lacking, step, held.audience, now));
  // An application that is closed to a group that is not there tells less than who was to be in that group.
  const named = differing.find(
    (step) => other !== undefined && has(lacking, step.to) && isNamedBy(other.missing, step),
  );
  const isAllNew = effect === 'grant' && differing.length === held.chain.length;
  const link = named ?? differing.at(isAllNew ? -1 : 0);
  if (link !== undefined) {
    // Still written there, with another end.
    if (hasLink(lacking, link, held.audience, Number.NEGATIVE_INFINITY)) {
      return { ...at(link.at, holding), ...(effect === 'revoke' ? { ended: true } : {}) };
    }
    const { place, side } = ownPlace(link, holding, lacking, inheritance);
    return { ...at(place, side), ...(effect === 'grant' && side === before ? { removed: true } : {}) };
  }

  const place = changedPlace(change, sides);
  // The member that now stands in the way is written in the new State, when it is written at all.
  return at(place, has(after, place.address) ? after : before);
}

/** The link to the user of this side; where the client acts as itself, that of the other, which came or went. */
function causeOfOtherUser(
  held: Granted,
  instead: Granted,
  effect: AccessChange['effect'],
  { before, after }: CauseSides,
): Cause {
  const own = impersonationOf(held.chain);
  if (own !== undefined) return at(own.at, effect === 'grant' ? after : before);
  const { at: place } = impersonationOf(instead.chain) as Step;
  if (effect === 'revoke') return at(place, after);
  // The link is written nowhere now: its list is shown, where there still is a user to have one.
  const isThere = has(after, place.address);
  return at({ address: place.address, pointer: isThere ? '/impersonated_by' : '' }, isThere ? after : before);
}

function changedPlace({ client, held, other }: Uncaused, sides: CauseSides): Place {
  const { changed } = sides;
  const named = other?.missing;
  if (named !== undefined && changed.has(named.address)) return named;
  for (const address of restsOn(client, [...held.chain, ...(other?.chain ?? [])], sides)) {
    const change = changed.get(address);
    if (change === undefined) continue;
    return { address, pointer: 'paths' in change ? (change.paths[0]?.pointer ?? '') : '' };
  }
  return named ?? { address: held.application, pointer: '' };
}

/** What an answer can rest on beside its links: which of the client's methods serves it. */
function* restsOn(
  client: ApplicationAddress,
  chain: readonly Step[],
  { before, after }: CauseSides,
): Generator<Address> {
  yield client;
  for (const side of [before, after]) {
    for (const method of entityAt(side.state, 'application', side.own(client))?.methods ?? []) {
      yield side.shared(methodAddress(method));
    }
  }
  yield siteAddress(siteOf(client) ?? '');
  for (const step of chain) yield* [step.from, step.to];
}

function has(side: ComparedSide, address: Address): boolean {
  return side.state.has(side.own(address));
}

function at(place: Place, side: ComparedSide): Cause {
  return { place, range: side.origins.get(side.own(place.address))?.(place.pointer) };
}

/** By what an entity does itself; a default that the other side has for others was not changed. */
function ownPlace(
  link: Step,
  holding: ComparedSide,
  lacking: ComparedSide,
  inheritance: Inheritance,
): { readonly place: Place; readonly side: ComparedSide } {
  const { address, pointer } = link.at;
  const range = holding.origins.get(holding.own(address))?.(pointer);
  const isDefault = range !== undefined && inheritance.isDefault(holding, link, range);
  if (!isDefault || !inheritance.hasLike(lacking, link, range)) return { place: link.at, side: holding };
  if (!has(lacking, address)) return { place: { address, pointer: '' }, side: holding };
  return { place: { address, pointer: pointer.replace(/\/\d+$/, '') }, side: lacking };
}

/** A refusal names a list, a member, or an entry that has ended, which stands elsewhere in the other State's list. */
function isNamedBy(missing: Place, step: Step): boolean {
  const list = missing.pointer.replace(/\/\d+$/, '');
  return step.at.address === missing.address && (step.at.pointer === list || step.at.pointer.startsWith(`${list}/`));
}

/** Whether a side has the link that a step tells of; `audience` is what a naming names. */
function hasLink({ state, own }: ComparedSide, step: Step, audience: string, now: number): boolean {
  const [from, to] = [own(step.from), own(step.to)];
  switch (step.relation) {
    case 'has_method': {
      const entity = state.get(from);
      return entity !== undefined && 'methods' in entity && (entity.methods ?? []).includes(nameOf(to));
    }
    case 'impersonates':
      return linksTo(entityAt(state, 'user', to)?.impersonated_by, from, now);
    case 'member_of':
      return linksTo(entityAt(state, 'group', to)?.members, from, now);
    case 'open_to':
      return linksTo(entityAt(state, 'application', from)?.allowed_to, to, now);
    case 'may_ask_for': {
      const metadata = entityAt(state, 'application', from)?.metadata;
      if (kindOf(to) === 'scope') return scopeValues(metadata?.scope).includes(nameOf(to));
      return (metadata?.aud ?? scopeValues(metadata?.scope)).includes(audience);
    }
  }
}

function linksTo(links: readonly Link[] | undefined, target: string, now: number): boolean {
  return (links ?? []).some((link) => link.to === target && isWithin(periodOf(link), now));
}
