// Owns certificates made for a test, with whatever a test wants to be wrong with them. They are made as they are needed: none lies
// in the repository, and none ends there.

import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import {
  Set as Asn1Set,
  BitString,
  BmpString,
  fromBER,
  Integer,
  ObjectIdentifier,
  OctetString,
  PrintableString,
  Sequence,
  Utf8String,
} from 'asn1js';
import {
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  NameConstraints,
  RelativeDistinguishedNames,
} from 'pkijs';

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  OU: '2.5.4.11',
  O: '2.5.4.10',
  C: '2.5.4.6',
  DC: '0.9.2342.19200300.100.1.25',
};

type AltName = readonly ['email' | 'dns' | 'uri', string] | readonly ['ip', readonly number[]];
const TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

export interface Wanted {
  /** `[['CN', 'batch7'], ['O', 'Example']]`, the most general first, as it stands in the certificate. */
  readonly subject?: readonly (readonly [type: string, value: string])[];
  /** How texts of the subject are kept. */
  readonly text?: 'utf8' | 'printable' | 'bmp';
  readonly issuer?: Made;
  /** With another key than that of the issuer. */
  readonly signedBy?: Made;
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Bits of keyUsage: 0x80 digitalSignature, 0x04 keyCertSign. */
  readonly usage?: number;
  readonly purposes?: readonly string[];
  readonly names?: readonly AltName[];
  readonly permitted?: readonly AltName[];
  readonly excluded?: readonly AltName[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly critical?: string;
  readonly key?: webcrypto.CryptoKeyPair;
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384';
  readonly rsa?: number;
}

export interface Made {
  readonly parsed: Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly der: Buffer;
  readonly pem: string;
  /** PKCS #8 in PEM. */
  readonly keyPem: string;
  readonly x509: X509Certificate;
}

const DAY = 86_400_000;
let serial = 1;

export async function makeCertificate(wanted: Wanted = {}): Promise<Made> {
  const { issuer, subject = [['CN', 'somebody']], text = 'utf8', from = -1, to = 30, hash = 'SHA-256' } = wanted;
  const parsed = new Certificate();
  parsed.version = 2;
  serial += 1;
  parsed.serialNumber = new Integer({ value: serial });
  parsed.subject = nameOf(subject, text);
  parsed.issuer = issuer?.parsed.subject ?? parsed.subject;
  parsed.notBefore.value = new Date(Date.now() + from * DAY);
  parsed.notAfter.value = new Date(Date.now() + to * DAY);
  parsed.extensions = extensionsOf(wanted);
  const keys = wanted.key ?? (await makeKey(wanted.rsa));
  await parsed.subjectPublicKeyInfo.importKey(keys.publicKey as CryptoKey);
  const signer = wanted.signedBy ?? issuer;
  await parsed.sign((signer?.keys.privateKey ?? keys.privateKey) as CryptoKey, hash);
  const der = Buffer.from(parsed.toSchema(true).toBER(false));
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const x509 = new X509Certificate(der);
  return {
    parsed,
    keys,
    der,
    pem: x509.toString(),
    keyPem: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({
      type: 'pkcs8',
      format: 'pem',
    }) as string,
    x509,
  };
}

/** Each part with one attribute; pkijs by itself would make one part of all. */
function nameOf(parts: NonNullable<Wanted['subject']>, text: NonNullable<Wanted['text']>): RelativeDistinguishedNames {
  const Kind = text === 'utf8' ? Utf8String : text === 'printable' ? PrintableString : BmpString;
  const name = new Sequence({
    value: parts.map(
      ([type, value]) =>
        new Asn1Set({
          value: [new Sequence({ value: [new ObjectIdentifier({ value: TYPES[type] ?? type }), new Kind({ value })] })],
        }),
    ),
  });
  return new RelativeDistinguishedNames({ schema: fromBER(name.toBER(false)).result });
}

/** An authority of its own, or one that another issued. */
export function makeAuthority(name: string, wanted: Wanted = {}): Promise<Made> {
  return makeCertificate({
    subject: [
      ['O', 'Example'],
      ['CN', name],
    ],
    ca: true,
    usage: 0x06,
    to: 300,
    ...wanted,
  });
}

export function makeKey(rsa?: number): Promise<webcrypto.CryptoKeyPair> {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return rsa === undefined
    ? webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    : webcrypto.subtle.generateKey(
        { name: 'RSASSA-PKCS1-v1_5', modulusLength: rsa, publicExponent, hash: 'SHA-256' },
        true,
        ['sign', 'verify'],
      );
}

function extensionsOf({ ca, pathLength, usage, purposes, names, permitted, excluded, critical }: Wanted): Extension[] {
  const made: Extension[] = [];
  const add = (extnID: string, value: { toSchema(): { toBER(sizeOnly: false): ArrayBuffer } }, isCritical = false) =>
    made.push(new Extension({ extnID, critical: isCritical, extnValue: value.toSchema().toBER(false) }));
  if (ca !== undefined) {
    const constraints = pathLength === undefined ? { cA: ca } : { cA: ca, pathLenConstraint: pathLength };
    add('2.5.29.19', new BasicConstraints(constraints), true);
  }
  if (usage !== undefined) {
    const bits = new BitString({ valueHex: new Uint8Array([usage]).buffer, unusedBits: usage & 0x02 ? 1 : 2 });
    made.push(new Extension({ extnID: '2.5.29.15', critical: true, extnValue: bits.toBER(false) }));
  }
  if (purposes !== undefined) add('2.5.29.37', new ExtKeyUsage({ keyPurposes: [...purposes] }));
  if (names !== undefined) add('2.5.29.17', new GeneralNames({ names: names.map(generalName) }));
  if (permitted !== undefined || excluded !== undefined) {
    const subtrees = (list: readonly AltName[]) => list.map((name) => new GeneralSubtree({ base: generalName(name) }));
    const constraints = new NameConstraints({
      ...(permitted === undefined ? {} : { permittedSubtrees: subtrees(permitted) }),
      ...(excluded === undefined ? {} : { excludedSubtrees: subtrees(excluded) }),
    });
    add('2.5.29.30', constraints, true);
  }
  if (critical !== undefined) {
    const nothing = new OctetString({ valueHex: new ArrayBuffer(1) }).toBER(false);
    made.push(new Extension({ extnID: critical, critical: true, extnValue: nothing }));
  }
  return made;
}

function generalName([form, value]: AltName): GeneralName {
  if (form !== 'ip') return new GeneralName({ type: TAGS[form], value });
  return new GeneralName({ type: TAGS.ip, value: new OctetString({ valueHex: Uint8Array.from(value).buffer }) });
}
