// Owns the codes about what is legal and yet unsafe or without use, beyond what SEMANTICS 2.6 names, and about waivers.
// Never about what cannot mean anything.

import type { CatalogueEntry } from './catalogue.ts';

export const SAFETY_CODES = {
  'redirect-uri.invalid': {
    severity: 'error',
    summary: 'Redirect URI has the wrong form',
    explanation:
      'A redirect URI is where codes and tokens are sent, and requests are compared with it letter for letter. So it is an absolute URI (RFC 3986), without wildcard, fragment, user or a scheme that a browser runs or opens itself (RFC 6749 section 3.1.2, RFC 9700 sections 2.1 and 4.1). Where a wildcard seems handy, such as for previews, list the URIs and let them end: { uri: …, expires: … }.',
  },
  'redirect-uri.insecure': {
    severity: 'error',
    summary: 'Redirect URI is not https',
    explanation:
      'Codes and tokens would cross the network in clear text (RFC 9700 section 2.6). http is for a loopback address of a client on the user’s own device only, and never for a web client with the grant implicit (OpenID Connect Registration section 2).',
  },
  'redirect-uri.private-scheme': {
    severity: 'error',
    summary: 'Private-use scheme has the wrong form',
    explanation:
      'Any application on a device may claim a scheme. One that is a domain name turned round, such as com.example.app, at least tells whose it is, and can be proved (RFC 8252 sections 7.1 and 8.4). Such schemes are for native clients.',
  },
  'redirect-uri.localhost': {
    severity: 'warning',
    summary: 'Redirect URI names localhost',
    explanation:
      'localhost is looked up like any name, and a firewall or a hosts file can lead it elsewhere; a listener may also be on one of the two loopback addresses only. Register http://127.0.0.1/… and http://[::1]/… instead (RFC 8252 section 8.3).',
  },
  'redirect-uri.native': {
    severity: 'warning',
    summary: 'Redirect URI of a native client, which is not declared to be one',
    explanation:
      'Loopback addresses and private-use schemes are how native clients get their answers (RFC 8252 section 7). Without application_type: native the client counts as a web client, and a loopback URI matches on its one port only.',
  },
  'url.invalid': {
    severity: 'error',
    summary: 'Not a web address',
    explanation:
      'client_uri, logo_uri, tos_uri and policy_uri are shown to people as links, or loaded: they are absolute http or https URLs, of a logo https only (RFC 7591 section 2). jwks_uri and backchannel_logout_uri are called by this server: absolute URLs without fragment.',
  },
  'client.no-redirect-uri': {
    severity: 'error',
    summary: 'Client of a redirect grant has no redirect URI',
    explanation:
      'authorization_code and implicit send their answer to a redirect URI that was registered before; without one there is nowhere to send it (RFC 7591 section 2, RFC 6749 section 3.1.2.2). Write metadata.redirect_uris, or remove the grant.',
  },
  'client.response-types': {
    severity: 'error',
    summary: 'response_types and grant_types do not go together',
    explanation:
      'The response type code is the first half of the grant authorization_code; token, id_token and their pair are the grant implicit (RFC 7591 section 2.1). One without the other can never be used. Where response_types is not written it follows from the grants.',
  },
  'implicit-enabled': {
    severity: 'warning',
    summary: 'Grant implicit is on',
    explanation:
      'Tokens travel in the address of a page, where histories, logs and scripts see them, and whoever knows the client_id can be the client (RFC 9700 section 2.1.2, SEMANTICS N-22). Use authorization_code with PKCE.',
  },
  'password-enabled': {
    severity: 'warning',
    summary: 'Grant password is on',
    explanation:
      'People give their password to the client, which could do with it what it likes, and no second factor is possible (RFC 9700 section 2.4, SEMANTICS N-23). Use authorization_code; where stored credentials are exchanged once for a long-lived token, waive this with the reason.',
  },
  'client.any-address': {
    severity: 'warning',
    summary: 'Client may call from any address',
    explanation:
      'Without client_ip_range a client may call from anywhere, and an empty one means the same. With the profile argus the range of a client that keeps a secret is written (SEMANTICS A-17), so that a secret that was stolen is of no use elsewhere. Where the addresses are not known beforehand, waive this with the reason.',
  },
  'pkce-off': {
    severity: 'warning',
    summary: 'Client may use authorization_code without S256',
    explanation:
      'Without PKCE a code that was intercepted or injected can be redeemed, and plain protects it from those only who see no request (RFC 7636 section 7.2, RFC 9700 section 2.1.1). Public clients always need S256 unless plain is written; for confidential ones, which may leave it out in OpenID Connect, write metadata.code_challenge_method: S256.',
  },
  'pkce-none': {
    severity: 'error',
    summary: 'Public client without PKCE',
    explanation:
      'A public client cannot prove who it is: without PKCE whoever intercepts a code gets its tokens (RFC 7636 section 1, RFC 9700 section 2.1.1). none is for confidential clients that know no PKCE.',
  },
  'algorithm.none': {
    severity: 'error',
    summary: 'Algorithm none',
    explanation:
      'none is a JWT without a signature: anybody can write one (RFC 8725 section 3.2). Take one of the algorithms that the help line lists.',
  },
  'tokens.long-lived': {
    severity: 'warning',
    summary: 'Access tokens live for more than an hour',
    explanation:
      'Who finds a token can use it until it ends, and those who check a JWT themselves do not see a revocation before that (RFC 6750 section 5.2). An hour or less is usual: 1h, 15m.',
  },
  'secret.weak-hash': {
    severity: 'warning',
    summary: 'Hash of a secret is too cheap to guess against',
    explanation:
      'Argon2id with these parameters costs an attacker who reads the spec less than is advised: at least m=19456 with t=2, or m=12288 with t=3, m=9216 with t=4, m=7168 with t=5 (each with p=1). charter secret hash takes the first.',
  },
  'secret.gap': {
    severity: 'error',
    summary: 'There is a time without a usable secret',
    explanation:
      'The periods of the secrets of an application leave a moment, from now on and as long as the application itself lasts, in which none counts: all its requests would fail then. Let the next secret begin before the one before it ends, so that clients can move; the last one has no expires.',
  },
  'period.ended': {
    severity: 'warning',
    summary: 'What is written here has ended',
    explanation:
      'The date under expires has passed, so this link, secret, redirect URI, application or user is none any more. It was taken out of every decision at that instant; remove it from the spec when nobody needs to read it.',
  },
  'scope.unused': {
    severity: 'warning',
    summary: 'Scope of the catalogue is used by no client',
    explanation:
      'No client lists the scope in metadata.scope, so nobody can ask for it. Remove it, or list it where it is meant to be used.',
  },
  'user.no-method': {
    severity: 'warning',
    summary: 'Impersonated user lacks the method of the client',
    explanation:
      'A client that acts as a user needs a method of type client_credentials that both list: by default no method is enabled for a user (SEMANTICS U-28, METHOD_NOT_ON_USER). No token is possible as it is. List the method at the user, or in the defaults of its site.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export const WAIVER_CODES = {
  'lint.unknown-code': {
    severity: 'error',
    summary: 'Waiver of a code that does not exist',
    explanation:
      'server.lint.allow names a code that no diagnostic has. The codes stand in the brackets of each frame.',
  },
  'lint.not-waivable': {
    severity: 'error',
    summary: 'Code cannot be waived',
    explanation:
      'What cannot mean anything, or endangers whatever the reason, stays an error. Warnings can be waived, and the errors that docs/diagnostics.md calls waivable.',
  },
  'lint.unused-waiver': {
    severity: 'warning',
    summary: 'Waiver without effect',
    explanation:
      'Nothing of this code is told where the waiver says, so what it was for is mended, or it never fitted. Remove it, or correct code or at: a waiver that waits could hide something new.',
  },
} as const satisfies Record<string, CatalogueEntry>;
