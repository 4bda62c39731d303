// Owns the authorization endpoint (RFC 6749 3.1). No application of this version can register a redirect_uri, so every
// request ends on an error page here: nothing is redirected to an address that nobody vouched for (RFC 6749 4.1.2.1).

import type { Endpoint } from './endpoint.ts';
import { invalidRequest } from './error.ts';
import { readForm } from './form.ts';
import { defineEndpoint } from './handling.ts';

/** Takes the query of a GET, or the form of a POST, as its form. Refuses with 400, which http shows as a page. */
export const authorizationEndpoint: Endpoint = defineEndpoint('authorization', async (request, _context, note) => {
  const client_id = readForm(request.form).get('client_id');
  if (client_id === undefined) throw invalidRequest('CLIENT_ID_MISSING');
  note({ client_id: client_id.slice(0, 256) });
  // The same for a client that exists and for one that does not: this page is no list of clients.
  throw invalidRequest('REDIRECT_URI_NOT_REGISTERED');
});
