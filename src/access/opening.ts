// Owns whether an application is open to somebody through a group, and by which way (SEMANTICS U-26, algorithm A step 8).
// Never looks at the application's methods or policy.

import { type ApplicationAddress, type GroupAddress, isEveryone } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, GroupEntity, Link } from '../model/entity.ts';
import type { AccessIndex } from './access-index.ts';
import { type Asker, methodStep } from './asker.ts';
import type { Place, Step } from './decision.ts';
import { chainOf, compareWays, type Membership, membershipStep, type Way } from './membership.ts';
import { failed, type Verdict } from './verdict.ts';

/** Through a group into an application. */
interface GroupWay extends Way {
  readonly group: GroupAddress;
  readonly entity: GroupEntity;
  readonly membership: Membership | undefined;
  /** Of the link among those that were asked about. */
  readonly position: number;
}

/** Whether one of the groups of `allowed_to` has the subject as a member and counts. `now` in milliseconds since the epoch. */
export function judgeOpening(
  index: AccessIndex,
  address: ApplicationAddress,
  { allowed_to = [] }: ApplicationEntity,
  asker: Asker,
  now: number,
): Verdict {
  const placeOf = (position: number) => ({ address, pointer: `/allowed_to/${position}` });
  return judgeGroups(index, allowed_to, placeOf, asker, { address, pointer: '/allowed_to' }, now);
}

/** The same of any groups that are named at places; `list` is where one that does would be written. */
export function judgeGroups(
  index: AccessIndex,
  links: readonly Link<GroupAddress>[],
  placeOf: (position: number) => Place,
  asker: Asker,
  list: Place,
  now: number,
): Verdict {
  const { best, withoutMethod } = findWay(index, links, asker, now);
  if (best !== undefined && now < best.end) {
    return { passed: true, steps: stepsOf(best, placeOf(best.position), asker.method), end: best.end };
  }
  // U-26: the filter by method is what stands in the way only when a group would have done without it.
  if (withoutMethod !== undefined) {
    // Of the built-in group nothing is written: another one would have to stand in the list.
    const missing = isEveryone(withoutMethod.group) ? list : { address: withoutMethod.group, pointer: '/methods' };
    return failed('METHOD_NOT_ON_GROUP', missing, withoutMethod.end);
  }
  return failed('NOT_IN_ALLOWED_GROUP', endOf(best, placeOf) ?? list);
}

/**
 * The way through a group that counts which lasts longest, then the shortest, then the first, even if it has ended: then
 * all have. And the first that is there now through a group that would count if it listed the method.
 */
function findWay(
  index: AccessIndex,
  links: readonly Link<GroupAddress>[],
  asker: Asker,
  now: number,
): { best: GroupWay | undefined; withoutMethod: GroupWay | undefined } {
  let best: GroupWay | undefined;
  let withoutMethod: GroupWay | undefined;
  let position = -1;
  for (const link of links) {
    position++;
    const group = link.to;
    const entity = index.group(group);
    if (entity === undefined) continue;
    const membership = asker.groups?.get(group);
    if (asker.groups !== undefined && membership === undefined) continue;
    const end = Math.min(periodOf(link).end, membership?.end ?? Number.POSITIVE_INFINITY);
    const way: GroupWay = { group, entity, membership, position, end, length: membership?.length ?? 0 };
    if (!countsFor(entity, asker)) {
      const isFirst = withoutMethod === undefined || isEveryone(withoutMethod.group);
      if (now < end && isFirst) withoutMethod = way;
    } else if (best === undefined || compareWays(way, best) < 0) {
      best = way;
    }
  }
  return { best, withoutMethod };
}

function stepsOf({ group, entity, membership }: GroupWay, at: Place, method: string): readonly Step[] {
  const listed = (entity.methods ?? []).indexOf(method);
  return [
    ...chainOf(membership).map(membershipStep),
    ...(listed < 0 ? [] : [methodStep(group, method, listed)]),
    { relation: 'open_to', from: at.address, to: group, at },
  ];
}

/** The link with which a way ended. The same at every later instant, when others of its links may have ended too. */
function endOf(way: GroupWay | undefined, placeOf: (position: number) => Place): Place | undefined {
  if (way === undefined) return undefined;
  const ended = chainOf(way.membership).find(({ link }) => link.end === way.end);
  return ended === undefined ? placeOf(way.position) : membershipStep(ended).at;
}

/**
 * U-26: with a user, a group counts when it lists no method or this one; for a client acting as itself only when it lists
 * this one, and then the client is implicitly a member.
 */
export function countsFor(group: GroupEntity, { method, groups }: Pick<Asker, 'method' | 'groups'>): boolean {
  const methods = group.methods ?? [];
  return methods.includes(method) || (groups !== undefined && methods.length === 0);
}
