// Owns the formats that the schemas name: values whose form no pattern can judge, with what is said of a wrong one.
// Never looks at a second value.

import { parseName } from '../model/distinguished-name.ts';
import { parseInstant } from '../model/duration.ts';
import { blockOf, isAddress, isAddressBlock } from '../model/network.ts';
import { isOutboundTarget } from '../model/outbound-target.ts';
import { parsePolicyValue } from '../model/policy-value.ts';
import { isResourceHost, isResourcePath } from '../model/resource-path.ts';
import { approvalFault } from './approval-form.ts';
import type { DiagnosticCode } from './catalogue.ts';
import { hasUser, isWebUrl, redirectUriFormFault } from './redirect-uri.ts';

export interface FormatFault {
  readonly code: Extract<
    DiagnosticCode,
    | 'date.invalid'
    | 'address.invalid'
    | 'url.invalid'
    | 'host.invalid'
    | 'path.invalid'
    | 'outbound-target.invalid'
    | 'redirect-uri.invalid'
    | 'approval.invalid'
    | 'policy-value.invalid'
    | 'certificate-name.invalid'
    | 'header.invalid'
  >;
  readonly detail: string;
  readonly help: string;
  /** What to write instead, where that is beyond doubt. */
  readonly text?: string;
}

type Format = (text: string) => FormatFault | undefined;

/** By the name that stands under `format` in a schema. `uri` is none of them: it is a hint for editors. */
export const FORMATS: Readonly<Record<string, Format>> = {
  instant(text) {
    if (parseInstant(text) !== undefined) return undefined;
    const lacksZone = parseInstant(`${text}Z`) !== undefined;
    return {
      code: 'date.invalid',
      detail: lacksZone
        ? `${JSON.stringify(text)} does not say in which zone`
        : `${JSON.stringify(text)} is no date, or a day that does not exist`,
      help: lacksZone
        ? `Add the zone: ${text}Z is UTC, ${text}+02:00 two hours ahead of it.`
        : 'Write 2027-01-31, which is its first instant in UTC, or 2027-01-31T17:00:00Z.',
    };
  },
  'address-block'(text) {
    if (isAddressBlock(text)) {
      const meant = blockOf(text);
      if (meant === text) return undefined;
      return {
        code: 'address.invalid',
        detail: `${JSON.stringify(text)} is the whole of ${meant}, and reads as if it were less`,
        help: `Write ${meant}, or the address alone, or a longer prefix.`,
      };
    }
    return {
      code: 'address.invalid',
      detail: `${JSON.stringify(text)} is no IP address and no CIDR block`,
      help: 'Write, for example, 192.168.1.0/24, 203.0.113.7 or 2001:db8::/32.',
    };
  },
  address(text) {
    if (isAddress(text)) return undefined;
    return {
      code: 'address.invalid',
      detail: `${JSON.stringify(text)} is no IP address`,
      help: 'Write one address, for example 203.0.113.7 or 2001:db8::1.',
    };
  },
  'web-url'(text) {
    return isWebUrl(text) ? userFault(text) : webUrlFault('an absolute http or https URL is expected');
  },
  // P:G-008: what a page loads, it loads by https.
  'https-url'(text) {
    if (isWebUrl(text) && /^https:/i.test(text)) return userFault(text);
    return webUrlFault(isWebUrl(text) ? 'a logo is loaded by https only' : 'an absolute https URL is expected');
  },
  // RFC 7591 2, OpenID Connect Back-Channel Logout 2.2. Whether http is taken the server's own keys say.
  'fetched-url'(text) {
    if (!isWebUrl(text)) return webUrlFault('an absolute https URL is expected');
    if (!text.includes('#')) return userFault(text);
    const without = text.slice(0, text.indexOf('#'));
    return {
      code: 'url.invalid',
      detail: 'a URL that this server calls has no fragment',
      help: `Write ${without}.`,
      text: without,
    };
  },
  'outbound-target'(text) {
    if (isOutboundTarget(text)) return undefined;
    return {
      code: 'outbound-target.invalid',
      detail: `${JSON.stringify(text)} is no host name, no IP address and no CIDR block`,
      help: 'Write it without scheme, port, path and wildcard: keys.internal.example.com, 10.20.0.0/16 or ::1.',
    };
  },
  host(text) {
    if (isResourceHost(text)) return undefined;
    const meant = text.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
    return {
      code: 'host.invalid',
      detail: /:\d*$/.test(text)
        ? 'a request for a host may come to any port, so none is written'
        : text !== text.toLowerCase()
          ? 'a host is compared in lower case'
          : `${JSON.stringify(text)} is no name of a host and no address`,
      help: isResourceHost(meant)
        ? `Write ${meant}.`
        : 'Write one host without scheme, port, path and wildcard, for example api.example.com. Any host where it is left out.',
      ...(isResourceHost(meant) ? { text: meant } : {}),
    };
  },
  'resource-path'(text) {
    if (isResourcePath(text) && !/\/\*+$/.test(text)) return undefined;
    const meant = text.replace(/[/*]+$/, '') || '/';
    const isBelow = isResourcePath(meant);
    return {
      code: 'path.invalid',
      detail: isBelow
        ? `a path covers what is below it without ${text.endsWith('*') ? 'a wildcard' : 'a slash'} at its end`
        : pathFault(text),
      help: isBelow
        ? `Write ${meant}.`
        : 'Write the path as it is compared: from /, without //, . and .. as steps, ;, ? and #, and nothing encoded that may stand by itself.',
      ...(isBelow ? { text: meant } : {}),
    };
  },
  'upstream-url'(text) {
    if (!isWebUrl(text)) return webUrlFault('an absolute http or https URL is expected');
    const extra = /[?#]/.exec(text);
    if (extra === null) return userFault(text);
    const without = text.slice(0, extra.index);
    return {
      code: 'url.invalid',
      detail: 'what is asked has a query of its own, so an upstream has neither query nor fragment',
      help: `Write ${without}.`,
      text: without,
    };
  },
  'redirect-uri'(text) {
    const fault = redirectUriFormFault(text);
    return fault === undefined ? undefined : { code: 'redirect-uri.invalid', ...fault };
  },
  approval(text) {
    const fault = approvalFault(text);
    return fault === undefined ? undefined : { code: 'approval.invalid', ...fault };
  },
  'policy-value'(text) {
    const detail = parsePolicyValue(text) === undefined ? policyValueFault(text) : undefined;
    return detail === undefined ? undefined : { code: 'policy-value.invalid', detail, help: policyValueHelp(text) };
  },
  'distinguished-name'(text) {
    const name = parseName(text);
    if (typeof name !== 'string') return undefined;
    return {
      code: 'certificate-name.invalid',
      detail: name,
      help: 'Write it as RFC 4514 does, the most specific part first: CN=batch7,OU=Treasury,O=Example,C=SE. A type without a keyword is written by its OID, and a backslash stands before " + , ; < > \\ in a value.',
    };
  },
  'certificate-dns'(text) {
    const isName =
      /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
    if (isName.test(text) && text.length <= 253) return undefined;
    return {
      code: 'certificate-name.invalid',
      detail: `${JSON.stringify(text)} is no DNS name`,
      help: 'Write the one name without wildcard, and other letters than those of ASCII as the certificate does (xn--…): batch7.internal.example.com.',
    };
  },
  'certificate-uri'(text) {
    if (/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7E]+$/.test(text)) return undefined;
    return {
      code: 'certificate-name.invalid',
      detail: `${JSON.stringify(text)} is no absolute URI`,
      help: 'Write it as the certificate does, with its scheme: spiffe://example.com/ns/treasury/sa/batch7.',
    };
  },
  'certificate-email'(text) {
    if (/^[\x21-\x3F\x41-\x7E]+@[A-Za-z0-9.-]+$/.test(text)) return undefined;
    return {
      code: 'certificate-name.invalid',
      detail: `${JSON.stringify(text)} is no e-mail address`,
      help: 'Write the address alone: batch7@example.com.',
    };
  },
  'certificate-digest'(text) {
    if (/^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/.test(text)) return undefined;
    return {
      code: 'certificate-name.invalid',
      detail: `${JSON.stringify(text)} is no SHA-256 in hex`,
      help: 'Write the 64 digits that openssl x509 -noout -fingerprint -sha256 prints, with colons or without.',
    };
  },
  'certificate-header'(text) {
    const isOther = OTHER_HEADERS.has(text.toLowerCase());
    if (/^[A-Za-z0-9-]+$/.test(text) && !isOther) return undefined;
    return {
      code: 'header.invalid',
      detail: isOther
        ? `${text} says something else of each request`
        : `${JSON.stringify(text)} is no name of a header`,
      help: 'Name the header that the proxy sets to the certificate, and takes from every request that comes to it: Client-Cert.',
    };
  },
};

/** Headers that requests have anyway: none of them holds a certificate. */
const OTHER_HEADERS: ReadonlySet<string> = new Set([
  ...['authorization', 'cookie', 'host', 'origin', 'accept', 'content-type', 'content-length', 'user-agent'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-uri', 'x-forwarded-method'],
]);

function pathFault(text: string): string {
  return text.startsWith('/')
    ? `${JSON.stringify(text)} is not in normal form, so servers could read it in different ways`
    : `${JSON.stringify(text)} does not begin with /`;
}

/** Expressions of the replaced system are a language of their own, of which only the bare ones are read (SEMANTICS U-62). */
function policyValueFault(text: string): string {
  return text.includes(`\${`)
    ? `${JSON.stringify(text)} is an expression, and none is evaluated`
    : `${JSON.stringify(text)} does not say where the value comes from`;
}

function policyValueHelp(text: string): string {
  const forms = `text:WORDS, user:ATTRIBUTE, user:ATTRIBUTE;binary, method:ATTRIBUTE, and bare \${user.ATTRIBUTE} and \${method['ATTRIBUTE']}`;
  const isWord = /^[A-Za-z0-9_][A-Za-z0-9_.@+~-]*$/.test(text);
  return isWord
    ? `Write user:${text} for an attribute, or text:${text} for the word itself.`
    : `The forms are ${forms}.`;
}

function webUrlFault(detail: string): FormatFault {
  return {
    code: 'url.invalid',
    detail,
    help: 'Write it with scheme and host, for example https://app.example.com/about.',
  };
}

/** It would be shown to everybody who is shown the URL, with the password (RFC 3986 7.5). */
function userFault(text: string): FormatFault | undefined {
  if (!hasUser(text)) return undefined;
  return {
    code: 'url.invalid',
    detail: 'a URL has no user before its host here',
    help: 'Remove what stands before the @. A password that was written there is known by now.',
  };
}
