// Owns the client credentials grant at the token endpoint (RFC 6749 4.4, SEMANTICS algorithm A). Never decides access.

import { decide } from '../access/decide.ts';
import { refreshSettings, scopeValues } from '../model/settings.ts';
import { issueAccessToken, tokenContent } from './access-token.ts';
import { applicationOf } from './client-authentication.ts';
import type { Answer } from './endpoint.ts';
import { beginGrant, tokenAnswer } from './issue.ts';
import { keepDecisions } from './kept-decision.ts';
import { refused } from './refused.ts';
import type { TokenRequest } from './token.ts';

const GRANT_TYPE = 'client_credentials';

/** By client, address and scope: a client asks the same again for every token. */
const decideOnce = keepDecisions((decision, index) => ({
  content: tokenContent(decision, index),
  scope: decision.scopes.join(' '),
}));

/** Never with a refresh token (U-02, O-074), but where the application says so in so many words. */
export async function grantClientCredentials({ client, form, asked, context, note }: TokenRequest): Promise<Answer> {
  const { snapshot, now } = context;
  const scope = form.get('scope');
  // All that the question holds. Only the scope is the client's own text, and it stands last.
  const prepared = decideOnce(snapshot.index, `${client.address}\n${asked.ip}\n${scope ?? ''}`, now, () => {
    const values = scopeValues(scope);
    const question = {
      grant_type: GRANT_TYPE,
      client: client.address,
      scope: values.length === 0 ? undefined : values,
      ip: asked.ip,
    };
    return decide(snapshot.index, question, now);
  });
  if (!('decision' in prepared)) throw refused(prepared);
  const { decision, made } = prepared;
  const application = applicationOf(client, snapshot);
  if (refreshSettings(application).for_client_credentials) {
    const issuing = { application, accessToken: true, refreshToken: true, idToken: false };
    const beginning = { grant_type: GRANT_TYPE, user: undefined } as const;
    return tokenAnswer(await beginGrant(decision, beginning, issuing, context, note), decision, scope);
  }
  const access = await issueAccessToken(decision, made.content, context);
  const { id, user, audiences, expires_at } = access.record;
  note({
    outcome: 'issued',
    jti: id,
    format: access.format,
    user,
    audiences,
    scope: made.scope,
    expires_at,
  });
  return tokenAnswer({ access, refresh: undefined, idToken: undefined }, decision, scope);
}
