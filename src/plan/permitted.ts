// Owns what a plan changes of permissions: which functions a client may use for whom, or as itself, anew or no more. Never
// decides who has what: who is let in is asked of decide, and what a token says of permissionsOf, on both sides.

import { coverage } from '../access/customers.ts';
import { decide } from '../access/decide.ts';
import type { Decision, Question, Refusal, Step } from '../access/decision.ts';
import { permissionsOf } from '../access/permissions.ts';
import { isInReach, userGrantsOf } from '../access/reach.ts';
import {
  type ApplicationAddress,
  type CustomerAddress,
  compareText,
  customerAddress,
  type GroupAddress,
  kindOf,
  type RoleAddress,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { periodOf } from '../model/duration.ts';
import { selecting } from '../model/selection.ts';
import { entityAt } from '../model/state.ts';
import type { Compared, ComparedSide } from './compared.ts';
import { causeOfPermission } from './permitted-cause.ts';
import type { PermissionChange } from './plan.ts';
import { sharedStep } from './shared-answer.ts';
import { userClasses } from './user-classes.ts';

/** A permission that is there on a side, everything by the names of the plan. */
export interface Permitted {
  readonly function: string;
  readonly customer: CustomerAddress | undefined;
  /** The role that was given, and the group by which. */
  readonly role: RoleAddress;
  readonly through: GroupAddress | undefined;
  readonly chain: readonly Step[];
  /** Milliseconds since the epoch; infinite where it does not end. */
  readonly end: number;
}

/** What a client may do on one side for one user, or as itself. */
export interface PermittedSide {
  readonly side: ComparedSide;
  readonly held: readonly Permitted[];
  /** By client_credentials: as whom it acts. */
  readonly as: UserAddress | undefined;
  /** Why it gets no token; undefined where it does, or is asked for none. */
  readonly refusal: Refusal | undefined;
}

/**
 * Each permission that comes or goes, in their total order. `now` in milliseconds since the epoch: what has ended by then is
 * none, and what ends later is told with its end. Of a user whose time is to come it is that of then.
 */
export function diffPermissions(compared: Compared, now: number): readonly PermissionChange[] {
  if (!compared.changes.some(({ address }) => RELEVANT.has(kindOf(address)))) return [];
  const clients = [...new Set([compared.before, compared.after].flatMap(clientsWithScope))].sort(compareText);
  if (clients.length === 0) return [];
  const rows = new Map<string, Row>();
  const moved = movedCustomers(compared);
  const diff = (client: ApplicationAddress, users: readonly UserAddress[]) => {
    const [user] = users;
    const [was, is] = [compared.before, compared.after].map((side) => permittedOn(side, client, user, moved, now));
    if (was === undefined || is === undefined) return;
    addRows(rows, { client, users, effect: 'grant', holding: is, lacking: was }, compared, now);
    addRows(rows, { client, users, effect: 'revoke', holding: was, lacking: is }, compared, now);
  };
  for (const client of clients) diff(client, []);
  const isForAll = compared.changes.some(({ address }) => !OF_USERS.has(kindOf(address)));
  const changed = new Set<string>(compared.changes.map(({ address }) => address));
  for (const { users, differs } of userClasses(compared)) {
    const [first] = users;
    for (const client of clients) {
      if (!(differs || isForAll || changed.has(client))) continue;
      const isLetIn = (side: ComparedSide) => isInReach(side.index(), side.own(client), side.own(first));
      if (isLetIn(compared.before) || isLetIn(compared.after)) diff(client, users);
    }
  }
  return [...rows.values()].map(changeOf).sort(comparePermissionChanges);
}

/** What permissions rest on, and of it what is seen of the users and of the client themselves. */
const RELEVANT: ReadonlySet<string> = new Set([
  ...['application', 'customer', 'group', 'method', 'policy', 'role', 'site', 'user'],
]);
const OF_USERS: ReadonlySet<string> = new Set(['application', 'resource', 'scope', 'server', 'user']);

function clientsWithScope(side: ComparedSide): readonly ApplicationAddress[] {
  return [...withPermissionScope(side.state).keys()].map((address) => side.shared(address as ApplicationAddress));
}

const withPermissionScope = selecting(['application'], ({ permission_scope }) => permission_scope !== undefined);

/** Customers that are below others than before: of them too it is asked what counts, though nothing was granted for them. */
function movedCustomers({ before, after, changes }: Compared): readonly CustomerAddress[] {
  return changes.flatMap(({ address }): readonly CustomerAddress[] => {
    if (kindOf(address) !== 'customer') return [];
    const customer = address as CustomerAddress;
    const [was, is] = [before, after].map((side) => {
      const parent = entityAt(side.state, 'customer', side.own(customer))?.parent;
      return parent && side.shared(parent);
    });
    return was === is ? [] : [customer];
  });
}

function permittedOn(
  side: ComparedSide,
  called: ApplicationAddress,
  calledUser: UserAddress | undefined,
  moved: readonly CustomerAddress[],
  now: number,
): PermittedSide {
  const index = side.index();
  const [client, user] = [side.own(called), calledUser && side.own(calledUser)];
  const application = index.application(client);
  const none = { side, held: [], as: undefined, refusal: undefined };
  if (application?.permission_scope === undefined) return none;
  const { start } = periodOf((user && index.user(user)) ?? {});
  const at = Math.max(now, start);
  const held = new Map<string, Permitted>();
  const refusals: Refusal[] = [];
  let isAllowed = false;
  let as: UserAddress | undefined;
  const take = ({ user: acting, method }: Pick<Decision, 'user' | 'method'>) => {
    const groups = acting && index.groupsOf(acting);
    for (const one of permissionsOf(index, application, { client, user: acting, groups, method }, at) ?? []) {
      const { permission, way, chain, end } = one;
      const customer = permission.customer === undefined ? undefined : customerAddress(permission.customer);
      const key = `${permission.function} ${customer ?? ''}`;
      const known = held.get(key);
      if (known !== undefined && known.end >= end) continue;
      held.set(key, {
        function: permission.function,
        customer: customer && side.shared(customer),
        role: side.shared(way.grant.role),
        through: kindOf(way.holder) === 'group' ? side.shared(way.holder as GroupAddress) : undefined,
        chain: chain.map((step) => sharedStep(step, side)),
        end,
      });
    }
  };
  for (const question of questionsOf(side, client, user)) {
    const answer = decide(index, question, at);
    if (!answer.allowed) {
      refusals.push(answer);
      continue;
    }
    isAllowed = true;
    take(answer);
    if (user === undefined && answer.user !== undefined) as = side.shared(answer.user);
  }
  // Of several methods that which comes furthest is refused for what others do not know.
  const refusal = isAllowed ? undefined : (refusals.find(({ reasons }) => reasons.length > 0) ?? refusals[0]);
  return { side, held: [...held.values()].flatMap((one) => [one, ...below(side, one, moved)]), as, refusal };
}

/** Each grant by each method of the user: a policy may look at what is asked for, so openid alone is asked for as well. */
function questionsOf(
  side: ComparedSide,
  client: ApplicationAddress,
  user: UserAddress | undefined,
): readonly Question[] {
  const index = side.index();
  if (user === undefined) {
    const grants = index.application(client)?.metadata?.grant_types ?? [];
    const grant_type = 'client_credentials';
    return grants.includes(grant_type) ? [{ client, grant_type, scope: undefined }] : [];
  }
  const methods = index.user(user)?.methods ?? [];
  return userGrantsOf(index, client).flatMap((grant_type) =>
    methods.flatMap((method) => [undefined, ['openid']].map((scope) => ({ client, user, grant_type, method, scope }))),
  );
}

/** What a permission for a customer gives for those that have come below it, or were. */
function below(side: ComparedSide, one: Permitted, moved: readonly CustomerAddress[]): readonly Permitted[] {
  if (one.customer === undefined) return [];
  return moved.flatMap((customer): readonly Permitted[] => {
    if (customer === one.customer || entityAt(side.state, 'customer', side.own(customer)) === undefined) return [];
    const steps = coverage(side.state, one.customer && side.own(one.customer), side.own(customer));
    if (steps === undefined) return [];
    return [{ ...one, customer, chain: [...one.chain, ...steps.map((step) => sharedStep(step, side))] }];
  });
}

/** Until when a side has a permission, by whichever of its own; undefined where it has not. */
function endOn({ side, held }: PermittedSide, wanted: Permitted): number | undefined {
  const ends = held.filter((one) => covers(side, one, wanted)).map(({ end }) => end);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function covers(side: ComparedSide, one: Permitted, other: Permitted): boolean {
  if (one.function !== other.function) return false;
  if (one.customer === undefined || other.customer === undefined) return one.customer === undefined;
  return coverage(side.state, side.own(one.customer), side.own(other.customer)) !== undefined;
}

interface Row {
  readonly change: Omit<PermissionChange, 'functions' | 'users'> & { readonly through?: GroupAddress };
  readonly functions: Set<string>;
  readonly users: Set<UserAddress>;
}

interface Difference {
  readonly client: ApplicationAddress;
  /** Those who are alike; none where the client acts by itself. */
  readonly users: readonly UserAddress[];
  readonly effect: PermissionChange['effect'];
  readonly holding: PermittedSide;
  readonly lacking: PermittedSide;
}

/** What comes or goes of some users, functions that do so alike together; and together with others of whom the same does. */
function addRows(rows: Map<string, Row>, difference: Difference, compared: Compared, now: number): void {
  const { client, users, effect, holding, lacking } = difference;
  const beyond = holding.held.filter((one) => (endOn(lacking, one) ?? Number.NEGATIVE_INFINITY) < one.end);
  // What is told for all customers, or for one above, is not told for those below.
  const isTold = (one: Permitted, other: Permitted) => {
    if (other.customer === one.customer || other.end < one.end || !covers(holding.side, other, one)) return false;
    // Of two that hold each other, by a circle of customers or ends that are equal, the first stays.
    return !covers(holding.side, one, other) || other.end > one.end || beyond.indexOf(other) < beyond.indexOf(one);
  };
  const told = beyond.filter((one) => !beyond.some((other) => isTold(one, other)));
  const alike = new Map<string, Row>();
  for (const one of told) {
    const otherwise = endOn(lacking, one);
    const cause = causeOfPermission(one, { client, user: users[0], effect, holding, lacking }, compared, now);
    const { address, pointer } = cause.place;
    // Of many users who came into one list, or came at all, there is one row: theirs is the line of the first.
    const causeKey = [kindOf(address) === 'user' && users.length > 0 ? 'user' : address, pointer.replace(/\/\d+$/, '')];
    const change = {
      effect,
      client,
      ...(one.customer === undefined ? {} : { customer: one.customer }),
      ...(users.length === 0 || one.through === undefined ? {} : { through: one.through }),
      ...(users.length > 0 || holding.as === undefined ? {} : { as: holding.as }),
      role: one.role,
      ...(Number.isFinite(one.end) ? { until: one.end } : {}),
      ...(otherwise === undefined ? {} : { otherwise }),
    };
    const key = canonicalJson([{ ...change, otherwise: otherwise ?? null }, causeKey, users.length === 0]);
    const row = alike.get(key) ?? { change: { ...change, cause }, functions: new Set(), users: new Set(users) };
    alike.set(key, row);
    row.functions.add(one.function);
  }
  for (const [key, row] of alike) {
    const whole = `${key} ${[...row.functions].sort(compareText).join(' ')}`;
    const known = rows.get(whole) ?? row;
    rows.set(whole, known);
    for (const user of row.users) known.users.add(user);
  }
}

function changeOf({ change: { through, ...change }, functions, users }: Row): PermissionChange {
  const told = { users: [...users].sort(compareText), ...(through === undefined ? {} : { through }) };
  return {
    ...change,
    functions: [...functions].sort(compareText),
    ...(users.size === 0 ? {} : { users: told }),
  };
}

/** Client, then who, then what: no two of a plan are equal in all of them. */
function comparePermissionChanges(a: PermissionChange, b: PermissionChange): number {
  return compareText(orderOf(a), orderOf(b));
}

function orderOf({ client, users, functions, customer, effect, role, until }: PermissionChange): string {
  const who = users === undefined ? ['', ''] : [users.through ?? '', users.users[0] ?? ''];
  return [client, who[0], customer ?? '', functions.join(' '), effect, role, who[1], until ?? ''].join('\n');
}
