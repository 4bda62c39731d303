// Owns steps 8 and 10 of SEMANTICS algorithm A: whether one application becomes an audience, and by which chain.
// Never looks at the request: the caller has chosen the candidate.

import type { ApplicationAddress, GroupAddress } from '../model/address.ts';
import { methodAddress, siteAddress } from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, GroupEntity } from '../model/entity.ts';
import { type AccessIndex, siteNameOf } from './access-index.ts';
import { activityOf, untilOf } from './activity.ts';
import type { AudienceAnswer, Place, Step } from './decision.ts';
import { chainOf, compareWays, type Membership, membershipStep, type Way } from './membership.ts';
import type { ReasonCode } from './reason.ts';

/** Who asks: the method that serves the grant, and the groups that count for the subject. */
export interface Asker {
  readonly method: string;
  /** The groups of the impersonated user; undefined when the client acts as itself. */
  readonly groups: ReadonlyMap<GroupAddress, Membership> | undefined;
  /** Links that every audience of this asker rests on (the impersonation). */
  readonly prefix: readonly Step[];
  /** When the first of the client, its user and that link ends; infinite where none does. */
  readonly end: number;
}

/** Checks enabled, method on site, method on application, allowed groups, in that order; the first failure answers. */
export function judgeAudience(
  index: AccessIndex,
  address: ApplicationAddress,
  asker: Asker,
  now: number,
): AudienceAnswer {
  const application = index.application(address);
  const audience = application?.client_id ?? address;
  const chain: Step[] = [...asker.prefix];
  const activity = activityOf(application, now);
  const end = Math.min(asker.end, activity.end);
  const refuse = (code: ReasonCode, missing: Place, wayEnd?: number): AudienceAnswer => ({
    audience,
    application: address,
    granted: false,
    chain,
    code,
    missing,
    until: untilOf(end, wayEnd),
  });

  if (application === undefined || !activity.active) {
    return refuse('APPLICATION_DISABLED', { address, pointer: activity.pointer });
  }
  const site = siteAddress(siteNameOf(address));
  const onSite = index.siteMethods(siteNameOf(address)).indexOf(asker.method);
  if (onSite < 0) return refuse('METHOD_NOT_ON_SITE', { address: site, pointer: '/methods' });
  chain.push(methodStep(site, asker.method, onSite));

  const onApplication = (application.methods ?? []).indexOf(asker.method);
  if (onApplication < 0) return refuse('METHOD_NOT_ON_APPLICATION', { address, pointer: '/methods' });
  chain.push(methodStep(address, asker.method, onApplication));

  const { best, withoutMethod } = findWay(index, address, application, asker, now);
  if (best !== undefined && now < best.end) {
    return {
      audience,
      application: address,
      granted: true,
      chain: [...chain, ...stepsOf(best, asker.method)],
      until: untilOf(end, best.end),
    };
  }
  // U-26: the filter by method is what stands in the way only when a group would have done without it.
  if (withoutMethod !== undefined) {
    return refuse('METHOD_NOT_ON_GROUP', { address: withoutMethod.group, pointer: '/methods' }, withoutMethod.end);
  }
  return refuse('NOT_IN_ALLOWED_GROUP', endOf(best) ?? { address, pointer: '/allowed_to' });
}

/** Through a group into an application. */
interface GroupWay extends Way {
  readonly group: GroupAddress;
  readonly entity: GroupEntity;
  readonly membership: Membership | undefined;
  /** Where the application lets the group in. */
  readonly at: Place;
}

/**
 * The way through a group that counts which lasts longest, then the shortest, then the first, even if it has ended: then
 * all have. And the first that is there now through a group that would count if it listed the method.
 */
function findWay(
  index: AccessIndex,
  address: ApplicationAddress,
  application: ApplicationEntity,
  asker: Asker,
  now: number,
): { best: GroupWay | undefined; withoutMethod: GroupWay | undefined } {
  let best: GroupWay | undefined;
  let withoutMethod: GroupWay | undefined;
  for (const [position, link] of (application.allowed_to ?? []).entries()) {
    const group = link.to;
    const entity = index.group(group);
    if (entity === undefined) continue;
    const membership = asker.groups?.get(group);
    if (asker.groups !== undefined && membership === undefined) continue;
    const end = Math.min(periodOf(link).end, membership?.end ?? Number.POSITIVE_INFINITY);
    const at = { address, pointer: `/allowed_to/${position}` };
    const way: GroupWay = { group, entity, membership, at, end, length: membership?.length ?? 0 };
    if (!countsFor(entity, asker)) {
      if (now < end) withoutMethod ??= way;
    } else if (best === undefined || compareWays(way, best) < 0) {
      best = way;
    }
  }
  return { best, withoutMethod };
}

function stepsOf({ group, entity, membership, at }: GroupWay, method: string): readonly Step[] {
  const listed = (entity.methods ?? []).indexOf(method);
  return [
    ...chainOf(membership).map(membershipStep),
    ...(listed < 0 ? [] : [methodStep(group, method, listed)]),
    { relation: 'open_to', from: at.address, to: group, at },
  ];
}

/** The link with which a way ended. The same at every later instant, when others of its links may have ended too. */
function endOf(way: GroupWay | undefined): Place | undefined {
  if (way === undefined) return undefined;
  const ended = chainOf(way.membership).find(({ link }) => link.end === way.end);
  return ended === undefined ? way.at : membershipStep(ended).at;
}

/**
 * U-26: with an impersonated user, a group counts when it lists no method or this one; for a client acting as itself
 * only when it lists this one, and then the client is implicitly a member.
 */
function countsFor(group: GroupEntity, asker: Asker): boolean {
  const methods = group.methods ?? [];
  return methods.includes(asker.method) || (asker.groups !== undefined && methods.length === 0);
}

/** The link by which an entity lists a method. */
export function methodStep(from: Step['from'], method: string, position: number): Step {
  return {
    relation: 'has_method',
    from,
    to: methodAddress(method),
    at: { address: from, pointer: `/methods/${position}` },
  };
}
