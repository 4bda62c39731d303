// Owns the client credentials grant at the token endpoint (RFC 6749 4.4, SEMANTICS algorithm A). Never decides access.

import { decide } from '../access/decide.ts';
import { refreshSettings, scopeValues } from '../model/settings.ts';
import { issueAccessToken } from './access-token.ts';
import { applicationOf } from './client-authentication.ts';
import type { Answer } from './endpoint.ts';
import { beginGrant, tokenAnswer } from './issue.ts';
import { refused } from './refused.ts';
import type { TokenRequest } from './token.ts';

/** Never with a refresh token (U-02, O-074), but where the application says so in so many words. */
export async function grantClientCredentials({ client, form, asked, context, note }: TokenRequest): Promise<Answer> {
  const scope = form.get('scope');
  const values = scopeValues(scope);
  const question = {
    grant_type: 'client_credentials',
    client: client.address,
    scope: values.length === 0 ? undefined : values,
    ip: asked.ip,
  };
  const decision = decide(context.snapshot.index, question, context.now);
  if (!decision.allowed) throw refused(decision);
  const application = applicationOf(client, context.snapshot);
  if (refreshSettings(application).for_client_credentials) {
    const issuing = { application, accessToken: true, refreshToken: true, idToken: false };
    const beginning = { grant_type: 'client_credentials', user: undefined } as const;
    return tokenAnswer(await beginGrant(decision, beginning, issuing, context, note), decision, scope);
  }
  const access = await issueAccessToken(decision, context);
  const { id, user, audiences, expires_at } = access.record;
  note({
    outcome: 'issued',
    jti: id,
    format: access.format,
    user,
    audiences,
    scope: decision.scopes.join(' '),
    expires_at,
  });
  return tokenAnswer({ access, refresh: undefined, idToken: undefined }, decision, scope);
}
