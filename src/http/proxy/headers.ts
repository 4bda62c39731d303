// Owns which headers cross from a client to a server behind this one, and back: none that is of one connection, none by which a client
// could say who it is, where it comes from or what it asks. Never decides who may.

import type { IncomingMessage } from 'node:http';
import { IDENTITY_HEADERS, type IdentityHeaders } from '../../oauth/resource-identity.ts';
import { isOwnCookie } from '../cookies.ts';
import { METHOD_OVERRIDES } from '../method-override.ts';

/** Name, value, name, value, as node:http and undici take them. */
export type FlatHeaders = readonly string[];

/** RFC 9110 7.6.1, and what was in use before; `expect` is answered here. */
const OF_THE_CONNECTION = [
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'http2-settings', 'expect'],
];

/** What this server alone says, or nobody. */
const SAID_HERE: ReadonlySet<string> = new Set([
  ...OF_THE_CONNECTION,
  ...['host', 'authorization', 'forwarded', 'x-real-ip', 'true-client-ip', 'x-client-ip', 'x-rewrite-url'],
  ...IDENTITY_HEADERS,
  // RFC 9440: what says by which certificate somebody came.
  ...['client-cert', 'client-cert-chain'],
  // Of other servers of this kind: software that was behind one believes them still.
  ...['remote-name', 'remote-email'],
  ...METHOD_OVERRIDES,
]);
const SAID_HERE_PREFIX = /^(x-forwarded-|x-charter-|x-original-)/;

export interface Forwarding {
  readonly identity: IdentityHeaders;
  /** Empty where the token stays here. */
  readonly authorization: string;
  /** Of the server behind. */
  readonly host: string;
  /** As the client named it. */
  readonly authority: string;
  readonly scheme: string;
  /** Empty where it is not known. */
  readonly ip: string;
  /** What trusted proxies said of the way so far; empty where none did. */
  readonly chain: string;
  readonly peer: string;
  /** Of a body that was read, and may be another than the one that came. */
  readonly length?: number;
}

/** What the server behind is sent, Content-Length included. */
export function requestHeaders(request: IncomingMessage, forwarding: Forwarding): FlatHeaders {
  const { identity, authorization, host, authority, scheme, ip, chain, peer } = forwarding;
  const dropped = namedByConnection(request.rawHeaders);
  const sent: string[] = ['host', host];
  for (const [name, value] of pairsOf(request.rawHeaders)) {
    // Servers that hand headers on as variables take `_` for `-` (RFC 3875 4.1.18), and some everything else too.
    const read = name.toLowerCase().replace(/[^a-z0-9]/g, '-');
    if (read === 'content-length' && forwarding.length !== undefined) continue;
    if (SAID_HERE.has(read) || SAID_HERE_PREFIX.test(read) || dropped.has(name.toLowerCase())) continue;
    if (read === 'cookie') {
      const others = value.split(';').filter((cookie) => !isOwnCookie(cookie));
      if (others.length > 0) sent.push('cookie', others.join(';').trim());
    } else {
      sent.push(name, value);
    }
  }
  if (forwarding.length !== undefined) sent.push('content-length', String(forwarding.length));
  if (authorization !== '') sent.push('authorization', authorization);
  for (const [name, value] of Object.entries(identity)) sent.push(name, value);
  sent.push('x-forwarded-for', chain === '' ? peer : `${chain}, ${peer}`);
  sent.push('x-forwarded-host', authority, 'x-forwarded-proto', scheme);
  sent.push('forwarded', `for=${forwardedNode(ip)};host="${authority}";proto=${scheme}`);
  return sent;
}

/** RFC 7239 6: an IPv6 address in brackets and quotes. */
function forwardedNode(ip: string): string {
  if (ip === '') return 'unknown';
  return ip.includes(':') ? `"[${ip}]"` : ip;
}

/** What the client is sent of what the server behind answered. `rawHeaders` as it sent them. */
export function responseHeaders(rawHeaders: FlatHeaders): string[] {
  const dropped = new Set([...OF_THE_CONNECTION, ...namedByConnection(rawHeaders)]);
  const sent: string[] = [];
  for (const [name, value] of pairsOf(rawHeaders)) {
    const read = name.toLowerCase();
    // A cookie of this server is only set by it.
    if (dropped.has(read) || (read === 'set-cookie' && isOwnCookie(value))) continue;
    sent.push(name, value);
  }
  return sent;
}

/** Never lets what a message needs to be read be called a matter of its connection. */
function namedByConnection(rawHeaders: FlatHeaders): ReadonlySet<string> {
  const named = new Set<string>();
  for (const [name, value] of pairsOf(rawHeaders)) {
    if (name.toLowerCase() !== 'connection') continue;
    for (const option of value.split(',')) named.add(option.trim().toLowerCase());
  }
  named.delete('content-length');
  return named;
}

export function* pairsOf(flat: FlatHeaders): Generator<readonly [name: string, value: string]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] ?? '', flat[at + 1] ?? ''];
}
