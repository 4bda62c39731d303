// Owns the forms in which a policy says where the value of an attribute comes from (SEMANTICS U-62). Never evaluates one.

import type { UserEntity } from './entity.ts';

/** `user` and `method` name an attribute of the user, or of the method by which the subject was authenticated. */
export type PolicyValue =
  | { readonly from: 'text'; readonly text: string }
  /** `binary`: told in Base64 (RFC 4648 4). */
  | { readonly from: 'user'; readonly attribute: string; readonly binary: boolean }
  | { readonly from: 'method'; readonly attribute: string };

/** What a method says of the subject (SEMANTICS U-42). */
export const METHOD_ATTRIBUTES = ['grant_type', 'issuer', 'issuer_dn', 'dn', 'ldap'] as const;

const ATTRIBUTE = '[A-Za-z0-9_][A-Za-z0-9_.@+~-]*';
const PREFIXED = new RegExp(`^(user|method):(${ATTRIBUTE})(;binary)?$`);
const BARE = new RegExp(`^\\$\\{(user|method)(?:\\.(${ATTRIBUTE})|\\[(['"])(${ATTRIBUTE})\\3\\])\\}$`);

/**
 * `text:WORDS`, `user:ATTRIBUTE`, `user:ATTRIBUTE;binary`, `method:ATTRIBUTE`, and of the expression language of the replaced
 * system the bare `${user.a}` and `${method['a']}`. Undefined for anything else: no other expression is evaluated.
 */
export function parsePolicyValue(text: string): PolicyValue | undefined {
  if (text.startsWith('text:')) return { from: 'text', text: text.slice('text:'.length) };
  const [, prefix, attribute = '', binary] = PREFIXED.exec(text) ?? [];
  if (prefix === 'user') return { from: 'user', attribute, binary: binary !== undefined };
  if (prefix === 'method') return binary === undefined ? { from: 'method', attribute } : undefined;
  const [, of, dotted, , quoted] = BARE.exec(text) ?? [];
  const named = dotted ?? quoted;
  if (named === undefined) return undefined;
  return of === 'user' ? { from: 'user', attribute: named, binary: false } : { from: 'method', attribute: named };
}

/** The values of a user's attribute; one without text has none, as in a directory, and a postal address in parts is no text. */
export function valuesOfAttribute(
  { attributes = {} }: Pick<UserEntity, 'attributes'>,
  name: string,
): readonly string[] {
  const written = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (written === undefined) return [];
  if (typeof written === 'string') return written === '' ? [] : [written];
  return Array.isArray(written) ? (written as readonly string[]).filter((text) => text !== '') : [];
}

/** Claims that say what a token is: no policy gives them another value (SEMANTICS U-65, and what Charter's own tokens say). */
export const RESERVED_CLAIMS: readonly string[] = [
  ...['active', 'aud', 'client_id', 'expires_in', 'iat', 'scope', 'token_type'],
  ...['iss', 'sub', 'exp', 'nbf', 'jti', 'azp', 'act', 'cnf', 'amr', 'acr', 'auth_time', 'nonce', 'sid'],
  ...['gen', 'grant', 'impersonates', 'usn', 'session_index', 'username', 'permissions'],
];
