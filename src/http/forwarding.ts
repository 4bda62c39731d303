// Owns whom a connection speaks for: which peers are proxies that are believed, and the address of the client behind them.
// Never believes a header of anybody else.

import type { IncomingMessage } from 'node:http';
import { inBlocks, isAddress } from '../model/network.ts';
import { valuesOf } from './raw-headers.ts';

/** The address of the other end of the connection; empty where it is gone. */
export function peerOf({ socket }: Pick<IncomingMessage, 'socket'>): string {
  return socket.remoteAddress ?? '';
}

/**
 * The client behind a trusted peer: the nearest address of X-Forwarded-For that is no trusted proxy, read from its end, because
 * everything before that is what the client itself may have written. Undefined where there is no such header, empty where what
 * stands there is no address.
 */
export function forwardedFor(request: IncomingMessage, trusted: readonly string[]): string | undefined {
  const chain = valuesOf(request, 'x-forwarded-for').flatMap((value) => value.split(','));
  if (chain.length === 0) return undefined;
  let client = '';
  for (const entry of chain.reverse()) {
    client = addressIn(entry.trim());
    if (!inBlocks(client, trusted)) return client;
  }
  return client;
}

/** Some proxies write the port too. */
function addressIn(entry: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
  return isAddress(bare) ? bare : '';
}
