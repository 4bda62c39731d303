// Owns what server.outbound.allow may name, and whether a host is among it as it is written. Never resolves a name: where
// one leads is looked at when it is called.

import { inBlocks, isAddressBlock } from './network.ts';

const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** Whether the text is a host name, an address or a CIDR block: without scheme, port, path and wildcard. */
export function isOutboundTarget(text: string): boolean {
  if (isAddressBlock(text)) return true;
  const labels = text.split('.');
  // Four numbers that are no address, and three that some programs take for one, are no name.
  return text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** Whether a host, as the URL parser writes it, is named by one of the targets or lies as an address in one of them. */
export function isAllowedTarget(hostname: string, allow: readonly string[]): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return allow.some((target) => target.toLowerCase() === host) || inBlocks(host, allow);
}
