// Owns what the tests of this folder serve: a snapshot of the examples, tokens kept in memory, a log that can be read.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { createPublicApp, type PublicAppOptions } from '../../src/http/public-app.ts';
import { createThrottle } from '../../src/http/throttle.ts';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import { periodOf } from '../../src/model/duration.ts';
import { entitiesOf, type State, serverOf } from '../../src/model/state.ts';
import { generateSigningKeys, signerOf } from '../../src/oauth/keys.ts';
import type { SecretChecker, SecretVerifier } from '../../src/oauth/secret.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { EX2, edited } from '../model/example-state.ts';
import { memoryGrants } from '../oauth/memory-grants.ts';

export const ISSUER = 'https://localhost:8443/uas';
export const SECRET = 'correct-horse-battery-staple';
export const TOKEN = '/uas/oauth2/token';
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** The request of SEMANTICS U-03. */
export const GRANT = `grant_type=client_credentials&scope=oidc&client_id=Client1&client_secret=${SECRET}`;

const keys = await generateSigningKeys(0);
export const signer = signerOf(keys);

/** Every application's secret is SECRET. */
export function snapshotOf(state: State = EX2, generation = 1): Snapshot {
  const always = periodOf({});
  const verifier: SecretVerifier = { kind: 'keyed', mac: Buffer.from(SECRET), slot: 'env:SECRET', period: always };
  const verifiers = new Map<Address, readonly SecretVerifier[]>();
  for (const [address] of entitiesOf(state, 'application')) verifiers.set(address, [verifier]);
  const since = new Map([...state.keys()].map((address) => [address, generation] as const));
  return {
    generation,
    digest: digestState(state),
    state,
    index: indexState(state),
    moves: [],
    since,
    verifiers,
    macKeys: new Map(),
    keys,
  };
}

/** The example at another issuer, or without a profile. */
export function exampleAt(issuer: string, profiles: readonly 'ubisecure'[] = ['ubisecure']): State {
  return edited(EX2, 'server', 'server', { issuer, profiles });
}

export const secrets: SecretChecker = {
  recognise: async (presented, verifiers) =>
    verifiers.find((verifier) => verifier.kind === 'keyed' && Buffer.from(presented).equals(verifier.mac)),
  recognisePassword: async (presented, verifiers) => secrets.recognise(presented, verifiers),
  keyed: (value) => ({ kind: 'keyed', mac: Buffer.from(value) }),
  hash: async () => {
    throw new Error('nothing is hashed here');
  },
};

export interface Log {
  readonly logger: pino.Logger;
  readonly records: Record<string, unknown>[];
}

export function logInMemory(): Log {
  const records: Record<string, unknown>[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void records.push(JSON.parse(line)) });
  return { logger, records };
}

const open: FastifyInstance[] = [];

/** Closed after the test, unless the test did. */
export function closing(app: FastifyInstance): FastifyInstance {
  open.push(app);
  return app;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

/** The public app of a snapshot, by default Ex-2 with the ubisecure profile. */
export function serve(options: Partial<PublicAppOptions> & { snapshot?: Snapshot } = {}): FastifyInstance {
  const { snapshot = snapshotOf(), ...others } = options;
  return closing(
    createPublicApp({
      issuer: serverOf(snapshot.state)?.issuer ?? ISSUER,
      current: () => snapshot,
      grants: memoryGrants(),
      signer,
      secrets,
      clientKeys: { fetch: async () => [] },
      throttle: createThrottle(Date.now),
      logoutNotices: { send: async () => undefined },
      now: Date.now,
      random: randomBytes,
      noteUse: () => undefined,
      trustedProxies: [],
      logger: logInMemory().logger,
      ready: () => ({ ready: true }),
      ...others,
    }),
  );
}

/** Sends bytes as they are and answers everything that comes back until the server ends the connection. */
export function exchange(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    socket
      .on('error', reject)
      .on('end', () => socket.end())
      .on('close', () => resolve(received));
  });
}
