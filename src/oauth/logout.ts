// Owns RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): whose session ends, who is asked, and where the browser goes
// afterwards. Never ends a session of a browser that nobody vouched for without asking.

import { activityOf } from '../access/activity.ts';
import type { ApplicationAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import { bounce } from './bounce.ts';
import { pageUrl } from './brand.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from './endpoint.ts';
import { invalidRequest, NO_STORE } from './error.ts';
import { type Form, readForm } from './form.ts';
import { browserOf, checkForm, formTag } from './form-protection.ts';
import { defineEndpoint, type Note } from './handling.ts';
import { type IdTokenHint, readIdTokenHint } from './id-token-hint.ts';
import type { Page } from './page.ts';
import { type FoundSession, findSession } from './session.ts';
import { endSession } from './session-end.ts';
import { shownClient } from './shown.ts';
import { usernameOf } from './user-lookup.ts';

interface Logout {
  readonly client: { readonly client: ApplicationAddress; readonly application: ApplicationEntity } | undefined;
  /** Registered for the client; undefined where the browser stays here. */
  readonly goTo: string | undefined;
  readonly state: string | undefined;
  readonly hint: IdTokenHint | undefined;
  readonly ui_locales: readonly string[];
}

/** Serves GET and POST. An ID token of the very session is a request of its client, anything else asks the user. */
export const logoutEndpoint: Endpoint = defineEndpoint('logout', async (asked, context, note) => {
  const form = readForm(asked.form);
  const logout = await readLogout(form, context);
  note({ client: logout.client?.client });
  const found = await findSession(asked, context);
  // A POST of another site brings no cookie: by GET it does.
  if (found === undefined && asked.method === 'POST') {
    return bounce(pageUrl(asked, context.snapshot, 'logout'), encoded(form));
  }
  if (found === undefined) return { ...signedOut(logout, logout.hint !== undefined, note), ...withoutCookie(asked) };
  if (isOf(logout.hint, found, context)) return signOut(logout, found, context, note);
  return confirmation(logout, form, found, asked, context, note);
});

/** Takes the form of the logout page. */
export const logoutDecisionEndpoint: Endpoint = defineEndpoint('logout_decision', async (asked, context, note) => {
  const form = readForm(asked.form);
  const text = form.get('request') ?? '';
  const found = await findSession(asked, context);
  const hash = found?.hash ?? '';
  if (found === undefined) {
    const page = { kind: 'signed-out' } as const;
    return { status: 200, headers: NO_STORE, body: undefined, page, ...withoutCookie(asked) };
  }
  checkForm(asked, { purpose: 'logout', subject: `${text}\n${hash}`, tag: form.get('form') }, context);
  const logout = await readLogout(readForm([...new URLSearchParams(text)]), context);
  if (form.get('decision') !== 'allow') {
    note({ outcome: 'refused by the user' });
    return { status: 200, headers: NO_STORE, body: undefined, page: { kind: 'logout-refused' } };
  }
  return signOut(logout, found, context, note);
});

async function readLogout(form: Form, { snapshot, now }: Context): Promise<Logout> {
  const { index } = snapshot;
  const text = form.get('id_token_hint');
  const hint = text === undefined ? undefined : await readIdTokenHint(text, snapshot);
  if (text !== undefined && hint === undefined) throw invalidRequest('ID_TOKEN_HINT_INVALID');
  const named = form.get('client_id');
  if (named !== undefined && hint !== undefined && named !== hint.client_id)
    throw invalidRequest('CLIENT_ID_MISMATCH_HINT');
  const client_id = hint?.client_id ?? named;
  const client = client_id === undefined ? undefined : index.client(client_id);
  const application = client === undefined ? undefined : index.application(client);
  const uri = form.get('post_logout_redirect_uri');
  // A disabled client is as unknown as one that never was (S:U-33): nobody is led there.
  const isThere = activityOf(application, now).active;
  const registered = (isThere ? application?.metadata?.post_logout_redirect_uris : undefined) ?? [];
  // Letter for letter (3), and never one that somebody wrote into a link without saying whose it is.
  if (uri !== undefined && !registered.includes(uri)) throw invalidRequest('POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED');
  return {
    client: client === undefined || application === undefined ? undefined : { client, application },
    goTo: uri,
    state: form.get('state'),
    hint,
    ui_locales: scopeValues(form.get('ui_locales')),
  };
}

/** Whether the hint is of this very session, or of its user where it does not say which. */
function isOf(hint: IdTokenHint | undefined, { session }: FoundSession, { snapshot: { index } }: Context): boolean {
  if (hint === undefined || hint.sub !== index.user(session.user)?.sub) return false;
  return hint.sid === undefined || hint.sid === session.sid;
}

async function signOut(logout: Logout, { session }: FoundSession, context: Context, note: Note): Promise<Answer> {
  await endSession(session, context);
  note({ user: session.user, sid: session.sid });
  const answer = signedOut(logout, true, note);
  return { ...answer, cookies: { session: null } };
}

/** A cookie of a session that has ended by itself is of no use to anybody either. */
function withoutCookie({ cookies }: EndpointRequest): Pick<Answer, 'cookies'> {
  return cookies?.session === undefined ? {} : { cookies: { session: null } };
}

/** Who is not logged in is logged out (2): that is no error. Without a proof of who asks the browser stays here (3). */
function signedOut({ goTo, state }: Logout, isProven: boolean, note: Note): Answer {
  note({ outcome: 'signed out' });
  if (goTo === undefined || !isProven)
    return { status: 200, headers: NO_STORE, body: undefined, page: { kind: 'signed-out' } };
  const separator = goTo.includes('?') ? '&' : '?';
  const Location = state === undefined ? goTo : `${goTo}${separator}state=${encodeURIComponent(state)}`;
  return { status: 303, headers: { ...NO_STORE, Location }, body: undefined };
}

function confirmation(
  logout: Logout,
  form: Form,
  found: FoundSession,
  asked: EndpointRequest,
  context: Context,
  note: Note,
): Answer {
  note({ outcome: 'logout page' });
  const browser = browserOf(asked, context);
  const text = encoded(form);
  const page: Page = {
    kind: 'logout',
    action: pageUrl(asked, context.snapshot, 'logout_decision'),
    fields: { request: text, form: formTag(browser, 'logout', `${text}\n${found.hash}`) },
    user: usernameOf(found.session.user),
    client: logout.client && shownClient(logout.client, logout.ui_locales),
  };
  return { status: 200, headers: NO_STORE, body: undefined, page, cookies: browser.cookies };
}

function encoded(form: Form): string {
  return new URLSearchParams([...form]).toString();
}
