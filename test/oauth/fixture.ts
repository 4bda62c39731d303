// Owns what the tests of this folder stand on: a snapshot of a State, a store in memory, a context whose time and chance
// are fixed, and short ways to ask an endpoint. Never replaces anything that the folder itself does.

import { createHash } from 'node:crypto';
import { indexState } from '../../src/access/access-index.ts';
import type { Address } from '../../src/model/address.ts';
import { digestState } from '../../src/model/digest.ts';
import { periodOf } from '../../src/model/duration.ts';
import { entitiesOf, type State } from '../../src/model/state.ts';
import { createCertificateChecker } from '../../src/oauth/certificate.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from '../../src/oauth/endpoint.ts';
import { answerOf, OAuthError } from '../../src/oauth/error.ts';
import { generateSigningKeys, signerOf } from '../../src/oauth/keys.ts';
import type { SigningKey } from '../../src/oauth/port.ts';
import { createSecretChecker, type SecretChecker, type SecretVerifier, type Verifier } from '../../src/oauth/secret.ts';
import type { Snapshot } from '../../src/oauth/snapshot.ts';
import { tokenEndpoint } from '../../src/oauth/token.ts';
import { EX1, EX2, edited } from '../model/example-state.ts';
import { type MemoryGrants, memoryGrants } from './memory-grants.ts';

export const ISSUER = 'https://localhost:8443/uas';
/** 2026-01-01T00:00:00.250Z: off the whole second, so that a forgotten floor shows. */
export const NOW = Date.UTC(2026, 0, 1, 0, 0, 0, 250);
export const NOW_SECONDS = Math.floor(NOW / 1000);

/** The secret of every application of the fixtures, by name. */
export const SECRETS: Readonly<Record<string, string>> = {
  Client1: 'secret',
  Server1: 'server1-secret',
  Server2: 'server2-secret',
};

const withDirectory = (state: State): State =>
  edited(state, 'server', 'server', { directory: { base_dn: 'cn=Ubilogin,dc=test' } });

/** Ex-1 and Ex-2 of SEMANTICS 2.7, with the directory that Ex-3 and Ex-4 show. */
export const SINGLE: State = withDirectory(EX1);
export const AUTHORIZED: State = withDirectory(EX2);

export const keys: readonly SigningKey[] = await generateSigningKeys(NOW);
export const secrets: SecretChecker = createSecretChecker({ key: new Uint8Array(32).fill(7) });

/** A verifier of one of a client's secrets, in the time that is written; for ever where none is. */
export function ofSecret(
  verifier: Verifier,
  written: { readonly slot?: string | undefined; readonly not_before?: string; readonly expires?: string } = {},
): SecretVerifier {
  const slot = 'slot' in written ? written.slot : 'env:SECRET';
  return { ...verifier, slot, period: periodOf(written) };
}

/** A snapshot of generation 7, in which everything counts from generation 3 on. */
export function snapshotOf(state: State, changed: Partial<Snapshot> = {}): Snapshot {
  const verifiers = new Map<Address, readonly SecretVerifier[]>();
  for (const [address, { client_id, secret }] of entitiesOf(state, 'application')) {
    const value = SECRETS[client_id];
    if (secret !== undefined && value !== undefined) verifiers.set(address, [ofSecret(secrets.keyed(value))]);
  }
  return Object.freeze({
    generation: 7,
    digest: digestState(state),
    state,
    index: indexState(state),
    moves: [],
    macKeys: new Map(),
    since: new Map([...state.keys()].map((address) => [address, 3])),
    verifiers,
    keys,
    ...changed,
  });
}

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed = 'seed'): (bytes: number) => Uint8Array {
  let counter = 0;
  return (bytes) => createHash('shake256', { outputLength: bytes }).update(`${seed}:${counter++}`).digest();
}

export interface TestContext extends Context {
  readonly events: Record<string, unknown>[];
  readonly grants: MemoryGrants;
}

export function contextOf(state: State | Snapshot, changed: Partial<TestContext> = {}): TestContext {
  const events: Record<string, unknown>[] = [];
  return {
    snapshot: 'generation' in state ? state : snapshotOf(state),
    grants: memoryGrants(),
    signer: signerOf(keys),
    secrets,
    clientKeys: { fetch: async () => [] },
    certificates: createCertificateChecker(),
    throttle: {
      waitFor: () => undefined,
      failed: () => undefined,
      withdrawn: () => undefined,
      succeeded: () => undefined,
    },
    logoutNotices: { send: async () => undefined },
    now: NOW,
    random: seededRandom(),
    noteUse: () => undefined,
    isKnownChallenge: () => false,
    log: (event) => void events.push(event),
    events,
    ...changed,
  };
}

/** The same context later, or with another snapshot: the store, the keys and the chance go on. */
export function later(context: TestContext, changed: Partial<TestContext>): TestContext {
  return { ...context, ...changed };
}

export type Parameters = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** A request of the ubisecure family, from a public address. */
export function request(form: Parameters, changed: Partial<EndpointRequest> = {}): EndpointRequest {
  const pairs = Array.isArray(form) ? form : Object.entries(form);
  return { family: 'ubisecure', form: pairs, authorization: [], ip: '198.51.100.7', method: 'POST', ...changed };
}

/** A Basic header whose halves are form-urlencoded, as RFC 6749 2.3.1 says. */
export function basic(client_id: string, secret: string = SECRETS[client_id] ?? ''): string {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return rawBasic(`${encode(client_id)}:${encode(secret)}`);
}

export function rawBasic(userPass: string): string {
  return `Basic ${Buffer.from(userPass).toString('base64')}`;
}

/** What leaves, whether the endpoint answered or refused. Anything else that is thrown fails the test. */
export async function ask(
  endpoint: Endpoint,
  question: EndpointRequest,
  context: Context,
): Promise<Answer & { readonly body: Record<string, unknown>; readonly refusal?: OAuthError }> {
  try {
    return (await endpoint(question, context)) as Answer & { body: Record<string, unknown> };
  } catch (thrown) {
    if (!(thrown instanceof OAuthError)) throw thrown;
    return { ...(answerOf(thrown) as Answer & { body: Record<string, unknown> }), refusal: thrown };
  }
}

/** A client_credentials request of Client1 with its secret in the body, as row U-03 writes it. */
export function tokenRequest(scope?: string, changed: Partial<EndpointRequest> = {}): EndpointRequest {
  const form = { grant_type: 'client_credentials', client_id: 'Client1', client_secret: 'secret' };
  return request(scope === undefined ? form : { ...form, scope }, changed);
}

/** The text of a token that Client1 gets. */
export async function issue(context: Context, scope?: string): Promise<string> {
  const { body, status } = await ask(tokenEndpoint, tokenRequest(scope), context);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.access_token as string;
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString());
}
