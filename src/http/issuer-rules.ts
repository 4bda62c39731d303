// Owns which listeners an issuer may be served on (DESIGN 5): tokens and secrets never cross a network in the clear.
// Never opens a socket.

import { Failure } from '../model/failure.ts';
import { isAddressBlock } from '../model/network.ts';
import { isLoopback } from './loopback.ts';

export interface ListenerRequest {
  readonly issuer: string;
  /** `--host`; undefined is both loopback addresses. */
  readonly host: string | undefined;
  /** Whether the listener itself speaks TLS. */
  readonly tls: boolean;
  /** Addresses and CIDR blocks of the proxies in front of it. */
  readonly behindProxy: readonly string[];
}

/** Throws Failure `usage` when the issuer must not be served on this listener (RFC 6749 1.6 and 3.2, P:O-091). */
export function checkListener({ issuer, host, tls, behindProxy }: ListenerRequest): void {
  for (const block of behindProxy) {
    if (!isAddressBlock(block)) {
      throw new Failure('usage', `--behind-proxy: "${block}" is no IP address or CIDR block, such as 10.0.0.0/8.`);
    }
  }
  const url = parseIssuer(issuer);
  const local = host === undefined || isLoopback(host);
  if (url.protocol === 'http:') {
    if (!isLoopback(url.hostname)) {
      throw new Failure(
        'usage',
        `The issuer ${issuer} is plain http on a host that is not this machine: tokens would cross the network in the clear. ` +
          'Use an https issuer; http is for localhost, 127.0.0.1 and [::1] only.',
      );
    }
    if (tls) {
      throw new Failure(
        'usage',
        `The issuer ${issuer} is plain http, but --tls-cert and --tls-key make the listener speak TLS: clients would not reach it. ` +
          'Write an https issuer, or leave the two options out.',
      );
    }
    if (!local) {
      throw new Failure(
        'usage',
        `The issuer ${issuer} is plain http, so only loopback may be listened on, not ${host}. ` +
          'Leave --host out, or use an https issuer.',
      );
    }
    return;
  }
  if (!tls && !local && behindProxy.length === 0) {
    throw new Failure(
      'usage',
      `The issuer ${issuer} is https, but the listener on ${host} is plain. Give --tls-cert and --tls-key, ` +
        'or listen on loopback, or name the proxy that ends TLS in front of it: --behind-proxy CIDR.',
    );
  }
}

function parseIssuer(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Failure('usage', `The issuer "${issuer}" is no http or https URL.`);
  }
  return url;
}
