// Owns which redirect URI a request may name (RFC 6749 3.1.2.3, RFC 8252 7.3, RFC 9700 2.1). Never decides what is sent.

import { isWithin, periodOf } from '../model/duration.ts';
import type { ClientMetadata } from '../model/entity.ts';

/**
 * Whether answers may go to a URI: letter for letter one that is registered and has not ended. Of a native client the port of
 * a loopback address is the client's to choose. `now` in milliseconds since the epoch.
 */
export function isRegistered(
  { redirect_uris = [], application_type }: ClientMetadata,
  uri: string,
  now: number,
): boolean {
  return redirect_uris.some((registered) => {
    const { uri: known, ...period } = registered;
    if (!isWithin(periodOf(period), now)) return false;
    return known === uri || (application_type === 'native' && isSameButPort(known, uri));
  });
}

/** The one URI that is registered at the moment; undefined where there are none or several. */
export function onlyRegistered({ redirect_uris = [] }: ClientMetadata, now: number): string | undefined {
  const [first, ...others] = redirect_uris.filter(({ uri: _, ...period }) => isWithin(periodOf(period), now));
  return others.length === 0 ? first?.uri : undefined;
}

/** `http://`, a loopback host as it may be registered, a port, and the rest: compared as text, never as a parsed URL. */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{1,5}))?((?:[/?].*)?)$/s;

function isSameButPort(known: string, uri: string): boolean {
  const [, host, , rest] = LOOPBACK.exec(known) ?? [];
  const [, askedHost, port, askedRest] = LOOPBACK.exec(uri) ?? [];
  return (
    host !== undefined && host === askedHost && rest === askedRest && (port === undefined || Number(port) <= 65_535)
  );
}

/** Whether the operating system or the network vouches for who gets the answer: a claimed https address (RFC 8252 8.6). */
export function isAssured(uri: string): boolean {
  return uri.startsWith('https://');
}
