// Owns which users gain or lose what through clients that they let act: found for one of those who are alike, and told together
// by the way in, with all who use it. Never decides access, and never tells a user by user.

import { isInReach, userGrantsOf } from '../access/reach.ts';
import {
  type Address,
  type ApplicationAddress,
  compareText,
  type GroupAddress,
  kindOf,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { entitiesOf } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { AccessChange, UsersTold } from './plan.ts';
import { userClasses } from './user-classes.ts';

/** What one user gains and loses through a client. */
type DiffUser = (client: ApplicationAddress, user: UserAddress) => readonly AccessChange[];

/** `affected` are the clients that may give other access than before to any user. */
export function diffUserAccess(
  compared: Compared,
  affected: ReadonlySet<ApplicationAddress>,
  diff: DiffUser,
): readonly AccessChange[] {
  const { before, after } = compared;
  const clients = new Set([...clientsOfUsers(before), ...clientsOfUsers(after)]);
  if (clients.size === 0) return [];
  const classes = userClasses(compared);
  const rows = new Map<string, { readonly change: AccessChange; readonly users: UserAddress[] }>();
  for (const client of [...clients].sort(compareText)) {
    for (const { users, differs } of classes) {
      const [first] = users;
      if (!(differs || affected.has(client))) continue;
      if (![before, after].some((side) => isInReach(side.index(), side.own(client), side.own(first)))) continue;
      for (const change of diff(client, first)) {
        const key = keyOf(change);
        const row = rows.get(key) ?? { change, users: [] };
        rows.set(key, row);
        row.users.push(...users);
      }
    }
  }
  return [...rows.values()].map(({ change, users }) => {
    const side = change.effect === 'grant' ? after : before;
    const [grant_type = 'authorization_code'] = userGrantsOf(side.index(), side.own(change.client));
    const told: UsersTold = { grant_type, through: throughOf(change), users: users.sort(compareText) };
    return { ...change, users: told };
  });
}

/** What is told in one row: the same gain or loss, by the same way in, for the same reason and time. */
function keyOf(change: AccessChange): string {
  const { effect, client, client_id, audience, scope, held, from, otherwise, other, cause } = change;
  return canonicalJson([
    [effect, client, client_id, audience ?? null, scope ?? null, held.application, throughOf(change) ?? null],
    [from ?? null, held.until ?? null, otherwise?.from ?? null, otherwise?.until ?? null],
    [other?.code ?? null, ...causeKey(cause.place)],
  ]);
}

/** Of many users who came into one list, or came at all, there is one row: theirs is the line of the first. */
function causeKey({ address, pointer }: { readonly address: Address; readonly pointer: string }): readonly string[] {
  return [kindOf(address) === 'user' ? 'user' : address, pointer.replace(/\/\d+$/, '')];
}

/** The group by which the target opens, else by which its users have the role that is required; of a scope, which opens to nobody by itself, that of the client. */
function throughOf({ client, scope, held }: AccessChange): GroupAddress | undefined {
  const openings = held.chain.filter(({ relation }) => relation === 'open_to');
  const opening = scope === undefined ? openings.at(-1) : openings.find(({ from }) => from === client);
  if (opening !== undefined) return opening.to as GroupAddress;
  // Where no group opens it, that by which its users have the role that it requires.
  const giving = held.chain.find(({ relation, from }) => relation === 'has_role' && kindOf(from) === 'group');
  return giving?.from as GroupAddress | undefined;
}

/** By the names of the plan. */
function* clientsOfUsers(side: ComparedSide): Generator<ApplicationAddress> {
  for (const [address, { metadata }] of entitiesOf(side.state, 'application')) {
    if ((metadata?.grant_types ?? []).some((grant) => GRANT_TYPES_WITH_USER.includes(grant))) {
      yield side.shared(address as ApplicationAddress);
    }
  }
}
