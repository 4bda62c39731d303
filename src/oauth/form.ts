// Owns how the pairs of a form become parameters (RFC 6749 3.2). Never decodes a body and never reads a query.

import { invalidRequest, type OAuthError } from './error.ts';

/** Parameters by name. An empty value is not in it: it counts as absent. */
export type Form = ReadonlyMap<string, string>;

/** Other standards let these be sent more than once (RFC 8707 2, RFC 8693 2.1); this server ignores them. */
const REPEATABLE: ReadonlySet<string> = new Set(['resource', 'audience']);

/**
 * Reads the pairs of a form. Any parameter that stands there twice is refused, also one that we do not know and an
 * empty one: whoever stands before us may have read the other.
 *
 * @param refused makes the error of a repeated parameter; by default 400 invalid_request without a challenge.
 */
export function readForm(
  pairs: readonly (readonly [name: string, value: string])[],
  refused: (name: string) => OAuthError = repeated,
): Form {
  const { form, repeated: twice } = readPairs(pairs);
  for (const name of twice) throw refused(name);
  return form;
}

/** The parameters by name, and the names of those that stand there more than once: of those the first counts. */
export function readPairs(pairs: readonly (readonly [name: string, value: string])[]): {
  readonly form: Form;
  readonly repeated: ReadonlySet<string>;
} {
  const form = new Map<string, string>();
  const seen = new Set<string>();
  const repeatedNames = new Set<string>();
  for (const [name, value] of pairs) {
    if (REPEATABLE.has(name)) continue;
    if (seen.has(name)) {
      repeatedNames.add(name);
      continue;
    }
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return { form, repeated: repeatedNames };
}

function repeated(name: string): OAuthError {
  return invalidRequest('PARAMETER_REPEATED', tellable(name));
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['grant_type', 'scope', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'],
  ...['token', 'token_type_hint', 'access_token', 'response_type', 'redirect_uri', 'state'],
  ...['code', 'code_verifier', 'refresh_token', 'username', 'password'],
]);

/** The name of a parameter as it may be repeated and logged: a malformed form can hold a secret as a name. */
export function tellable(name: string): string | undefined {
  return KNOWN.has(name) ? name : undefined;
}
