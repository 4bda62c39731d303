// Owns steps 8 and 10 of SEMANTICS algorithm A: whether one application becomes an audience, and by which chain.
// Never looks at the request: the caller has chosen the candidate.

import type { ApplicationAddress, GroupAddress } from '../model/address.ts';
import { methodAddress, siteAddress } from '../model/address.ts';
import type { GroupEntity } from '../model/entity.ts';
import { isEnabled } from '../model/settings.ts';
import { type AccessIndex, siteNameOf } from './access-index.ts';
import type { AudienceAnswer, Place, Step } from './decision.ts';
import type { ReasonCode } from './reason.ts';

/** Who asks: the method that serves the grant, and the groups that count for the subject. */
export interface Asker {
  readonly method: string;
  /** The groups of the impersonated user with the chains to them; undefined when the client acts as itself. */
  readonly groups: ReadonlyMap<GroupAddress, readonly Step[]> | undefined;
  /** Links that every audience of this asker rests on (the impersonation). */
  readonly prefix: readonly Step[];
}

/** Checks enabled, method on site, method on application, allowed groups, in that order; the first failure answers. */
export function judgeAudience(index: AccessIndex, address: ApplicationAddress, asker: Asker): AudienceAnswer {
  const application = index.application(address);
  const audience = application?.client_id ?? address;
  const chain: Step[] = [...asker.prefix];
  const refuse = (code: ReasonCode, missing: Place): AudienceAnswer => ({
    audience,
    application: address,
    granted: false,
    chain,
    code,
    missing,
  });

  if (application === undefined || !isEnabled(application)) {
    return refuse('APPLICATION_DISABLED', { address, pointer: '/enabled' });
  }
  const site = siteAddress(siteNameOf(address));
  const onSite = index.siteMethods(siteNameOf(address)).indexOf(asker.method);
  if (onSite < 0) return refuse('METHOD_NOT_ON_SITE', { address: site, pointer: '/methods' });
  chain.push(methodStep(site, asker.method, onSite));

  const onApplication = (application.methods ?? []).indexOf(asker.method);
  if (onApplication < 0) return refuse('METHOD_NOT_ON_APPLICATION', { address, pointer: '/methods' });
  chain.push(methodStep(address, asker.method, onApplication));

  let withoutMethod: GroupAddress | undefined;
  for (const [position, { to: group }] of (application.allowed_to ?? []).entries()) {
    const open: Step = {
      relation: 'open_to',
      from: address,
      to: group,
      at: { address, pointer: `/allowed_to/${position}` },
    };
    const entity = index.group(group);
    if (entity === undefined) continue;
    const membership = asker.groups?.get(group);
    if (asker.groups !== undefined && membership === undefined) continue;
    if (!countsFor(entity, asker)) {
      withoutMethod ??= group;
      continue;
    }
    const listed = (entity.methods ?? []).indexOf(asker.method);
    return {
      audience,
      application: address,
      granted: true,
      chain: [...chain, ...(membership ?? []), ...(listed < 0 ? [] : [methodStep(group, asker.method, listed)]), open],
    };
  }
  // U-26: the filter by method is what stands in the way only when a group would have done without it.
  if (withoutMethod !== undefined) {
    return refuse('METHOD_NOT_ON_GROUP', { address: withoutMethod, pointer: '/methods' });
  }
  return refuse('NOT_IN_ALLOWED_GROUP', { address, pointer: '/allowed_to' });
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
