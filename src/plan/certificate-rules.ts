// Owns what it means when the certificates that an authority is made of change, and how they are told: by digest and subject, never
// as the text that holds them. Never judges a certificate.

import { factsOf, readCertificates } from '../model/certificate.ts';
import { list, type Rule } from './change-rules.ts';
import { isObject } from './paths.ts';

const TRUSTED = list({ added: ['widening'], removed: ['breaking'] });

/** Of all authorities: `corporate` and a digest are what joins and leaves. */
export const TRUSTED_CERTIFICATES: Rule = {
  cases: TRUSTED.cases.map(({ when, means }) => ({ when: `certificate ${when}`, means })),
  judge: (before, after, beside) => TRUSTED.judge(trusted(before), trusted(after), beside),
  isSame: (before, after, beside) => TRUSTED.isSame(trusted(before), trusted(after), beside),
};

function trusted(authorities: unknown): readonly string[] {
  return certificatesOf(authorities).map(({ authority, key }) => `${authority} ${key}`);
}

/** One certificate of an authority, as it is told. */
export interface ToldCertificate {
  readonly authority: string;
  /** The digest, whole; of what is no certificate its text. */
  readonly key: string;
  /** `CN=Corporate CA,O=Example (sha256 0f3a9c…)`. */
  readonly told: string;
}

/** The certificates of authorities as State holds them: `{ corporate: { pem } }`. */
export function certificatesOf(authorities: unknown): readonly ToldCertificate[] {
  if (!isObject(authorities)) return [];
  return Object.entries(authorities).flatMap(([authority, value]) => {
    const pem = isObject(value) && typeof value.pem === 'string' ? value.pem : '';
    return readCertificates(pem).map((certificate) => {
      if (certificate === undefined) return { authority, key: pem, told: 'no certificate' };
      const { subject, fingerprint } = factsOf(certificate);
      return { authority, key: fingerprint, told: `${subject || 'no subject'} (sha256 ${fingerprint.slice(0, 16)}…)` };
    });
  });
}
