// Owns which claims about a user the scopes of OpenID Connect tell (Core 5.1 and 5.4). Never what their values are.

/** The claims of each scope (OpenID Connect Core 5.4). */
export const CLAIMS_OF = {
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture'],
    ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
} as const;

/** All of them. */
export const STANDARD_CLAIMS: readonly string[] = Object.values(CLAIMS_OF).flat();

/** The scope to which a claim belongs; undefined where it is none of these. */
export function scopeOfClaim(name: string): string | undefined {
  return Object.entries(CLAIMS_OF).find(([, names]) => (names as readonly string[]).includes(name))?.[0];
}
