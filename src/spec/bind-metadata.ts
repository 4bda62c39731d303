// Owns RFC 7591 client metadata as State holds it, and what only code can say about one of its values. Never compares
// values with each other; check-clients.ts does.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { ClientMetadata } from '../model/entity.ts';
import { pick } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { SiteMetadata } from './documents.gen.ts';
import { redirectUriFault, redirectUriFormFault } from './redirect-uri.ts';
import { replace } from './schema-fault.ts';
import { type Entry, entryOf, itemsOf, rangeOf, type Span } from './tree.ts';

const KEPT = [
  'grant_types',
  'response_types',
  'application_type',
  'code_challenge_method',
  'aud',
  'token_endpoint_auth_method',
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

export function bindMetadata(written: SiteMetadata, entry: Entry | undefined, problems: Diagnostic[]): ClientMetadata {
  const node = entry?.value;
  const { scope, redirect_uris } = written;
  const languages = Object.entries(written).filter(([name]) => IN_LANGUAGES.test(name));
  return {
    ...pick(written, KEPT),
    ...(scope === undefined ? {} : { scope: typeof scope === 'string' ? scope : scope.join(' ') }),
    ...(redirect_uris === undefined
      ? {}
      : { redirect_uris: redirectUris(written, entryOf(node, 'redirect_uris'), problems) }),
    ...Object.fromEntries(languages),
  };
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
      const { code, detail, help, text } = fault;
      const fixes = text === undefined ? [] : [replace(written.span, text, `Write ${text}`)];
      problems.push(report(code, { detail, help, range: rangeOf(written.span), fixes }));
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
