// Owns certificates as a spec writes them (PEM, RFC 7468) and as people are told of them: whether one can be read, whether it may
// issue others, when it counts. Never judges a chain (src/oauth/certificate-path.ts).

import { X509Certificate } from 'node:crypto';

/** What tells one certificate from another, and when it counts, in milliseconds since the epoch. */
export interface CertificateFacts {
  /** As RFC 4514 writes it, for people: never compared. */
  readonly subject: string;
  /** SHA-256 of the DER, in hex. */
  readonly fingerprint: string;
  readonly start: number;
  readonly end: number;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** The labels of all blocks of a text, in order: `CERTIFICATE`, `PRIVATE KEY`. */
export function pemLabels(text: string): readonly string[] {
  return [...text.matchAll(BLOCK)].map(([, label = '']) => label);
}

/** The certificates of a text, in order; of a block that is none, undefined. What stands between blocks is for people. */
export function readCertificates(text: string): readonly (X509Certificate | undefined)[] {
  return [...text.matchAll(BLOCK)].flatMap(([block, label]) =>
    label === 'CERTIFICATE' || label === 'TRUSTED CERTIFICATE' ? [readCertificate(block)] : [],
  );
}

/** PEM or DER; undefined of what is no certificate. */
export function readCertificate(written: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(written);
  } catch {
    return undefined;
  }
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    // OpenSSL writes one attribute to a line, the most general first.
    subject: certificate.subject?.split('\n').reverse().join(',') ?? '',
    fingerprint: fingerprintOf(certificate),
    start: Date.parse(certificate.validFrom),
    end: Date.parse(certificate.validTo),
  };
}

/** SHA-256 of the DER, in hex. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Of extended key usages: what a client's certificate is for (RFC 5280 4.2.1.12), and anything. */
const FOR_CLIENTS = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/** Whether what it says of its use, where it says anything, lets clients authenticate with it or what it issues. */
export function isForClients({ keyUsage }: X509Certificate): boolean {
  const uses: readonly string[] | undefined = keyUsage;
  return uses === undefined || uses.some((use) => FOR_CLIENTS.includes(use));
}

const FEWEST_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Whether its key is one that nobody can find out: RSA of 2048 bits, a curve of NIST from P-256 on, Ed25519, Ed448. */
export function hasStrongKey(certificate: X509Certificate): boolean {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
    if (type === 'ed25519' || type === 'ed448') return true;
    if (type === 'ec') return CURVES.includes(details?.namedCurve ?? '');
    return (type === 'rsa' || type === 'rsa-pss') && (details?.modulusLength ?? 0) >= FEWEST_RSA_BITS;
  } catch {
    // A key that OpenSSL does not know.
    return false;
  }
}
