// Owns steps 8 and 10 of SEMANTICS algorithm A, and the gates of a client in algorithm B: whether one application becomes
// an audience, and by which chain. Never looks at the request: the caller has chosen the candidate.

import { type ApplicationAddress, siteAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { type AccessIndex, siteNameOf } from './access-index.ts';
import { judgeRules } from './access-rules.ts';
import { activityOf, untilOf } from './activity.ts';
import { type Asker, methodStep } from './asker.ts';
import type { AudienceAnswer, Place, Step } from './decision.ts';
import { judgeOpening } from './opening.ts';
import { type IsRequested, judgePolicy } from './policy.ts';
import type { ReasonCode } from './reason.ts';
import { judgeRequiredRole, requiresRole } from './required-role.ts';
import { failed, type Verdict } from './verdict.ts';

export interface Circumstances {
  readonly isRequested: IsRequested;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Checks enabled, method on site, method on application, allowed groups, policy, in that order; the first failure answers. */
export function judgeAudience(
  index: AccessIndex,
  address: ApplicationAddress,
  asker: Asker,
  circumstances: Circumstances,
): AudienceAnswer {
  return judge(index, address, asker, circumstances, (application) => [
    judgeOpening(index, address, application, asker, circumstances.now),
  ]);
}

/**
 * The same of a client that a user lets act (algorithm B step 5): its groups, its access rules and its required role, as far as
 * they are written, must all let the user in. Where none is written nobody is let in.
 */
export function judgeClient(
  index: AccessIndex,
  address: ApplicationAddress,
  asker: Asker,
  circumstances: Circumstances & { readonly ip: string | undefined },
): AudienceAnswer {
  return judge(index, address, asker, circumstances, (application) => {
    const { allowed_to, access_rules } = application;
    const gates = [
      // An empty list beside rules is a gate that nobody passes.
      ...(allowed_to === undefined ? [] : [judgeOpening(index, address, application, asker, circumstances.now)]),
      ...(access_rules === undefined ? [] : [judgeRules(index, address, access_rules, { ...circumstances, asker })]),
      ...(requiresRole(application) ? [judgeRequiredRole(index, address, application, asker, circumstances.now)] : []),
    ];
    return gates.length > 0 ? gates : [failed('NOT_IN_ALLOWED_GROUP', { address, pointer: '/allowed_to' })];
  });
}

function judge(
  index: AccessIndex,
  address: ApplicationAddress,
  asker: Asker,
  { isRequested, now }: Circumstances,
  gatesOf: (application: ApplicationEntity) => readonly Verdict[],
): AudienceAnswer {
  const application = index.application(address);
  const audience = application?.client_id ?? address;
  const chain: Step[] = [...asker.prefix];
  const activity = activityOf(application, now);
  const end = Math.min(asker.end, activity.end);
  const refuse = (code: ReasonCode, missing: Place, gateEnd?: number): AudienceAnswer => ({
    audience,
    application: address,
    granted: false,
    chain,
    code,
    missing,
    until: untilOf(end, gateEnd),
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

  let first = end;
  let networks = asker.networks;
  for (const gate of gatesOf(application)) {
    // With the end of what was passed before this, another answer is the first one.
    if (!gate.passed) {
      chain.push(...(gate.steps ?? []));
      return refuse(gate.code, gate.missing, Math.min(first, gate.end));
    }
    chain.push(...gate.steps);
    first = Math.min(first, gate.end);
    if (gate.networks !== undefined) networks = [...networks, ...gate.networks];
  }
  const policy = judgePolicy(index, address, asker, isRequested, now);
  if (policy !== undefined) {
    if (!policy.passed) {
      chain.push(...(policy.steps ?? []));
      return refuse(policy.code, policy.missing, Math.min(first, policy.end));
    }
    chain.push(...policy.steps);
    first = Math.min(first, policy.end);
  }
  return {
    audience,
    application: address,
    granted: true,
    chain,
    attributes: policy?.attributes,
    attributesUntil: policy && untilOf(policy.attributesEnd),
    ...(networks.length === 0 ? {} : { networks }),
    until: untilOf(first),
  };
}
