// Owns the userinfo endpoint (OpenID Connect Core 5.3, SEMANTICS U-40): what a token tells about its user. A token of
// client_credentials has none: the ubisecure family tells about the client instead, the others refuse.

import { methodAttributes } from '../access/method-attributes.ts';
import { bearerError, presentedToken } from './bearer.ts';
import type { Endpoint } from './endpoint.ts';
import { NO_STORE } from './error.ts';
import { defineEndpoint } from './handling.ts';
import { useOwnResource } from './own-resource.ts';
import { issuerOf } from './snapshot.ts';
import { permissionsTold } from './token-in-use.ts';
import { sessionIndex, userinfoAnswer } from './ubisecure.ts';
import { toldClaims } from './user-claims.ts';

/** Serves GET and POST. Every refusal carries a Bearer challenge. */
export const userinfoEndpoint: Endpoint = defineEndpoint('userinfo', async (request, context, note) => {
  const { snapshot, now } = context;
  const realm = issuerOf(snapshot);
  const used = await useOwnResource(presentedToken(request, realm), request, context, note);
  // Userinfo is a resource of the client's own: a token for servers alone does not open it (U-10),
  // whatever else it lacks (P:B-010).
  if (!used.decision.audiences.includes(used.record.client_id)) {
    throw bearerError('invalid_token', 'AUDIENCE_WITHOUT_CLIENT', realm);
  }
  const isUsers = used.grant?.user !== undefined;
  const hasOpenid = used.decision.scopes.includes('openid');
  if (request.family !== 'ubisecure' || isUsers) {
    // A token that has openid already is told no scope: the client would ask for it again and again (C-046).
    const lacking = hasOpenid ? {} : { scope: 'openid' };
    if (!isUsers) throw bearerError('insufficient_scope', 'USER_REQUIRED', realm, lacking);
    if (!hasOpenid) throw bearerError('insufficient_scope', 'OPENID_REQUIRED', realm, lacking);
  }
  const { decision } = used;
  const told = { ...toldClaims(decision, snapshot), ...permissionsTold(decision) };
  const claims = isUsers ? { sub: decision.subject, ...told } : {};
  if (request.family !== 'ubisecure') return { status: 200, headers: NO_STORE, body: claims };
  const answer = userinfoAnswer(used, {
    issuer: realm,
    method: methodAttributes(snapshot.index, used.decision),
    now: Math.floor(now / 1000),
    session_index: sessionIndex(context.random),
  });
  return { status: 200, headers: NO_STORE, body: { ...answer, ...claims } };
});
