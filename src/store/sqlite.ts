// Owns the SQLite store as its consumers see it: the three ports over one file. A verb is a call to the thread in worker.ts, where what is
// large travels in slices, or a look-up by point-reader.ts. Never runs SQL.

import { setImmediate as turn } from 'node:timers/promises';
import { type Address, SERVER } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import type { Origin } from '../model/origin.ts';
import { originOfText } from '../model/origin-text.ts';
import { hasText, type PackedTexts, packTexts, unpackText } from '../model/packed-texts.ts';
import { createState } from '../model/state.ts';
import type { StoredVerifier } from '../model/verifier.ts';
import type { GrantStore, KeyStore } from '../oauth/port.ts';
import type { Change, Plan } from '../plan/plan.ts';
import type { ApplyRequest, ConfigStore, Revision, RevisionSummary, StoredConfiguration, Usage } from '../plan/port.ts';
import { summarize } from '../plan/summary.ts';
import { parsePlaces, parseRow } from './content.ts';
import type { FoundEntity } from './found.ts';
import { PointReader } from './point-reader.ts';
import {
  type OpenedPages,
  PAGE_ROWS,
  type Page,
  type PagesOf,
  type StagedChanges,
  type StagedOrigins,
  type StagedPart,
} from './protocol.ts';
import type { VerifierRow } from './sql.ts';
import { WorkerClient } from './worker-client.ts';

export interface SqliteStore extends ConfigStore, GrantStore, KeyStore {
  /** The real path of the file: symbolic links resolved. */
  readonly path: string;
  /** Writes something that changes nothing. Throws Failure `store_unavailable` where nothing can be written. */
  tryWriting(): Promise<void>;
  /**
   * Waits for the writes that were called before, then ends the store's thread. Whatever is called afterwards throws
   * Failure `store_unavailable`. A process does not end by itself while a store is open.
   */
  close(): Promise<void>;
}

export interface SqliteOptions {
  /** For reading an existing store; where there is none it reads as an empty one, and no file is made. */
  readonly readOnly?: boolean;
  /** Refuses a file that is missing (`store_unavailable`) instead of making it. */
  readonly mustExist?: boolean;
}

/**
 * Opens the store in a file, or makes it (mode 0600). Throws Failure `store_foreign` when the file is something else,
 * `store_newer` when a newer Charter wrote it, `store_unavailable` when it cannot be reached.
 *
 * All verbs may be called at once. A verb sees every write that was answered before it was called; of a write that is
 * still waiting it sees all or nothing. Any verb may throw Failure `store_unavailable`.
 */
export async function openSqliteStore(path: string, options: SqliteOptions = {}): Promise<SqliteStore> {
  const client = await WorkerClient.open({
    path,
    readOnly: options.readOnly === true,
    mustExist: options.mustExist === true,
  });
  // A file that is only read may be of an older version, or not there: the thread knows how it reads.
  const points = options.readOnly === true ? undefined : new PointReader(client);
  const find: PointReader['read'] = (verb, ...args) => points?.read(verb, ...args) ?? client.call(verb, ...args);
  let stagings = 0;
  return {
    path: client.path,
    read: () => readConfiguration(client),
    apply: (request) => client.steps((call) => applyRequest(call, ++stagings, request)),
    verifiers: () => readVerifiers(client),
    replaceVerifiers: (verifiers, at) => client.call('replaceVerifiers', verifiers, at),
    revisions: (limit) => client.call('revisions', limit),
    changesOf: (generation) => readChanges(client, generation),
    usage: (addresses, now) => readUsage(client, addresses, now),
    undone: () => client.call('undone'),
    resume: () => client.call('resume'),
    resumed: () => client.call('resumed'),
    insertAccessToken: (hash, record) => client.call('insertAccessToken', hash, record),
    findAccessToken: (hash) => find('findAccessToken', hash),
    deleteAccessToken: (hash) => client.call('deleteAccessToken', hash),
    revokeJwt: (jti, expires_at) => client.call('revokeJwt', jti, expires_at),
    isJwtRevoked: (jti) => find('isJwtRevoked', jti),
    insertCode: (code) => client.call('insertCode', code),
    findCode: (hash) => find('findCode', hash),
    redeemCode: (hash, rows) => client.call('redeemCode', hash, rows),
    insertGrant: (rows) => client.call('insertGrant', rows),
    findGrant: (id) => find('findGrant', id),
    endGrant: (id) => client.call('endGrant', id),
    findRefreshToken: (hash) => find('findRefreshToken', hash),
    rotateRefreshToken: (hash, successor, token, at) => client.call('rotateRefreshToken', hash, successor, token, at),
    insertSession: (session, replaces) => client.call('insertSession', session, replaces),
    findSession: (hash) => find('findSession', hash),
    findSessionBySid: (sid) => find('findSessionBySid', sid),
    touchSession: (hash, last_used) => client.call('touchSession', hash, last_used),
    endSession: (sid) => client.call('endSession', sid),
    findConsent: (user, of) => find('findConsent', user, of),
    keepConsent: (consent) => client.call('keepConsent', consent),
    withdrawConsent: (user, of) => client.call('withdrawConsent', user, of),
    issuedTo: (owners, page) => client.call('issuedTo', owners, page),
    findIssued: (id) => client.call('findIssued', id),
    endIssued: (owners, limit) => client.call('endIssued', owners, limit),
    endIssuedById: (ids) => client.call('endIssuedById', ids),
    useAssertion: (of, jti, expires_at) => client.call('useAssertion', of, jti, expires_at),
    recordUse: (uses) => recordUse(client, uses),
    removeExpired: (now, limit) => client.call('removeExpired', now, limit),
    signingKeys: () => client.call('signingKeys'),
    ensureSigningKeys: (candidates) => client.call('ensureSigningKeys', candidates),
    insertSigningKeys: (keys) => client.call('insertSigningKeys', keys),
    extendSigningKeys: (longest_ttl) => client.call('extendSigningKeys', longest_ttl),
    deleteSigningKeys: (kids) => client.call('deleteSigningKeys', kids),
    tryWriting: () => client.call('tryWriting'),
    close() {
      points?.close();
      return client.close();
    },
  };
}

async function readConfiguration(client: WorkerClient): Promise<StoredConfiguration | undefined> {
  const entities: [Address, Entity][] = [];
  const digests = new Map<Address, string>();
  const origins = new Map<Address, Origin>();
  const since = new Map<Address, number>();
  const { revision, moves, drifted } = await readPages<FoundEntity>(client, 'entity', (rows, packed) => {
    // Freezes the page now, so that the whole State costs no long moment at the end.
    entities.push(
      ...createState(rows.map((row) => [row.address, parseRow<Entity>(client.path, row.address, row.body)])),
    );
    for (const [position, { address, digest, since: from }] of rows.entries()) {
      digests.set(address, digest);
      since.set(address, from);
      if (packed !== undefined && hasText(packed, position))
        origins.set(address, lazyOrigin(client.path, address, packed, position));
    }
  });
  if (revision === undefined) return undefined;
  const { generation, digest } = revision;
  return { generation, digest, state: createState(entities), digests, origins, drifted, moves, since };
}

/** Origins are asked for few entities, and their text is most of a store: parsed on the first question. */
function lazyOrigin(path: string, address: Address, packed: PackedTexts, position: number): Origin {
  return originOfText(
    () => unpackText(packed, position),
    (text) => parsePlaces(path, address, text),
  );
}

async function readVerifiers(client: WorkerClient): Promise<readonly StoredVerifier[]> {
  const verifiers: StoredVerifier[] = [];
  await readPages<VerifierRow>(client, 'verifier', (rows) => verifiers.push(...rows));
  return verifiers;
}

/** The changes of an old revision, in the order of its plan. */
async function readChanges(client: WorkerClient, generation: number): Promise<readonly Change[] | undefined> {
  const changes: Change[] = [];
  const { revision } = await readPages<string>(client, { changesOf: generation }, (texts) => {
    for (const text of texts) changes.push(JSON.parse(text) as Change);
  });
  return revision === undefined ? undefined : changes;
}

async function readUsage(
  client: WorkerClient,
  addresses: readonly Address[],
  now: number,
): Promise<ReadonlyMap<Address, Usage>> {
  return client.steps(async (call) => {
    const found = new Map<Address, Usage>();
    for (const some of slices(addresses)) {
      for (const [address, usage] of await call('usage', some, now)) found.set(address, usage);
    }
    return found;
  });
}

function recordUse(client: WorkerClient, uses: ReadonlyMap<Address, number>): Promise<void> {
  return client.steps(async (call) => {
    for (const some of slices(uses)) await call('recordUse', some);
  });
}

/** Reads something whole, in one snapshot, a page at a time; the next page is on its way while `take` has one. */
function readPages<Row>(
  client: WorkerClient,
  of: PagesOf,
  take: (rows: readonly Row[], origins: PackedTexts | undefined) => void,
): Promise<Pick<OpenedPages, 'revision' | 'moves'> & Pick<Page, 'drifted'>> {
  return client.steps(async (call) => {
    const { cursor, revision, moves } = await call('openPages', of);
    try {
      for (let coming = call('nextPage', cursor); ; ) {
        const { rows, origins, isLast, drifted } = await coming;
        if (!isLast) coming = awaitedLater(call('nextPage', cursor));
        // What is called goes out at the end of a turn: else this thread and that of the store would work one after the other.
        await turn();
        take(rows as readonly Row[], origins);
        if (isLast) return { revision, moves, drifted };
      }
    } finally {
      awaitedLater(call('closePages', cursor));
    }
  });
}

/** A promise that may fail unseen: because it is awaited later, or because its outcome changes nothing. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function applyRequest(call: WorkerClient['call'], staging: number, request: ApplyRequest): Promise<Revision> {
  const { plan, origins, verifiers } = request;
  let sent: Promise<void> = Promise.resolve();
  // The next part is made while the thread takes one in.
  const stage = async (part: Partial<StagedPart>): Promise<void> => {
    const before = sent;
    const whole = { changes: undefined, drift: [], origins: undefined, verifiers: [], ...part };
    sent = awaitedLater(call('stage', staging, whole));
    await turn();
    await before;
  };
  try {
    for (const changes of slices(plan.changes)) await stage({ changes: stagedChanges(changes) });
    for (const changes of slices(plan.drift?.changes ?? []))
      await stage({ drift: changes.map((change) => JSON.stringify(change)) });
    for (const entries of slices(origins)) await stage({ origins: stagedOrigins(entries) });
    for (const some of slices(verifiers)) await stage({ verifiers: some });
    await sent;
    return await call('apply', staging, {
      base: plan.base,
      resultDigest: plan.resultDigest,
      hasDrift: plan.drift !== undefined,
      issuer: writtenIssuer(plan),
      appliedAt: request.appliedAt,
      commit: request.commit,
      author: request.author,
      summary: revisionSummary(plan),
      approvals: request.approvals ?? [],
      standing: request.standing,
      rollbackTo: request.rollbackTo,
      sequel: request.sequel,
    });
  } finally {
    awaitedLater(call('unstage', staging));
  }
}

function stagedChanges(changes: readonly Change[]): StagedChanges {
  const bodiesAt = new Uint32Array(changes.length);
  const texts = changes.map((change, position) => {
    if (change.action !== 'create') return `${JSON.stringify(change)},`;
    const { after, ...others } = change;
    const head = `${JSON.stringify(others).slice(0, -1)},"after":`;
    bodiesAt[position] = Buffer.byteLength(head);
    return `${head}${canonicalJson(after)}},`;
  });
  return {
    actions: changes.map(({ action }) => action),
    addresses: changes.map(({ address }) => address),
    texts: packTexts(texts),
    bodiesAt,
  };
}

function stagedOrigins(entries: readonly (readonly [Address, string])[]): StagedOrigins {
  return {
    addresses: entries.map(([address]) => address),
    texts: packTexts(entries.map(([, text]) => text)),
  };
}

function revisionSummary(plan: Plan): RevisionSummary {
  const { unchanged: _, ...summary } = summarize(plan);
  return plan.drift === undefined ? summary : { ...summary, mended: plan.drift.changes.length };
}

/** The issuer that the plan writes, when it writes the server entity. */
function writtenIssuer(plan: Plan): string | undefined {
  const change = plan.changes.find(({ address }) => address === SERVER);
  if (change === undefined || change.action === 'delete') return undefined;
  return change.after.kind === 'server' ? change.after.issuer : undefined;
}

/** Slices of which each is a few milliseconds of work. */
function* slices<T>(items: Iterable<T>): Generator<readonly T[]> {
  let slice: T[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < PAGE_ROWS) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
