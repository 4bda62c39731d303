// Owns RFC 7591 client metadata as State holds it, and what only code can say about one of its values. Never compares
// values with each other; check-clients.ts does.

import type { ApplicationAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ClientMetadata } from '../model/entity.ts';
import { bindJwks } from './bind-jwks.ts';
import { pick } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { SiteMetadata } from './documents.gen.ts';
import { type RedirectUriFault, redirectUriFault, redirectUriFormFault } from './redirect-uri.ts';
import { replace } from './schema-fault.ts';
import { type Entry, entryOf, itemsOf, rangeOf, type Span } from './tree.ts';

const KEPT = [
  'grant_types',
  'response_types',
  'application_type',
  'code_challenge_method',
  'aud',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'jwks_uri',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'id_token_signed_response_alg',
  'default_max_age',
  'require_auth_time',
  'default_acr_values',
  'subject_type',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'client_name',
  'client_uri',
  'logo_uri',
  'tos_uri',
  'policy_uri',
  'contacts',
  'software_id',
  'software_version',
] as const;
/** Names that may be followed by # and a language tag (RFC 7591 section 2.2). */
const IN_LANGUAGES = /^(?:client_name|client_uri|logo_uri|tos_uri|policy_uri)#/;

/** What is wrong is told of `address`, the application that the metadata is of: so it can be waived there. */
export function bindMetadata(
  written: SiteMetadata,
  entry: Entry | undefined,
  address: ApplicationAddress,
  problems: Diagnostic[],
): ClientMetadata {
  const found: Diagnostic[] = [];
  const bound = bind(written, entry, found);
  problems.push(...found.map((diagnostic) => ({ ...diagnostic, address })));
  return bound;
}

function bind(written: SiteMetadata, entry: Entry | undefined, problems: Diagnostic[]): ClientMetadata {
  const node = entry?.value;
  const { scope, redirect_uris, post_logout_redirect_uris: afterLogout, jwks } = written;
  const languages = Object.entries(written).filter(([name]) => IN_LANGUAGES.test(name));
  return {
    ...pick(written, KEPT),
    ...(scope === undefined ? {} : { scope: typeof scope === 'string' ? scope : scope.join(' ') }),
    ...(redirect_uris === undefined
      ? {}
      : { redirect_uris: redirectUris(written, entryOf(node, 'redirect_uris'), problems) }),
    ...(jwks === undefined ? {} : { jwks: bindJwks(jwks, entryOf(node, 'jwks'), problems) }),
    ...(afterLogout === undefined
      ? {}
      : {
          post_logout_redirect_uris: logoutUris(written, entryOf(node, 'post_logout_redirect_uris'), problems),
        }),
    ...Object.fromEntries(languages),
  };
}

/** By the rules of redirect_uris (OpenID Connect RP-Initiated Logout 3.1); the schema has seen that each is there once. */
function logoutUris(metadata: SiteMetadata, entry: Entry | undefined, problems: Diagnostic[]): readonly string[] {
  return itemsOf(entry?.value).flatMap((item) => {
    if (item.type !== 'scalar' || typeof item.value !== 'string') return [];
    if (redirectUriFormFault(item.value) !== undefined) return [];
    const judged = pick(metadata, ['application_type']);
    tellFault(redirectUriFault(item.value, judged, 'what a logout comes back with'), item.span, problems);
    return [item.value];
  });
}

function tellFault(fault: RedirectUriFault | undefined, span: Span, problems: Diagnostic[]): void {
  if (fault === undefined) return;
  const { code, detail, help, text } = fault;
  const fixes = text === undefined ? [] : [replace(span, text, `Write ${text}`)];
  problems.push(report(code, { detail, help, range: rangeOf(span), fixes }));
}

function redirectUris(
  metadata: SiteMetadata,
  entry: Entry | undefined,
  problems: Diagnostic[],
): NonNullable<ClientMetadata['redirect_uris']> {
  const known = new Map<string, Span>();
  const judged = pick(metadata, ['application_type', 'grant_types']);
  return itemsOf(entry?.value).flatMap((item) => {
    const ends = entryOf(item, 'expires');
    const written = entryOf(item, 'uri')?.value ?? item;
    if (written.type !== 'scalar' || typeof written.value !== 'string') return [];
    const uri = written.value;
    const first = known.get(uri);
    known.set(uri, first ?? written.span);
    // A wrong form is told already, and says nothing of the kind of client.
    if (redirectUriFormFault(uri) !== undefined) return [];
    const fault = redirectUriFault(uri, judged);
    if (fault !== undefined) {
      tellFault(fault, written.span, problems);
    } else if (first !== undefined) {
      problems.push(
        report('value.duplicate', {
          detail: 'this redirect URI is in the list already',
          help: 'Remove one of the two.',
          range: rangeOf(written.span),
          related: [{ message: 'it was listed here first', range: rangeOf(first) }],
        }),
      );
    }
    const expires = ends?.value.type === 'scalar' ? ends.value.value : undefined;
    return [{ uri, ...(typeof expires === 'string' ? { expires } : {}) }];
  });
}
