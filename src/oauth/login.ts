// Owns the forms of the login page: a username and a password, the certificate of the connection, or the decision not to log in.
// Grants nothing: they lead back to the authorization request, which is looked at anew.

import { refuse } from '../access/refusal.ts';
import { Failure } from '../model/failure.ts';
import { withRequest } from './authorization.ts';
import { fault, faultOf } from './authorization-answer.ts';
import { tellClient, type Underway } from './authorize.ts';
import { pageUrl } from './brand.ts';
import { findByCertificate } from './certificate-login.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { NO_STORE } from './error.ts';
import { type Form, readForm } from './form.ts';
import { type Browser, browserOf, checkForm } from './form-protection.ts';
import { defineEndpoint } from './handling.ts';
import { carriedText, INTERACTION, markOf } from './interaction.ts';
import { certificateMark, loginPage } from './pages.ts';
import { checkPassword, type LoggedIn } from './password.ts';
import { beginSession, findSession } from './session.ts';
import { endSession } from './session-end.ts';
import { guess, guessKeys } from './throttling.ts';

/** Takes the form of the login page. */
export const loginEndpoint: Endpoint = defineEndpoint('login', async (asked, context, note) => {
  const form = readForm(asked.form);
  const carried = carriedText(form.get('request'), form.get(INTERACTION));
  // Empty where the password form was sent.
  const shown = form.get('certificate') ?? '';
  checkForm(asked, { purpose: 'login', subject: `${carried.text}\n${shown}`, tag: form.get('form') }, context);
  return withRequest(carried, asked, context, note, async (underway) => {
    if (form.get('decision') === 'deny') throw tellClient(underway, fault('access_denied', 'LOGIN_CANCELLED'));
    const browser = browserOf(asked, context);
    return shown === '' ? logIn(underway, form, browser) : logInByCertificate(underway, shown, browser);
  });
});

async function logIn(underway: Underway, form: Form, browser: Browser): Promise<Answer> {
  const { request, asked, context, note } = underway;
  const username = form.get('username') ?? '';
  const keys = guessKeys('user', username, asked.ip);
  const retryAfter = context.throttle.waitFor(keys);
  if (retryAfter !== undefined) return loginPage(underway, browser, { username, problem: 'throttled', retryAfter });

  const { client } = request.target;
  const password = form.get('password') ?? '';
  const { grant_type, values: scope } = request;
  const login = { client, grant_type, scope, ip: asked.ip, username, password };
  const found = await guess(context.throttle, keys, () => checkPassword(login, context)).catch((thrown) => {
    // The user is at our page, and may stay: the client is told nothing of a moment like this.
    if (thrown instanceof Failure && thrown.code === 'busy') return 'busy' as const;
    throw thrown;
  });
  if (found === 'busy') return loginPage(underway, browser, { username, problem: 'busy', retryAfter: 1 });
  if (found === undefined) return loginPage(underway, browser, { username, problem: 'wrong' });
  note({ user: found.user });
  return begin(underway, found, browser);
}

/** The certificate is looked at anew: what was shown may be long ago, and the connection another one. */
async function logInByCertificate(underway: Underway, shown: string, browser: Browser): Promise<Answer> {
  const { request, asked, context, note } = underway;
  const { grant_type, values: scope } = request;
  const login = { client: request.target.client, grant_type, scope, ip: asked.ip };
  const found = await findByCertificate(asked, login, context);
  if (found === undefined || certificateMark(found) !== shown) return loginPage(underway, browser);
  note({ user: found.user });
  return begin(underway, found, browser);
}

async function begin(underway: Underway, { user, method }: LoggedIn, browser: Browser): Promise<Answer> {
  const { carried, asked, context, note } = underway;
  if (typeof method !== 'string') {
    // N-40: who has no method that this application takes does not log in by it.
    const { code, missing } = method;
    const refusal = refuse('access_denied', code, method);
    throw tellClient(underway, faultOf(refusal), `missing at ${missing.address} ${missing.pointer} for ${user}`);
  }
  const before = await findSession(asked, context);
  // Another user in the same browser: the one before is logged out, everywhere.
  if (before !== undefined && before.session.user !== user) await endSession(before.session, context);
  const session = await beginSession({ user, method }, before, context);
  note({ outcome: 'logged in', method });
  const query = `${carried.text}&${INTERACTION}=${encodeURIComponent(markOf(carried, browser, context.now))}`;
  const Location = `${pageUrl(asked, context.snapshot, 'authorization')}?${query}`;
  // Never 307, which would send the password on (RFC 9700 4.12).
  return { status: 303, headers: { ...NO_STORE, Location }, body: undefined, cookies: { ...browser.cookies, session } };
}
