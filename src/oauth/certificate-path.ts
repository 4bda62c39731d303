// Owns whether a certificate leads to a certificate of an authority (RFC 5280 6): pkijs checks dates, constraints of names and
// policies, OpenSSL signatures, and what neither looks at is checked here. Never asks whose certificate it is, and never looks at
// what was revoked.

import type { X509Certificate } from 'node:crypto';
import {
  BasicConstraints,
  Certificate,
  CertificateChainValidationEngine,
  type GeneralSubtree,
  NameConstraints,
  RSASSAPSSParams,
} from 'pkijs';
import { hasStrongKey, isForClients } from '../model/certificate.ts';

/** From whom the connection proved to be, up to an authority: each was issued by the next. */
export type Path = readonly [leaf: Link, ...issuers: Link[]];

/** A certificate as OpenSSL reads it and as pkijs does: of the same bytes. */
export interface Link {
  readonly openssl: X509Certificate;
  readonly parsed: Certificate;
}

/** More certificates than any authority in use has between itself and a client. */
const LONGEST_PATH = 6;
/** How many signatures are checked before it is given up: whoever connects chooses what is tried. */
const MOST_STEPS = 32;
/** Bytes. */
const LARGEST = 16_384;

/** A certificate that can be judged; undefined of one that is no DER or too large. */
export function linkOf(openssl: X509Certificate): Link | undefined {
  if (openssl.raw.length > LARGEST) return undefined;
  try {
    return { openssl, parsed: Certificate.fromBER(Uint8Array.from(openssl.raw)) };
  } catch {
    return undefined;
  }
}

/**
 * A good path from the leaf to one of `anchors`, over `known`, which the spec wrote, and `presented`, which anybody may have
 * made; a text says why there is none. `now` in milliseconds since the epoch.
 */
export async function findPath(
  leaf: Link,
  trust: { readonly anchors: readonly Link[]; readonly known: readonly Link[]; readonly presented: readonly Link[] },
  now: number,
): Promise<Path | string> {
  let fault = 'no path leads from the certificate to the authority';
  for (const path of pathsFrom(leaf, trust)) {
    const found = await faultOf(path, now);
    if (found === undefined) return path;
    fault = found;
  }
  return fault;
}

/** Every way up, none through the same certificate twice. */
function* pathsFrom(leaf: Link, trust: Parameters<typeof findPath>[1]): Generator<Path> {
  const pool = [...trust.anchors, ...trust.known, ...trust.presented];
  let steps = 0;
  function* extend(path: Path): Generator<Path> {
    const last = path.at(-1) as Link;
    for (const issuer of pool) {
      const isNew = path.every(({ openssl }) => openssl.fingerprint256 !== issuer.openssl.fingerprint256);
      if (!isNew || !last.openssl.checkIssued(issuer.openssl)) continue;
      steps += 1;
      if (steps > MOST_STEPS) return;
      if (!isSignedBy(last.openssl, issuer.openssl)) continue;
      const longer: Path = [...path, issuer];
      if (trust.anchors.includes(issuer)) yield longer;
      else if (longer.length < LONGEST_PATH) yield* extend(longer);
    }
  }
  yield* extend([leaf]);
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';

/** Those that are looked at here or by pkijs: any other one that is critical is a condition that nobody would check (RFC 5280 4.2). */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  ...[KEY_USAGE, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, '2.5.29.17', '2.5.29.37'],
  // Policies: what they are called, how they map, what they ask for.
  ...['2.5.29.32', '2.5.29.33', '2.5.29.36', '2.5.29.54'],
]);

async function faultOf(path: Path, now: number): Promise<string | undefined> {
  const [leaf] = path;
  for (const { openssl, parsed } of path) {
    if (!hasStrongKey(openssl)) return 'a key of the chain is too weak';
    if (!isForClients(openssl)) return 'the chain is not for the authentication of clients';
    if ((parsed.extensions ?? []).some(({ critical, extnID }) => critical && !UNDERSTOOD.has(extnID))) {
      return 'the chain has a critical extension that is not known';
    }
  }
  // What an anchor is signed with proves nothing: it is believed as it stands.
  if (!path.slice(0, -1).every(({ parsed }) => hasStrongSignature(parsed)))
    return 'a signature of the chain is too weak';
  if (!mayAuthenticate(leaf)) return 'the certificate is not for signatures';
  if (!path.slice(1).every(({ openssl }) => openssl.ca)) return 'an issuer of the chain is no authority';
  if (!isWithinLengths(path)) return 'the chain is longer than an issuer allows';
  const isWhole = await verifies(path, now, {});
  if (isWhole !== undefined) return isWhole;
  return constraintFault(path, now);
}

const SHA2 = ['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2', '2.16.840.1.101.3.4.2.3'];
const RSA_PSS = '1.2.840.113549.1.1.10';
/** RSA and ECDSA with SHA-2, Ed25519, Ed448. */
const STRONG_SIGNATURES: ReadonlySet<string> = new Set([
  ...['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'],
  ...['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4'],
  ...['1.3.101.112', '1.3.101.113'],
]);

function hasStrongSignature({ signatureAlgorithm: { algorithmId, algorithmParams } }: Certificate): boolean {
  if (algorithmId !== RSA_PSS) return STRONG_SIGNATURES.has(algorithmId);
  // Where it names no hash it is SHA-1 (RFC 4055 3.1).
  return SHA2.includes(new RSASSAPSSParams({ schema: algorithmParams }).hashAlgorithm.algorithmId);
}

/** Where it says what its key is for, signatures are among that: by one the handshake was proven. */
function mayAuthenticate({ parsed }: Link): boolean {
  const usage = extensionOf(parsed, KEY_USAGE);
  if (usage === undefined) return true;
  const [first = 0] = new Uint8Array((usage as { valueBlock: { valueHexView: Uint8Array } }).valueBlock.valueHexView);
  return (first & 0x80) !== 0;
}

/** RFC 5280 4.2.1.9: how many may stand between an issuer and the leaf; those that renew a key of their own count for nothing. */
function isWithinLengths(path: Path): boolean {
  let between = 0;
  for (const { parsed } of path.slice(1)) {
    const constraints = extensionOf(parsed, BASIC_CONSTRAINTS);
    const most = constraints instanceof BasicConstraints ? constraints.pathLenConstraint : undefined;
    // One that no number holds allows whatever a path here can be.
    if (typeof most === 'number' && between > most) return false;
    if (!parsed.subject.isEqual(parsed.issuer)) between += 1;
  }
  return true;
}

interface Constraints {
  readonly permitted?: GeneralSubtree[];
  readonly excluded?: GeneralSubtree[];
}

/** By pkijs, which is led along this very path. Why not, or undefined. */
async function verifies(path: Path, now: number, { permitted, excluded }: Constraints): Promise<string | undefined> {
  const certificates = path.map(({ parsed }) => parsed);
  const anchor = certificates.at(-1) as Certificate;
  const engine = new CertificateChainValidationEngine({
    trustedCerts: [anchor],
    // The last is the one that is judged.
    certs: certificates.slice(0, -1).reverse(),
    checkDate: new Date(now),
    // Signatures were checked as the path was found; left to look by itself it can go round in a circle.
    findIssuer: async (certificate) => certificates.slice(certificates.indexOf(certificate) + 1).slice(0, 1),
  });
  const { result, resultMessage } = await engine.verify({
    ...(permitted === undefined ? {} : { initialPermittedSubtreesSet: permitted }),
    ...(excluded === undefined ? {} : { initialExcludedSubtreesSet: excluded }),
  });
  return result === true ? undefined : `the chain is refused (${resultMessage})`;
}

/**
 * Names are within what each issuer by itself allows: pkijs takes what one of them permits for permitted by all, and of an anchor
 * it asks nothing.
 */
async function constraintFault(path: Path, now: number): Promise<string | undefined> {
  for (let at = 1; at < path.length; at += 1) {
    const constraints = extensionOf((path[at] as Link).parsed, NAME_CONSTRAINTS);
    if (constraints === undefined) continue;
    if (!(constraints instanceof NameConstraints)) return 'the constraints of an issuer cannot be read';
    const below = path.slice(0, at + 1).map(withoutConstraints) as unknown as Path;
    const fault = await verifies(below, now, {
      ...(constraints.permittedSubtrees === undefined ? {} : { permitted: [...constraints.permittedSubtrees] }),
      ...(constraints.excludedSubtrees === undefined ? {} : { excluded: [...constraints.excludedSubtrees] }),
    });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function withoutConstraints({ openssl }: Link): Link {
  const parsed = Certificate.fromBER(Uint8Array.from(openssl.raw));
  const extensions = parsed.extensions?.filter(({ extnID }) => extnID !== NAME_CONSTRAINTS);
  if (extensions !== undefined) parsed.extensions = extensions;
  return { openssl, parsed };
}

function extensionOf({ extensions = [] }: Certificate, id: string): unknown {
  return extensions.find(({ extnID }) => extnID === id)?.parsedValue;
}
