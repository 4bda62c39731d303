// Owns the server that the tests of the protocol talk to: the real application on a real socket, over a store in a file and a spec
// on disk, at a time that tests can move. Never answers in its place.

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach } from 'vitest';
import { createPublicApp, type PublicAppOptions } from '../../src/http/public-app.ts';
import { createThrottle } from '../../src/http/throttle.ts';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { generateSigningKeys, signerOf } from '../../src/oauth/keys.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { createSecretChecker } from '../../src/oauth/secret.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { approvalOf } from '../../src/plan/approving.ts';
import { compileReading } from '../../src/reconcile/load.ts';
import { achieve, type PassPorts, prepare } from '../../src/reconcile/pass.ts';
import { readSpec } from '../../src/reconcile/read.ts';
import { compile } from '../../src/spec/compile.ts';
import { openSqliteStore, type SqliteStore } from '../../src/store/sqlite.ts';
import { noteLoad } from '../protocol-evidence.ts';
import { type Documents, documents, ENV } from './spec.ts';

export type Edit = (documents: Documents) => void;

export interface World {
  /** `https://as.example`, or what was asked for. The socket behind it speaks HTTP: TLS is not what is tested. */
  readonly issuer: string;
  readonly port: number;
  readonly store: SqliteStore;
  /** The file of the store. */
  readonly storePath: string;
  /** Every record that the server logged. */
  readonly records: readonly Record<string, unknown>[];
  snapshot(): Snapshot;
  /** Milliseconds since the epoch, as the server sees it. */
  now(): number;
  /** Moves the time of the server. */
  advance(seconds: number): void;
  /** A request to a URL of the server, or to a path below the issuer. Redirects are not followed. */
  fetch(target: string, init?: RequestInit): Promise<Response>;
  /** Applies a changed configuration, as a reload does. The change is kept for the next one. `approved`: with all its risks. */
  apply(edit: Edit, as?: 'approved'): Promise<void>;
  /** Serves with these signing keys beside those before, the same generation: as after a rotation. */
  addKeys(keys: readonly SigningKey[]): Promise<void>;
  /** The same generation on another socket: a second process as far as a client can see. `app` changes what it stands on. */
  second(app?: WorldOptions['app']): Promise<World>;
}

export interface WorldOptions {
  readonly issuer?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly app?: Partial<PublicAppOptions>;
}

const closing: (() => Promise<void> | void)[] = [];
const closingAfterAll: (() => Promise<void> | void)[] = [];

afterEach(() => close(closing));
afterAll(() => close(closingAfterAll));

async function close(these: (() => Promise<void> | void)[]): Promise<void> {
  for (const end of these.splice(0).reverse()) await end();
}

const keys = await generateSigningKeys(Date.now() - 60_000);

/** A server of its own for one test. */
export function serve(edit: Edit = () => undefined, options: WorldOptions = {}): Promise<World> {
  return open(edit, options, closing);
}

/** A server for all tests of a file, where none of them changes what others see. */
export function serveForAll(edit: Edit = () => undefined, options: WorldOptions = {}): Promise<World> {
  return open(edit, options, closingAfterAll);
}

async function open(edit: Edit, options: WorldOptions, ends: typeof closing): Promise<World> {
  const { issuer = 'https://as.example', env = {}, app = {} } = options;
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-protocol-')));
  ends.push(() => rmSync(root, { recursive: true, force: true }));
  const spec = documents(issuer);
  const storePath = join(root, 'charter.db');
  const store = await openSqliteStore(storePath);
  ends.push(() => store.close());
  await store.ensureSigningKeys(keys);
  const checker = createSecretChecker({ key: randomBytes(32) });
  let offset = 0;
  const now = () => Date.now() + offset;
  let served: Snapshot | undefined;
  let signingKeys: readonly SigningKey[] = keys;
  const ports: PassPorts = {
    directories: [join(root, 'config')],
    env: { ...ENV, ...env },
    store,
    keys: () => signingKeys,
    checker,
    weigh: async (values) => ({ values, instead: new Map() }),
    compile,
    clock: now,
    commitOf: async () => ({}),
    olderCommitOf: async () => undefined,
    digestKey: randomBytes(32),
    settleMs: 0,
  };
  const apply = async (change: Edit, as?: 'approved'): Promise<void> => {
    change(spec);
    write(join(root, 'config'), spec);
    served = await pass(ports, served, as === 'approved');
  };
  await apply(edit);
  const common = {
    issuer,
    store,
    storePath,
    now,
    apply,
    addKeys: async (newer: readonly SigningKey[]) => {
      await store.insertSigningKeys(newer);
      signingKeys = await store.signingKeys();
      if (served !== undefined) served = { ...served, keys: signingKeys };
    },
    advance: (seconds: number) => {
      offset += seconds * 1000;
    },
  };
  const snapshot = () => served as Snapshot;

  async function listen(own: WorldOptions['app'] = {}): Promise<World> {
    const { logger, records } = logInMemory();
    const outbound = createOutbound({ allow: () => snapshot().index.server?.outbound?.allow ?? [], logger, now });
    ends.push(() => outbound.close());
    const public_ = createPublicApp({
      issuer,
      current: snapshot,
      grants: store,
      signer: signerOf(keys),
      secrets: checker,
      clientKeys: outbound.clientKeys,
      throttle: createThrottle(now),
      logoutNotices: outbound.logoutNotices,
      now,
      random: randomBytes,
      noteUse: () => undefined,
      trustedProxies: [],
      logger,
      ready: () => ({ ready: true }),
      ...app,
      ...own,
    });
    ends.push(() => public_.close());
    await public_.listen({ host: '127.0.0.1', port: 0 });
    const { port } = public_.server.address() as AddressInfo;
    const request = (target: string, init: RequestInit = {}) =>
      fetch(socketUrl(target, issuer, port), { redirect: 'manual', ...init });
    return { ...common, port, records, snapshot, fetch: request, second: listen };
  }
  return listen();
}

/** Where a URL of the server is really answered. */
function socketUrl(target: string, issuer: string, port: number): string {
  const { origin } = new URL(issuer);
  const url = target.startsWith('/') ? issuer + target : target;
  if (url !== origin && !url.startsWith(`${origin}/`) && !url.startsWith(`${origin}?`))
    throw new Error(`${url} is not of ${origin}`);
  return `http://127.0.0.1:${port}${url.slice(origin.length)}`;
}

function write(directory: string, { server, site }: Documents): void {
  mkdirSync(directory, { recursive: true });
  // JSON is YAML.
  writeFileSync(join(directory, 'server.yaml'), JSON.stringify(server, undefined, 2));
  writeFileSync(join(directory, 'site.yaml'), JSON.stringify(site, undefined, 2));
}

async function pass(ports: PassPorts, serving: Snapshot | undefined, isApproved: boolean): Promise<Snapshot> {
  noteLoad();
  const prepared = await prepare(ports, undefined);
  if (!prepared.ok) throw new Error(`the spec is refused: ${JSON.stringify(prepared.refusal, undefined, 2)}`);
  const standing = { serving, approvals: [], considered: undefined, applied: undefined };
  let achieved = await achieve(ports, prepared.prepared, standing);
  if (isApproved && 'refusal' in achieved && achieved.refusal.reason === 'risks') {
    const approvals = achieved.refusal.held.plan.risks.map(approvalOf);
    achieved = await achieve(ports, prepared.prepared, { ...standing, approvals });
  }
  if ('refusal' in achieved) throw new Error(`the plan is refused: ${JSON.stringify(achieved.refusal).slice(0, 2000)}`);
  return achieved.snapshot;
}

/** What loading a changed configuration says, as `validate` would: the codes of its diagnostics with their severity. */
export async function load(edit: Edit, issuer = 'https://as.example'): Promise<readonly Diagnostic[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-load-')));
  try {
    const spec = documents(issuer);
    edit(spec);
    write(join(root, 'config'), spec);
    noteLoad();
    const reading = await readSpec([join(root, 'config')], { settleMs: 0 });
    return (await compileReading(reading, { compile })).diagnostics;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The codes of errors among diagnostics. */
export function errorsOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

export function warningsOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'warning').map(({ code }) => code);
}

function logInMemory(): { readonly logger: pino.Logger; readonly records: Record<string, unknown>[] } {
  const records: Record<string, unknown>[] = [];
  return {
    logger: pino({ level: 'trace' }, { write: (line: string) => void records.push(JSON.parse(line)) }),
    records,
  };
}
