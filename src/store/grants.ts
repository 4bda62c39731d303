// Owns the small writes: tokens, codes, Grants, sessions, use, keys, and letting go of what was undone. Each runs inside a
// transaction that others share, so none begins or commits one.

import { grantVerbs, writeAccessToken } from './grant-verbs.ts';
import { issuedWrites } from './issued-verbs.ts';
import type { GroupedVerbs } from './protocol.ts';
import { signingKeyFrom } from './records.ts';
import { sessionVerbs } from './session-verbs.ts';
import type { WriteStatements } from './sql.ts';

export function groupedVerbs(sql: WriteStatements): GroupedVerbs {
  return {
    insertAccessToken: (hash, record) => writeAccessToken(sql, { hash, record }),
    deleteAccessToken(hash) {
      sql.deleteAccessToken.run(hash);
    },
    revokeJwt(jti, expires_at) {
      sql.revoke.run(jti, expires_at);
    },
    ...grantVerbs(sql),
    ...sessionVerbs(sql),
    ...issuedWrites(sql),
    recordUse(uses) {
      for (const [address, time] of uses) sql.recordUse.run(time, address);
    },
    resume: () => sql.resumeUndone.run().changes > 0,
    removeExpired(now, limit) {
      // All of them: no more than were rotated since the last time.
      sql.dropSealed.run(now * 1000);
      return removeExpired(sql, now, limit);
    },
    ...keyVerbs(sql),
    tryWriting() {
      // A row that comes and goes: the pages are written, and nothing is changed. No JWT is called so.
      sql.revoke.run('', 0);
      sql.deleteRevocation.run('');
    },
  };
}

/** Each table first has an equal part of the limit, so that one that fills fast does not keep the others full. */
function removeExpired(sql: WriteStatements, now: number, limit: number): number {
  const part = Math.floor(limit / sql.removeExpired.length);
  let removed = 0;
  for (const remove of sql.removeExpired) removed += remove.run(now, part).changes;
  for (const remove of sql.removeExpired) {
    if (removed < limit) removed += remove.run(now, limit - removed).changes;
  }
  return removed;
}

type KeyVerbs = Pick<
  GroupedVerbs,
  'ensureSigningKeys' | 'insertSigningKeys' | 'extendSigningKeys' | 'deleteSigningKeys'
>;

function keyVerbs(sql: WriteStatements): KeyVerbs {
  const insertSigningKeys: KeyVerbs['insertSigningKeys'] = (keys) => {
    for (const { kid, alg, jwk, created_at, active_from, longest_ttl } of keys) {
      sql.insertSigningKey.run(kid, alg, JSON.stringify(jwk), created_at, active_from, longest_ttl);
    }
  };
  return {
    ensureSigningKeys(candidates) {
      const present = new Set<string>(sql.signingKeys.all().map((row) => row.alg));
      for (const key of candidates) {
        if (present.has(key.alg)) continue;
        present.add(key.alg);
        insertSigningKeys([key]);
      }
      return sql.signingKeys.all().map(signingKeyFrom);
    },
    insertSigningKeys,
    extendSigningKeys(longest_ttl) {
      sql.extendSigningKeys.run(longest_ttl, longest_ttl);
    },
    deleteSigningKeys: (kids) => kids.filter((kid) => sql.deleteSigningKey.run(kid).changes > 0),
  };
}
