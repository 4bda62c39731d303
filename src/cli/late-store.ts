// Owns the store of who may yet fail: read-only until it is certain that something will be written, so that a start or an
// apply that fails leaves no file behind and no trace in one. Never knows SQL.

import { openSqliteStore, type SqliteStore } from '../store/sqlite.ts';

export interface LateStore extends SqliteStore {
  /** Opens it for writing, and makes the file where there is none. From then on every verb may be called. */
  openForWriting(): Promise<void>;
}

/** Throws the Failures of openSqliteStore. */
export async function openStoreLate(
  path: string,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<LateStore> {
  const reader = await openSqliteStore(path, { readOnly: true, mustExist });
  let writer: SqliteStore | undefined;
  const now = (): SqliteStore => writer ?? reader;
  return {
    path: reader.path,
    async openForWriting() {
      writer ??= await openSqliteStore(path);
    },
    read: () => now().read(),
    apply: (request) => now().apply(request),
    verifiers: () => now().verifiers(),
    replaceVerifiers: (verifiers, at) => now().replaceVerifiers(verifiers, at),
    revisions: (limit) => now().revisions(limit),
    changesOf: (generation) => now().changesOf(generation),
    usage: (addresses, instant) => now().usage(addresses, instant),
    undone: () => now().undone(),
    resume: () => now().resume(),
    resumed: () => now().resumed(),
    recordUse: (uses) => now().recordUse(uses),
    insertAccessToken: (hash, record) => now().insertAccessToken(hash, record),
    findAccessToken: (hash) => now().findAccessToken(hash),
    deleteAccessToken: (hash) => now().deleteAccessToken(hash),
    revokeJwt: (jti, expires_at) => now().revokeJwt(jti, expires_at),
    isJwtRevoked: (jti) => now().isJwtRevoked(jti),
    insertCode: (code) => now().insertCode(code),
    findCode: (hash) => now().findCode(hash),
    redeemCode: (hash, rows) => now().redeemCode(hash, rows),
    insertGrant: (rows) => now().insertGrant(rows),
    findGrant: (id) => now().findGrant(id),
    endGrant: (id) => now().endGrant(id),
    findRefreshToken: (hash) => now().findRefreshToken(hash),
    rotateRefreshToken: (hash, successor, token, at) => now().rotateRefreshToken(hash, successor, token, at),
    insertSession: (session, replaces) => now().insertSession(session, replaces),
    findSession: (hash) => now().findSession(hash),
    findSessionBySid: (sid) => now().findSessionBySid(sid),
    touchSession: (hash, last_used) => now().touchSession(hash, last_used),
    endSession: (sid) => now().endSession(sid),
    findConsent: (user, of) => now().findConsent(user, of),
    keepConsent: (consent) => now().keepConsent(consent),
    withdrawConsent: (user, of) => now().withdrawConsent(user, of),
    issuedTo: (owners, page) => now().issuedTo(owners, page),
    findIssued: (id) => now().findIssued(id),
    endIssued: (owners, limit) => now().endIssued(owners, limit),
    endIssuedById: (ids) => now().endIssuedById(ids),
    useAssertion: (of, jti, expires_at) => now().useAssertion(of, jti, expires_at),
    removeExpired: (instant, limit) => now().removeExpired(instant, limit),
    signingKeys: () => now().signingKeys(),
    ensureSigningKeys: (candidates) => now().ensureSigningKeys(candidates),
    insertSigningKeys: (keys) => now().insertSigningKeys(keys),
    extendSigningKeys: (longest_ttl) => now().extendSigningKeys(longest_ttl),
    deleteSigningKeys: (kids) => now().deleteSigningKeys(kids),
    tryWriting: () => now().tryWriting(),
    async close() {
      await Promise.all([reader.close(), writer?.close()]);
    },
  };
}
