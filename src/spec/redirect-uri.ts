// Owns which redirect URIs a client may register (RFC 6749 3.1.2, RFC 8252 7, RFC 9700 2.1 and 4.1). Never compares one
// with that of a request, and never knows where it is written.

import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { ClientMetadata } from '../model/entity.ts';
import type { DiagnosticCode } from './catalogue.ts';

type Code = Extract<DiagnosticCode, `redirect-uri.${string}`>;

export interface RedirectUriFault {
  readonly code: Code;
  readonly detail: string;
  readonly help: string;
  /** What to write instead, where that is beyond doubt. */
  readonly text?: string;
}

/** Schemes that a browser runs, opens or reads by itself: an answer must never go there. */
const DANGEROUS =
  /^(?:javascript|data|vbscript|blob|file|filesystem|about|view-source|jar|ftp|ws|wss|mailto|tel|intent|chrome|resource):/i;

/**
 * What is wrong with a redirect URI of good form for a client of this kind; undefined when nothing is. `carried` is what goes
 * there.
 */
export function redirectUriFault(
  uri: string,
  { application_type, grant_types }: Pick<ClientMetadata, 'application_type' | 'grant_types'>,
  carried = 'codes and tokens',
): RedirectUriFault | undefined {
  const { protocol, hostname } = new URL(uri);
  if (protocol === 'https:') return undefined;
  if (protocol !== 'http:') return privateSchemeFault(protocol, application_type);
  const isNative = application_type === 'native';
  const isLoopback = isLoopbackHost(hostname);
  // OpenID Connect Registration 2: a web client of the implicit grant registers https only (P:C-064).
  if (!isLoopback || (!isNative && grant_types?.includes('implicit') === true)) {
    return {
      code: 'redirect-uri.insecure',
      detail: isLoopback
        ? 'a web client with the grant implicit takes https only'
        : `${carried} would cross the network to ${hostname} in clear text`,
      help: isLoopback
        ? 'Write an https URI, or application_type: native for an application on the user’s own device.'
        : `Write an https URI; http is for a loopback address of a native client only.`,
      // Behind a port of http there is no https.
      ...(isLoopback || new URL(uri).port !== '' || /:80(?=[/?]|$)/.test(uri)
        ? {}
        : { text: uri.replace(/^http:/i, 'https:') }),
    };
  }
  if (hostname === 'localhost') {
    // RFC 8252 8.3: the name may resolve to an address that is not the device itself.
    const text = uri.replace(/^(http:\/\/)localhost/i, '$1127.0.0.1');
    return {
      code: 'redirect-uri.localhost',
      detail: 'localhost is a name, which may lead elsewhere than to the device itself',
      help: `Write ${text}, and [::1] beside it where clients listen there.`,
    };
  }
  return isNative ? undefined : undeclared('a loopback address');
}

/** What is wrong with the form: RFC 3986, absolute, and nothing that could be read in two ways. */
export function redirectUriFormFault(uri: string): Omit<RedirectUriFault, 'code'> | undefined {
  if (uri.includes('*')) {
    return {
      detail: 'a redirect URI is compared letter for letter, so * is no wildcard',
      help: 'List each URI; with a wildcard whoever owns one matching page gets the codes (RFC 9700 section 4.1).',
    };
  }
  if (uri.includes('#')) {
    const text = uri.slice(0, uri.indexOf('#'));
    return {
      detail: 'a redirect URI has no fragment (RFC 6749 section 3.1.2)',
      help: `Write ${text}.`,
      ...(isAbsolute(text) ? { text } : {}),
    };
  }
  if (DANGEROUS.test(uri)) {
    return {
      detail: `${uri.slice(0, uri.indexOf(':') + 1)} is no scheme to which an answer may go`,
      help: 'Write an https URI, or for a native client a loopback address or a private-use scheme.',
    };
  }
  if (!isAbsolute(uri)) {
    return {
      detail: 'an absolute URI is expected (RFC 3986 section 4.3)',
      help: 'Write it with scheme, host and path, for example https://app.example.com/callback.',
    };
  }
  const { protocol, hostname } = new URL(uri);
  const isWeb = protocol === 'https:' || protocol === 'http:';
  // http://localhost:80@evil.example leads to evil.example (CVE-2024-8883); https:/app leads to who knows where.
  if (hasUser(uri)) {
    return { detail: 'a redirect URI has no user before its host', help: 'Remove what stands before the @.' };
  }
  if (isWeb && (hostname === '' || !/^https?:\/\/[^/]/i.test(uri))) {
    return { detail: 'a redirect URI has a host', help: 'Write, for example, https://app.example.com/callback.' };
  }
  return undefined;
}

function isAbsolute(uri: string): boolean {
  return fullFormats.uri instanceof Function && fullFormats.uri(uri) && URL.canParse(uri);
}

/** RFC 8252 7.1: a scheme with a dot is a domain name turned round, which its owner can prove to own. */
function privateSchemeFault(
  protocol: string,
  application_type: ClientMetadata['application_type'],
): RedirectUriFault | undefined {
  if (!protocol.includes('.')) {
    return {
      code: 'redirect-uri.private-scheme',
      detail: `any application may claim the scheme ${protocol}`,
      help: 'Take a domain name that you own, turned round, as scheme: com.example.app:/callback.',
    };
  }
  if (application_type === 'web') {
    return {
      code: 'redirect-uri.private-scheme',
      detail: 'a private-use scheme is for native clients, and application_type is web',
      help: 'Write application_type: native, or an https URI.',
    };
  }
  return application_type === 'native' ? undefined : undeclared('a private-use scheme');
}

function undeclared(what: string): RedirectUriFault {
  return {
    code: 'redirect-uri.native',
    detail: `${what} is for native clients, and application_type: native is not written`,
    help: 'Write application_type: native, which lets loopback URIs match on any port, or register an https URI.',
  };
}

/** `hostname` as the URL parser writes it. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether an absolute URI has a user before its host, and so maybe a password (RFC 3986 3.2.1, 7.5). */
export function hasUser(uri: string): boolean {
  const { username, password } = new URL(uri);
  return username !== '' || password !== '' || /^[^/?]*:\/\/[^/?]*@/.test(uri);
}

/** Whether a text is an absolute http or https URL with a host (RFC 3986). */
export function isWebUrl(text: string): boolean {
  return isAbsolute(text) && /^https?:\/\/[^/]/i.test(text) && new URL(text).hostname !== '';
}
