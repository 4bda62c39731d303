// Owns the answer to `who-can --function`: which clients may use a function, for one customer or for any, as whom or for how many
// users. Never decides: who gets a token and what it may do are the engine's answers.

import { coverage } from '../access/customers.ts';
import { decide } from '../access/decide.ts';
import type { Question } from '../access/decision.ts';
import { type HeldPermission, permissionsOf } from '../access/permissions.ts';
import { usersInReach } from '../access/reach.ts';
import {
  type ApplicationAddress,
  type CustomerAddress,
  customerAddress,
  type GroupAddress,
  kindOf,
  type UserAddress,
} from '../model/address.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES } from '../model/grant-type.ts';
import { entitiesOf } from '../model/state.ts';
import { countEach } from './explain-users.ts';
import type { Obtaining } from './who-can.ts';
import type { World } from './world.ts';

export interface FunctionTarget {
  readonly function: string;
  /** Undefined for any. */
  readonly customer: CustomerAddress | undefined;
}

export interface WhoMay {
  readonly target: FunctionTarget;
  readonly clients: readonly Obtaining[];
}

export function whoMay(
  world: World,
  target: FunctionTarget,
  { grant_type: only, ip }: { readonly grant_type: string | undefined; readonly ip: string | undefined },
): WhoMay {
  const clients = [...entitiesOf(world.index.state, 'application')].flatMap(([address, application]) => {
    if (application.permission_scope === undefined) return [];
    const client = address as ApplicationAddress;
    const grants = (application.metadata?.grant_types ?? []).filter(
      (grant) => GRANT_TYPES.includes(grant) && grant !== 'refresh_token' && (only === undefined || only === grant),
    );
    return grants.flatMap((grant_type) =>
      byGrant(world, application, target, { client, grant_type, ip, scope: undefined }),
    );
  });
  return { target, clients };
}

function byGrant(
  world: World,
  application: ApplicationEntity,
  target: FunctionTarget,
  question: Question,
): readonly Obtaining[] {
  const { client, grant_type } = question;
  const common = { client, client_id: application.client_id, grant_type, networks: undefined, limited: 0 };
  if (grant_type === 'client_credentials') {
    const held = heldIn(world, application, target, question);
    if (held === undefined) return [];
    const until = Number.isFinite(held.end) ? held.end : undefined;
    return [{ ...common, chain: held.chain, until, users: undefined, through: [] }];
  }
  const ways = usersInReach(world.index, client).flatMap(
    (user): readonly (readonly [UserAddress, HeldPermission])[] => {
      const held = heldIn(world, application, target, { ...question, user });
      return held === undefined ? [] : [[user, held]];
    },
  );
  const [first] = ways;
  if (first === undefined) return [];
  const groups = ways.flatMap(([, { way }]) => (kindOf(way.holder) === 'group' ? [way.holder as GroupAddress] : []));
  return [
    {
      ...common,
      chain: first[1].chain,
      until: undefined,
      users: ways.map(([user]) => user),
      through: countEach(groups).map(([group, users]) => ({ group, users })),
    },
  ];
}

/** The permission that lasts longest, of those that a token would say. */
function heldIn(
  { index, now }: World,
  application: ApplicationEntity,
  target: FunctionTarget,
  question: Question,
): HeldPermission | undefined {
  const answer = decide(index, question, now);
  if (!answer.allowed || answer.permissions?.some((one) => one.function === target.function) !== true) return undefined;
  const { client, user, method } = answer;
  const groups = user && index.groupsOf(user);
  const [best] = (permissionsOf(index, application, { client, user, groups, method }, now) ?? [])
    .filter(({ permission }) => permission.function === target.function)
    .filter(({ permission: { customer } }) => {
      const granted = customer === undefined ? undefined : customerAddress(customer);
      return target.customer === undefined || coverage(index.state, granted, target.customer) !== undefined;
    })
    .sort((a, b) => (a.end === b.end ? a.way.length - b.way.length : a.end > b.end ? -1 : 1));
  return best;
}
