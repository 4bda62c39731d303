// Owns a store of tokens, codes, Grants and sessions in memory, for tests of who uses one. It does what every store must do
// (test/store/conformance-*.ts say what), and ends nothing with its owner: it knows of no configuration.

import type { ApplicationAddress, UserAddress } from '../../src/model/address.ts';
import type { Issued, Owners } from '../../src/oauth/issued-port.ts';
import type {
  AccessTokenRecord,
  AuthorizationCode,
  Consent,
  Grant,
  GrantStore,
  IssuedRows,
  RefreshToken,
  Session,
} from '../../src/oauth/port.ts';

interface KeptCode {
  readonly code: AuthorizationCode;
  /** The Grant that it became. */
  readonly grant: string | undefined;
  readonly expires_at: number;
}

interface KeptRefreshToken {
  readonly record: RefreshToken;
  /** In milliseconds. `sealed` is dropped once it is over. */
  readonly rotation: { readonly at: number; readonly until: number; readonly sealed: string | undefined } | undefined;
}

function isOf(
  row: { readonly user?: UserAddress | undefined; readonly client: ApplicationAddress },
  { user, client }: Owners,
): boolean {
  return (user === undefined || row.user === user) && (client === undefined || row.client === client);
}

export interface MemoryGrants extends GrantStore {
  /** Access tokens by hash. */
  readonly opaque: Map<string, AccessTokenRecord>;
  /** When each revoked JWT expires, by `jti`. */
  readonly revoked: Map<string, number>;
}

/** Seconds: of what takes something away (port.ts, removeExpired). */
const KEPT_BEYOND_END = 86_400;

export function memoryGrants(): MemoryGrants {
  const opaque = new Map<string, AccessTokenRecord>();
  const revoked = new Map<string, number>();
  const codes = new Map<string, KeptCode>();
  const grants = new Map<string, Grant>();
  const refreshTokens = new Map<string, KeptRefreshToken>();
  const sessions = new Map<string, Session>();
  const clientsOf = new Map<string, Set<ApplicationAddress>>();
  const consents = new Map<string, Consent>();
  const assertions = new Map<string, number>();

  const between = (...parts: readonly string[]) => JSON.stringify(parts);

  function requireNew<Kept>(kept: ReadonlyMap<string, Kept>, key: string | undefined): void {
    if (key !== undefined && kept.has(key)) throw new Error(`${key} is kept already`);
  }

  function endGrant(id: string): void {
    grants.delete(id);
    for (const [hash, { grant }] of opaque) if (grant === id) opaque.delete(hash);
    for (const [hash, { record }] of refreshTokens) if (record.grant === id) refreshTokens.delete(hash);
  }

  function endGrants(ends: (grant: Grant) => boolean): void {
    for (const grant of [...grants.values()]) if (ends(grant)) endGrant(grant.id);
  }

  /** Those that were not redeemed yet. */
  function endCodes(ends: (code: AuthorizationCode) => boolean): void {
    for (const [hash, { code, grant }] of codes) if (grant === undefined && ends(code)) codes.delete(hash);
  }

  function write({ grant, accessToken, refreshToken }: IssuedRows): void {
    if (grant !== undefined) requireNew(grants, grant.id);
    requireNew(opaque, accessToken?.hash);
    requireNew(refreshTokens, refreshToken?.hash);
    if (grant !== undefined) {
      grants.set(grant.id, grant);
      if (grant.session !== undefined) clientsOf.get(grant.session)?.add(grant.client);
    }
    if (refreshToken !== undefined) {
      if (!grants.has(refreshToken.record.grant)) throw new Error('a refresh token without its Grant');
      refreshTokens.set(refreshToken.hash, { record: refreshToken.record, rotation: undefined });
    }
    const owner = accessToken?.record.grant;
    if (accessToken !== undefined && (owner === undefined || grants.has(owner))) {
      opaque.set(accessToken.hash, accessToken.record);
    }
  }

  /** Opaque access tokens that hang on no Grant. */
  function alone(): [hash: string, token: AccessTokenRecord][] {
    return [...opaque].filter(([, { grant }]) => grant === undefined);
  }

  function issuedGrant(grant: Grant): Issued {
    const family = [...refreshTokens.values()].filter(({ record }) => record.grant === grant.id);
    const tokens = [...opaque.values()].filter((token) => token.grant === grant.id);
    const all = [...family.map(({ record }) => record), ...tokens];
    return {
      record: grant,
      grant,
      refreshToken: family.find(({ rotation }) => rotation === undefined)?.record,
      accessUntil: tokens.length === 0 ? undefined : Math.max(...tokens.map(({ expires_at }) => expires_at)),
      lastIssued: Math.max(grant.issued_at, ...all.map(({ issued_at }) => issued_at)),
    };
  }

  function issuedToken(token: AccessTokenRecord): Issued {
    const { grant: _none, ...record } = token;
    const { issued_at, expires_at } = token;
    return { record, grant: undefined, refreshToken: undefined, accessUntil: expires_at, lastIssued: issued_at };
  }

  function deleteSession(hash: string, sid: string): void {
    sessions.delete(hash);
    clientsOf.delete(sid);
  }

  function hashOfSession(sid: string): string | undefined {
    return [...sessions].find(([, session]) => session.sid === sid)?.[0];
  }

  return {
    opaque,
    revoked,
    async insertAccessToken(hash, record) {
      write({ accessToken: { hash, record } });
    },
    findAccessToken: async (hash) => opaque.get(hash),
    async deleteAccessToken(hash) {
      opaque.delete(hash);
    },
    async revokeJwt(jti, expires_at) {
      revoked.set(jti, Math.max(expires_at, revoked.get(jti) ?? expires_at));
    },
    isJwtRevoked: async (jti) => revoked.has(jti),

    async insertCode({ hash, record: code }) {
      requireNew(codes, hash);
      codes.set(hash, { code, grant: undefined, expires_at: code.expires_at });
    },
    async findCode(hash) {
      const kept = codes.get(hash);
      return kept && { ...kept.code, ...(kept.grant === undefined ? {} : { redeemed: true }) };
    },
    async redeemCode(hash, rows) {
      const kept = codes.get(hash);
      if (kept === undefined) return 'unknown';
      if (kept.grant !== undefined) {
        endGrant(kept.grant);
        return 'replayed';
      }
      write(rows);
      codes.set(hash, {
        ...kept,
        grant: rows.grant.id,
        expires_at: Math.max(kept.expires_at, rows.grant.expires_at),
      });
      return 'redeemed';
    },
    insertGrant: async (rows) => write(rows),
    findGrant: async (id) => grants.get(id),
    endGrant: async (id) => endGrant(id),
    async findRefreshToken(hash) {
      const kept = refreshTokens.get(hash);
      const grant = kept === undefined ? undefined : grants.get(kept.record.grant);
      if (kept === undefined || grant === undefined) return undefined;
      return { record: kept.record, grant, rotated_at: kept.rotation?.at };
    },
    async rotateRefreshToken(hash, successor, accessToken, { now, grace }) {
      const kept = refreshTokens.get(hash);
      if (kept === undefined) return { kind: 'unknown' };
      const { record, rotation } = kept;
      if (rotation === undefined) {
        write({ accessToken, refreshToken: successor });
        refreshTokens.set(hash, { record, rotation: { at: now, until: now + grace, sealed: successor.sealed } });
        return { kind: 'rotated' };
      }
      if (grace > 0 && rotation.sealed !== undefined && now < rotation.at + grace) {
        write({ accessToken });
        return { kind: 'repeated', sealed: rotation.sealed };
      }
      endGrant(record.grant);
      return { kind: 'reused' };
    },

    async insertSession({ hash, record }, replaces) {
      const replaced = replaces === undefined ? undefined : sessions.get(replaces);
      if (replaces !== undefined && replaced !== undefined && replaced.sid !== record.sid) {
        deleteSession(replaces, replaced.sid);
      }
      const before = hashOfSession(record.sid);
      if (before !== hash) requireNew(sessions, hash);
      if (before !== undefined) sessions.delete(before);
      sessions.set(hash, record);
      if (!clientsOf.has(record.sid)) clientsOf.set(record.sid, new Set());
    },
    findSession: async (hash) => sessions.get(hash),
    findSessionBySid: async (sid) => sessions.get(hashOfSession(sid) ?? ''),
    async touchSession(hash, last_used) {
      const session = sessions.get(hash);
      if (session !== undefined && session.last_used < last_used) sessions.set(hash, { ...session, last_used });
    },
    async endSession(sid) {
      const clients = [...(clientsOf.get(sid) ?? [])].sort();
      endCodes((code) => code.session === sid && !code.offline);
      endGrants((grant) => grant.session === sid && !grant.offline);
      const hash = hashOfSession(sid);
      if (hash !== undefined) deleteSession(hash, sid);
      return clients;
    },

    findConsent: async (user, client) => consents.get(between(user, client)),
    async keepConsent(consent) {
      consents.set(between(consent.user, consent.client), consent);
    },
    async withdrawConsent(user: UserAddress, client: ApplicationAddress) {
      consents.delete(between(user, client));
      endCodes((code) => code.user === user && code.client === client);
      endGrants((grant) => grant.user === user && grant.client === client);
    },
    async issuedTo(owners, { now, limit, after }) {
      const isAfter = ({ record: { issued_at, id } }: Issued) =>
        after === undefined || issued_at < after.issued_at || (issued_at === after.issued_at && id < after.id);
      return [...[...grants.values()].map(issuedGrant), ...alone().map(([, token]) => issuedToken(token))]
        .filter((issued) => isOf(issued.record, owners) && issued.record.expires_at > now && isAfter(issued))
        .sort(({ record: a }, { record: b }) => b.issued_at - a.issued_at || (a.id < b.id ? 1 : -1))
        .slice(0, limit);
    },
    async findIssued(id) {
      const grant = grants.get(id);
      if (grant !== undefined) return issuedGrant(grant);
      const token = alone().find(([, one]) => one.id === id)?.[1];
      return token && issuedToken(token);
    },
    async endIssued(owners, limit) {
      if (owners.user === undefined && owners.client === undefined) throw new Error('whose?');
      const some = <Row>(rows: Iterable<Row>, ends: (row: Row) => boolean) => [...rows].filter(ends).slice(0, limit);
      const ofUser = owners.client === undefined;
      const stays = some(sessions, ([, { user }]) => ofUser && user === owners.user);
      const ended = {
        codes: some(codes, ([, { code, grant }]) => grant === undefined && isOf(code, owners)),
        consents: some(consents, ([, consent]) => isOf(consent, owners)),
        grants: some(grants.values(), (grant) => isOf(grant, owners)),
        accessTokens: some(alone(), ([, token]) => isOf(token, owners)),
      };
      const told = stays
        .map(([, { sid, user }]) => ({ sid, user, clients: [...(clientsOf.get(sid) ?? [])].sort() }))
        .sort((a, b) => (a.sid < b.sid ? -1 : 1));
      for (const [hash, { sid }] of stays) deleteSession(hash, sid);
      for (const [hash] of ended.codes) codes.delete(hash);
      for (const [key] of ended.consents) consents.delete(key);
      for (const { id } of ended.grants) endGrant(id);
      for (const [hash] of ended.accessTokens) opaque.delete(hash);
      return {
        sessions: stays.length,
        codes: ended.codes.length,
        consents: ended.consents.length,
        grants: ended.grants.length,
        accessTokens: ended.accessTokens.length,
        stays: told,
      };
    },
    async endIssuedById(ids) {
      return ids.filter((id) => {
        const tokens = alone().filter(([, token]) => token.id === id);
        const isThere = grants.has(id) || tokens.length > 0;
        endGrant(id);
        for (const [hash] of tokens) opaque.delete(hash);
        return isThere;
      });
    },
    async useAssertion(client, jti, expires_at) {
      const key = between(client, jti);
      if (assertions.has(key)) return false;
      assertions.set(key, expires_at);
      return true;
    },

    recordUse: async () => undefined,
    async removeExpired(now, limit) {
      for (const [hash, { record, rotation }] of refreshTokens) {
        if (rotation === undefined || rotation.until > now * 1000) continue;
        refreshTokens.set(hash, { record, rotation: { ...rotation, sealed: undefined } });
      }
      const ended: readonly (readonly [expires_at: number, remove: () => void])[] = [
        ...[...opaque].map(([hash, one]) => [one.expires_at, () => opaque.delete(hash)] as const),
        ...[...revoked].map(([jti, expires_at]) => [expires_at + KEPT_BEYOND_END, () => revoked.delete(jti)] as const),
        ...[...refreshTokens].map(([hash, one]) => [one.record.expires_at, () => refreshTokens.delete(hash)] as const),
        ...[...codes].map(([hash, one]) => [one.expires_at, () => codes.delete(hash)] as const),
        ...[...assertions].map(
          ([key, expires_at]) => [expires_at + KEPT_BEYOND_END, () => assertions.delete(key)] as const,
        ),
        ...[...sessions].map(([hash, one]) => [one.expires_at, () => deleteSession(hash, one.sid)] as const),
        ...[...grants.values()].map((one) => [one.expires_at, () => endGrant(one.id)] as const),
      ];
      const removed = ended.filter(([expires_at]) => expires_at < now).slice(0, Math.max(limit, 0));
      for (const [, remove] of removed) remove();
      return removed.length;
    },
  };
}
