// Owns which hosts and addresses this server may call: the public Internet over TLS, and what the spec names. Whoever writes a
// client's URL must not reach what only this machine can reach. Never resolves a name and never connects.

import { inBlocks, isPublicAddress } from '../model/network.ts';

/** What a call is judged by. */
export interface Target {
  readonly protocol: string;
  /** As a URL has it: lower case, an IPv6 address with or without its brackets. */
  readonly hostname: string;
}

/** Why a URL is not called, whatever its host resolves to; undefined where that is still to be judged. */
export function refusalOfUrl({ protocol, username, password, hostname }: URL): string | undefined {
  if (protocol !== 'https:' && protocol !== 'http:') return `${protocol} is not https`;
  if (username !== '' || password !== '') return `the URL of ${hostname} holds a username or a password`;
  return undefined;
}

/**
 * Why none of these addresses is connected to; undefined when all may be. All of them: of a name that leads here and there,
 * it would be left to chance. `allow` is what server.outbound.allow says.
 */
export function refusalOfAddresses(
  { protocol, hostname }: Target,
  addresses: readonly string[],
  allow: readonly string[],
): string | undefined {
  const host = withoutBrackets(hostname);
  if (allow.some((one) => one.toLowerCase() === host)) return undefined;
  const permits = 'server.outbound.allow would permit it, by';
  if (inBlocks(host, allow)) return undefined;
  // A name may be made to lead into a block by whoever answers for names: without TLS it has to be named itself.
  if (protocol !== 'https:') return `${host} would be called without TLS: ${permits} "${host}"`;
  const inside = addresses.find((address) => !isPublicAddress(address) && !inBlocks(address, allow));
  if (inside === undefined) return undefined;
  return inside === host
    ? `${host} is no public address: ${permits} "${host}"`
    : `${host} (${inside}) is no public address: ${permits} "${host}" or "${inside}"`;
}

/** `::1` of `[::1]`. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}
