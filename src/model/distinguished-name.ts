// Owns how entities are called in a directory (SEMANTICS U-42, RFC 4514). Never reads one.

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
