// Owns circles of groups (SEMANTICS U-29). Never judges who is in a group.

import { type GroupAddress, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { circlesAmong, tellCircle } from './circles.ts';
import { bound, rangeIn } from './entities.ts';

/** Tells one circle for each set of groups that contain each other. */
export function checkCycles(all: Bound, problems: Diagnostic[]): void {
  const members = new Map<GroupAddress, readonly GroupAddress[]>();
  for (const [address, group] of bound(all, 'group')) {
    const groups = (group.members ?? []).map(({ to }) => to).filter((to): to is GroupAddress => kindOf(to) === 'group');
    if (groups.length > 0) members.set(address, groups);
  }
  for (const circle of circlesAmong(members)) {
    const sites = new Set(circle.map((group) => siteOf(group)));
    problems.push(
      tellCircle(circle, {
        code: 'group.cycle',
        leads: ' contains ',
        help: 'Remove one of the links.',
        nameOf: sites.size === 1 ? nameOf : qualifiedName,
        placeOf: (group, member) => {
          const entity = all.entities.get(group);
          const index = entity?.kind === 'group' ? (entity.members ?? []).findIndex(({ to }) => to === member) : -1;
          return rangeIn(all, group, `/members/${index}`);
        },
        step: (group, member) => `${member} is a member of ${group} here`,
      }),
    );
  }
}
