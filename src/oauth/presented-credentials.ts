// Owns how a request names its client and proves it: the Authorization header, the body, the connection, or none of them
// (RFC 6749 2.3.1, RFC 8705 2).
// Never checks whether they are right.

import type { PresentedCertificate } from './certificate.ts';
import { ASSERTION_TYPE } from './client-assertion.ts';
import type { EndpointRequest } from './endpoint.ts';
import { invalidRequest } from './error.ts';
import type { Form } from './form.ts';

export interface Credentials {
  readonly client_id: string;
  readonly secret: string;
}

/** What the request presents. `scheme` is that of the Authorization header, in lower case. */
export type Presented =
  /** More than one reading is possible: see `readBasic`. Empty when the header means nothing. */
  | { readonly by: 'header'; readonly scheme: string; readonly readings: readonly Credentials[] }
  | { readonly by: 'body'; readonly credentials: Credentials }
  | { readonly by: 'assertion'; readonly client_id: string | undefined; readonly assertion: string }
  /** An assertion of a kind that this server does not serve. */
  | { readonly by: 'unsupported'; readonly client_id: string | undefined }
  /** No credential but that of the connection: whether it is one the client says. */
  | { readonly by: 'certificate'; readonly client_id: string; readonly certificate: PresentedCertificate }
  | { readonly by: 'nothing'; readonly client_id: string | undefined };

/** Throws invalid_request when the client authenticates in two ways at once, or is two clients at once. */
export function presentedCredentials(request: EndpointRequest, form: Form): Presented {
  const client_id = form.get('client_id');
  const secret = form.get('client_secret');
  const asserts = form.has('client_assertion') || form.has('client_assertion_type');
  const ways = [request.authorization.length > 0, secret !== undefined, asserts];
  if (ways.filter(Boolean).length > 1) throw invalidRequest('CREDENTIALS_REPEATED');

  const header = request.authorization[0];
  if (header !== undefined) {
    const [, scheme = '', value = ''] = /^([^ ]*) *(.*)$/s.exec(header) ?? [];
    // Two headers are as meaningless as a broken one: which would count?
    const isBasic = scheme.toLowerCase() === 'basic' && request.authorization.length === 1;
    const readings = isBasic ? readBasic(value) : [];
    const same = readings.filter((reading) => client_id === undefined || reading.client_id === client_id);
    if (readings.length > 0 && same.length === 0) throw invalidRequest('CLIENT_ID_MISMATCH');
    return { by: 'header', scheme: scheme.toLowerCase(), readings: same };
  }
  if (secret !== undefined) return { by: 'body', credentials: { client_id: client_id ?? '', secret } };
  const assertion = form.get('client_assertion');
  if (assertion !== undefined && form.get('client_assertion_type') === ASSERTION_TYPE) {
    return { by: 'assertion', client_id, assertion };
  }
  if (asserts) return { by: 'unsupported', client_id };
  // RFC 8705 2: which client it is, the body says.
  const { certificate } = request;
  if (certificate !== undefined && client_id !== undefined) return { by: 'certificate', client_id, certificate };
  return { by: 'nothing', client_id };
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The halves of a Basic value, decoded as application/x-www-form-urlencoded (RFC 6749 2.3.1) and, where that differs,
 * as they stand: half of the clients in use do not encode. Empty when the value is malformed.
 */
function readBasic(value: string): readonly Credentials[] {
  if (!BASE64.test(value)) return [];
  const bytes = Buffer.from(value, 'base64');
  // Bytes that are no UTF-8 are Latin-1: Python's requests and its kin send what HTTP once assumed (RFC 7617 2.1).
  const utf8 = bytes.toString('utf8');
  const text = Buffer.from(utf8, 'utf8').equals(bytes) ? utf8 : bytes.toString('latin1');
  const colon = text.indexOf(':');
  if (colon < 0) return [];
  const bare = { client_id: text.slice(0, colon), secret: text.slice(colon + 1) };
  const client_id = formDecode(bare.client_id);
  const secret = formDecode(bare.secret);
  if (client_id === undefined || secret === undefined) return [bare];
  if (client_id === bare.client_id && secret === bare.secret) return [bare];
  return [{ client_id, secret }, bare];
}

/** Undefined when the text is not validly encoded. */
function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
