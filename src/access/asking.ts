// Owns steps 4, 5, 7 and 8 of SEMANTICS algorithm A: whether the client may use the grant, by which method, as which
// user and in which groups. Never looks at the requested scope, which is step 6, nor at an audience.

import { type ApplicationAddress, methodAddress, siteAddress } from '../model/address.ts';
import { parseInstant } from '../model/duration.ts';
import type { ApplicationEntity, UserEntity } from '../model/entity.ts';
import { isEnabled } from '../model/settings.ts';
import { type AccessIndex, siteNameOf } from './access-index.ts';
import { type Asker, methodStep } from './audience.ts';
import type { Place, Refusal, Step } from './decision.ts';
import type { ReasonCode } from './reason.ts';
import { admitClient, refuse } from './refusal.ts';

const GRANT = 'client_credentials';

/** A client that may use the grant, and the method that serves it. */
export interface Admitted {
  readonly application: ApplicationEntity;
  readonly method: string;
}

export interface Asking {
  readonly client: ApplicationAddress;
  readonly application: ApplicationEntity;
  readonly user: NonNullable<ReturnType<AccessIndex['impersonates']>>['user'] | undefined;
  readonly asker: Asker;
  readonly until: number | undefined;
}

/** Steps 4 and 5: the client may use the grant, and by which method. They come before the scope is looked at. */
export function admitGrant(index: AccessIndex, client: ApplicationAddress): Admitted | Refusal {
  const refused = admitClient(index, client, undefined);
  const application = index.application(client);
  if (refused !== undefined || application === undefined) {
    return refused ?? refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED', {});
  }
  if (!(application.metadata?.grant_types ?? []).includes(GRANT)) {
    return refuse('unauthorized_client', 'GRANT_NOT_ALLOWED', {
      missing: { address: client, pointer: '/metadata/grant_types' },
    });
  }
  if (application.metadata?.token_endpoint_auth_method === 'none') {
    return refuse('unauthorized_client', 'CLIENT_IS_PUBLIC', {
      missing: { address: client, pointer: '/metadata/token_endpoint_auth_method' },
    });
  }
  const method = findMethod(index, client, application);
  if (typeof method !== 'string') return refuse('unauthorized_client', method.code, { missing: method.missing });
  return { application, method };
}

/** Steps 7 and 8: as which user the client acts, and in which groups. They come after the scope was looked at. */
export function findAsker(
  index: AccessIndex,
  client: ApplicationAddress,
  { application, method }: Admitted,
  now: number,
): Asking | Refusal {
  const impersonation = index.impersonates(client);
  if (impersonation === undefined) {
    return { client, application, user: undefined, asker: { method, groups: undefined, prefix: [] }, until: undefined };
  }
  const { user: address, step } = impersonation;
  const user = index.user(address);
  const activity = userActivity(user, now);
  if (user === undefined || !activity.active) {
    return refuse('unauthorized_client', 'USER_NOT_ACTIVE', {
      missing: { address, pointer: activity.pointer },
      until: activity.until,
    });
  }
  const onUser = (user.methods ?? []).indexOf(method);
  if (onUser < 0) {
    return refuse('unauthorized_client', 'METHOD_NOT_ON_USER', {
      missing: { address, pointer: '/methods' },
      until: activity.until,
    });
  }
  const prefix: Step[] = [step, methodStep(address, method, onUser)];
  return {
    client,
    application,
    user: address,
    asker: { method, groups: index.groupsOf(address), prefix },
    until: activity.until,
  };
}

/** Step 5: the first usable method of the type; when there is none, the fault of the first entry of the type. */
function findMethod(
  index: AccessIndex,
  client: ApplicationAddress,
  application: ApplicationEntity,
): string | { code: ReasonCode; missing: Place } {
  const site = siteNameOf(client);
  const ofType = (application.methods ?? []).filter((name) => index.method(name)?.type === GRANT);
  const faultOf = (name: string): { code: ReasonCode; missing: Place } | undefined => {
    const method = index.method(name);
    if (method === undefined || !isEnabled(method)) {
      return { code: 'METHOD_DISABLED', missing: { address: methodAddress(name), pointer: '/enabled' } };
    }
    if (!index.siteMethods(site).includes(name)) {
      return { code: 'METHOD_NOT_ON_SITE', missing: { address: siteAddress(site), pointer: '/methods' } };
    }
    return undefined;
  };
  const usable = ofType.find((name) => faultOf(name) === undefined);
  if (usable !== undefined) return usable;
  const first = ofType[0];
  const fault = first === undefined ? undefined : faultOf(first);
  return fault ?? { code: 'METHOD_NOT_ON_APPLICATION', missing: { address: client, pointer: '/methods' } };
}

/** U-32: disabled, before its not_before, or at and after its expires. `until` is the next instant that changes it. */
function userActivity(
  user: UserEntity | undefined,
  now: number,
): { active: boolean; pointer: string; until: number | undefined } {
  if (user === undefined || !isEnabled(user)) return { active: false, pointer: '/enabled', until: undefined };
  // The compiler refuses a text that is no instant. Should one be here all the same, an end is not lost: it has passed.
  const start = user.not_before === undefined ? undefined : (parseInstant(user.not_before) ?? Number.POSITIVE_INFINITY);
  const end = user.expires === undefined ? undefined : (parseInstant(user.expires) ?? Number.NEGATIVE_INFINITY);
  if (end !== undefined && now >= end) return { active: false, pointer: '/expires', until: undefined };
  if (start !== undefined && now < start) {
    return { active: false, pointer: '/not_before', until: Number.isFinite(start) ? start : undefined };
  }
  return { active: true, pointer: '', until: end };
}
