// Owns the grant types that Charter decides, by their registered names. Never says which of them an endpoint serves.

/** The grants by which a user lets a client act on the user's behalf (SEMANTICS algorithm B). */
export const GRANT_TYPES_WITH_USER: readonly string[] = ['authorization_code', 'implicit', 'password', 'refresh_token'];

/** All of them. By client_credentials a client acts as itself, or as the user that it impersonates (algorithm A). */
export const GRANT_TYPES: readonly string[] = ['client_credentials', ...GRANT_TYPES_WITH_USER];
