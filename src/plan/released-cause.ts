// Owns which written line made a change of what is released: the place that a reviewer has to look at. Never decides what
// is released.

import { activityOf } from '../access/activity.ts';
import type { Place, Step } from '../access/decision.ts';
import { chainOf, membershipStep } from '../access/membership.ts';
import { groupsOfGates } from '../access/reach.ts';
import type { ApplicationAddress, PolicyAddress, UserAddress } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { escapeToken } from '../model/pointer.ts';
import { entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { ReleasedChange } from './plan.ts';
import type { Difference, ReleasingItem, ReleasingPolicy } from './released-values.ts';
import { sharedStep } from './shared-answer.ts';
import { entryOf, has, hasLink, hasMember, rangeAt } from './side-links.ts';

/** Of one application and one user, by the names of the plan. */
export interface ReleaseSides {
  readonly application: ApplicationAddress;
  readonly user: UserAddress;
  readonly before: ReleasingPolicy | undefined;
  readonly after: ReleasingPolicy | undefined;
  /** Whether the application lets the user in on the side. */
  readonly was: boolean;
  readonly is: boolean;
}

type Cause = ReleasedChange['cause'];

/** `now` in milliseconds since the epoch: a link that has ended by then is none. */
export function causeOfRelease(
  difference: Difference,
  sides: ReleaseSides,
  { before, after }: Compared,
  now: number,
): Cause {
  const { isGain } = difference;
  const lacking: Side = {
    side: isGain ? before : after,
    policy: isGain ? sides.before : sides.after,
    isAfter: !isGain,
  };
  const holding: Side = { side: isGain ? after : before, policy: isGain ? sides.after : sides.before, isAfter: isGain };
  const isLetIn = isGain ? sides.was : sides.is;
  const found = placeOf(difference, { ...sides, isLetIn }, lacking, holding, now);
  const { place } = found;
  // What stands in a list where an entry was is another entry.
  const isEntry = /\/\d+$/.test(place.pointer);
  const isGone = found.isGone ?? (!isGain && (isEntry || !hasMember(after, place)));
  const range = rangeAt(isGone || !has(after, place.address) ? before : after, place);
  return { place, range, ...(isGone ? { removed: true } : {}) };
}

interface Found {
  readonly place: Place;
  /** Whether it is in the State before alone; where that is not said, so is what was lost and is no member any more. */
  readonly isGone?: boolean;
}

interface Side {
  readonly side: ComparedSide;
  readonly policy: ReleasingPolicy | undefined;
  readonly isAfter: boolean;
}

/** The first of what a release rests on that the one side has not: the application, its policy, the user, a group, the item. */
function placeOf(
  { isGain, piece: { item, position, membership } }: Difference,
  { application, user, isLetIn }: Pick<ReleaseSides, 'application' | 'user'> & { readonly isLetIn: boolean },
  lacking: Side,
  holding: Side,
  now: number,
): Found {
  const ending = inactive(lacking.side, application, now);
  if (ending !== undefined) return { place: ending };
  const policy = holding.policy?.address;
  if (policy === undefined || lacking.policy?.address !== policy) {
    return { place: { address: application, pointer: '/policy' } };
  }
  const gone = inactive(lacking.side, user, now);
  if (gone !== undefined) return { place: gone };
  if (!isLetIn) return gatePlace(application, user, lacking, holding, now);
  const like = itemLike(item, lacking.policy);
  if (like === undefined) return itemPlace(item, position, policy, isGain ? undefined : { lacking, holding });
  const steps = chainOf(membership).map(membershipStep);
  const link = missingLink(steps, lacking, holding, now);
  if (link !== undefined) return link;
  if (item.group !== undefined && canonicalJson(item.methods ?? []) !== canonicalJson(like.methods ?? [])) {
    return { place: { address: item.group, pointer: '/methods' } };
  }
  if (item.value.from !== 'user') return { place: { address: policy, pointer: `/items/${position}` } };
  return { place: { address: user, pointer: `/attributes/${escapeToken(item.value.attribute)}` } };
}

/** That it is not there, or the member by which it does not count; undefined where it does. */
function inactive({ state, own }: ComparedSide, address: ApplicationAddress | UserAddress, now: number) {
  const entity = entityAt(state, 'application', own(address)) ?? entityAt(state, 'user', own(address));
  if (entity === undefined) return { address, pointer: '' };
  const { active, pointer } = activityOf(entity, now);
  return active || pointer === '/not_before' ? undefined : { address, pointer };
}

function itemLike(item: ReleasingItem, { items }: ReleasingPolicy): ReleasingItem | undefined {
  return items.find((other) => other !== undefined && isSameItem(item, other));
}

/** Of an item that is gone the one that came in its place tells more. */
function itemPlace(
  { name }: ReleasingItem,
  position: number,
  policy: PolicyAddress,
  lost: { readonly lacking: Side; readonly holding: Side } | undefined,
): Found {
  const instead = lost?.lacking.policy?.items.findIndex((other) => {
    return other?.name === name && lost.holding.policy !== undefined && !itemLike(other, lost.holding.policy);
  });
  if (instead === undefined || instead < 0) return { place: { address: policy, pointer: `/items/${position}` } };
  return { place: { address: policy, pointer: `/items/${instead}` }, isGone: false };
}

function isSameItem({ methods: _, ...one }: ReleasingItem, { methods: _others, ...other }: ReleasingItem): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** The link by which the user comes to be let in: the last that opens the application, else a membership. */
function gatePlace(
  application: ApplicationAddress,
  user: UserAddress,
  lacking: Side,
  holding: Side,
  now: number,
): Found {
  const { side } = holding;
  const entity = entityAt(side.state, 'application', side.own(application));
  const memberships = side.index().groupsOf(side.own(user));
  const groups = (entity && groupsOfGates(entity, now)) ?? [];
  const opening = groups.find((group) => (memberships.get(group)?.end ?? now) > now);
  const list = entity?.allowed_to === undefined ? '/access_rules' : '/allowed_to';
  if (opening === undefined) return { place: { address: application, pointer: list } };
  const other = entityAt(lacking.side.state, 'application', lacking.side.own(application));
  const opened = (other && groupsOfGates(other, now)?.map(lacking.side.shared)) ?? [];
  const link = missingLink(chainOf(memberships.get(opening)).map(membershipStep), lacking, holding, now);
  if (opened.includes(side.shared(opening)) && link !== undefined) return link;
  const position = entity?.allowed_to?.findIndex(({ to }) => to === opening) ?? -1;
  return { place: { address: application, pointer: position < 0 ? list : `${list}/${position}` } };
}

/** The first membership that one side has not, or for another time; its steps are told as that side calls them. */
function missingLink(steps: readonly Step[], lacking: Side, holding: Side, now: number): Found | undefined {
  const shared = steps.map((step) => sharedStep(step, holding.side));
  const endsOn = ({ side }: Side, step: Step) => entryOf(side, step)?.link.expires;
  const link =
    shared.find((step) => !hasLink(lacking.side, step, '', now)) ??
    shared.find((step) => endsOn(lacking, step) !== endsOn(holding, step));
  if (link === undefined) return undefined;
  const other = entryOf(lacking.side, link)?.place;
  if (other === undefined) return { place: link.at };
  // Both write it, with another end: that of today, else the one that was taken away.
  const isHere = endsOn(lacking.isAfter ? lacking : holding, link) !== undefined;
  const { address, pointer } = lacking.isAfter === isHere ? other : link.at;
  return { place: { address, pointer: `${pointer}/expires` }, isGone: !isHere };
}
