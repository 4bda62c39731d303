// Owns which origin a request came from, as the browser says. Never decides what that origin may do.

import type { IncomingHttpHeaders } from 'node:http';

/**
 * The Origin of a request (Fetch 3.2); undefined where it is our own page, or there is none. Our pages have `no-referrer`, and
 * then browsers say `null` of their own forms too. Sec-Fetch-Site, which no page can write, tells those from a stranger's.
 */
export function originOf({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): string | undefined {
  return origin === 'null' && site === 'same-origin' ? undefined : origin;
}
