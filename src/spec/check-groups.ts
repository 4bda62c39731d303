// Owns circles of groups (SEMANTICS U-29). Never judges who is in a group.

import { compareText, type GroupAddress, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { bound, rangeIn } from './entities.ts';

/** Tells one circle for each set of groups that contain each other. */
export function checkCycles(all: Bound, problems: Diagnostic[]): void {
  const members: Members = new Map();
  for (const [address, group] of bound(all, 'group')) {
    const groups = (group.members ?? []).map(({ to }) => to).filter((to): to is GroupAddress => kindOf(to) === 'group');
    if (groups.length > 0) members.set(address, groups);
  }
  dropTrees(members);
  const told = new Set<GroupAddress>();
  for (const start of [...members.keys()].sort(compareText)) {
    if (told.has(start)) continue;
    const circle = wayBack(start, members);
    if (circle === undefined) continue;
    for (const group of circle) told.add(group);
    problems.push(tell(all, circle));
  }
}

/** Groups of a circle that are named; a longer one is no longer read. */
const MOST_SHOWN = 10;

type Members = Map<GroupAddress, readonly GroupAddress[]>;

/** Drops, in linear time, the groups that no circle can be below; mostly that is all of them. */
function dropTrees(members: Members): void {
  const containers = new Map<GroupAddress, GroupAddress[]>();
  const open = new Map<GroupAddress, number>();
  for (const [group, groups] of members) {
    open.set(group, groups.length);
    for (const member of groups) {
      const known = containers.get(member) ?? [];
      containers.set(member, known);
      known.push(group);
    }
  }
  const done = [...containers.keys()].filter((group) => !members.has(group));
  for (const group of done) {
    members.delete(group);
    for (const container of containers.get(group) ?? []) {
      const left = (open.get(container) ?? 0) - 1;
      open.set(container, left);
      if (left === 0) done.push(container);
    }
  }
}

/** The shortest way from a group through its members back to itself; breadth first, without recursion. */
function wayBack(start: GroupAddress, members: Members): readonly GroupAddress[] | undefined {
  const from = new Map<GroupAddress, GroupAddress>();
  const queue: GroupAddress[] = [start];
  for (const group of queue) {
    for (const member of members.get(group) ?? []) {
      if (member === start) {
        const way: GroupAddress[] = [];
        for (let at: GroupAddress | undefined = group; at !== undefined; at = from.get(at)) way.unshift(at);
        return way;
      }
      if (from.has(member)) continue;
      from.set(member, group);
      queue.push(member);
    }
  }
  return undefined;
}

function tell(all: Bound, circle: readonly GroupAddress[]): Diagnostic {
  const sites = new Set(circle.map((group) => siteOf(group)));
  const named = (group: GroupAddress) => (sites.size === 1 ? nameOf(group) : qualifiedName(group));
  const places = circle.map((group, position) => {
    const member = circle[(position + 1) % circle.length] ?? group;
    const entity = all.entities.get(group);
    const index = entity?.kind === 'group' ? (entity.members ?? []).findIndex(({ to }) => to === member) : -1;
    return { group, member, range: rangeIn(all, group, `/members/${index}`) };
  });
  const [first, ...others] = places;
  const [start] = circle;
  const left = circle.length - MOST_SHOWN;
  const shown = circle.slice(0, MOST_SHOWN);
  return report('group.cycle', {
    detail: [
      ...shown.map(named),
      ...(left > 0 ? [`${left} more`] : []),
      ...(start === undefined ? [] : [named(start)]),
    ].join(' contains '),
    help: 'Remove one of the links.',
    range: first?.range,
    address: start,
    related: others.slice(0, MOST_SHOWN).map(({ group, member, range }) => ({
      message: `${named(member)} is a member of ${named(group)} here`,
      range,
    })),
  });
}
