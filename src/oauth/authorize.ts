// Owns the steps from a checked authorization request to its answer (RFC 6749 4.1.1, OpenID Connect Core 3.1.2): who is logged in,
// what access decides, whether the user has to be asked. Never reads parameters and never renders.

import type { Decision, Question, Refusal } from '../access/decision.ts';
import { usableMethods } from '../access/method-choice.ts';
import { boundTo } from '../access/token-address.ts';
import { decideForUser } from '../access/user-grant.ts';
import type { UserAddress } from '../model/address.ts';
import { canonicalAddress } from '../model/network.ts';
import { tokenSettings } from '../model/settings.ts';
import { answeredAcr } from './authentication-context.ts';
import { fault, faultOf, redirectedError, redirectWith } from './authorization-answer.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import { consentNeed } from './consent-need.ts';
import type { Answer, Context, EndpointRequest } from './endpoint.ts';
import { type Browser, browserOf } from './form-protection.ts';
import type { Note } from './handling.ts';
import { type Carried, isMarked } from './interaction.ts';
import { beginGrant, scopeMember, tokenMembers } from './issue.ts';
import { keepDecisions } from './kept-decision.ts';
import { hashOf, newText } from './opaque.ts';
import { consentPage, loginPage } from './pages.ts';
import type { AuthorizationCode } from './port.ts';
import { type FoundSession, findSession, noteSessionUse } from './session.ts';
import { issuerOf } from './snapshot.ts';

/** One authorization request under way. */
export interface Underway {
  readonly request: AuthorizationRequest;
  readonly carried: Carried;
  readonly asked: EndpointRequest;
  readonly context: Context;
  readonly note: Note;
}

/** The next page, or the answer to the client. Throws OAuthError with the redirect that tells the client. */
export async function proceed(underway: Underway): Promise<Answer> {
  const { request, context } = underway;
  const { browser, found, isFresh } = await visitorOf(underway);
  const why = loginNeed(underway, found, isFresh);
  if (why !== undefined || found === undefined) return askForLogin(underway, browser, why ?? 'LOGIN_REQUIRED', isFresh);
  await noteSessionUse(found, context);

  const decision = decideIn(underway, found);
  const need = await consentNeed(request, decision, !isFresh, context);
  if (!need.isNeeded) return complete(underway, found, withoutOffline(decision, need.allowsOffline));
  if (request.prompt.has('none')) {
    throw tellClient(underway, fault('consent_required', 'CONSENT_REQUIRED'));
  }
  return consentPage(underway, browser, found, decision);
}

/** Who is at the browser: `isFresh` where the login that the session has was for this very request, a moment ago. */
export async function visitorOf({ carried, asked, context }: Underway): Promise<{
  readonly browser: Browser;
  readonly found: FoundSession | undefined;
  readonly isFresh: boolean;
}> {
  const browser = browserOf(asked, context);
  const found = await findSession(asked, context);
  return { browser, found, isFresh: found !== undefined && isMarked(carried, browser, found.session, context.now) };
}

/** Why the user has to log in before this request is answered; undefined where nothing asks for it. */
export function loginNeed(
  { request, asked, context }: Pick<Underway, 'request' | 'asked' | 'context'>,
  found: FoundSession | undefined,
  isFresh: boolean,
): 'LOGIN_REQUIRED' | 'LOGIN_OF_ANOTHER_USER' | undefined {
  if (found === undefined) return 'LOGIN_REQUIRED';
  const { snapshot, now } = context;
  const { index } = snapshot;
  const { user, auth_time, method } = found.session;
  // OpenID Connect Core 3.1.2.2: never an answer for another user than the one of the hint.
  if (request.expected !== undefined && request.expected !== index.user(user)?.sub) return 'LOGIN_OF_ANOTHER_USER';
  if (isFresh) return undefined;
  const { prompt, max_age } = request;
  if (prompt.has('login') || prompt.has('select_account')) return 'LOGIN_REQUIRED';
  if (max_age !== undefined && (max_age === 0 || now / 1000 - auth_time > max_age)) return 'LOGIN_REQUIRED';
  // Logged in by a method that this application does not take: another one may be to be had.
  const { client, application } = request.target;
  const usable = usableMethods(index, client, application, request.grant_type);
  if ('code' in usable) return undefined;
  if (!usable.includes(method)) return 'LOGIN_REQUIRED';
  if (usable.length === 1) return undefined;
  // Or by one that its access rules do not take (N-46).
  const question = questionOf(request, asked, found);
  const isIn = (how: string | undefined) => decideForUser(index, { ...question, method: how }, now).allowed;
  return isIn(method) || !isIn(undefined) ? undefined : 'LOGIN_REQUIRED';
}

async function askForLogin(
  underway: Underway,
  browser: Browser,
  why: 'LOGIN_REQUIRED' | 'LOGIN_OF_ANOTHER_USER',
  isFresh: boolean,
): Promise<Answer> {
  // Who has just logged in is asked no second time: it was somebody else.
  if (underway.request.prompt.has('none') || (isFresh && why === 'LOGIN_OF_ANOTHER_USER')) {
    throw tellClient(underway, fault('login_required', why));
  }
  return loginPage(underway, browser);
}

/** Of somebody who is logged in: by one method. */
type LoggedInQuestion = Question & { readonly user: UserAddress; readonly method: string };

/** What a user may let a client do is asked before the consent page is shown, and of its form again. */
const keepAnswers = keepDecisions(() => undefined);

/** By all that the question holds. */
export function decideLoggedIn(
  index: Context['snapshot']['index'],
  question: LoggedInQuestion,
  now: number,
): Decision | Refusal {
  const { client, grant_type, ip, user, method, scope = [] } = question;
  // Only the scope is the client's own text, and it stands last.
  const asked = [client, grant_type, ip ?? '', user, method, ...scope].join('\n');
  const answer = keepAnswers(index, asked, now, () => decideForUser(index, question, now));
  return 'decision' in answer ? answer.decision : answer;
}

/** What access decides for the user of the session; a refusal is told to the client (algorithm B, steps 3 to 7). */
export function decideIn({ request, asked, context, note }: Underway, { session }: FoundSession): Decision {
  note({ user: session.user, sid: session.sid });
  const question = questionOf(request, asked, { session });
  const answer = decideLoggedIn(context.snapshot.index, question, context.now);
  if (answer.allowed) return answer;
  throw tellClient(
    { request, context },
    faultOf(answer),
    answer.missing && `missing at ${answer.missing.address} ${answer.missing.pointer}`,
  );
}

function questionOf(
  { target, grant_type, values }: AuthorizationRequest,
  { ip }: EndpointRequest,
  { session: { user, method } }: Pick<FoundSession, 'session'>,
): LoggedInQuestion {
  return { client: target.client, grant_type, scope: values, user, method, ip };
}

/** The refusal as the client is told it. */
export function tellClient(
  { request, context }: Pick<Underway, 'request' | 'context'>,
  refused: Parameters<typeof redirectedError>[2],
  detail?: string,
): ReturnType<typeof redirectedError> {
  return redirectedError(request.target, issuerOf(context.snapshot), { ...refused, detail });
}

/** Without offline_access where nobody allowed it in so many words (OpenID Connect Core 11). */
function withoutOffline(decision: Decision, isAllowed: boolean): Decision {
  if (isAllowed || !decision.scopes.includes('offline_access')) return decision;
  return { ...decision, scopes: decision.scopes.filter((scope) => scope !== 'offline_access') };
}

/** Gives the client what was decided and, where that was needed, consented to. */
export async function complete(underway: Underway, { session }: FoundSession, decision: Decision): Promise<Answer> {
  const { request, asked, context } = underway;
  const { application } = request.target;
  const common = {
    client: decision.client,
    client_id: decision.client_id,
    user: session.user,
    audiences: decision.audiences,
    scopes: decision.scopes,
    method: session.method,
    auth_time: session.auth_time,
    acr: answeredAcr(request.acr_values),
    session: session.sid,
    offline: decision.scopes.includes('offline_access'),
    // A browser speaks for itself: nobody is believed here who is no trusted proxy.
    bound_ip: boundTo(application, canonicalAddress(asked.ip)),
    generation: context.snapshot.generation,
    issued_at: Math.floor(context.now / 1000),
  };
  return request.response_type === 'code' ? giveCode(underway, common) : giveTokens(underway, decision, common);
}

type Granted = Pick<
  AuthorizationCode,
  | 'client'
  | 'client_id'
  | 'user'
  | 'audiences'
  | 'scopes'
  | 'method'
  | 'auth_time'
  | 'acr'
  | 'session'
  | 'offline'
  | 'bound_ip'
  | 'generation'
  | 'issued_at'
>;

async function giveCode({ request, context, note }: Underway, granted: Granted): Promise<Answer> {
  const { snapshot, grants, random } = context;
  const { code_ttl } = tokenSettings(snapshot.index.server, request.target.application);
  const text = newText(random);
  const record: AuthorizationCode = {
    ...granted,
    redirect_uri: request.redirect_uri,
    code_challenge: request.code_challenge,
    requested_scope: request.scope,
    nonce: request.nonce,
    expires_at: granted.issued_at + code_ttl,
  };
  await grants.insertCode({ hash: hashOf(text), record });
  note({ outcome: 'code', scope: granted.scopes.join(' '), ...notedChallenge(request, context) });
  return redirectWith(request.target, issuerOf(snapshot), { code: text });
}

/** RFC 9700 2.1.1: a challenge is of one transaction. One that comes again is told to those who watch. */
function notedChallenge(
  { code_challenge }: AuthorizationRequest,
  { isKnownChallenge }: Context,
): Record<string, unknown> {
  return code_challenge !== undefined && isKnownChallenge(code_challenge.value) ? { code_challenge_reused: true } : {};
}

/** The implicit grant: tokens at once, and never a refresh token (N-22). */
async function giveTokens(underway: Underway, decision: Decision, granted: Granted): Promise<Answer> {
  const { request, context, note } = underway;
  const types = request.response_type.split(' ');
  const tokens = await beginGrant(
    decision,
    { grant_type: 'implicit', user: granted.user, login: granted, bound_ip: granted.bound_ip },
    {
      application: request.target.application,
      accessToken: types.includes('token'),
      refreshToken: false,
      idToken: types.includes('id_token'),
      nonce: request.nonce,
    },
    context,
    note,
  );
  const scope = types.includes('token') ? scopeMember(decision, undefined) : {};
  const members = { ...tokenMembers(tokens, decision), ...scope } as Record<string, string | number | undefined>;
  return redirectWith(request.target, issuerOf(context.snapshot), members);
}
