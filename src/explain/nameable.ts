// Owns a question about a client with every name resolved, and what a client could name in a request. Never asks it.

import { type Address, type ApplicationAddress, scopeAddress, type UserAddress } from '../model/address.ts';
import { entityAt } from '../model/state.ts';
import type { World } from './world.ts';

/** What is asked, with every name resolved. */
export interface ExplainQuestion {
  readonly client: ApplicationAddress;
  /** Undefined: the client's only grant, else all that it has. */
  readonly grant_type: string | undefined;
  /** Values that a request says; undefined: each that the client could name. */
  readonly scope: readonly string[] | undefined;
  readonly user: UserAddress | undefined;
  readonly method: string | undefined;
  readonly ip: string | undefined;
}

/** All that a client could name: audiences in the order of its list, scopes, itself. */
export function namesOf({ index }: World, client: ApplicationAddress): readonly string[] {
  const { audiences, scopes, standard } = index.allowList(client);
  const own = index.application(client)?.client_id;
  return [...new Set([...audiences.keys(), ...scopes, ...standard, ...(own === undefined ? [] : [own])])];
}

/** The scope or the application that a value of a request stands for; undefined for what is neither. */
export function addressOf({ index }: World, value: string): Address | undefined {
  const scope = scopeAddress(value);
  return entityAt(index.state, 'scope', scope) === undefined ? index.client(value) : scope;
}
