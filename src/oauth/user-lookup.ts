// Owns which user somebody means who types a username: never more than one. Never checks a password.

import type { AccessIndex } from '../access/access-index.ts';
import { type ApplicationAddress, nameOf, siteOf, type UserAddress, userAddress } from '../model/address.ts';
import { valuesOfAttribute } from '../model/policy-value.ts';
import { entitiesOf, type State } from '../model/state.ts';

/** Attributes by which people know themselves; a user is meant by one where no other user has the same. */
const LOGIN_ATTRIBUTES = ['uid', 'mail', 'email', 'preferred_username'] as const;

interface Directory {
  readonly bySub: ReadonlyMap<string, UserAddress>;
  /** Undefined where several have the name. */
  readonly byName: ReadonlyMap<string, UserAddress | undefined>;
  /** In lower case; the same. */
  readonly byAttribute: ReadonlyMap<string, UserAddress | undefined>;
}

const known = new WeakMap<State, Directory>();

/**
 * The user of the client's site with this name; else by `Site/Name`, by `sub`, by a name or one of the attributes uid, mail,
 * email and preferred_username that one user alone has.
 */
export function findUserByName(index: AccessIndex, client: ApplicationAddress, typed: string): UserAddress | undefined {
  const username = typed.trim();
  const site = siteOf(client);
  const local = site === undefined ? undefined : existing(index, userAddress(site, username));
  if (local !== undefined) return local;
  const slash = username.indexOf('/');
  const qualified =
    slash < 0 ? undefined : existing(index, userAddress(username.slice(0, slash), username.slice(slash + 1)));
  if (qualified !== undefined) return qualified;
  const { bySub, byName, byAttribute } = directoryOf(index.state);
  return bySub.get(username) ?? byName.get(username) ?? byAttribute.get(username.toLowerCase());
}

/** How the user is called on pages and in `username` of an introspection. */
export function usernameOf(user: UserAddress): string {
  return nameOf(user);
}

function existing(index: AccessIndex, address: UserAddress): UserAddress | undefined {
  return index.user(address) === undefined ? undefined : address;
}

/** Built once for each State, when somebody logs in who is not of the client's site. */
function directoryOf(state: State): Directory {
  const kept = known.get(state);
  if (kept !== undefined) return kept;
  const bySub = new Map<string, UserAddress>();
  const byName = new Map<string, UserAddress | undefined>();
  const byAttribute = new Map<string, UserAddress | undefined>();
  const note = (map: Map<string, UserAddress | undefined>, key: string, address: UserAddress) =>
    map.set(key, map.has(key) && map.get(key) !== address ? undefined : address);
  for (const [at, user] of entitiesOf(state, 'user')) {
    const address = at as UserAddress;
    bySub.set(user.sub, address);
    note(byName, nameOf(address), address);
    for (const name of LOGIN_ATTRIBUTES) {
      for (const value of valuesOfAttribute(user, name)) note(byAttribute, value.toLowerCase(), address);
    }
  }
  const directory = { bySub, byName, byAttribute };
  known.set(state, directory);
  return directory;
}
