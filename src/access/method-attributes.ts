// Owns what the method of a grant says of the subject (SEMANTICS U-42): policies release it, and where there is no policy
// the answers of the ubisecure family. Never names the claims.

import { type ApplicationAddress, nameOf, type UserAddress } from '../model/address.ts';
import { distinguishedName } from '../model/distinguished-name.ts';
import type { METHOD_ATTRIBUTES } from '../model/policy-value.ts';
import type { AccessIndex } from './access-index.ts';

export type MethodAttributes = { readonly [Name in (typeof METHOD_ATTRIBUTES)[number]]?: string };

/** In the order in which the replaced system tells them; without a user there is no `dn`. */
export function methodAttributes(
  index: AccessIndex,
  subject: { readonly client: ApplicationAddress; readonly user: UserAddress | undefined; readonly grant_type: string },
): MethodAttributes {
  const { client, user, grant_type } = subject;
  const base_dn = index.server?.directory?.base_dn;
  return {
    grant_type,
    issuer_dn: distinguishedName(client, base_dn),
    issuer: nameOf(client),
    ...(user === undefined ? {} : { dn: distinguishedName(user, base_dn) }),
    ldap: `ldap:///${base_dn ?? ''}`,
  };
}
