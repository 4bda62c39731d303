// Owns the end of a session: what began in it ends, and the clients that were used in it are told (OpenID Connect Back-Channel
// Logout 1.0). Never decides that one ends.

import type { ApplicationAddress } from '../model/address.ts';
import type { Context } from './endpoint.ts';
import type { Stay } from './issued-port.ts';
import { makeLogoutToken } from './logout-token.ts';
import type { Session } from './port.ts';

/** What clients are told with. */
export type Telling = Pick<Context, 'snapshot' | 'signer' | 'logoutNotices' | 'now' | 'random' | 'log'>;

/** Ends it durably, then tells the clients. Answers those that were used in it. */
export async function endSession(session: Session, context: Context): Promise<readonly ApplicationAddress[]> {
  const { sid, user } = session;
  const clients = await context.grants.endSession(sid);
  await tellClients([{ sid, user, clients }], context);
  return clients;
}

/** Tells the clients of sessions that have ended, and the log of each session. Answers those that were sent a notice. */
export async function tellClients(stays: readonly Stay[], context: Telling): Promise<readonly ApplicationAddress[]> {
  const told = await Promise.all(
    stays.map(async (stay) => {
      const notices = await Promise.all(stay.clients.map((client) => noticeFor(client, stay, context)));
      return { stay, sent: notices.filter((notice) => notice !== undefined) };
    }),
  );
  const all = told.flatMap(({ sent }) => sent);
  if (all.length > 0) await context.logoutNotices.send(all.map(({ notice }) => notice));
  for (const { stay, sent } of told) {
    context.log({
      event: 'session_end',
      ...stay,
      notified: sent.map(({ notice }) => notice.client_id),
      generation: context.snapshot.generation,
    });
  }
  return [...new Set(all.map(({ client }) => client))];
}

async function noticeFor(client: ApplicationAddress, stay: Stay, context: Telling) {
  const application = context.snapshot.index.application(client);
  const uri = application?.metadata?.backchannel_logout_uri;
  if (application === undefined || uri === undefined) return undefined;
  const token = await makeLogoutToken(application, stay, context);
  return token === undefined ? undefined : { client, notice: { client_id: application.client_id, uri, token } };
}
