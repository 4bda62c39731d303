// Owns the codes about how clients and users prove who they are, by keys and passwords, and about what lives on after
// that: codes, refresh tokens. Never about which grants go together (catalogue-access.ts).

import type { CatalogueEntry } from './catalogue.ts';

export const CREDENTIAL_CODES = {
  'jwks.two-places': {
    severity: 'error',
    summary: 'Both jwks and jwks_uri',
    explanation:
      'The keys of a client stand in the spec or where it publishes them, never both: it would be unclear which of them count (RFC 7591 section 2). Remove one of the two.',
  },
  'jwks.private-key': {
    severity: 'error',
    summary: 'Private key in the spec',
    explanation:
      'A JWK with one of the members d, p, q, dp, dq, qi, oth and k is a private or symmetric key: whoever reads the repository can be the client. Only the public half belongs here: for RSA kty, n and e, for EC kty, crv, x and y, for OKP kty, crv and x. A key that was committed is known: make a new one. Its value is hidden in every output.',
  },
  'jwks.no-usable-key': {
    severity: 'error',
    summary: 'No key of the set can check a signature',
    explanation:
      'A key is usable when it is whole, for signatures (no other use), and RSA of 2048 bits or more (RS256, PS256), EC on P-256 (ES256) or OKP on Ed25519 (EdDSA); where token_endpoint_auth_signing_alg is written, it has to be for that algorithm. With none the client could never authenticate.',
  },
  'client.no-key': {
    severity: 'error',
    summary: 'Client of private_key_jwt has no key',
    explanation:
      'With private_key_jwt a client signs an assertion with its private key, and the server checks it with the public one (RFC 7523 section 2.2). Write metadata.jwks with the public keys, or metadata.jwks_uri with where the client publishes them.',
  },
  'client.no-mac-secret': {
    severity: 'error',
    summary: 'Client of client_secret_jwt has no secret that can check a MAC',
    explanation:
      'With client_secret_jwt the secret itself is the key of a MAC (RFC 7523 section 2.2, RFC 7518 section 3.2), so the server needs its value: { env: NAME } or { file: PATH }. Of a written hash only a secret that is sent can be checked. private_key_jwt needs no secret at all.',
  },
  'client.no-certificate': {
    severity: 'error',
    summary: 'Client of self_signed_tls_client_auth has no certificate',
    explanation:
      'With self_signed_tls_client_auth a client presents a certificate that nobody else issued, and the server knows it beforehand (RFC 8705 section 2.2): each in a key of metadata.jwks, or of what metadata.jwks_uri publishes, as the first of x5c, which is base64 of its DER. The members of the key are those of the key in the certificate.',
  },
  'client.certificate-name': {
    severity: 'error',
    summary: 'Not exactly one name of the client’s certificate',
    explanation:
      'A client of tls_client_auth is known by one name in its certificate, and the spec says which (RFC 8705 section 2.1.2): one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email. With none every certificate of the authority would do, with two it would be unclear whether one of them is enough. Of a client that authenticates in another way no name of a certificate is ever looked at.',
  },
  'client.certificate-authority': {
    severity: 'error',
    summary: 'Certificate authority and authentication do not go together',
    explanation:
      'A client of tls_client_auth names the authority that issues its certificate: with any other one anybody whom that issues a certificate with the same name to could be the client. With self_signed_tls_client_auth the certificate itself is known, and with all other methods none is looked at: there an authority would say nothing.',
  },
  'client.certificate-with-secret': {
    severity: 'error',
    summary: 'Secret of a client that authenticates with a certificate',
    explanation:
      'The method that is registered is the only one that is taken: with tls_client_auth and self_signed_tls_client_auth nothing ever asks for a secret. Remove the secret, or register the method that uses it.',
  },
  'certificate-authority.unknown': {
    severity: 'error',
    summary: 'Unknown certificate authority',
    explanation:
      'certificate_authority of an application or a method is a name below server.certificates.authorities. Declare the authority there, or correct the name.',
  },
  'certificate-authority.invalid': {
    severity: 'error',
    summary: 'Certificate authority cannot be used',
    explanation:
      'What stands under pem are certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, and each of an authority: with CA:TRUE among its basic constraints, and the right to sign certificates where it says what its key is for. Its key is RSA of 2048 bits or more, EC on P-256, P-384 or P-521, Ed25519 or Ed448, and where it says for what its certificates are, the authentication of clients is among that. A private key never stands there: whoever reads the repository could issue certificates for everybody.',
  },
  'certificate-authority.ended': {
    severity: 'warning',
    summary: 'Certificate of an authority does not count now',
    explanation:
      'Outside of its time an authority’s certificate proves nothing, and neither does any that it issued. Add the one that the authority uses now, and remove the old one once no client has a certificate of it.',
  },
  'method.certificate-authority': {
    severity: 'error',
    summary: 'Certificate authority and type of the method do not go together',
    explanation:
      'A method of type certificate lets users log in with certificates that one authority issues, and names it as certificate_authority: without, nobody could say whose certificates are meant. Methods of other types look at none.',
  },
  'user.certificate-names': {
    severity: 'error',
    summary: 'Not exactly one name of the user’s certificate',
    explanation:
      'A user is known by one thing in the certificate, or by all of it: one of subject_dn, san_email, san_uri, san_dns and sha256. With two it would be unclear whether one of them is enough.',
  },
  'user.certificate-taken': {
    severity: 'error',
    summary: 'Certificate of two users',
    explanation:
      'A certificate logs in one user. Two users who log in with certificates of the same authority cannot be known by the same name in them: names are compared as names, so case and spaces do not tell them apart.',
  },
  'certificate-name.invalid': {
    severity: 'error',
    summary: 'Not a name that a certificate can have',
    explanation:
      'A subject is a distinguished name as RFC 4514 writes it, the most specific part first. The other names are those of RFC 5280 section 4.2.1.6, each whole and without wildcard: a DNS name in ASCII, an absolute URI, an IP address, an e-mail address.',
  },
  'header.invalid': {
    severity: 'error',
    summary: 'Not a header that can hold a certificate',
    explanation:
      'server.certificates.header is the name of one header: letters, digits and hyphens. The proxy sets it to the certificate of the connection that it ended, and removes it from what clients send. A header that requests have for something else cannot be it.',
  },
  'client.signing-alg': {
    severity: 'error',
    summary: 'Algorithm does not fit the way in which the client authenticates',
    explanation:
      'HS256 is a MAC with the secret, and belongs to client_secret_jwt alone; RS256, PS256, ES256 and EdDSA are signatures with a key, and belong to private_key_jwt alone (RFC 7518 section 3.1). With any other method nothing is signed.',
  },
  'client.native-with-secret': {
    severity: 'error',
    summary: 'Native client with a shared secret',
    explanation:
      'An application on the user’s own device cannot keep a secret that all its copies share: who unpacks one of them has it (RFC 8252 section 8.5, RFC 6749 section 10.1). Write token_endpoint_auth_method: none, and PKCE protects it; or give each installation a key of its own with private_key_jwt.',
  },
  'algorithm.symmetric': {
    severity: 'error',
    summary: 'Symmetric algorithm for ID tokens',
    explanation:
      'HS256 and its like sign with the secret of the client: whoever can check such an ID token can write one, and a secret that people chose can be guessed from it (OpenID Connect Core section 16.19, RFC 8725 section 3.5). Take one of the algorithms that the help line lists.',
  },
  'url.insecure': {
    severity: 'error',
    summary: 'URL that the server calls is not https',
    explanation:
      'What is fetched from jwks_uri decides who the client is, and a notice of a logout says who logged out: over http anybody on the way could read and change them. http is taken only for a host that server.outbound.allow names, or an address in a block of it.',
  },
  'outbound-target.invalid': {
    severity: 'error',
    summary: 'Not a host, address or block',
    explanation:
      'server.outbound.allow takes host names, each whole and without port, IP addresses and CIDR blocks: keys.internal.example.com, 10.20.0.7, 10.20.0.0/16, ::1. There are no wildcards: whoever owns one matching name would be called.',
  },
  'tokens.code-ttl': {
    severity: 'error',
    summary: 'Lifetime of authorization codes is not from 1s to 10m',
    explanation:
      'A code travels in addresses, and is redeemed at once by a program: ten minutes are the most that the standard recommends (RFC 6749 section 4.1.2), and with 0s none could ever be redeemed. Less than a minute is enough.',
  },
  'refresh.ttl': {
    severity: 'error',
    summary: 'Refresh tokens do not outlive access tokens',
    explanation:
      'A refresh token is for the time after an access token has ended (SEMANTICS N-31): one that ends before, or with it, can never be of use. Let tokens.refresh.ttl be longer than tokens.access_ttl, or turn refresh tokens off.',
  },
  'refresh.grace': {
    severity: 'error',
    summary: 'Grace of refresh tokens is over a minute',
    explanation:
      'Within the grace a refresh token that was used is answered again, for clients whose network loses answers; who stole it is answered too, and not found out (RFC 9700 section 4.14.2). A retry comes within seconds: 60s at most.',
  },
  'refresh.impersonating': {
    severity: 'error',
    summary: 'Refresh tokens for a client that impersonates a user',
    explanation:
      'A client that acts as a user by client_credentials can ask for a new token whenever it likes, with its secret. A refresh token would let it go on as that user without (SEMANTICS X-03). Remove for_client_credentials, or impersonates.',
  },
  'refresh.no-effect': {
    severity: 'warning',
    summary: 'Refresh tokens are configured and none is issued',
    explanation:
      'A refresh token comes with an access token by authorization_code or password (by password not with require_live_session, as no session begins), and by client_credentials where tokens.refresh.for_client_credentials says so; never by implicit (SEMANTICS N-30). They are on where grant_types has refresh_token, or tokens.refresh.enabled is true. Add what lacks, or remove the settings.',
  },
  'consent.no-effect': {
    severity: 'warning',
    summary: 'Setting of the consent page shows nothing else',
    explanation:
      'The default template shows the first description of each scope (SEMANTICS N-70). The localized template shows the one with the key of the brand at whose host the browser is, else with description_key, and the first one of a scope that has none with that key (SEMANTICS N-71, N-72). A key without the localized template, the template without a key, a key that no scope of the client has and a host that stands there twice change nothing.',
  },
  'token-ip.no-effect': {
    severity: 'warning',
    summary: 'Tokens are bound to an address that nobody has',
    explanation:
      'bind_token_ip binds what a user lets a client do to the address of the browser in which that was (SEMANTICS A-19). By client_credentials no user lets anybody do anything, and a server application gets no tokens: nothing is bound. Where such a client may call from is client_ip_range.',
  },
  'id-token-claims.no-effect': {
    severity: 'warning',
    summary: 'Claim that is never in the ID token',
    explanation:
      'tokens.id_token_claims puts claims about the user into the ID token that the client may learn anyway: those of the scopes profile, email, address and phone that its metadata.scope lists, or, where it names a policy, what that releases (OpenID Connect Core section 5.4, SEMANTICS U-60). Any other name is never there. List the scope, release the claim, or remove the name.',
  },
  'application.no-login': {
    severity: 'warning',
    summary: 'No method by which users could log in',
    explanation:
      'The application has a grant with users, but none of the methods that it lists is of type password or certificate and enabled: nobody can log in to it (SEMANTICS N-40). The grant password takes a password alone. List such a method at the application or in the defaults of its site.',
  },
  'user.no-password': {
    severity: 'warning',
    summary: 'User has no password to log in with',
    explanation:
      'The user lists a method of type password, and no password is kept for the user: logging in by it is not possible. Write password: { hash: … } with what charter secret hash prints, or { env: NAME } or { file: PATH }.',
  },
  'user.password-unused': {
    severity: 'warning',
    summary: 'Password of a user who cannot log in with it',
    explanation:
      'No method is enabled for a user by default (SEMANTICS U-28), and this user lists none of type password: nothing ever asks for the password. List the method, or remove the password.',
  },
  'user.no-certificate': {
    severity: 'warning',
    summary: 'User has no certificate to log in with',
    explanation:
      'The user lists a method of type certificate, and nothing says which certificate is the user’s: logging in by it is not possible. Write certificate: { san_email: … }, or another one of its names.',
  },
  'user.certificate-unused': {
    severity: 'warning',
    summary: 'Certificate of a user who cannot log in with it',
    explanation:
      'No method is enabled for a user by default (SEMANTICS U-28), and this user lists none of type certificate: nothing ever asks for it. List the method, or remove the certificate.',
  },
} as const satisfies Record<string, CatalogueEntry>;
