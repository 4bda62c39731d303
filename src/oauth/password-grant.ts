// Owns the resource owner password grant at the token endpoint (RFC 6749 4.3, SEMANTICS N-23): off until an application lists it.
// Never keeps a password.

import { decide } from '../access/decide.ts';
import { userAgentOf } from '../access/token-address.ts';
import { admitRequest } from '../access/user-grant.ts';
import { refreshSettings, scopeValues } from '../model/settings.ts';
import { applicationOf } from './client-authentication.ts';
import type { Answer } from './endpoint.ts';
import { describe, invalidRequest, OAuthError } from './error.ts';
import { beginGrant, tokenAnswer } from './issue.ts';
import { checkPassword } from './password.ts';
import { refused } from './refused.ts';
import { admitAttempt, guess, guessKeys } from './throttling.ts';
import type { TokenRequest } from './token.ts';

export async function grantByPassword({ client, form, asked, context, note }: TokenRequest): Promise<Answer> {
  const { snapshot, throttle, now } = context;
  const values = scopeValues(form.get('scope'));
  // offline_access is about a login that goes on, and there is none.
  const scope = values.length === 0 ? undefined : values.filter((value) => value !== 'offline_access');
  const question = { client: client.address, grant_type: 'password', scope };
  const admitted = admitRequest(snapshot.index, question, now);
  if ('allowed' in admitted) throw refused(admitted);
  const username = form.get('username');
  const password = form.get('password');
  if (username === undefined || password === undefined) throw invalidRequest('USERNAME_OR_PASSWORD_MISSING');

  const keys = guessKeys('user', username, asked.ip);
  admitAttempt(throttle, keys, 'invalid_grant');
  const login = { ...question, ip: asked.ip, username, password };
  const found = await guess(throttle, keys, () => checkPassword(login, context));
  if (found === undefined) {
    const description = describe('USERNAME_OR_PASSWORD_WRONG');
    throw new OAuthError({ error: 'invalid_grant', description, floor: true });
  }
  note({ user: found.user });
  const { user } = found;
  const method = typeof found.method === 'string' ? found.method : undefined;
  const decision = decide(snapshot.index, { ...question, user, method, ip: asked.ip }, now);
  if (!decision.allowed) throw refused(decision);

  const application = applicationOf(client, snapshot);
  const { enabled, require_live_session } = refreshSettings(application);
  // There is no session that could be live: such a token would be refused at its first use.
  const refreshToken = enabled && !require_live_session;
  const idToken = decision.scopes.includes('openid');
  const issuing = { application, accessToken: true, refreshToken, idToken };
  const bound_ip = userAgentOf(application, asked);
  const tokens = await beginGrant(decision, { grant_type: 'password', user, bound_ip }, issuing, context, note);
  return tokenAnswer(tokens, decision);
}
