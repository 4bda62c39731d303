// Owns to which address a token is bound, and whether it may be used for the one for which it is (SEMANTICS A-19). Whether the client
// may call from where it does is another question (A-17, refusal.ts), which comes before. Never reads a header.

import type { ApplicationAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { canonicalAddress, inBlocks } from '../model/network.ts';
import type { AccessIndex } from './access-index.ts';
import type { Place, Question } from './decision.ts';

/** Who calls, and for whom as it says. */
export interface Caller {
  /** Behind trusted proxies; empty where it is not known. */
  readonly ip: string;
  /** What stands before that in X-Forwarded-For, as who calls wrote it: empty where it is no address, undefined where nothing stands there. */
  readonly forwarded?: string | undefined;
}

/** The user agent that a Grant was begun by, in its one spelling; undefined where none is known. */
export type BoundTo = string | undefined;

/**
 * For whom a client calls. What it says counts where it calls from its own `client_ip_range`: it is then one that is known to say the
 * truth. Everybody else speaks for itself.
 */
export function userAgentOf({ client_ip_range = [] }: ApplicationEntity, { ip, forwarded }: Caller): BoundTo {
  return canonicalAddress(forwarded !== undefined && inBlocks(ip, client_ip_range) ? forwarded : ip);
}

/** What a new Grant of a user is bound to; undefined where the client does not bind. */
export function boundTo({ bind_token_ip }: ApplicationEntity, userAgent: BoundTo): BoundTo {
  return bind_token_ip === true ? userAgent : undefined;
}

/** Whether tokens that a client gets by a grant are bound to the user agent of who let it act. */
export function bindsAddress(index: AccessIndex, asked: Pick<Question, 'client' | 'grant_type'>): boolean {
  return asked.grant_type !== 'client_credentials' && index.application(asked.client)?.bind_token_ip === true;
}

/** Whether what a user let the client do is of no use any more: the client binds, and of this Grant no address is known. */
export function lacksAddress({ bind_token_ip }: ApplicationEntity, bound: BoundTo): boolean {
  return bind_token_ip === true && bound === undefined;
}

/** Why a token is not for a user agent. */
export interface OtherAddress {
  readonly code: 'TOKEN_IP_MISMATCH';
  readonly missing: Place;
  /** Which addresses, for the log. */
  readonly detail: string;
}

/**
 * Undefined where the token may be used for whom the client calls. `bound` is undefined where no user let the client act: there is no
 * user agent then.
 */
export function judgeUserAgent(
  index: AccessIndex,
  client: ApplicationAddress,
  bound: { readonly to: BoundTo } | undefined,
  caller: Caller,
): OtherAddress | undefined {
  const application = index.application(client);
  if (bound === undefined || application?.bind_token_ip !== true) return undefined;
  const userAgent = userAgentOf(application, caller);
  if (userAgent !== undefined && bound.to === userAgent) return undefined;
  return {
    code: 'TOKEN_IP_MISMATCH',
    missing: { address: client, pointer: '/bind_token_ip' },
    detail: `bound to ${bound.to ?? 'no address'}, used for ${userAgent ?? 'an address that is not known'}`,
  };
}
