// Owns distinguished names (RFC 4514): how entities are called in a directory (SEMANTICS U-42), and when two of them are one
// name (RFC 5280 7.1). Never reads a directory or a certificate.

import { type Address, nameOf, siteOf } from './address.ts';

/** `cn=<name>,ou=<site>,<base_dn>`; the base stands as written. */
export function distinguishedName(address: Address, base_dn: string | undefined): string {
  const parts = [`cn=${escapeDn(nameOf(address))}`, `ou=${escapeDn(siteOf(address) ?? '')}`];
  return [...parts, ...(base_dn === undefined ? [] : [base_dn])].join(',');
}

/** An attribute value in the string form of RFC 4514 2.4. */
export function escapeDn(value: string): string {
  return value
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/ $/, '\\ ')
    .replace(/^[ #]/, '\\$&');
}

/** One attribute of a name: its type as an OID, and its value, or the DER of what is no text. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string | { readonly der: string };
}

/** A name as text writes it: the most specific part first; several attributes are of one part. */
export type ParsedName = readonly (readonly NameAttribute[])[];

/** Keywords of attribute types, in upper case: RFC 4514 3, RFC 4519, and what tools write for the e-mail address. */
const OIDS: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  S: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  TITLE: '2.5.4.12',
  DESCRIPTION: '2.5.4.13',
  BUSINESSCATEGORY: '2.5.4.15',
  POSTALCODE: '2.5.4.17',
  NAME: '2.5.4.41',
  GIVENNAME: '2.5.4.42',
  GN: '2.5.4.42',
  INITIALS: '2.5.4.43',
  GENERATIONQUALIFIER: '2.5.4.44',
  DNQUALIFIER: '2.5.4.46',
  PSEUDONYM: '2.5.4.65',
  ORGANIZATIONIDENTIFIER: '2.5.4.97',
  UID: '0.9.2342.19200300.100.1.1',
  MAIL: '0.9.2342.19200300.100.1.3',
  DC: '0.9.2342.19200300.100.1.25',
  EMAILADDRESS: '1.2.840.113549.1.9.1',
  EMAIL: '1.2.840.113549.1.9.1',
  E: '1.2.840.113549.1.9.1',
};

const OID = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/;

/** Reads a name in the string form of RFC 4514, spaces around `=`, `,` and `+` taken; a text says what is wrong. */
export function parseName(text: string): ParsedName | string {
  const parts: NameAttribute[][] = [[]];
  let rest = text;
  for (;;) {
    const head = /^ *([A-Za-z][A-Za-z0-9-]*|[\d.]+) *= */.exec(rest);
    if (head === null) return `${JSON.stringify(cutAt(rest))} begins no part such as CN=…`;
    const keyword = head[1] ?? '';
    const type = OID.test(keyword) ? keyword : OIDS[keyword.toUpperCase()];
    if (type === undefined) return `${keyword} is no attribute type that is known by its name`;
    rest = rest.slice(head[0].length);
    // Escaped pairs, and everything that needs no escape.
    const written = /^(?:\\[0-9A-Fa-f]{2}|\\[ "#+,;<=>\\]|[^"+,;<>\\\0])*/.exec(rest)?.[0] ?? '';
    rest = rest.slice(written.length);
    const value = readValue(written);
    if (value === undefined) return `the value of ${keyword} cannot be read`;
    parts.at(-1)?.push({ type, value });
    if (rest === '') return parts;
    if (rest.startsWith(',')) parts.push([]);
    else if (!rest.startsWith('+')) return `${JSON.stringify(cutAt(rest))} has to be escaped with a backslash`;
    rest = rest.slice(1);
  }
}

function cutAt(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}…` : text;
}

/** Without the spaces around it that are not escaped; undefined of what is empty or no UTF-8. */
function readValue(written: string): NameAttribute['value'] | undefined {
  const pieces = written.match(/\\[0-9A-Fa-f]{2}|\\.|[^\\]/gsu) ?? [];
  const isText = (piece: string) => piece !== ' ';
  const kept = pieces.slice(pieces.findIndex(isText), pieces.findLastIndex(isText) + 1);
  if (kept.length === 0) return undefined;
  if (kept[0] === '#') {
    const hex = /^#((?:[0-9A-Fa-f]{2})+)$/.exec(kept.join(''))?.[1];
    return hex === undefined ? undefined : (textIn(Buffer.from(hex, 'hex')) ?? { der: hex.toLowerCase() });
  }
  const bytes = Buffer.concat(
    kept.map((piece) => {
      if (!piece.startsWith('\\')) return Buffer.from(piece, 'utf8');
      return Buffer.from(piece.slice(1), piece.length === 3 ? 'hex' : 'utf8');
    }),
  );
  const value = bytes.toString('utf8');
  return Buffer.from(value, 'utf8').equals(bytes) ? value : undefined;
}

/** The text that DER encodes as UTF8String, PrintableString or IA5String; undefined of everything else. */
function textIn(der: Buffer): string | undefined {
  const [tag, length] = der;
  const isText = tag === 0x0c || tag === 0x13 || tag === 0x16;
  // Names of 128 bytes and more have their length in another form: they are written as text.
  return isText && length === der.length - 2 && length < 128 ? der.subarray(2).toString('utf8') : undefined;
}

/** The same text for names that are one name: attributes of a part in any order, values as RFC 5280 7.1 compares them. */
export function normalName(name: ParsedName): string {
  return JSON.stringify(
    name.map((part) =>
      part.map(({ type, value }) => JSON.stringify([type, typeof value === 'string' ? foldText(value) : value])).sort(),
    ),
  );
}

/** What nobody sees (RFC 4518 2.2). */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Case and runs of spaces do not tell names apart. */
function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(UNSEEN, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')
    .trim();
}
