// Owns where an answer of the authorization endpoint goes (RFC 6749 4.1.2.1): to whom, at which address, how it travels.
// Whatever is wrong before that is known is told to the user and never redirected.

import { activityOf } from '../access/activity.ts';
import type { ApplicationAddress } from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';
import { describe, invalidRequest, OAuthError, type RequestReason } from './error.ts';
import type { Form } from './form.ts';
import { isRegistered, onlyRegistered } from './redirection.ts';
import type { Snapshot } from './snapshot.ts';

/** How the parameters of an answer travel (OAuth 2.0 Multiple Response Type Encoding Practices 2, Form Post Response Mode). */
export type ResponseMode = 'query' | 'fragment' | 'form_post';

const RESPONSE_MODES: ReadonlySet<string> = new Set(['query', 'fragment', 'form_post'] satisfies ResponseMode[]);

export interface Target {
  readonly client: ApplicationAddress;
  readonly application: ApplicationEntity;
  readonly redirect_uri: string;
  /** Errors as well; of a response type with tokens never `query` (P:C-063). */
  readonly mode: ResponseMode;
  readonly state: string | undefined;
}

/** `repeated` holds the names of parameters that stand there twice. Throws OAuthError for a page. */
export function readTarget(form: Form, repeated: ReadonlySet<string>, snapshot: Snapshot, now: number): Target {
  for (const name of ['client_id', 'redirect_uri', 'response_mode']) {
    if (repeated.has(name)) throw invalidRequest('PARAMETER_REPEATED', name);
  }
  const client_id = form.get('client_id');
  if (client_id === undefined) throw invalidRequest('CLIENT_ID_MISSING');
  const client = snapshot.index.client(client_id);
  const application = client === undefined ? undefined : snapshot.index.application(client);
  // A disabled client is as unknown as one that never was (S:U-33).
  if (client === undefined || application === undefined || !activityOf(application, now).active) {
    throw refusedPage('invalid_client', 'CLIENT_UNKNOWN');
  }
  const redirect_uri = redirectUriOf(form, application, now);
  const response_mode = form.get('response_mode');
  if (response_mode !== undefined && !RESPONSE_MODES.has(response_mode)) throw invalidRequest('RESPONSE_MODE_UNKNOWN');
  return {
    client,
    application,
    redirect_uri,
    mode: modeOf(response_mode as ResponseMode | undefined, form.get('response_type')),
    state: repeated.has('state') ? undefined : form.get('state'),
  };
}

function redirectUriOf(form: Form, { metadata = {} }: ApplicationEntity, now: number): string {
  const asked = form.get('redirect_uri');
  if (asked !== undefined) {
    if (isRegistered(metadata, asked, now)) return asked;
    throw invalidRequest('REDIRECT_URI_NOT_REGISTERED');
  }
  // RFC 6749 3.1.2.3 lets a client with one registered URI leave it out, OpenID Connect Core 3.1.2.1 does not.
  const only = onlyRegistered(metadata, now);
  if (only !== undefined && !scopeValues(form.get('scope')).includes('openid')) return only;
  throw invalidRequest(metadata.redirect_uris === undefined ? 'REDIRECT_URI_NOT_REGISTERED' : 'REDIRECT_URI_MISSING');
}

function modeOf(asked: ResponseMode | undefined, response_type: string | undefined): ResponseMode {
  const holdsTokens = /(^| )(token|id_token)( |$)/.test(response_type ?? '');
  if (asked === undefined || (asked === 'query' && holdsTokens)) return holdsTokens ? 'fragment' : 'query';
  return asked;
}

function refusedPage(error: 'invalid_client', code: RequestReason): OAuthError {
  return new OAuthError({ error, description: describe(code) });
}
