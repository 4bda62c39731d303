// Owns access tokens: how one is made from a decision, as a JWT (RFC 9068) or opaque, and how a presented one is read
// back into its record. Never decides what a token gives and never asks whether its owner still may (token-in-use.ts).

import type { AccessIndex } from '../access/access-index.ts';
import type { Decision } from '../access/decision.ts';
import { tokenClaims } from '../access/token-content.ts';
import { type UserAddress, userAddress } from '../model/address.ts';
import { nameNow } from '../model/move.ts';
import { type EffectiveTokenSettings, scopeValues, tokenSettings } from '../model/settings.ts';
import type { Context } from './endpoint.ts';
import { ACCESS_TOKEN_TYPES, signPayload, verifyJwt } from './jwt.ts';
import { hashOf, newIdentifier, newText, TEXT_SHAPE } from './opaque.ts';
import type { AccessTokenRecord, Grant, Kept } from './port.ts';
import { signingKey } from './signing-keys.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

export interface IssuedToken {
  /** The text that the client gets. Never logged and never stored. */
  readonly text: string;
  readonly format: 'jwt' | 'opaque';
  readonly record: AccessTokenRecord;
  /** What the store has to keep before the client gets it; undefined of a JWT. */
  readonly kept: Kept<AccessTokenRecord> | undefined;
}

/** What of an access token follows from the decision alone, whenever it is issued. */
export interface TokenContent {
  readonly settings: EffectiveTokenSettings;
  /** Of a JWT: the claims as JSON up to those of the issuing, with the comma before them. */
  readonly claims: string;
}

export function tokenContent(decision: Decision, index: AccessIndex): TokenContent {
  const application = index.application(decision.client);
  if (application === undefined) throw new Error(`a decision for ${decision.client}, which the snapshot does not hold`);
  const settings = tokenSettings(index.server, application);
  if (settings.format === 'opaque') return { settings, claims: '' };
  const text = JSON.stringify({ iss: issuerOf({ index }), ...tokenClaims(decision) });
  return { settings, claims: `${text.slice(0, -1)},` };
}

/** Issues what was decided, without a Grant. An opaque token is durable in the store when this answers. */
export async function issueAccessToken(
  decision: Decision,
  content: TokenContent,
  context: Context,
): Promise<IssuedToken> {
  const issued = await makeAccessToken(decision, content, context);
  if (issued.kept !== undefined) await context.grants.insertAccessToken(issued.kept.hash, issued.kept.record);
  context.noteUse(decision.client, decision.user, context.now);
  return issued;
}

/** Makes what was decided; `grant` is the id of the Grant that it hangs on. Nothing is stored. */
export async function makeAccessToken(
  decision: Decision,
  { settings, claims }: TokenContent,
  context: Context,
  grant?: string,
): Promise<IssuedToken> {
  const { snapshot, now, random } = context;
  const issued_at = Math.floor(now / 1000);
  const record: AccessTokenRecord = {
    id: newIdentifier(random),
    client: decision.client,
    client_id: decision.client_id,
    user: decision.user,
    subject: decision.subject,
    audiences: decision.audiences,
    scopes: decision.scopes,
    generation: snapshot.generation,
    issued_at,
    expires_at: issued_at + decision.lifetime,
    grant,
  };
  if (settings.format === 'opaque') {
    const text = newText(random);
    return { text, format: 'opaque', record, kept: { hash: hashOf(text), record } };
  }
  const key = signingKey(snapshot.keys, settings.alg, now);
  // No claim of a decision has the name of one of these (RESERVED_CLAIMS).
  const payload = `${claims}${issuingClaims(record)}}`;
  return {
    text: await signPayload(payload, key, settings.typ, context.signer),
    format: 'jwt',
    record,
    kept: undefined,
  };
}

/**
 * As members of a JSON object: what RFC 9068 2.2 asks of the issuing, and the private claims `gen`, the generation of the configuration that gave it, and
 * `grant`, what it hangs on.
 */
function issuingClaims({ issued_at, expires_at, id, generation, grant }: AccessTokenRecord): string {
  // Identifiers are base64url: nothing in them has to be escaped.
  const hangsOn = grant === undefined ? '' : `,"grant":"${grant}"`;
  return `"iat":${issued_at},"exp":${expires_at},"jti":"${id}","gen":${generation}${hangsOn}`;
}

export interface PresentedToken {
  readonly record: AccessTokenRecord;
  /** What it hangs on; undefined of a token of client_credentials alone. */
  readonly grant: Grant | undefined;
  /** Ends it for good. Durable when it answers; again is no error. */
  revoke(): Promise<void>;
}

/**
 * The token behind a text that somebody presented, of either format. Undefined when it is none of ours, has been revoked
 * or has expired.
 */
export async function findAccessToken(text: string, context: Context): Promise<PresentedToken | undefined> {
  const { grants, snapshot, now } = context;
  if (TEXT_SHAPE.test(text)) {
    const hash = hashOf(text);
    const record = await grants.findAccessToken(hash);
    if (record === undefined || now >= record.expires_at * 1000) return undefined;
    return hangingOn(record, () => grants.deleteAccessToken(hash), context);
  }
  const claims = await verifyJwt(text, ACCESS_TOKEN_TYPES, snapshot, now);
  const record = claims && recordOf(claims, snapshot);
  if (record === undefined || (await grants.isJwtRevoked(record.id))) return undefined;
  return hangingOn(record, () => grants.revokeJwt(record.id, record.expires_at), context);
}

/** With the Grant that it came from: without it the token is dead, and it knows whose the token is. */
async function hangingOn(
  record: AccessTokenRecord,
  revoke: () => Promise<void>,
  { grants }: Context,
): Promise<PresentedToken | undefined> {
  if (record.grant === undefined) return { record, grant: undefined, revoke };
  const grant = await grants.findGrant(record.grant);
  if (grant === undefined || grant.client !== record.client) return undefined;
  return { record: { ...record, user: grant.user ?? record.user }, grant, revoke };
}

/** Undefined for a JWT that we signed but that is no access token, such as an id_token: it has no `gen` and client_id. */
function recordOf(claims: Readonly<Record<string, unknown>>, snapshot: Snapshot): AccessTokenRecord | undefined {
  const { jti, client_id, sub, aud, scope, gen, iat, exp, impersonates, grant } = claims;
  if (typeof jti !== 'string' || typeof client_id !== 'string' || typeof sub !== 'string') return undefined;
  if (!isInteger(gen) || !isInteger(iat) || !isInteger(exp)) return undefined;
  if (!Array.isArray(aud) || !aud.every((value) => typeof value === 'string')) return undefined;
  if (scope !== undefined && typeof scope !== 'string') return undefined;
  if (impersonates !== undefined && typeof impersonates !== 'string') return undefined;
  if (grant !== undefined && typeof grant !== 'string') return undefined;
  const client = snapshot.index.client(client_id);
  if (client === undefined) return undefined;
  return {
    id: jti,
    client,
    client_id,
    user: impersonates === undefined ? undefined : impersonatedUser(impersonates, gen, snapshot),
    subject: sub,
    audiences: aud,
    scopes: scopeValues(scope),
    generation: gen,
    issued_at: iat,
    expires_at: exp,
    ...(grant === undefined ? {} : { grant }),
  };
}

/** The inverse of the claim `impersonates`, which is `Site/Name` as the user was called in the token's generation. */
function impersonatedUser(qualified: string, generation: number, { moves }: Snapshot): UserAddress {
  const slash = qualified.indexOf('/');
  const named = userAddress(qualified.slice(0, slash), qualified.slice(slash + 1));
  // What a user is moved to is a user.
  return nameNow(named, generation, moves) as UserAddress;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
