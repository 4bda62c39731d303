// Owns the consent form: what the user allows or denies, of exactly what the page showed (SEMANTICS N-21, RFC 6749 4.1.1).
// Never shows the page.

import { withRequest } from './authorization.ts';
import { fault } from './authorization-answer.ts';
import { complete, decideIn, loginNeed, proceed, tellClient, visitorOf } from './authorize.ts';
import { rememberConsent } from './consent-need.ts';
import type { Endpoint } from './endpoint.ts';
import { describe, OAuthError } from './error.ts';
import { readForm } from './form.ts';
import { checkForm } from './form-protection.ts';
import { defineEndpoint } from './handling.ts';
import { carriedText, INTERACTION } from './interaction.ts';
import { shownMark } from './pages.ts';

/** Takes the form of the consent page. */
export const consentEndpoint: Endpoint = defineEndpoint('consent', async (asked, context, note) => {
  const form = readForm(asked.form);
  const carried = carriedText(form.get('request'), form.get(INTERACTION));
  return withRequest(carried, asked, context, note, async (underway) => {
    const { found, isFresh } = await visitorOf(underway);
    // The session ended while the page was open: from the beginning.
    if (found === undefined) return proceed(underway);
    checkForm(asked, { purpose: 'consent', subject: `${carried.text}\n${found.hash}`, tag: form.get('form') }, context);
    const pressed = form.get('decision');
    if (pressed === 'deny') throw tellClient(underway, fault('access_denied', 'CONSENT_DENIED'));
    const decision = decideIn(underway, found);
    // Something else would be granted by now than what was shown, or another login is asked for: the user is asked anew.
    const isAsShown = form.get('shown') === shownMark(decision);
    if (!isAsShown || loginNeed(underway, found, isFresh) !== undefined) return proceed(underway);
    if (pressed !== 'allow') throw new OAuthError({ error: 'invalid_request', description: describe('FORM_EXPIRED') });
    await rememberConsent(underway.request, decision, context);
    note({ consented: decision.scopes.join(' ') });
    return complete(underway, found, decision);
  });
});
