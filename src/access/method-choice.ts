// Owns which method of an application serves a grant (SEMANTICS algorithm A step 5, algorithm B step 3). Never looks at
// the user's methods.

import { type ApplicationAddress, methodAddress, siteAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { methodServes } from '../model/grant-type.ts';
import { isEnabled } from '../model/settings.ts';
import { type AccessIndex, siteNameOf } from './access-index.ts';
import type { Place } from './decision.ts';
import type { ReasonCode } from './reason.ts';

export interface MethodFault {
  readonly code: ReasonCode;
  readonly missing: Place;
  /** What is specific to it, where the code's own sentence would mislead. */
  readonly detail?: string;
}

/**
 * The application's methods that serve the grant and can be used, in order; where there is none, the fault of the first one
 * that would serve it. `only` names the one method that is asked about.
 */
export function usableMethods(
  index: AccessIndex,
  client: ApplicationAddress,
  { methods = [] }: ApplicationEntity,
  grant_type: string,
  only?: string,
): readonly [string, ...string[]] | MethodFault {
  const site = siteNameOf(client);
  const serving = methods.filter((name) => {
    const type = index.method(name)?.type;
    return type !== undefined && methodServes(type, grant_type) && (only === undefined || only === name);
  });
  const faultOf = (name: string): MethodFault | undefined => {
    const method = index.method(name);
    if (method === undefined || !isEnabled(method)) {
      return { code: 'METHOD_DISABLED', missing: { address: methodAddress(name), pointer: '/enabled' } };
    }
    if (!index.siteMethods(site).includes(name)) {
      return { code: 'METHOD_NOT_ON_SITE', missing: { address: siteAddress(site), pointer: '/methods' } };
    }
    return undefined;
  };
  const [usable, ...others] = serving.filter((name) => faultOf(name) === undefined);
  if (usable !== undefined) return [usable, ...others];
  // Algorithm B step 3: a method by which a user logged in is first looked at itself, and then at the application.
  const named = only === undefined ? undefined : index.method(only);
  const first = serving[0] ?? (named !== undefined && methodServes(named.type, grant_type) ? only : undefined);
  const fault = first === undefined ? undefined : faultOf(first);
  if (fault !== undefined) return fault;
  const isOfAnother = named !== undefined && !methodServes(named.type, grant_type);
  return {
    code: 'METHOD_NOT_ON_APPLICATION',
    missing: { address: client, pointer: '/methods' },
    ...(isOfAnother ? { detail: `${only} is of type ${named.type}, which does not serve ${grant_type}` } : {}),
  };
}
