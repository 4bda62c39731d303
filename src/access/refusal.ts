// Owns how a refusal is made, and the checks that come before any grant: the client is there, on, and calls from where
// it may (SEMANTICS algorithm A, steps 2 and 3). Never authenticates.

import { type ApplicationAddress, SERVER } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { inBlocks, type Networks } from '../model/network.ts';
import { servesOAuth } from '../model/settings.ts';
import type { AccessIndex } from './access-index.ts';
import { activityOf, untilOf } from './activity.ts';
import type { AudienceAnswer, Place, Refusal } from './decision.ts';
import { REASONS, type ReasonCode, type RefusalError } from './reason.ts';

/**
 * Undefined when the client may call at all; every endpoint that authenticates a client asks this. `ip` undefined skips
 * the check of the address; `now` in milliseconds since the epoch.
 */
export function admitClient(
  index: AccessIndex,
  client: ApplicationAddress,
  ip: string | undefined,
  now: number,
): Refusal | undefined {
  const off = refusalOfServer(index);
  if (off !== undefined) return off;
  const application = index.application(client);
  const { active, pointer, end } = activityOf(application, now);
  if (!active) {
    return refuse('invalid_client', 'CLIENT_AUTHENTICATION_FAILED', {
      missing: { address: client, pointer },
      until: untilOf(end),
    });
  }
  const range = application?.client_ip_range ?? [];
  if (ip !== undefined && range.length > 0 && !inBlocks(ip, range)) {
    return refuse('invalid_client', 'CLIENT_IP_NOT_ALLOWED', {
      missing: { address: client, pointer: '/client_ip_range' },
      until: untilOf(end),
    });
  }
  return undefined;
}

/** N-42: nobody gets or uses anything where the server has OAuth 2.0 off. */
export function refusalOfServer({ server }: AccessIndex): Refusal | undefined {
  if (servesOAuth(server)) return undefined;
  return refuse('unauthorized_client', 'OAUTH2_DISABLED', {
    missing: { address: SERVER, pointer: '/oauth2/enabled' },
  });
}

const ANYWHERE: readonly Networks[] = [];

/** From where a client may call, where the address is not known: what `admitClient` would look at. */
export function networksOfClient(
  { client_ip_range = [] }: ApplicationEntity,
  ip: string | undefined,
): readonly Networks[] {
  return ip === undefined && client_ip_range.length > 0 ? [client_ip_range] : ANYWHERE;
}

/** A refusal whose description is the code and what is specific to it, or the code's own sentence. */
export function refuse(
  error: RefusalError,
  code: ReasonCode,
  told: {
    detail?: string;
    missing?: Place | undefined;
    reasons?: readonly AudienceAnswer[];
    until?: number | undefined;
  },
): Refusal {
  return {
    allowed: false,
    error,
    code,
    description: `${code}: ${told.detail || REASONS[code]}`,
    missing: told.missing,
    reasons: told.reasons ?? [],
    until: told.until,
  };
}
