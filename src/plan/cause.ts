// Owns which written link made an access change: the place that a reviewer has to look at. Never decides access.

import type { AudienceAnswer, Place, Step } from '../access/decision.ts';
import type { ApplicationAddress, GroupAddress, UserAddress } from '../model/address.ts';
import { nameOf } from '../model/address.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import { scopeValues } from '../model/settings.ts';
import { entityAt, type State } from '../model/state.ts';
import type { AccessChange } from './plan.ts';

interface Sides {
  readonly before: State;
  readonly after: State;
  readonly beforeOrigins: Origins;
  readonly afterOrigins: Origins;
}

/**
 * The link by which the change came. Of the links that held the access on one side and are not on the other, the one
 * that the refusal names, else the first of the chain. When no link differs (an entity was disabled, a group lists
 * other methods) it is the place that the refusal names.
 */
export function causeOf(
  effect: AccessChange['effect'],
  client: ApplicationAddress,
  held: Extract<AudienceAnswer, { granted: true }>,
  other: Extract<AudienceAnswer, { granted: false }> | undefined,
  sides: Sides,
): AccessChange['cause'] {
  const lacking = effect === 'grant' ? sides.before : sides.after;
  const holding = effect === 'grant' ? sides.afterOrigins : sides.beforeOrigins;

  if (effect === 'revoke') {
    // Who reads "Batch7 removed" needs no link of Batch7's.
    const removed = [client, held.application].find((address) => !lacking.has(address));
    if (removed !== undefined) return at({ address: removed, pointer: '' }, holding);
  }
  const differing = held.chain.filter((step) => !hasLink(lacking, step));
  // An application that is closed to a group that is not there tells less than who was to be in that group.
  const named = differing.find((step) => other !== undefined && lacking.has(step.to) && isNamedBy(other.missing, step));
  const link = named ?? differing[0];
  if (link !== undefined) return at(link.at, holding);

  const place = other?.missing ?? { address: held.application, pointer: '/client_id' };
  // The member that now stands in the way is written in the new State, when it is written at all.
  return at(place, sides.after.has(place.address) ? sides.afterOrigins : sides.beforeOrigins);
}

function at(place: Place, origins: Origins): { place: Place; range: SourceRange | undefined } {
  return { place, range: origins.get(place.address)?.(place.pointer) };
}

function isNamedBy(missing: Place, step: Step): boolean {
  return (
    step.at.address === missing.address &&
    (step.at.pointer === missing.pointer || step.at.pointer.startsWith(`${missing.pointer}/`))
  );
}

/** Whether a State has the link that a step tells of. */
function hasLink(state: State, step: Step): boolean {
  switch (step.relation) {
    case 'has_method': {
      const entity = state.get(step.from);
      return entity !== undefined && 'methods' in entity && (entity.methods ?? []).includes(nameOf(step.to));
    }
    case 'impersonates':
      return linksTo(entityAt(state, 'user', step.to as UserAddress)?.impersonated_by, step.from);
    case 'member_of':
      return linksTo(entityAt(state, 'group', step.to as GroupAddress)?.members, step.from);
    case 'open_to':
      return linksTo(entityAt(state, 'application', step.from)?.allowed_to, step.to);
    case 'may_ask_for': {
      const metadata = entityAt(state, 'application', step.from)?.metadata;
      const audience = entityAt(state, 'application', step.to)?.client_id;
      return audience !== undefined && (metadata?.aud ?? scopeValues(metadata?.scope)).includes(audience);
    }
  }
}

function linksTo(links: readonly { readonly to: string }[] | undefined, target: string): boolean {
  return (links ?? []).some((link) => link.to === target);
}
