// Owns the cookies of this server: what they are called, which attributes they have, how they are read and written. Never
// knows what their values mean.

import { createHash } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Answer, Cookies } from '../oauth/endpoint.ts';

export interface CookieJar {
  /** Of the Cookie header of a request. */
  read(header: string | undefined): Cookies;
  /** The Set-Cookie headers of an answer, one for each cookie that changes. */
  write(changes: NonNullable<Answer['cookies']>): readonly string[];
}

/**
 * Cookies know no port, and one host may serve several issuers below different paths: the name holds which issuer it is of.
 * `__Host-` has browsers refuse what another host of the domain, or a plain connection, would put in its place (RFC 6265bis
 * 4.1.3.2). They take it over TLS alone, so an issuer of http, which is a loopback one, goes without.
 */
export function cookieJar(issuer: string): CookieJar {
  const secure = new URL(issuer).protocol === 'https:';
  const of = createHash('sha256').update(issuer).digest('hex').slice(0, 8);
  const name = (kind: keyof Cookies) => `${secure ? '__Host-' : ''}charter-${kind}-${of}`;
  const browser = name('browser');
  const session = name('session');
  // Lax and not Strict: the user comes to the authorization endpoint from another site (P:C-072). No Domain: to this host
  // alone. No Max-Age: browsers forget them when they end, and the store says before whether a session is over.
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  const written = (cookie: string, value: string | null): string =>
    stringifySetCookie({ name: cookie, value: value ?? '', ...attributes, ...(value === null ? { maxAge: 0 } : {}) });

  return {
    read(header) {
      if (header === undefined) return {};
      const sent = parseCookie(header);
      return { browser: sent[browser] || undefined, session: sent[session] || undefined };
    },
    write(changes) {
      return [
        ...(changes.browser === undefined ? [] : [written(browser, changes.browser)]),
        ...(changes.session === undefined ? [] : [written(session, changes.session)]),
      ];
    },
  };
}

const OWN = /^(?:__Host-)?charter-(?:browser|session)-[0-9a-f]{8}$/;

/** Whether a cookie is of a server of this kind, whichever issuer: `name=value` as headers write it, with or without attributes. */
export function isOwnCookie(written: string): boolean {
  return OWN.test(written.split(/[=;]/, 1)[0]?.trim() ?? '');
}
