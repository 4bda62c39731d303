// Owns the ways in which a spec says whose certificate is meant, of a client (RFC 8705 2.1.2) and of a user, and when two such
// names are one: each form is compared as what it is, never as the text in which it stands. Never reads a certificate.

import ipaddr from 'ipaddr.js';
import { normalName, parseName } from './distinguished-name.ts';
import type { ApplicationEntity, ClientMetadata, UserCertificate, UserEntity } from './entity.ts';
import { isAddress } from './network.ts';

/** What of a certificate is compared: its subject, one of its alternative names, or all of it by its digest. */
export type CertificateForm = 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email' | 'sha256';

/** One name, in the form in which names are compared. */
export interface CertificateName {
  readonly form: CertificateForm;
  readonly value: string;
}

/** The members of client metadata that name the subject of a certificate, with what they name. */
export const SUBJECT_METADATA = {
  tls_client_auth_subject_dn: 'subject_dn',
  tls_client_auth_san_dns: 'san_dns',
  tls_client_auth_san_uri: 'san_uri',
  tls_client_auth_san_ip: 'san_ip',
  tls_client_auth_san_email: 'san_email',
} as const satisfies { readonly [name in keyof ClientMetadata]?: CertificateForm };

/** Undefined of what is no such name; a spec that was compiled has none of those. */
export function certificateName(form: CertificateForm, written: string): CertificateName | undefined {
  const value = normalValue(form, written);
  return value === undefined ? undefined : { form, value };
}

function normalValue(form: CertificateForm, written: string): string | undefined {
  switch (form) {
    case 'subject_dn': {
      const name = parseName(written);
      return typeof name === 'string' ? undefined : normalName(name);
    }
    case 'san_dns':
      return written.toLowerCase().replace(/\.$/, '');
    case 'san_uri':
      return normalUri(written);
    case 'san_ip':
      return isAddress(written) ? Buffer.from(ipaddr.parse(written).toByteArray()).toString('hex') : undefined;
    case 'san_email':
      // RFC 5280 7.5: what stands before the @ is compared as it is.
      return written.replace(/@[^@]*$/, (host) => host.toLowerCase());
    case 'sha256':
      return written.replaceAll(':', '').toLowerCase();
  }
}

/** RFC 5280 7.4: the scheme and the host in any case, all else as it stands. */
function normalUri(written: string): string {
  return written.replace(
    /^([A-Za-z][A-Za-z0-9+.-]*:)(\/\/(?:[^/?#@]*@)?)?([^/?#]*)/,
    (_, scheme: string, slashes: string | undefined, host: string) =>
      scheme.toLowerCase() + (slashes === undefined ? host : slashes + host.toLowerCase()),
  );
}

/** What the client's certificate is known by: the first name that is written. */
export function certificateOfClient({
  metadata = {},
}: Pick<ApplicationEntity, 'metadata'>): CertificateName | undefined {
  for (const [member, form] of Object.entries(SUBJECT_METADATA)) {
    const written = metadata[member as keyof typeof SUBJECT_METADATA];
    if (written !== undefined) return certificateName(form, written);
  }
  return undefined;
}

/** What the user's certificate is known by. */
export function certificateOfUser({ certificate = {} }: Pick<UserEntity, 'certificate'>): CertificateName | undefined {
  const [written] = Object.entries(certificate) as [keyof UserCertificate, string][];
  return written === undefined ? undefined : certificateName(...written);
}
