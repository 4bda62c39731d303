// Owns steps 4, 5, 7 and 8 of SEMANTICS algorithm A: whether the client may use the grant, by which method, as which
// user and in which groups. Never looks at the requested scope, which is step 6, nor at an audience.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import type { Networks } from '../model/network.ts';
import type { AccessIndex } from './access-index.ts';
import { judgeAddressRules } from './access-rules.ts';
import { activityOf, untilOf } from './activity.ts';
import { type Asker, methodStep } from './asker.ts';
import type { Place, Refusal } from './decision.ts';
import { usableMethods } from './method-choice.ts';
import type { ReasonCode } from './reason.ts';
import { admitClient, networksOfClient, refuse } from './refusal.ts';

const GRANT = 'client_credentials';

/** A client that may use the grant, and the method that serves it. */
export interface Admitted {
  readonly application: ApplicationEntity;
  readonly method: string;
  /** When the client ends; infinite where it does not. */
  readonly end: number;
  /** From where it may, where the address is not known. */
  readonly networks: readonly Networks[];
}

export interface Asking {
  readonly application: ApplicationEntity;
  readonly user: UserAddress | undefined;
  readonly asker: Asker;
  /** Where the link to a user is written that has ended: the client acts as itself by now. */
  readonly ended: Place | undefined;
}

/** Steps 4 and 5: the client may use the grant, and by which method. They come before the scope is looked at. */
export function admitGrant(
  index: AccessIndex,
  client: ApplicationAddress,
  now: number,
  ip?: string | undefined,
): Admitted | Refusal {
  const refused = admitClient(index, client, undefined, now);
  const application = index.application(client);
  if (refused !== undefined || application === undefined) {
    return refused ?? refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED', {});
  }
  const { end } = activityOf(application, now);
  const refuseGrant = (code: ReasonCode, missing: Place) =>
    refuse('unauthorized_client', code, { missing, until: untilOf(end) });
  if (!(application.metadata?.grant_types ?? []).includes(GRANT)) {
    return refuseGrant('GRANT_NOT_ALLOWED', { address: client, pointer: '/metadata/grant_types' });
  }
  if (application.metadata?.token_endpoint_auth_method === 'none') {
    return refuseGrant('CLIENT_IS_PUBLIC', { address: client, pointer: '/metadata/token_endpoint_auth_method' });
  }
  const methods = usableMethods(index, client, application, GRANT);
  if ('code' in methods) return refuseGrant(methods.code, methods.missing);
  const own = networksOfClient(application, ip);
  if (application.access_rules === undefined) return { application, method: methods[0], end, networks: own };
  const rules = judgeAddressRules(client, application.access_rules, ip);
  if (!rules.passed) return refuseGrant(rules.code, rules.missing);
  return { application, method: methods[0], end, networks: [...own, ...(rules.networks ?? [])] };
}

/** Steps 7 and 8: as which user the client acts, and in which groups. They come after the scope was looked at. */
export function findAsker(
  index: AccessIndex,
  client: ApplicationAddress,
  { application, method, end: clientEnd, networks }: Admitted,
  now: number,
): Asking | Refusal {
  const impersonation = index.impersonates(client);
  if (impersonation === undefined || now >= impersonation.end) {
    const asker: Asker = {
      client,
      grant_type: GRANT,
      method,
      user: undefined,
      groups: undefined,
      prefix: [],
      networks,
      end: clientEnd,
    };
    return { application, user: undefined, asker, ended: impersonation?.step.at };
  }
  const { user: address, step } = impersonation;
  const user = index.user(address);
  const activity = activityOf(user, now);
  const end = Math.min(clientEnd, impersonation.end, activity.end);
  if (user === undefined || !activity.active) {
    return refuse('unauthorized_client', 'USER_NOT_ACTIVE', {
      missing: { address, pointer: activity.pointer },
      until: untilOf(end),
    });
  }
  const onUser = (user.methods ?? []).indexOf(method);
  if (onUser < 0) {
    return refuse('unauthorized_client', 'METHOD_NOT_ON_USER', {
      missing: { address, pointer: '/methods' },
      until: untilOf(end),
    });
  }
  const prefix = [step, methodStep(address, method, onUser)];
  const groups = index.groupsOf(address);
  const asker: Asker = { client, grant_type: GRANT, method, user: address, groups, prefix, networks, end };
  return { application, user: address, asker, ended: undefined };
}
