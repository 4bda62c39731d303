// Owns what goes together of certificates: authorities that can be used, who names one, and of whom which name of a certificate
// is written (SEMANTICS N-14, RFC 8705 2). Never validates a chain.

import { type Address, methodAddress, qualifiedName, SERVER, type UserAddress } from '../model/address.ts';
import { factsOf, hasStrongKey, isForClients, pemLabels, readCertificates } from '../model/certificate.ts';
import { certificateOfUser, SUBJECT_METADATA } from '../model/certificate-name.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatInstant } from '../model/duration.ts';
import type { ApplicationEntity, MethodEntity, ServerEntity, UserEntity } from '../model/entity.ts';
import { certificateOfKey } from '../model/public-jwk.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import type { Tell } from './check-clients.ts';
import { bound, rangeIn } from './entities.ts';
import type { Suggestions } from './nearest.ts';

/** `now` in milliseconds since the epoch. */
export function checkCertificates(
  all: Bound,
  { suggestions, now }: { readonly suggestions: Suggestions; readonly now?: number | undefined },
  problems: Diagnostic[],
): void {
  const server = all.entities.get(SERVER) as ServerEntity | undefined;
  // What a server that failed would have declared nobody knows.
  if (server === undefined) return;
  const authorities = server.certificates?.authorities ?? {};
  for (const [name, { pem }] of Object.entries(authorities)) checkAuthority(all, name, pem, now, problems);
  checkUsers(all, problems);
  for (const [address, entity] of all.entities) {
    if (entity.kind === 'method') checkMethod(all, address, entity, problems);
    const named = 'certificate_authority' in entity ? entity.certificate_authority : undefined;
    if (named === undefined || Object.hasOwn(authorities, named)) continue;
    problems.push(unknownAuthority(all, address, named, Object.keys(authorities), suggestions));
  }
}

function checkMethod(all: Bound, address: Address, method: MethodEntity, problems: Diagnostic[]): void {
  const { type, certificate_authority } = method;
  if ((type === 'certificate') === (certificate_authority !== undefined)) return;
  problems.push(
    report('method.certificate-authority', {
      detail:
        type === 'certificate'
          ? 'nothing says which authority issues the certificates'
          : `a method of type ${type} looks at no certificate`,
      help:
        type === 'certificate'
          ? 'Write certificate_authority: NAME, one of certificates.authorities of the server.'
          : 'Write type: certificate, or remove certificate_authority.',
      range: rangeIn(all, address, type === 'certificate' ? '/type' : '/certificate_authority'),
      address,
    }),
  );
}

function checkUsers(all: Bound, problems: Diagnostic[]): void {
  const known = new Map<string, UserAddress>();
  for (const [address, user] of bound(all, 'user')) {
    const [first, second] = Object.keys(user.certificate ?? {});
    if (user.certificate !== undefined && (first === undefined || second !== undefined)) {
      problems.push(
        report('user.certificate-names', {
          detail: second === undefined ? 'it says nothing of the certificate' : `${first} is written too`,
          help: 'Keep one of subject_dn, san_email, san_uri, san_dns and sha256.',
          range: rangeIn(all, address, second === undefined ? '/certificate' : `/certificate/${second}`),
          address,
        }),
      );
      continue;
    }
    const meant = certificateOfUser(user);
    if (meant === undefined) continue;
    for (const authority of authoritiesOf(all, user)) {
      const key = `${authority}\n${meant.form}\n${meant.value}`;
      const other = known.get(key);
      known.set(key, other ?? address);
      if (other === undefined) continue;
      problems.push(
        report('user.certificate-taken', {
          detail: `${qualifiedName(other)} is known by this ${first} already, in certificates of ${authority}`,
          help: 'Write another name that only the certificate of this user has.',
          range: rangeIn(all, address, `/certificate/${first}`),
          address,
          related: [{ message: `${qualifiedName(other)} has it here`, range: rangeIn(all, other, '/certificate') }],
        }),
      );
      break;
    }
  }
}

/** Those whose certificates log the user in. */
function authoritiesOf({ entities }: Bound, { methods = [] }: UserEntity): ReadonlySet<string> {
  return new Set(
    methods.flatMap((name) => {
      const method = entities.get(methodAddress(name));
      return method?.kind === 'method' && method.type === 'certificate' ? (method.certificate_authority ?? []) : [];
    }),
  );
}

function unknownAuthority(
  all: Bound,
  address: Address,
  named: string,
  known: readonly string[],
  suggestions: Suggestions,
): Diagnostic {
  const near = suggestions.nearest(named, known);
  return report('certificate-authority.unknown', {
    detail: `no certificate authority "${named}" at the server`,
    help:
      near === undefined
        ? 'Declare it under certificates.authorities of the server, or correct the name.'
        : `Did you mean "${near}"?`,
    range: rangeIn(all, address, '/certificate_authority'),
    address,
  });
}

function checkAuthority(all: Bound, name: string, pem: string, now: number | undefined, problems: Diagnostic[]): void {
  const range = rangeIn(all, SERVER, `/certificates/authorities/${name}/pem`);
  const tell = (code: 'certificate-authority.invalid' | 'certificate-authority.ended', detail: string, help: string) =>
    problems.push(report(code, { detail, help, range, address: SERVER }));
  if (pemLabels(pem).some((label) => label.endsWith('PRIVATE KEY'))) {
    tell(
      'certificate-authority.invalid',
      'a private key stands beside the certificates',
      'Remove it, and make a new key: the one that was written is known by now.',
    );
    return;
  }
  const certificates = readCertificates(pem);
  if (certificates.length === 0) {
    tell(
      'certificate-authority.invalid',
      'no certificate stands here',
      'Write the text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- as a block: pem: |',
    );
  }
  for (const [position, certificate] of certificates.entries()) {
    const which =
      certificates.length === 1 ? 'the certificate' : `certificate ${position + 1} of ${certificates.length}`;
    if (certificate === undefined) {
      tell(
        'certificate-authority.invalid',
        `${which} cannot be read`,
        'Copy it again, whole and with its line breaks.',
      );
      continue;
    }
    const { subject, start, end } = factsOf(certificate);
    const fault = authorityFault(certificate);
    if (fault !== undefined) {
      tell('certificate-authority.invalid', `${which} (${subject}) ${fault.detail}`, fault.help);
    } else if (now !== undefined && (now < start || now > end)) {
      tell(
        'certificate-authority.ended',
        now > end
          ? `${which} (${subject}) ended at ${formatInstant(end)}`
          : `${which} (${subject}) counts from ${formatInstant(start)} on`,
        now > end
          ? 'Add the one that the authority uses now, and remove this one.'
          : 'Until then nobody is known by a certificate of it: keep the one before beside it.',
      );
    }
  }
}

function authorityFault(
  certificate: NonNullable<ReturnType<typeof readCertificates>[number]>,
): { readonly detail: string; readonly help: string } | undefined {
  if (!certificate.ca) {
    return {
      detail: 'is none of an authority',
      help: 'Write that of who issued it: the one whose subject is its issuer. The certificate of a client is named at the client.',
    };
  }
  if (!isForClients(certificate)) {
    return {
      detail: 'is of an authority whose certificates are not for clients',
      help: 'Take an authority that issues certificates for the authentication of clients.',
    };
  }
  if (hasStrongKey(certificate)) return undefined;
  return {
    detail: 'has a key that is too weak, or of a kind that is not known',
    help: 'A key is RSA of 2048 bits or more, EC on P-256, P-384 or P-521, Ed25519 or Ed448.',
  };
}

/** `hasSecret`: one is written, a good one or not. */
export function checkClientCertificate(application: ApplicationEntity, hasSecret: boolean, tell: Tell): void {
  const { metadata = {}, certificate_authority } = application;
  const { token_endpoint_auth_method: method, jwks, jwks_uri } = metadata;
  const isIssued = method === 'tls_client_auth';
  const pointer = '/metadata/token_endpoint_auth_method';
  const names = Object.keys(SUBJECT_METADATA).filter((name) => Object.hasOwn(metadata, name));
  const [first, second] = names;
  if (isIssued && first === undefined) {
    tell(
      'client.certificate-name',
      pointer,
      'every certificate of the authority would be taken for this client',
      'Write what is in its certificate: metadata.tls_client_auth_subject_dn, or one of the tls_client_auth_san_ names.',
    );
  }
  if (isIssued && second !== undefined) {
    tell('client.certificate-name', `/metadata/${second}`, `${first} is written too`, 'Keep one of the names.');
  }
  if (!isIssued && first !== undefined) {
    tell(
      'client.certificate-name',
      `/metadata/${first}`,
      `the client authenticates by ${method ?? 'a secret'}, and no name of a certificate is looked at`,
      `Write token_endpoint_auth_method: tls_client_auth, or remove ${first}.`,
    );
  }
  if (isIssued && certificate_authority === undefined) {
    tell(
      'client.certificate-authority',
      pointer,
      'nothing says which authority issues the certificate of the client',
      'Write certificate_authority: NAME at the application, one of certificates.authorities of the server.',
    );
  }
  if (!isIssued && certificate_authority !== undefined) {
    tell(
      'client.certificate-authority',
      '/certificate_authority',
      `the client authenticates by ${method ?? 'a secret'}, and no authority has a part in that`,
      'Write token_endpoint_auth_method: tls_client_auth, or remove certificate_authority.',
    );
  }
  if (method === 'self_signed_tls_client_auth' && jwks_uri === undefined) {
    if (jwks === undefined || !jwks.keys.some((key) => certificateOfKey(key) !== undefined)) {
      tell(
        'client.no-certificate',
        jwks === undefined ? pointer : '/metadata/jwks',
        jwks === undefined
          ? 'nothing says which certificate is that of the client'
          : 'no key of the set has a certificate of that very key as the first of its x5c',
        'Write jwks: { keys: [{ …, x5c: [BASE64] }] } with the certificate of the key, or jwks_uri.',
      );
    }
  }
  if (hasSecret && (isIssued || method === 'self_signed_tls_client_auth')) {
    tell(
      'client.certificate-with-secret',
      application.secrets === undefined ? '/secret' : '/secrets',
      `token_endpoint_auth_method is ${method}, so nothing ever asks for this secret`,
      'Remove the secret, or write client_secret_basic or client_secret_post.',
    );
  }
}
