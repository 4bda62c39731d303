// Owns what is written when sessions begin and end, consents are given and withdrawn, and assertions are used. Each verb
// runs inside a transaction and decides by what it reads there. Never begins or commits one.

import type { ApplicationAddress } from '../model/address.ts';
import type { GroupedVerbs } from './protocol.ts';
import { bodyOfSession } from './records.ts';
import type { WriteStatements } from './sql.ts';

type SessionVerbs = Pick<
  GroupedVerbs,
  'insertSession' | 'touchSession' | 'endSession' | 'keepConsent' | 'withdrawConsent' | 'useAssertion'
>;

export function sessionVerbs(sql: WriteStatements): SessionVerbs {
  return {
    insertSession({ hash, record }, replaces) {
      const { sid, user, last_used, expires_at } = record;
      if (replaces !== undefined) sql.deleteOtherSession.run(replaces, sid);
      sql.writeSession.run(hash, sid, user, last_used, expires_at, bodyOfSession(record));
    },
    touchSession(hash, last_used) {
      sql.touchSession.run(last_used, hash, last_used);
    },
    endSession(sid) {
      const clients = sql.clientsOfSession.all(sid) as ApplicationAddress[];
      // A code that is still to be redeemed would begin a Grant of the session after its end.
      sql.deleteCodesOfSession.run(sid);
      sql.deleteGrantsOfSession.run(sid);
      sql.deleteSession.run(sid);
      return clients;
    },
    keepConsent({ user, client, scopes, generation, granted_at }) {
      sql.writeConsent.run(user, client, JSON.stringify(scopes), generation, granted_at);
    },
    withdrawConsent(user, client) {
      sql.deleteConsent.run(user, client);
      sql.deleteCodesBetween.run(user, client);
      sql.deleteGrantsBetween.run(user, client);
    },
    useAssertion: (client, jti, expires_at) => sql.insertAssertion.run(client, jti, expires_at).changes === 1,
  };
}
