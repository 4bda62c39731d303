// Owns which entries of the catalogues an entity names, as far as an entry that nobody names is told to be unused. Never
// tells it (check-catalogue-use.ts).

import { type Address, methodAddress, roleAddress, scopeAddress } from '../model/address.ts';
import type { Entity } from '../model/entity.ts';
import { scopeValues } from '../model/settings.ts';

/** A scope that is named may as well be an application, and a role a function: then nothing is called so in the catalogue. */
export function usesOf(entity: Entity): readonly Address[] {
  switch (entity.kind) {
    case 'site':
      return (entity.methods ?? []).map(methodAddress);
    case 'role':
      return entity.roles ?? [];
    case 'customer':
      return entity.parent === undefined ? [] : [entity.parent];
    case 'user':
    case 'group':
      return grants(entity);
    case 'application': {
      const { metadata, required_role, customer, permission_scope = [] } = entity;
      return [
        ...scopeValues(metadata?.scope).map(scopeAddress),
        ...grants(entity),
        ...permission_scope.map(roleAddress),
        ...(required_role === undefined ? [] : [roleAddress(required_role)]),
        ...(customer === undefined ? [] : [customer]),
      ];
    }
    default:
      return [];
  }
}

function grants({ roles = [] }: Extract<Entity, { kind: 'user' | 'group' | 'application' }>): readonly Address[] {
  return roles.flatMap(({ role, customer }) => (customer === undefined ? [role] : [role, customer]));
}
