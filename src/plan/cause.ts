// Owns which written link made an access change: the place that a reviewer has to look at. Never decides access.

import type { AudienceAnswer, Place, Step } from '../access/decision.ts';
import {
  type Address,
  type ApplicationAddress,
  kindOf,
  methodAddress,
  siteAddress,
  siteOf,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { entityAt } from '../model/state.ts';
import type { ComparedSide } from './compared.ts';
import { impersonationOf, targetOf } from './holding.ts';
import type { Inheritance } from './inherited.ts';
import type { AccessChange, Change, HeldAnswer } from './plan.ts';
import { entryOf, has, hasLink, hasMember, rangeAt, rangeOfLink } from './side-links.ts';

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
  /** Through whom it is held, where not by the client alone. */
  readonly user?: UserAddress | undefined;
  readonly scope?: string | undefined;
  readonly held: HeldAnswer;
  readonly other: Extract<AudienceAnswer, { granted: false }> | undefined;
  /** What the other side has in its place: the same, held as another user. */
  readonly instead: HeldAnswer | undefined;
  /** Whether the other side has the same too, known by another client_id. */
  readonly isRenamed: boolean;
  /** Whether the other side has it too, from other addresses. */
  readonly isElsewhere: boolean;
}

type Cause = AccessChange['cause'];

/**
 * The link by which the change came. Of the links that held the access on one side and are not on the other, the one
 * that the refusal names, else the first of the chain; where every link is new, the last: what opens the application says
 * more than that its site has a method. When no link differs (an entity was disabled, a group lists other methods) it is
 * the place that the refusal names, else the first change to what the answers rest on.
 */
export function causeOf(change: Uncaused, sides: CauseSides): Cause {
  const { effect, client, user, scope, held, other, instead, isRenamed } = change;
  const { before, after, inheritance, now } = sides;
  const [lacking, holding] = effect === 'grant' ? [before, after] : [after, before];
  if (instead !== undefined) return causeOfOtherUser(held, instead, effect, sides);

  // Who reads "Batch7 removed" needs no link of Batch7's.
  const isGone = (address: Address) => has(holding, address) && !has(lacking, address);
  const isRemoved = (address: Address) => effect === 'revoke' && isGone(address);
  const removed = [client, targetOf({ scope, held })].find(isRemoved);
  if (removed !== undefined) return at({ address: removed, pointer: '' }, holding);
  // Who comes or goes needs no link of its own either.
  if (user !== undefined && !has(lacking, user)) return at({ address: user, pointer: '' }, holding);
  const restricting = change.isElsewhere ? addressMember(client, sides) : undefined;
  if (restricting !== undefined) return atMember(restricting, effect, sides);
  if (isRenamed) return at({ address: client, pointer: '/client_id' }, after);
  const naming = scope === undefined ? undefined : held.chain[0];
  if (naming !== undefined && !hasLink(lacking, naming, '', now)) {
    return { place: naming.at, range: rangeOfLink(holding, naming, '') };
  }
  // A standard scope is no entity on either side.
  if (naming !== undefined && isGone(naming.to)) return at({ address: naming.to, pointer: '' }, holding);

  if (isRemoved(held.application)) return at({ address: held.application, pointer: '' }, holding);
  const identifier = entityAt(lacking.state, 'application', lacking.own(held.application))?.client_id;
  if (identifier !== undefined && identifier !== held.audience) {
    return at({ address: held.application, pointer: '/client_id' }, after);
  }

  // What is held by one chain after another is told by the first of them: a link of it may have ended by now on both sides.
  const differing = held.chain.filter(
    (step) => !hasLink(lacking, step, held.audience, now) && hasLink(holding, step, held.audience, now),
  );
  // Of who lost access by another requirement the former one tells less than what is required now.
  const required = requiredMember(change, sides);
  if (required !== undefined && differing.every(({ relation }) => relation === 'requires')) {
    return atMember(required, effect, sides);
  }

  // An application that is closed to a group that is not there tells less than who was to be in that group.
  const named = differing.find(
    (step) => other !== undefined && has(lacking, step.to) && isNamedBy(other.missing, step),
  );
  const isAllNew = effect === 'grant' && differing.length === held.chain.length;
  const link = named ?? differing.at(isAllNew ? -1 : 0);
  if (link !== undefined) {
    if (entryOf(lacking, link) !== undefined) return atEnd(link, effect, sides);
    if (link.relation === 'may_ask_for') return { place: link.at, range: rangeOfLink(holding, link, held.audience) };
    const { place, side } = ownPlace(link, holding, lacking, inheritance);
    return { ...at(place, side), ...(effect === 'grant' && side === before ? { removed: true } : {}) };
  }

  return atMember(changedPlace(change, sides), effect, sides);
}

/** The link to the user of this side; where the client acts as itself, that of the other, which came or went. */
function causeOfOtherUser(
  held: HeldAnswer,
  instead: HeldAnswer,
  effect: AccessChange['effect'],
  sides: CauseSides,
): Cause {
  const { before, after } = sides;
  const [lacking, holding] = effect === 'grant' ? [before, after] : [after, before];
  const own = impersonationOf(held.chain);
  if (own !== undefined) return entryOf(lacking, own) ? atEnd(own, effect, sides) : at(own.at, holding);
  const link = impersonationOf(instead.chain) as Step;
  if (entryOf(before, link) && entryOf(after, link)) return atEnd(link, effect, sides);
  if (effect === 'revoke') return at(link.at, after);
  // The link is written nowhere now: its list is shown, where there still is a user to have one.
  const { address } = link.at;
  const isThere = has(after, address);
  return at({ address, pointer: isThere ? '/impersonated_by' : '' }, isThere ? after : before);
}

/** The member of a client that says from where it may be used, where that is another one. */
function addressMember(client: ApplicationAddress, { before, after }: CauseSides): Place | undefined {
  const [was, is] = [before, after].map((side) => entityAt(side.state, 'application', side.own(client)));
  const differs = (['client_ip_range', 'access_rules'] as const).find(
    (name) => canonicalJson(was?.[name] ?? null) !== canonicalJson(is?.[name] ?? null),
  );
  return differs && { address: client, pointer: `/${differs}` };
}

/** The member of a client that asks for a role, where that stands in the way of one side and is another one. */
function requiredMember({ client, other }: Uncaused, { before, after }: CauseSides): Place | undefined {
  if (other?.code !== 'ROLE_MISSING' && other?.code !== 'CUSTOMER_NOT_COVERED') return undefined;
  const [was, is] = [before, after].map((side) => {
    const { required_role, customer } = entityAt(side.state, 'application', side.own(client)) ?? {};
    return { required_role, customer: customer && side.shared(customer) };
  });
  const differs = (['required_role', 'customer'] as const).find((name) => was?.[name] !== is?.[name]);
  return differs && { address: client, pointer: `/${differs}` };
}

function changedPlace({ effect, client, held, other }: Uncaused, sides: CauseSides): Place {
  const { changed } = sides;
  const named = other?.missing;
  if (named !== undefined && changed.has(named.address)) return effect === 'grant' ? openedBy(named, sides) : named;
  for (const address of restsOn(client, held.application, [...held.chain, ...(other?.chain ?? [])], sides)) {
    const change = changed.get(address);
    if (change === undefined) continue;
    return { address, pointer: 'paths' in change ? (change.paths[0]?.pointer ?? '') : '' };
  }
  return named ?? { address: held.application, pointer: '' };
}

/** N-46: an application that is not open to groups any more is opened by its rules. */
function openedBy(missing: Place, { after }: CauseSides): Place {
  const { address, pointer } = missing;
  const isOpening = kindOf(address) === 'application' && /^\/allowed_to(?=\/|$)/.test(pointer);
  const rules = { address, pointer: '/access_rules' };
  return isOpening && !hasMember(after, { address, pointer: '/allowed_to' }) && hasMember(after, rules)
    ? rules
    : missing;
}

/** What an answer can rest on beside its links: which of the client's methods serves it. */
function* restsOn(
  client: ApplicationAddress,
  application: ApplicationAddress,
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
  // A policy looks at what no link tells: the application's naming of it, its items, the user, and the groups that it is in.
  for (const side of [before, after]) yield* policyRestsOn(side, application, chain);
}

function* policyRestsOn(
  side: ComparedSide,
  application: ApplicationAddress,
  chain: readonly Step[],
): Generator<Address> {
  const policy = entityAt(side.state, 'application', side.own(application))?.policy;
  if (policy === undefined) return;
  yield* [application, side.shared(policy)];
  const users = new Set(chain.flatMap(({ from, to }) => [from, to]).filter((address) => kindOf(address) === 'user'));
  for (const user of users as ReadonlySet<UserAddress>) {
    for (const group of side.index().groupsOf(side.own(user)).keys()) yield side.shared(group);
  }
}

function at(place: Place, side: ComparedSide): Cause {
  return { place, range: rangeAt(side, place) };
}

/** Where a member is written; of a grant that it stood in the way of, where it was. */
function atMember(place: Place, effect: AccessChange['effect'], { before, after }: CauseSides): Cause {
  if (hasMember(after, place) || !hasMember(before, place))
    return at(place, has(after, place.address) ? after : before);
  return { ...at(place, before), ...(effect === 'grant' ? { removed: true } : {}) };
}

/** Both sides write the link, with another end: that end, where it is written or, of one that was taken away, was. */
function atEnd(step: Step, effect: AccessChange['effect'], { before, after }: CauseSides): Cause {
  const [is, was] = [entryOf(after, step), entryOf(before, step)];
  const place = step.at;
  const end = ({ address, pointer }: Place) => ({ address, pointer: `${pointer}/expires` });
  if (is?.link.expires !== undefined || was === undefined) {
    return { place, range: rangeAt(after, end(place)), ...(effect === 'revoke' ? { ended: true } : {}) };
  }
  return { place, range: rangeAt(before, end(was.place)), ...(effect === 'grant' ? { removed: true } : {}) };
}

/** By what an entity does itself; a default that the other side has for others was not changed. */
function ownPlace(
  link: Step,
  holding: ComparedSide,
  lacking: ComparedSide,
  inheritance: Inheritance,
): { readonly place: Place; readonly side: ComparedSide } {
  const { address, pointer } = link.at;
  const range = rangeAt(holding, link.at);
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
