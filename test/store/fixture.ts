// Owns what the store's tests are made of: small States, plans between them, records. Never opens a store.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import type { ApplicationEntity, Entity, UserEntity } from '../../src/model/entity.ts';
import type { Renames } from '../../src/model/move.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import { writeOrigin } from '../../src/model/origin-text.ts';
import { createState, EMPTY_STATE, type State } from '../../src/model/state.ts';
import type {
  AccessTokenRecord,
  AuthorizationCode,
  Grant,
  Kept,
  RefreshToken,
  Session,
  SigningKey,
} from '../../src/oauth/port.ts';
import { diffStates } from '../../src/plan/diff.ts';
import type { StorePlan } from '../../src/plan/plan.ts';
import type { ApplyRequest, ConfigStore, RevisionSummary, StoredConfiguration, Usage } from '../../src/plan/port.ts';

export const ISSUER = 'https://issuer.example';

export function application(client_id: string, more: Partial<ApplicationEntity> = {}): ApplicationEntity {
  return { kind: 'application', client_id, secret: { env: `${client_id}_SECRET` }, ...more };
}

export function user(sub: string, more: Partial<UserEntity> = {}): UserEntity {
  return { kind: 'user', sub, ...more };
}

/** A State with a server and whatever else is named. */
export function stateOf(entities: { readonly [address: string]: Entity }, issuer = ISSUER): State {
  const server: Entity = { kind: 'server', issuer };
  return createState([['server', server], ...(Object.entries(entities) as [Address, Entity][])]);
}

export const SMALL = stateOf({
  'site:Example': { kind: 'site', methods: ['client.credentials.1'] },
  'application:Example/Client1': application('Client1'),
  'application:Example/Client2': application('Client2'),
  'user:Example/User1': user('User1'),
});

/** SMALL without what is named and with what is given. */
export function smallWith(changes: { readonly [address: string]: Entity | undefined }): State {
  const entities = new Map<Address, Entity>(SMALL);
  for (const [address, entity] of Object.entries(changes) as [Address, Entity | undefined][]) {
    if (entity === undefined) entities.delete(address);
    else entities.set(address, entity);
  }
  return createState(entities);
}

export function planTo(after: State, stored: StoredConfiguration | undefined, renames?: Renames): StorePlan {
  const before = stored?.state ?? EMPTY_STATE;
  const resultDigest = digestState(after);
  return {
    base: { kind: 'store', generation: stored?.generation ?? 0, digest: stored?.digest ?? digestState(EMPTY_STATE) },
    changes: diffStates(before, after, renames),
    access: [],
    released: [],
    permissions: [],
    tokens: [],
    tests: [],
    risks: [],
    impact: [],
    drift: undefined,
    ending: [],
    unchanged: after.size,
    digest: resultDigest,
    resultDigest,
  };
}

export function rangeAt(file: string, line: number): SourceRange {
  return { file, start: { line, column: 1, offset: 0 }, end: { line, column: 9, offset: 8 } };
}

/** Every entity in one file, at the line of its position in the State. */
export function originsOf(state: State, file = 'site.yaml'): Map<Address, string> {
  return new Map([...state.keys()].map((address, index) => [address, writeOrigin({ '': rangeAt(file, index + 1) })]));
}

export const NO_CHANGES: RevisionSummary = {
  add: 0,
  change: 0,
  move: 0,
  delete: 0,
  access_added: 0,
  access_removed: 0,
};

export interface RequestParts extends Partial<ApplyRequest> {
  /** From what only the old State has to what only the new one has. */
  readonly renames?: Renames;
}

export function requestTo(
  after: State,
  stored: StoredConfiguration | undefined,
  { renames, ...more }: RequestParts = {},
): ApplyRequest {
  return {
    plan: planTo(after, stored, renames),
    origins: originsOf(after),
    verifiers: [],
    appliedAt: 1_700_000_000_000,
    ...more,
  };
}

/** Reads, plans and applies, as the commands do. */
export async function applyState(store: ConfigStore, after: State, more: RequestParts = {}) {
  return store.apply(requestTo(after, await store.read(), more));
}

export function tokenRecord(more: Partial<AccessTokenRecord> = {}): AccessTokenRecord {
  return {
    id: 'token-1',
    client: 'application:Example/Client1',
    client_id: 'Client1',
    user: 'user:Example/User1',
    subject: 'User1',
    audiences: ['Server1', 'Client1'],
    scopes: ['Server1'],
    generation: 1,
    issued_at: 1000,
    expires_at: 2000,
    ...more,
  };
}

export function signingKey(kid: string, alg: SigningKey['alg'], created_at = 1): SigningKey {
  const jwk = { kty: 'EC', crv: 'P-256', x: `x-${kid}`, y: 'y', d: 'd', kid, alg };
  return { kid, alg, jwk, created_at, active_from: created_at, longest_ttl: 3600 };
}

/** A directory that is removed when the test has ended, by its real path. */
export function temporaryDirectory(onEnd: (remove: () => void) => void): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'charter-store-')));
  onEnd(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A Usage by stored tokens alone. */
export function live(liveTokens: number, lastUsed: number | undefined, more: Partial<Usage> = {}): Usage {
  return { liveTokens, families: 0, users: 0, sessions: 0, lastUsed, ...more };
}

export function grantOf(id: string, more: Partial<Grant> = {}): Grant {
  return {
    id,
    client: 'application:Example/Client1',
    client_id: 'Client1',
    user: 'user:Example/User1',
    subject: 'User1',
    grant_type: 'authorization_code',
    method: 'password.1',
    audiences: ['Server1', 'Client1'],
    scopes: ['openid', 'a"b', 'é☃😀'],
    auth_time: 900,
    acr: undefined,
    session: undefined,
    offline: false,
    generation: 1,
    issued_at: 1000,
    expires_at: 9000,
    ...more,
  };
}

export function codeOf(more: Partial<AuthorizationCode> = {}): AuthorizationCode {
  return {
    client: 'application:Example/Client1',
    client_id: 'Client1',
    user: 'user:Example/User1',
    redirect_uri: 'https://client.example/back?x=1',
    code_challenge: { method: 'S256', value: 'challenge' },
    audiences: ['Client1'],
    scopes: ['openid', 'email'],
    requested_scope: 'openid email',
    nonce: 'n',
    method: 'password.1',
    auth_time: 900,
    acr: 'high',
    session: 'sid-1',
    offline: false,
    generation: 1,
    issued_at: 1000,
    expires_at: 1060,
    ...more,
  };
}

export function sessionOf(sid: string, more: Partial<Session> = {}): Session {
  return {
    sid,
    user: 'user:Example/User1',
    method: 'password.1',
    auth_time: 900,
    generation: 1,
    last_used: 1000,
    expires_at: 9000,
    ...more,
  };
}

export function refreshToken(hash: string, grant: string, more: Partial<RefreshToken> = {}): Kept<RefreshToken> {
  return { hash, record: { grant, issued_at: 1000, expires_at: 8000, ...more } };
}

export function successor(hash: string, grant: string, sealed = `sealed ${hash}`) {
  return { ...refreshToken(hash, grant), sealed };
}

export function accessToken(hash: string, grant: string, more: Partial<AccessTokenRecord> = {}) {
  return { hash, record: tokenRecord({ id: hash, grant, ...more }) };
}

/** How often each of them is there. */
export function tally(values: readonly string[]): { readonly [value: string]: number } {
  const counts: { [value: string]: number } = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
