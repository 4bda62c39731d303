// Owns token introspection (RFC 7662, SEMANTICS U-43): what a resource server is told of a token that it was shown.
// Never tells of a token that was not issued for the caller.

import { type AccessTokenRecord } from './port.ts';
