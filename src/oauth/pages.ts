// Owns the pages of a login and a consent as answers: what they are about, where their forms go, what those carry.
// Never renders.

import type { Decision } from '../access/decision.ts';
import { usableMethods } from '../access/method-choice.ts';
import type { MethodType } from '../model/entity.ts';
import type { Underway } from './authorize.ts';
import { descriptionKey, pageUrl } from './brand.ts';
import { findByCertificate, type KnownByCertificate } from './certificate-login.ts';
import type { Answer } from './endpoint.ts';
import { NO_STORE } from './error.ts';
import type { Browser } from './form-protection.ts';
import { fieldsOf } from './interaction.ts';
import { hashOf } from './opaque.ts';
import type { Page } from './page.ts';
import type { FoundSession } from './session.ts';
import { shownClient, shownScopes } from './shown.ts';
import { usernameOf } from './user-lookup.ts';

/** `again`: what was typed before, and why that was not taken. */
export async function loginPage(
  { request, carried, asked, context, note }: Underway,
  browser: Browser,
  again?: { readonly username: string; readonly problem: 'wrong' | 'throttled' | 'busy'; readonly retryAfter?: number },
): Promise<Answer> {
  const { client, application } = request.target;
  const { index } = context.snapshot;
  const login = { client, grant_type: request.grant_type, scope: request.values, ip: asked.ip };
  const usable = usableMethods(index, client, application, request.grant_type);
  const takes = (type: MethodType) => 'code' in usable || usable.some((name) => index.method(name)?.type === type);
  const known = await findByCertificate(asked, login, context);
  note({ outcome: again === undefined ? 'login page' : `login ${again.problem}` });
  const page: Page = {
    kind: 'login',
    action: pageUrl(asked, context.snapshot, 'login'),
    fields: fieldsOf(carried, browser, 'login'),
    client: shownClient(request.target, request.ui_locales),
    username: again?.username ?? request.login_hint ?? '',
    problem: again?.problem,
    // Where nothing is of use the page is the usual one: why, who logs in is told.
    takesPassword: takes('password'),
    takesCertificate: takes('certificate'),
    certificate:
      known === undefined
        ? undefined
        : {
            user: usernameOf(known.user),
            fields: {
              ...fieldsOf(carried, browser, 'login', certificateMark(known)),
              certificate: certificateMark(known),
            },
          },
  };
  const wait = again?.retryAfter;
  return {
    status: wait === undefined ? 200 : again?.problem === 'busy' ? 503 : 429,
    headers: { ...NO_STORE, ...(wait === undefined ? {} : { 'Retry-After': String(wait) }) },
    body: undefined,
    page,
    cookies: browser.cookies,
  };
}

/** Whom the button of the certificate was shown to log in: another text for anybody else. */
export function certificateMark({ user }: KnownByCertificate): string {
  return hashOf(user);
}

export function consentPage(
  { request, carried, asked, context, note }: Underway,
  browser: Browser,
  { hash, session }: FoundSession,
  decision: Decision,
): Answer {
  note({ outcome: 'consent page' });
  const { snapshot } = context;
  const page: Page = {
    kind: 'consent',
    action: pageUrl(asked, snapshot, 'consent'),
    // What is allowed is what was shown, to whom it was shown.
    fields: { ...fieldsOf(carried, browser, 'consent', hash), shown: shownMark(decision) },
    client: shownClient(request.target, request.ui_locales),
    user: usernameOf(session.user),
    scopes: shownScopes(decision.scopes, snapshot, descriptionKey(request.target.application.consent ?? {}, asked)),
    offline: decision.scopes.includes('offline_access'),
  };
  return { status: 200, headers: NO_STORE, body: undefined, page, cookies: browser.cookies };
}

/** What a consent page showed: another text where something else would be granted. */
export function shownMark({ scopes, audiences }: Decision): string {
  return hashOf(`${scopes.join(' ')}\n${audiences.join(' ')}`);
}
