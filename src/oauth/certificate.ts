// Owns what a connection proves by a certificate, and what a certificate says of its owner where it leads to an authority of the
// spec. Verdicts are remembered for as long as nothing that they rest on ends. Never asks whom that names.

import { createHash, type X509Certificate } from 'node:crypto';
import { Set as Asn1Set, fromBER, Sequence } from 'asn1js';
import type { Certificate, GeneralNames } from 'pkijs';
import { factsOf, fingerprintOf, readCertificates } from '../model/certificate.ts';
import { type CertificateForm, type CertificateName, certificateName } from '../model/certificate-name.ts';
import { type NameAttribute, normalName } from '../model/distinguished-name.ts';
import type { CertificateAuthority, ServerEntity } from '../model/entity.ts';
import { type BoundedCache, boundedCache } from './bounded-cache.ts';
import { findPath, type Link, linkOf } from './certificate-path.ts';
import type { Snapshot } from './snapshot.ts';

/** What the other end of the connection has proven to hold the key of; of one that a trusted proxy ended, what that proxy says. */
export interface PresentedCertificate {
  readonly leaf: X509Certificate;
  /** What it presented beside, in any order: nothing of it is believed. */
  readonly others: readonly X509Certificate[];
}

/** What a certificate says of its owner, by what it says it with: in the forms in which names are compared. */
export type CertificateNames = { readonly [form in CertificateForm]: readonly string[] };

export interface CertificateChecker {
  /** What the certificate says of its owner, where it leads to that authority of the snapshot; else why it is none, for the log. */
  check(
    presented: PresentedCertificate,
    authority: string,
    snapshot: Pick<Snapshot, 'index'>,
    now: number,
  ): Promise<CertificateNames | string>;
}

/** Whether the certificate is the one that is meant. */
export function isNamed(names: CertificateNames, { form, value }: CertificateName): boolean {
  return names[form].includes(value);
}

/** How many verdicts are kept: those of the certificates that are in use. */
const VERDICTS = 1000;
/** Of what was presented beside the certificate, so much is looked at. */
const MOST_PRESENTED = 8;

interface Verdict {
  readonly names: CertificateNames;
  /** Milliseconds since the epoch: until then all certificates of the chain count. */
  readonly until: number;
}

/** What an authority of the spec trusts. */
interface Trust {
  readonly anchors: readonly Link[];
  readonly known: readonly Link[];
}

/** What was made of the authorities of one State. */
interface Prepared {
  readonly trust: ReadonlyMap<string, Trust>;
  readonly verdicts: BoundedCache<Verdict>;
}

export function createCertificateChecker(): CertificateChecker {
  // Another State has other authorities, and knows nothing of what those of before found.
  const prepared = new WeakMap<ServerEntity, Prepared>();

  function preparedFor(server: ServerEntity): Prepared {
    const known = prepared.get(server);
    if (known !== undefined) return known;
    const authorities = Object.entries(server.certificates?.authorities ?? {});
    const made: Prepared = {
      trust: new Map(authorities.map(([name, authority]) => [name, trustOf(authority)])),
      verdicts: boundedCache(VERDICTS),
    };
    prepared.set(server, made);
    return made;
  }

  return {
    async check(presented, authority, { index: { server } }, now) {
      const { trust, verdicts } = server === undefined ? NOTHING : preparedFor(server);
      const trusted = trust.get(authority);
      if (trusted === undefined) return 'the authority is not known';
      const key = keyOf(presented, authority);
      const kept = verdicts.get(key);
      if (kept !== undefined && now <= kept.until) return kept.names;
      const [leaf, ...others] = [presented.leaf, ...presented.others.slice(0, MOST_PRESENTED)].map(linkOf);
      if (leaf === undefined) return 'the certificate cannot be read';
      const path = await findPath(leaf, { ...trusted, presented: others.filter((one) => one !== undefined) }, now);
      if (typeof path === 'string') return path;
      const names = namesOf(leaf);
      if (typeof names === 'string') return names;
      verdicts.set(key, { names, until: Math.min(...path.map(({ openssl }) => factsOf(openssl).end)) });
      return names;
    },
  };
}

const NOTHING: Prepared = { trust: new Map(), verdicts: boundedCache(1) };

function keyOf({ leaf, others }: PresentedCertificate, authority: string): string {
  const all = [leaf, ...others.slice(0, MOST_PRESENTED)].map(({ raw }) =>
    createHash('sha256').update(raw).digest('hex'),
  );
  return [authority, ...all].join(' ');
}

/** All that stands in the spec is believed; a path ends where none of it issued what it has reached. */
function trustOf({ pem }: CertificateAuthority): Trust {
  const links = readCertificates(pem).flatMap((one) => (one === undefined ? [] : (linkOf(one) ?? [])));
  const isIssued = ({ openssl }: Link) =>
    links.some(
      (other) =>
        other.openssl.fingerprint256 !== openssl.fingerprint256 &&
        openssl.subject !== openssl.issuer &&
        openssl.checkIssued(other.openssl) &&
        openssl.verify(other.openssl.publicKey),
    );
  return { anchors: links.filter((link) => !isIssued(link)), known: links.filter(isIssued) };
}

const SUBJECT_ALT_NAME = '2.5.29.17';
/** The forms of alternative names that are compared, by their tags (RFC 5280 4.2.1.6). */
const FORMS = { san_email: 1, san_dns: 2, san_uri: 6, san_ip: 7 } as const;

function namesOf({ openssl, parsed }: Link): CertificateNames | string {
  const subject = subjectOf(parsed);
  const extension = parsed.extensions?.find(({ extnID }) => extnID === SUBJECT_ALT_NAME);
  const alternative = extension?.parsedValue;
  // `altNames` of what it is, whatever pkijs calls it.
  const names: GeneralNames['names'] =
    alternative !== undefined && 'altNames' in alternative ? (alternative.altNames as GeneralNames['names']) : [];
  if (subject === undefined || (extension !== undefined && names.length === 0)) {
    return 'the names of the certificate cannot be read';
  }
  const of = (form: keyof typeof FORMS): readonly string[] =>
    names.flatMap(({ type, value }) => {
      if (type !== FORMS[form]) return [];
      if (form === 'san_ip') return [Buffer.from(value.valueBlock.valueHexView).toString('hex')];
      return typeof value === 'string' ? (certificateName(form, value)?.value ?? []) : [];
    });
  return {
    subject_dn: subject === '[]' ? [] : [subject],
    san_dns: of('san_dns'),
    san_uri: of('san_uri'),
    san_ip: of('san_ip'),
    san_email: of('san_email'),
    sha256: [fingerprintOf(openssl)],
  };
}

/** The tags of texts (X.680): those of UTF8String, NumericString, PrintableString, TeletexString, IA5String, VisibleString, and so on. */
const TEXTS: ReadonlySet<number> = new Set([12, 18, 19, 20, 22, 26, 28, 30]);

/** As normalName writes it. From the bytes: what pkijs makes of a name no longer says which attributes are of one part. */
function subjectOf({ subject }: Certificate): string | undefined {
  const { result } = fromBER(subject.valueBeforeDecode);
  if (!(result instanceof Sequence)) return undefined;
  const parts: NameAttribute[][] = [];
  for (const part of result.valueBlock.value) {
    if (!(part instanceof Asn1Set)) return undefined;
    const attributes: NameAttribute[] = [];
    for (const attribute of part.valueBlock.value) {
      if (!(attribute instanceof Sequence)) return undefined;
      const [type, value] = attribute.valueBlock.value;
      if (type === undefined || value === undefined) return undefined;
      const der = Buffer.from(value.valueBeforeDecodeView).toString('hex');
      const isText = value.idBlock.tagClass === 1 && TEXTS.has(value.idBlock.tagNumber);
      attributes.push({
        type: (type as unknown as { getValue(): string }).getValue(),
        value: isText ? (value as unknown as { getValue(): string }).getValue() : { der },
      });
    }
    parts.push(attributes);
  }
  // In a certificate the most general part stands first.
  return normalName(parts.reverse());
}
