// Owns what counts as this machine alone: loopback addresses and the name for them. Never resolves a name.

import { inBlocks } from '../model/network.ts';

const LOOPBACK_BLOCKS = ['127.0.0.0/8', '::1'] as const;

/** Whether a host, as a URL or an option writes it (IPv6 with or without brackets), is loopback. */
export function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return bare.toLowerCase() === 'localhost' || inBlocks(bare, LOOPBACK_BLOCKS);
}
