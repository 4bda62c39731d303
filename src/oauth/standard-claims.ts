// Owns what the scopes of OpenID Connect tell about a user (Core 5.1 and 5.4): from which attributes, in which form. Never decides
// who is told.

import { nameOf, type UserAddress } from '../model/address.ts';
import { parseInstant } from '../model/duration.ts';
import type { UserEntity } from '../model/entity.ts';
import { valuesOfAttribute } from '../model/policy-value.ts';
import { CLAIMS_OF } from '../model/standard-claims.ts';

/** Claims about a user, by name. */
export type Claims = { readonly [name: string]: unknown };

/** What the scopes tell; a claim without a value is left out (Core 5.3.2). */
export function standardClaims(address: UserAddress, user: UserEntity, scopes: readonly string[]): Claims {
  const claims: Record<string, unknown> = {};
  for (const [scope, names] of Object.entries(CLAIMS_OF)) {
    if (!scopes.includes(scope)) continue;
    for (const name of names) {
      const value = claimOf(name, address, user);
      if (value !== undefined) claims[name] = value;
    }
  }
  return claims;
}

function claimOf(name: string, address: UserAddress, user: UserEntity): unknown {
  const [text] = valuesOfAttribute(user, name);
  switch (name) {
    case 'address':
      return addressOf(user, text);
    case 'email_verified':
    case 'phone_number_verified':
      return text === undefined ? undefined : text === 'true';
    case 'updated_at':
      return text === undefined ? undefined : secondsOf(text);
    case 'preferred_username':
      return text ?? nameOf(address);
    case 'email':
      // `mail` is what directories call it (RFC 4524).
      return text ?? valuesOfAttribute(user, 'mail')[0];
    default:
      return text;
  }
}

/** An object (Core 5.1.1), also of an address that is written as one text. */
function addressOf({ attributes = {} }: UserEntity, text: string | undefined): Claims | undefined {
  const written = Object.hasOwn(attributes, 'address') ? attributes.address : undefined;
  if (written === undefined || typeof written === 'string' || Array.isArray(written)) {
    return text === undefined ? undefined : { formatted: text };
  }
  return Object.keys(written).length === 0 ? undefined : { ...(written as object) };
}

/** Seconds since the epoch, written as such or as a date. */
function secondsOf(text: string): number | undefined {
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  const instant = parseInstant(text);
  return instant === undefined ? undefined : Math.floor(instant / 1000);
}
