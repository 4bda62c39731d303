// Owns the end of a session: what began in it ends, and the clients that were used in it are told (OpenID Connect Back-Channel
// Logout 1.0). Never decides that one ends.

import type { ApplicationAddress } from '../model/address.ts';
import type { Context } from './endpoint.ts';
import { makeLogoutToken } from './logout-token.ts';
import type { Session } from './port.ts';

/** Ends it durably, then tells the clients. Answers those that were used in it. */
export async function endSession(session: Session, context: Context): Promise<readonly ApplicationAddress[]> {
  const clients = await context.grants.endSession(session.sid);
  const notices = await Promise.all(clients.map((client) => noticeFor(client, session, context)));
  const sent = notices.filter((notice) => notice !== undefined);
  if (sent.length > 0) await context.logoutNotices.send(sent);
  context.log({
    event: 'session_end',
    sid: session.sid,
    user: session.user,
    clients,
    notified: sent.map(({ client_id }) => client_id),
    generation: context.snapshot.generation,
  });
  return clients;
}

async function noticeFor(client: ApplicationAddress, session: Session, context: Context) {
  const application = context.snapshot.index.application(client);
  const uri = application?.metadata?.backchannel_logout_uri;
  if (application === undefined || uri === undefined) return undefined;
  const token = await makeLogoutToken(application, session, context);
  return token === undefined ? undefined : { client_id: application.client_id, uri, token };
}
