// Owns the small writes: tokens, revocations, use, keys, and letting go of what was undone. Each runs inside a transaction
// that others share, so none begins or commits one.

import type { GroupedVerbs } from './protocol.ts';
import { signingKeyFrom } from './reading.ts';
import type { WriteStatements } from './sql.ts';

export function groupedVerbs(sql: WriteStatements): GroupedVerbs {
  return {
    insertAccessToken(hash, record) {
      sql.insertAccessToken.run(
        hash,
        record.id,
        record.client,
        record.client_id,
        record.user ?? null,
        record.subject,
        JSON.stringify(record.audiences),
        JSON.stringify(record.scopes),
        record.generation,
        record.issued_at,
        record.expires_at,
      );
    },
    deleteAccessToken(hash) {
      sql.deleteAccessToken.run(hash);
    },
    revokeJwt(jti, expires_at) {
      sql.revoke.run(jti, expires_at);
    },
    recordUse(uses) {
      for (const [address, time] of uses) sql.recordUse.run(time, address);
    },
    resume: () => sql.resumeUndone.run().changes > 0,
    removeExpired(now, limit) {
      const tokens = sql.removeExpiredTokens.run(now, limit).changes;
      return tokens + sql.removeExpiredRevocations.run(now, limit - tokens).changes;
    },
    ensureSigningKeys(candidates) {
      const present = new Set(sql.signingKeys.all().map((row) => row.alg));
      for (const key of candidates) {
        if (present.has(key.alg)) continue;
        present.add(key.alg);
        sql.insertSigningKey.run(key.kid, key.alg, JSON.stringify(key.jwk), key.created_at);
      }
      return sql.signingKeys.all().map(signingKeyFrom);
    },
  };
}
