// Owns whom a connection speaks for: which peers are proxies that are believed, the address of the client behind them, and for
// whom that client says that it calls. Never believes a header of anybody else: whether the client is, access decides.

import type { IncomingMessage } from 'node:http';
import type { Caller } from '../access/token-address.ts';
import { inBlocks, isAddress } from '../model/network.ts';
import { valuesOf } from './raw-headers.ts';

/** The address of the other end of the connection; empty where it is gone. */
export function peerOf({ socket }: Pick<IncomingMessage, 'socket'>): string {
  return socket.remoteAddress ?? '';
}

/** Who is at the other end, past the proxies that are believed. */
export interface FoundCaller {
  /** The client; empty where what a trusted proxy says is no address, undefined where a trusted proxy says nothing. */
  readonly ip: string | undefined;
  /** What the client itself wrote last; empty where it is no address, undefined where it wrote nothing. */
  readonly forwarded: string | undefined;
}

/**
 * The nearest address that is no trusted proxy, from the peer on through X-Forwarded-For from its end, because everything before
 * that is what the client itself may have written.
 */
export function callerOf(request: IncomingMessage, trusted: readonly string[]): FoundCaller {
  const chain = valuesOf(request, 'x-forwarded-for')
    .flatMap((value) => value.split(','))
    .reverse();
  const peer = peerOf(request);
  let ip: string | undefined = inBlocks(peer, trusted) ? undefined : peer;
  let read = 0;
  while (read < chain.length && (ip === undefined || inBlocks(ip, trusted))) {
    ip = addressIn(chain[read]?.trim() ?? '');
    read += 1;
  }
  const written = chain[read];
  return { ip, forwarded: written === undefined ? undefined : addressIn(written.trim()) };
}

/** The same where a proxy that says nothing speaks for itself. */
export function callerOrPeer(request: IncomingMessage, trusted: readonly string[]): Caller {
  const { ip = peerOf(request), forwarded } = callerOf(request, trusted);
  return { ip, forwarded };
}

/** Some proxies write the port too. */
function addressIn(entry: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
  return isAddress(bare) ? bare : '';
}
