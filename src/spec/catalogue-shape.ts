// Owns the codes about one document, one value or one name. Never about how entities relate (catalogue-access.ts).

import type { CatalogueEntry } from './catalogue.ts';

export const SHAPE_CODES = {
  'document.not-a-map': {
    severity: 'error',
    summary: 'Document is not a map',
    explanation:
      'A document of a spec is a map of keys: a site document has site: NAME, a tests document tests:, any other is a server document. A list or a single value at the top has no meaning.',
  },
  'key.unknown': {
    severity: 'error',
    summary: 'Unknown key',
    explanation:
      'The key is none that this version enforces. A misspelt key that were ignored would be a rule that silently does not hold. Keys that begin with x- are your own and are ignored, where keys are fixed; in a map of names every key is a name.',
  },
  'key.missing': {
    severity: 'error',
    summary: 'Missing key',
    explanation:
      'The map lacks a key without which it says nothing. Write it; the help line says what it means, with an example.',
  },
  'key.duplicate': {
    severity: 'error',
    summary: 'Key written in two documents',
    explanation:
      "Many documents add to one site, but a site's own lists and values, and each key of its defaults, stand in one document only: with two, the order of files would decide. Keep one; both places are shown.",
  },
  'value.type': {
    severity: 'error',
    summary: 'Wrong type of value',
    explanation:
      'The key takes another type of value: a list, a map, text, or true and false. A list key never takes a bare value: write [value]. Only metadata.scope is one string of several names.',
  },
  'value.not-allowed': {
    severity: 'error',
    summary: 'Value is not one of those allowed',
    explanation: 'The key takes one of a few fixed values, and this is none of them. The help line lists them.',
  },
  'value.invalid': {
    severity: 'error',
    summary: 'Value has the wrong form',
    explanation: 'The value does not have the form that the key takes. The help line says which, with an example.',
  },
  'value.duplicate': {
    severity: 'error',
    summary: 'Value is listed twice',
    explanation: 'A list holds the same value twice. The second one says nothing: remove it.',
  },
  'name.invalid': {
    severity: 'error',
    summary: 'Name has the wrong form',
    explanation:
      'Names begin with a letter, a digit or _ and go on with those and . @ + ~ -. A name is part of addresses, DNs and URLs, so it has no spaces, slashes or colons. Names of scopes are scope tokens of RFC 6749 without *.',
  },
  'name.duplicate': {
    severity: 'error',
    summary: 'Name declared twice',
    explanation:
      'Everything named is declared once: two documents declare the same application, group or user of a site, or the same method or scope. Which of them holds would depend on the order of files. Keep one, or rename one; both places are shown.',
  },
  'overlay.entity-only-here': {
    severity: 'warning',
    summary: 'Only the overlay declares it',
    explanation:
      'An overlay changes what the spec declares, and this is declared nowhere below it, so it is added in this environment alone. Mostly the name is misspelt, and what was to be changed stays as it was. Where it is meant, nothing needs to be done.',
  },
  'overlay.nothing-removed': {
    severity: 'warning',
    summary: 'Overlay removes what is not there',
    explanation:
      'In an overlay a null, or a key with nothing behind it, removes what is written below it, and nothing of this name is. Mostly the name is misspelt, and what was to be removed is still there. An entity without keys is written {}.',
  },
  'server.missing': {
    severity: 'error',
    summary: 'No server is declared',
    explanation:
      'A spec declares its server once, in a document without site:, with at least the issuer: server: { issuer: https://id.example.com }. Without it no token could say who issued it.',
  },
  'server.duplicate': {
    severity: 'error',
    summary: 'Server declared twice',
    explanation: 'A spec has one server, and two documents declare it. Keep one; both places are shown.',
  },
  'issuer.invalid': {
    severity: 'error',
    summary: 'Issuer has the wrong form',
    explanation:
      'Clients compare the issuer letter for letter, so it has one spelling: an absolute URL in its normal form, without user, query, fragment or trailing slash (RFC 8414 section 2, OpenID Connect Discovery section 3).',
  },
  'issuer.insecure': {
    severity: 'error',
    summary: 'Issuer is not https',
    explanation:
      'Tokens and secrets would cross the network in clear text (RFC 6749 section 10.9). Use https; http is for a loopback host only: localhost, 127.0.0.0/8 or [::1].',
  },
  'profile.base-dn-missing': {
    severity: 'error',
    summary: 'Profile needs a base DN',
    explanation:
      "The profile ubisecure puts distinguished names of clients and users into its answers, and they end in the directory's base DN. Write server.directory.base_dn.",
  },
  'profile.required-role-missing': {
    severity: 'error',
    summary: 'Profile needs a required role',
    explanation:
      'With the profile argus every application with a grant of users says which role, or which function, its users need (SEMANTICS A-10). Write required_role at the application, or for all of a site in its defaults.',
  },
  'address.invalid': {
    severity: 'error',
    summary: 'Not an IP address or block',
    explanation:
      'An IPv4 or IPv6 address or a CIDR block is expected, such as 192.168.1.0/24, 203.0.113.7 or 2001:db8::/32. Behind its prefix a block is zero: 10.1.2.3/8 would let in all of 10.0.0.0/8. Host names are not resolved: what they mean could change without a review.',
  },
  'host.invalid': {
    severity: 'error',
    summary: 'Not a host',
    explanation:
      'A resource names one host as requests do once they are compared: a name or an address, in lower case, without scheme, port, path, wildcard and final dot. An IPv6 address stands in brackets. A resource without host covers its path at every host.',
  },
  'path.invalid': {
    severity: 'error',
    summary: 'Path is not in normal form',
    explanation:
      'A rule about a path protects only what everybody reads alike. So the path of a resource has one spelling: it begins with /, has no empty step, no . and .. as steps, no ; ? and #, no slash and no wildcard at its end (but / alone), and encodes nothing that may stand by itself, nor slashes, backslashes and %. What is asked is brought into the same form before it is compared.',
  },
  'policy-value.invalid': {
    severity: 'error',
    summary: 'Value of a policy item has no form that is known',
    explanation: `The value of an item says where it comes from: text:WORDS is the words themselves, user:ATTRIBUTE all values of an attribute of the user, user:ATTRIBUTE;binary the same in Base64, method:ATTRIBUTE what the method by which the subject was authenticated says (grant_type, issuer, issuer_dn, dn, ldap). Of the expressions of the replaced system the bare \${user.ATTRIBUTE} and \${method['ATTRIBUTE']} mean the same as those; no other expression is evaluated, so a policy that needs one is an error and not a surprise (SEMANTICS U-62).`,
  },
  'date.invalid': {
    severity: 'error',
    summary: 'Not a date',
    explanation:
      'A date (2027-01-31, its first instant in UTC) or a date-time of RFC 3339 with its zone (2027-01-31T17:00:00Z) is expected, and the day must exist.',
  },
  'user.never-active': {
    severity: 'error',
    summary: 'User ends before it begins',
    explanation:
      'The user expires at or before the instant from which it is active, so it can never be used. Exchange or correct the two dates.',
  },
  'secret.literal': {
    severity: 'error',
    summary: 'Secret written in the spec',
    explanation:
      'A spec stands in Git, where everything that was ever written stays readable. Name the place of the secret instead: { env: NAME } or { file: PATH }, or its Argon2id hash: { hash: "$argon2id$…" }. A secret that was committed is known: replace it. The value is hidden in every output.',
  },
  'secret.two-forms': {
    severity: 'error',
    summary: 'Both secret and secrets',
    explanation:
      'secret is for one secret and secrets for several with the time in which each counts. With both it would be unclear whether the one under secret always counts. Move it into the list.',
  },
  'secret.never-usable': {
    severity: 'error',
    summary: 'Secret ends before it begins',
    explanation:
      'The secret expires at or before the instant from which it counts, so it can never be used. Exchange or correct the two dates.',
  },
  'secret.not-one-place': {
    severity: 'error',
    summary: 'Secret does not name one place',
    explanation:
      'A secret is exactly one of { env: NAME }, { file: PATH } and { hash: "$argon2id$…" }. With none there is no secret, and with two nobody could say which one holds.',
  },
  'secret.invalid': {
    severity: 'error',
    summary: 'Place of a secret has the wrong form',
    explanation:
      'env takes the name of an environment variable, file a path, hash an Argon2id hash as a PHC string ($argon2id$v=19$m=…,t=…,p=…$salt$hash). What is written is hidden in every output, as it may be the secret itself.',
  },
} as const satisfies Record<string, CatalogueEntry>;
