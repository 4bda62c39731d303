// Owns which written line made a change of who gets through to a resource, and why the side that refuses does. Never decides.

import type { Place, Step } from '../access/decision.ts';
import type { Way } from '../access/reach.ts';
import { userGrantsOf } from '../access/reach.ts';
import type { ReasonCode } from '../access/reason.ts';
import { askResource } from '../access/resource-reach.ts';
import {
  type Address,
  type ApplicationAddress,
  kindOf,
  type ResourceAddress,
  type UserAddress,
} from '../model/address.ts';
import type { ComparedSide } from './compared.ts';
import type { Change, UseChange } from './plan.ts';
import { sharedPlace } from './shared-answer.ts';
import { has, hasLink, hasMember, rangeAt } from './side-links.ts';

export interface Refused {
  readonly code: ReasonCode;
  /** By the names of the plan. */
  readonly missing: Place | undefined;
}

interface Asked {
  readonly resource: ResourceAddress;
  readonly client: ApplicationAddress;
  readonly user: UserAddress | undefined;
}

/** Undefined where the resource, the client or the user is not there at all. */
export function refusalOfUse(side: ComparedSide, { resource, client, user }: Asked, now: number): Refused | undefined {
  if (![resource, client, user].every((address) => address === undefined || has(side, address))) return undefined;
  const index = side.index();
  const own = side.own(client);
  const [grant_type = 'authorization_code'] = user === undefined ? ['client_credentials'] : userGrantsOf(index, own);
  const asked = { client: own, grant_type, user: user && side.own(user), scope: undefined, ip: undefined };
  const { decision, answer } = askResource(index, side.own(resource), asked, now);
  if (!decision.allowed) {
    return { code: decision.code, missing: decision.missing && sharedPlace(decision.missing, side) };
  }
  if (answer === undefined || answer.passed) return undefined;
  return { code: answer.code, missing: answer.missing && sharedPlace(answer.missing, side) };
}

interface Sought extends Asked {
  readonly effect: UseChange['effect'];
  readonly holding: { readonly side: ComparedSide; readonly way: Way };
  readonly lacking: { readonly side: ComparedSide };
  readonly refused: Refused | undefined;
  readonly changes: readonly Change[];
}

type Cause = UseChange['cause'];

/**
 * What came or went as a whole; else the line of the resource, where the resource changed; else the first link that the side
 * without it lacks; else what the refusal names, or the first change to what it rests on.
 */
export function causeOfUse(sought: Sought, now: number): Cause {
  const { effect, resource, client, user, holding, lacking, refused, changes } = sought;
  const { side, way } = holding;
  const isThere = (address: Address | undefined) => address === undefined || has(lacking.side, address);
  const gone = [resource, client, user].find((address) => !isThere(address));
  if (gone !== undefined) return at({ address: gone, pointer: '' }, side, effect === 'revoke');
  const changed = new Map(changes.map((change) => [change.address, change]));
  if (changed.has(resource)) {
    const rule = ruleOf(sought);
    if (rule !== undefined) return rule;
  }
  // The rule asks for what the client may no longer ask for.
  if (refused?.code === 'RESOURCE_SCOPE' && changed.has(client)) {
    return atMember({ address: client, pointer: '/metadata/scope' }, sought);
  }
  const missing = way.chain.find((step) => {
    const shared = { ...step, from: side.shared(step.from), to: side.shared(step.to), at: sharedPlace(step.at, side) };
    return shared.at.address !== resource && !hasLink(lacking.side, shared, namedBy(side, step), now);
  });
  if (missing !== undefined) {
    const place = sharedPlace(missing.at, side);
    return missing.relation === 'may_ask_for' ? atMember(place, sought) : at(place, side, effect === 'revoke');
  }
  const place = refused?.missing;
  if (place !== undefined && changed.has(place.address)) return atMember(place, sought);
  for (const address of [client, ...way.chain.flatMap(({ from, to }) => [side.shared(from), side.shared(to)])]) {
    const change = changed.get(address);
    if (change === undefined) continue;
    return atMember({ address, pointer: 'paths' in change ? (change.paths[0]?.pointer ?? '') : '' }, sought);
  }
  return atMember(place ?? { address: resource, pointer: '' }, sought);
}

/** What a request says for the application that a step leads to. */
function namedBy(side: ComparedSide, { to }: Step): string {
  return (
    (kindOf(to) === 'application' ? side.index().application(to as ApplicationAddress)?.client_id : undefined) ?? ''
  );
}

/** The rule that opens or opened, or the condition or scope that closes or closed; undefined where the resource says none of it. */
function ruleOf({ effect, resource, holding, lacking, refused }: Sought): Cause | undefined {
  const isOfResource = refused?.missing?.address === resource;
  const opened = holding.way.answer?.at;
  if (refused === undefined)
    return atMember({ address: resource, pointer: '/access_rules' }, { holding, lacking, effect });
  if (!refused.code.startsWith('RESOURCE_')) return undefined;
  if ((refused.code === 'RESOURCE_CONDITION' || refused.code === 'RESOURCE_SCOPE') && isOfResource) {
    // Of a revoke what was written anew; of a grant what is gone.
    return at(refused.missing as Place, lacking.side, effect === 'grant');
  }
  return opened && at(sharedPlace(opened, holding.side), holding.side, effect === 'revoke');
}

function at(place: Place, side: ComparedSide, removed: boolean): Cause {
  return { place, range: rangeAt(side, place), ...(removed ? { removed: true } : {}) };
}

/** Where a member is written now, else where it was. */
function atMember(place: Place, { holding, lacking, effect }: Pick<Sought, 'holding' | 'lacking' | 'effect'>): Cause {
  const [before, after] = effect === 'grant' ? [lacking.side, holding.side] : [holding.side, lacking.side];
  const isNow = place.pointer === '' ? has(after, place.address) : hasMember(after, place);
  return isNow ? at(place, after, false) : at(place, before, true);
}
