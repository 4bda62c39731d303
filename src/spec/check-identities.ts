// Owns identifiers: unique, disjoint, and not mistakable for each other (DESIGN 1, SEMANTICS U-80, X-22).
// Never looks at links.

import { type Address, nameOf, qualifiedName, scopeAddress, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { PROTOCOL_SCOPES, type UserEntity } from '../model/entity.ts';
import { valuesOfAttribute } from '../model/policy-value.ts';
import { isRegisteredScope } from '../model/registered-scope.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { bound, rangeIn } from './entities.ts';

export function checkIdentities(all: Bound, problems: Diagnostic[]): void {
  const clients = new Map<string, Address>();
  for (const [address, { client_id }] of bound(all, 'application')) {
    const first = clients.get(client_id);
    if (first === undefined) clients.set(client_id, address);
    else problems.push(duplicate('client-id.duplicate', 'client_id', client_id, all, address, first));
  }
  const subjects = new Map<string, Address>();
  for (const [address, { sub }] of bound(all, 'user')) {
    const first = subjects.get(sub);
    if (first === undefined) subjects.set(sub, address);
    else problems.push(duplicate('sub.duplicate', 'sub', sub, all, address, first));
  }
  checkCollisions(all, problems);
  checkScopeNames(all, clients, problems);
}

function duplicate(
  code: 'client-id.duplicate' | 'sub.duplicate',
  key: 'client_id' | 'sub',
  value: string,
  all: Bound,
  address: Address,
  first: Address,
): Diagnostic {
  return report(code, {
    detail: `${key} ${JSON.stringify(value)} is that of ${qualifiedName(first)} already`,
    help: `Write another ${key} at ${qualifiedName(address)}; where none is written it is ${key === 'sub' ? 'Site/Name' : 'the name'}.`,
    range: rangeIn(all, address, `/${key}`),
    address,
    related: [{ message: `${qualifiedName(first)} has it here`, range: rangeIn(all, first, `/${key}`) }],
  });
}

/** What a user may be known by, with the pointer to it; letters' case does not tell people apart. */
const IDENTITIES = [
  ['name', ''],
  ['sub', '/sub'],
  ['attribute uid', '/attributes/uid'],
  ['attribute mail', '/attributes/mail'],
  ['attribute email', '/attributes/email'],
  ['attribute preferred_username', '/attributes/preferred_username'],
] as const;

/** All by which a user may be known, in lower case. */
export function identitiesOf(user: Address, entity: UserEntity): readonly string[] {
  return IDENTITIES.flatMap(([, pointer]) => identitiesAt(user, entity, pointer).map((value) => value.toLowerCase()));
}

function identitiesAt(user: Address, entity: UserEntity, pointer: string): readonly string[] {
  if (pointer === '') return [nameOf(user)];
  return pointer === '/sub' ? [entity.sub] : valuesOfAttribute(entity, pointer.slice('/attributes/'.length));
}

function checkCollisions(all: Bound, problems: Diagnostic[]): void {
  const known = new Map<string, { readonly user: Address; readonly what: string; readonly pointer: string }>();
  for (const [user, entity] of bound(all, 'user')) {
    for (const [what, pointer] of IDENTITIES) {
      for (const value of identitiesAt(user, entity, pointer)) {
        const folded = value.toLowerCase();
        if (!known.has(folded)) known.set(folded, { user, what, pointer });
      }
    }
  }
  for (const [address, { client_id }] of bound(all, 'application')) {
    const held = known.get(client_id.toLowerCase());
    if (held === undefined) continue;
    problems.push(
      report('client-id-collides-with-user', {
        detail: `client_id ${JSON.stringify(client_id)} is the ${held.what} of user ${nameOf(held.user)} of site ${siteOf(held.user)}`,
        help: 'Give the application another client_id; letters in upper and lower case count as the same.',
        range: rangeIn(all, address, '/client_id'),
        address,
        related: [{ message: 'the user is known by it here', range: rangeIn(all, held.user, held.pointer) }],
      }),
    );
  }
}

/** catalogue scopes, client_ids and protocol scopes are asked for in one parameter. */
function checkScopeNames(all: Bound, clients: ReadonlyMap<string, Address>, problems: Diagnostic[]): void {
  const scopes = new Set<string>();
  const isProtocolScope = (name: string) => (PROTOCOL_SCOPES as readonly string[]).includes(name);
  for (const [address, entity] of all.entities) {
    if (entity.kind !== 'scope') continue;
    const name = nameOf(address);
    scopes.add(name);
    if (!isProtocolScope(name)) continue;
    problems.push(
      report('scope.name-conflict', {
        detail: `${name} is a scope of the protocol`,
        help: 'Protocol scopes are always there: remove the scope, or rename it.',
        range: rangeIn(all, address, ''),
        address,
      }),
    );
  }
  for (const [client_id, address] of clients) {
    const isScope = scopes.has(client_id);
    if (!isScope && !isRegisteredScope(client_id)) continue;
    problems.push(
      report('scope.name-conflict', {
        detail: `client_id ${client_id} is a scope of the ${isScope ? 'catalogue' : 'protocol'} too`,
        help: `Give the application another client_id${isScope ? ', or rename the scope' : ''}.`,
        range: rangeIn(all, address, '/client_id'),
        address,
        related: isScope
          ? [{ message: 'the scope is declared here', range: rangeIn(all, scopeAddress(client_id), '') }]
          : [],
      }),
    );
  }
}
