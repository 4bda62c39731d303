// Owns what is made of a Grant: access token, refresh token, ID token, together. Nothing is stored here: callers hand the rows to
// the one verb of the store that decides whether the tokens count.

import type { Decision } from '../access/decision.ts';
import { type BoundTo, boundTo } from '../access/token-address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { refreshSettings } from '../model/settings.ts';
import { type IssuedToken, makeAccessToken, tokenContent } from './access-token.ts';
import type { Answer, Context } from './endpoint.ts';
import { NO_STORE } from './error.ts';
import type { Note } from './handling.ts';
import { makeIdToken } from './id-token.ts';
import { hashOf, newGrantId, newText } from './opaque.ts';
import type { Grant, IssuedRows, Kept, RefreshToken } from './port.ts';

/** Seconds that a Grant is kept beyond its last token: settings may give longer ones by then. */
const GRANT_SLACK = 86_400;
/** Seconds: what "never" is to a store. */
const A_LIFETIME = 100 * 365 * 86_400;

/** What began a Grant, beside the decision that gives it. */
export interface Beginning {
  readonly grant_type: 'authorization_code' | 'implicit' | 'password' | 'client_credentials';
  /** Where a user let the client act; else the client acts as itself. */
  readonly user: Grant['user'];
  /** Of a login at this server. */
  readonly login?: Pick<Grant, 'auth_time' | 'acr' | 'session' | 'offline'>;
  /** Of the user agent by which the user let the client act. */
  readonly bound_ip?: BoundTo;
  /** As the user allowed them, where today's access may give less. */
  readonly allowed?: Pick<Grant, 'audiences' | 'scopes'>;
}

/** A new Grant of what was decided. `refreshed`: it has refresh tokens. */
export function newGrant(
  decision: Decision,
  { grant_type, user, login, bound_ip, allowed }: Beginning,
  refreshed: boolean,
  application: ApplicationEntity,
  { snapshot, now, random }: Context,
): Grant {
  const issued_at = Math.floor(now / 1000);
  const { auth_time, acr, session, offline } = login ?? {
    auth_time: issued_at,
    acr: undefined,
    session: undefined,
    offline: false,
  };
  const { audiences, scopes } = allowed ?? decision;
  return {
    id: newGrantId(now, random),
    client: decision.client,
    client_id: decision.client_id,
    user,
    subject: decision.subject,
    grant_type,
    method: decision.method,
    audiences,
    scopes,
    auth_time,
    acr,
    session,
    offline,
    bound_ip: boundTo(application, bound_ip),
    generation: snapshot.generation,
    issued_at,
    expires_at: endOfGrant({ issued_at, auth_time }, application, { refreshed, lifetime: decision.lifetime }),
  };
}

/** Begins a Grant that has no code, with its tokens: durable when this answers. */
export async function beginGrant(
  decision: Decision,
  beginning: Beginning,
  issuing: Omit<Issuing, 'decision' | 'grant'>,
  context: Context,
  note: Note,
): Promise<IssuedTokens> {
  const grant = newGrant(decision, beginning, issuing.refreshToken, issuing.application, context);
  const tokens = await makeTokens({ ...issuing, decision, grant }, context);
  await context.grants.insertGrant(rowsOf(tokens, grant));
  noteIssued(tokens, grant, decision, context, note);
  return tokens;
}

/** The answer of the token endpoint (RFC 6749 5.1). `asked` as of scopeMember. */
export function tokenAnswer(tokens: IssuedTokens, decision: Decision, asked?: string): Answer {
  return {
    status: 200,
    headers: NO_STORE,
    body: { ...tokenMembers(tokens, decision), ...scopeMember(decision, asked) },
  };
}

export interface Issuing {
  readonly decision: Decision;
  readonly application: ApplicationEntity;
  readonly grant: Grant;
  /** Whether an access token is among them. */
  readonly accessToken: boolean;
  readonly refreshToken: boolean;
  readonly idToken: boolean;
  readonly nonce?: string | undefined;
}

export interface IssuedTokens {
  readonly access: IssuedToken | undefined;
  readonly refresh: { readonly text: string; readonly kept: Kept<RefreshToken> } | undefined;
  readonly idToken: string | undefined;
}

/** Makes the tokens. All but the signatures is determined by the arguments. */
export async function makeTokens(issuing: Issuing, context: Context): Promise<IssuedTokens> {
  const { decision, application, grant } = issuing;
  const content = issuing.accessToken ? tokenContent(decision, context.snapshot.index) : undefined;
  const access = content && (await makeAccessToken(decision, content, context, grant.id));
  const refresh = issuing.refreshToken ? makeRefreshToken(grant, application, context) : undefined;
  const idToken = issuing.idToken
    ? await makeIdToken({ decision, grant, nonce: issuing.nonce, accessToken: access?.text }, application, context)
    : undefined;
  return { access, refresh, idToken };
}

/** What the store keeps of them, with the Grant where it is new. */
export function rowsOf({ access, refresh }: IssuedTokens, grant: Grant): IssuedRows & { readonly grant: Grant } {
  return { grant, accessToken: access?.kept, refreshToken: refresh?.kept };
}

function makeRefreshToken(grant: Grant, application: ApplicationEntity, { now, random }: Context) {
  const text = newText(random);
  const issued_at = Math.floor(now / 1000);
  const { idle } = refreshSettings(application);
  const expires_at = Math.min(endOfRefresh(grant, application), issued_at + idle);
  return { text, kept: { hash: hashOf(text), record: { grant: grant.id, issued_at, expires_at } } };
}

/** Seconds since the epoch from which on a Grant is refreshed no more, by the settings of today (SEMANTICS U-51). */
export function endOfRefresh(grant: Pick<Grant, 'issued_at' | 'auth_time'>, application: ApplicationEntity): number {
  const { type, ttl } = refreshSettings(application);
  const from = type === 'dynamic' ? grant.auth_time : grant.issued_at;
  return from + (Number.isFinite(ttl) ? ttl : A_LIFETIME);
}

/** Seconds since the epoch until which a new Grant is kept. */
function endOfGrant(
  grant: Pick<Grant, 'issued_at' | 'auth_time'>,
  application: ApplicationEntity,
  { refreshed, lifetime }: { readonly refreshed: boolean; readonly lifetime: number },
): number {
  const last = refreshed ? endOfRefresh(grant, application) : grant.issued_at;
  return last + Math.max(lifetime, GRANT_SLACK);
}

/** The members of an answer that hold the tokens (RFC 6749 5.1, OpenID Connect Core 3.1.3.3). */
export function tokenMembers(
  { access, refresh, idToken }: IssuedTokens,
  { lifetime }: Decision,
): Record<string, unknown> {
  return {
    ...(access === undefined ? {} : { access_token: access.text, token_type: 'Bearer', expires_in: lifetime }),
    ...(refresh === undefined ? {} : { refresh_token: refresh.text }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}

/**
 * RFC 6749 5.1 lets `scope` out only when it is identical to what was asked for. Where a user is behind it, it is always told:
 * libraries take a token that says nothing of scopes for one that has none. `asked` is then undefined.
 */
export function scopeMember(
  { scopes }: Pick<Decision, 'scopes'>,
  asked: string | undefined,
): { readonly scope?: string } {
  const granted = scopes.join(' ');
  return granted === '' || granted === asked ? {} : { scope: granted };
}

/** Tells the log, and whoever counts use, what was issued: never a token. */
export function noteIssued(
  { access, refresh, idToken }: IssuedTokens,
  grant: Grant,
  { scopes, client, user }: Decision,
  context: Context,
  note: Note,
): void {
  context.noteUse(client, user, context.now);
  note({
    outcome: 'issued',
    grant: grant.id,
    user,
    scope: scopes.join(' '),
    ...(access && {
      jti: access.record.id,
      format: access.format,
      audiences: access.record.audiences,
      expires_at: access.record.expires_at,
    }),
    refresh_token: refresh !== undefined,
    id_token: idToken !== undefined,
  });
}
