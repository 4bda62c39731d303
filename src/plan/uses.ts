// Owns what a plan changes about who gets through to which resource: clients by themselves, and users through them, told together
// by the way in. Judged at the instant of the plan; what begins later is told when it does. Never decides: both sides are asked
// of src/access.

import { isInReach, networksOfWay, userGrantsOf, type Way, wayTo } from '../access/reach.ts';
import { isAboutClient } from '../access/resource-reach.ts';
import {
  type Address,
  type ApplicationAddress,
  compareText,
  type GroupAddress,
  kindOf,
  type ResourceAddress,
  type UserAddress,
} from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { areWithin } from '../model/network.ts';
import { selecting } from '../model/selection.ts';
import { entitiesOf } from '../model/state.ts';
import { affectedClients } from './affected.ts';
import type { Compared, ComparedSide } from './compared.ts';
import type { UseChange, UsersTold } from './plan.ts';
import { userClasses } from './user-classes.ts';
import { causeOfUse, type Refused, refusalOfUse } from './uses-cause.ts';

/** In their total order; undefined where nothing changes. `now` in milliseconds since the epoch. */
export function diffUses(compared: Compared, now: number): readonly UseChange[] | undefined {
  const { before, after, changes } = compared;
  const resources = new Set([...resourcesOf(before), ...resourcesOf(after)]);
  const affected = resources.size === 0 ? undefined : affectedClients(compared);
  if (affected === undefined) return undefined;
  const changed = new Set<Address>(changes.map(({ address }) => address));
  const rows = new Map<string, { readonly change: UseChange; readonly users: UserAddress[] }>();
  const compare = (resource: ResourceAddress, client: ApplicationAddress, users: readonly UserAddress[]) => {
    const [user] = users;
    for (const change of diffOne(compared, { resource, client, user }, now)) {
      const key = keyOf(change);
      const row = rows.get(key) ?? { change, users: [] };
      rows.set(key, row);
      row.users.push(...users);
    }
  };
  const sides = [before, after];
  const classes = userClasses(compared);
  for (const resource of resources) {
    const isTouched = changed.has(resource) || sides.some((side) => namesChanged(side, resource, changed));
    for (const client of clientsAbout(sides, resource)) {
      const isHot = isTouched || affected.has(client);
      if (isHot) compare(resource, client, []);
      if (!sides.some((side) => userGrantsOf(side.index(), side.own(client)).length > 0)) continue;
      for (const { users, differs } of classes) {
        if (!(isHot || differs)) continue;
        const isIn = (side: ComparedSide) => isInReach(side.index(), side.own(client), side.own(users[0]));
        if (sides.some(isIn)) compare(resource, client, users);
      }
    }
  }
  const found = [...rows.values()].map(({ change, users }): UseChange => {
    if (users.length === 0) return change;
    const side = change.effect === 'grant' ? after : before;
    const [grant_type = 'authorization_code'] = userGrantsOf(side.index(), side.own(change.client));
    const told: UsersTold = { grant_type, through: change.users?.through, users: users.sort(compareText) };
    return { ...change, users: told };
  });
  return found.length === 0 ? undefined : found.sort(compareUses);
}

/** Resource, client, effect; then what tells apart the rows of one client. */
export function compareUses(a: UseChange, b: UseChange): number {
  return (
    compareText(a.resource, b.resource) ||
    compareText(a.client, b.client) ||
    compareText(a.effect, b.effect) ||
    compareText(a.users?.through ?? '', b.users?.through ?? '') ||
    compareText(a.users?.users[0] ?? '', b.users?.users[0] ?? '') ||
    compareText(a.as ?? '', b.as ?? '')
  );
}

/** What one client, or one user through it, gains and loses at a resource. */
function diffOne(
  { before, after, changes }: Compared,
  asked: {
    readonly resource: ResourceAddress;
    readonly client: ApplicationAddress;
    readonly user: UserAddress | undefined;
  },
  now: number,
): readonly UseChange[] {
  const { resource, client, user } = asked;
  const [was, is] = [wayOn(before, asked, now), wayOn(after, asked, now)];
  const found: UseChange[] = [];
  for (const [effect, holding, lacking] of [
    ['grant', { side: after, way: is }, { side: before, way: was }],
    ['revoke', { side: before, way: was }, { side: after, way: is }],
  ] as const) {
    if (holding.way === undefined || !isBeyond(holding.way, lacking.way)) continue;
    const refused: Refused | undefined = lacking.way === undefined ? refusalOfUse(lacking.side, asked, now) : undefined;
    const as = holding.way.decision.user;
    const span = spanOf(holding.way);
    const { way, side } = holding;
    found.push({
      effect,
      resource,
      client,
      ...(user === undefined && as !== undefined ? { as: holding.side.shared(as) } : {}),
      ...(user === undefined
        ? {}
        : {
            users: { grant_type: holding.way.grant_type, through: throughOf(holding.side, holding.way), users: [user] },
          }),
      ...span,
      ...(lacking.way === undefined ? {} : { otherwise: spanOf(lacking.way) }),
      ...(refused === undefined ? {} : { code: refused.code }),
      cause: causeOfUse(
        { effect, ...asked, holding: { side, way }, lacking: { side: lacking.side }, refused, changes },
        now,
      ),
    });
  }
  return found;
}

/** The first way that is open, by any of the grants. */
function wayOn(
  side: ComparedSide,
  { resource, client, user }: Pick<UseChange, 'resource' | 'client'> & { readonly user: UserAddress | undefined },
  now: number,
): Way | undefined {
  const index = side.index();
  const own = side.own(client);
  const grants = user === undefined ? ['client_credentials'] : userGrantsOf(index, own);
  for (const grant_type of grants) {
    const asked = { client: own, grant_type, user: user && side.own(user), ip: undefined };
    const way = wayTo(index, { resource: side.own(resource) }, asked, now);
    if (way !== undefined) return way;
  }
  return undefined;
}

/** Whether one is open longer than the other, or from where that is not. */
function isBeyond(one: Way, other: Way | undefined): boolean {
  if (other === undefined) return true;
  const [mine, its] = [spanOf(one), spanOf(other)];
  const lasts = ({ until }: Pick<UseChange, 'until'>) => until ?? Number.POSITIVE_INFINITY;
  return lasts(mine) > lasts(its) || !areWithin(mine.networks ?? [], its.networks ?? []);
}

function spanOf(way: Way): Pick<UseChange, 'until' | 'networks'> {
  const networks = networksOfWay(way);
  const until = way.answer?.until;
  return { ...(until === undefined ? {} : { until }), ...(networks === undefined ? {} : { networks }) };
}

/** The group that a condition is about, else that by which the last thing opens. */
function throughOf(side: ComparedSide, { chain }: Way): GroupAddress | undefined {
  const opening = chain.findLast(({ relation }) => relation === 'open_to');
  return opening === undefined ? undefined : side.shared(opening.to as GroupAddress);
}

/** What is told in one row. */
function keyOf({ effect, resource, client, as, users, until, networks, otherwise, code, cause }: UseChange): string {
  const { address, pointer } = cause.place;
  return canonicalJson(
    [
      [effect, resource, client, as ?? null, users === undefined ? null : (users.through ?? '')],
      [until ?? null, networks ?? null, otherwise === undefined ? null : { ...otherwise }],
      // Of many users who came into one list there is one row: theirs is the line of the first.
      [code ?? null, kindOf(address) === 'user' ? 'user' : address, pointer.replace(/\/\d+$/, '')],
    ].map((part) => JSON.parse(JSON.stringify(part))),
  );
}

/** By the names of the plan; without turning round a State that has none. */
function* resourcesOf(side: ComparedSide): Generator<ResourceAddress> {
  for (const address of resources(side.state).keys()) yield side.shared(address as ResourceAddress);
}

const resources = selecting(['resource'], () => true);

/** The clients that a rule may be about on either side, by address. */
function clientsAbout(sides: readonly ComparedSide[], resource: ResourceAddress): readonly ApplicationAddress[] {
  const found = new Set<ApplicationAddress>();
  for (const side of sides) {
    for (const [address] of entitiesOf(side.state, 'application')) {
      const client = address as ApplicationAddress;
      if (isAboutClient(side.index(), side.own(resource), client)) found.add(side.shared(client));
    }
  }
  return [...found].sort(compareText);
}

/** Whether a rule names something that changed. */
function namesChanged(side: ComparedSide, resource: ResourceAddress, changed: ReadonlySet<Address>): boolean {
  const { access_rules = [] } = side.index().resources.entities.get(side.own(resource)) ?? {};
  return access_rules.some((rule) => {
    const named: readonly (Address | undefined)[] =
      'group' in rule ? [rule.group] : 'client' in rule || 'audience' in rule ? [rule.client, rule.audience] : [];
    return named.some((address) => address !== undefined && changed.has(side.shared(address)));
  });
}
