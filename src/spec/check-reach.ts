// Owns the warning about applications that nobody may reach (SEMANTICS U-27, algorithm B step 5). Never asks by which
// method, nor until when: what decides is src/access.

import { type Address, type GroupAddress, isEveryone, nameOf } from '../model/address.ts';
import type { ApplicationEntity, GroupEntity } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { isEnabled } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import type { Audiences } from './check-audiences.ts';
import type { Tell } from './check-effects.ts';
import { bound, listsClientCredentials } from './entities.ts';
import { populatedGroups } from './group-members.ts';

/** By whom an application is meant to be reached. */
type Reach = 'a client that acts as itself' | 'its users' | 'anybody';

export function checkReach(all: Bound, audiences: Audiences, tell: Tell): void {
  const impersonating = all.links.impersonations();
  const isPopulated = populatedGroups(all);
  for (const [address, application] of bound(all, 'application')) {
    if (!isEnabled(application)) continue;
    const isNamed = audiences.has(address);
    // A client that acts as a user reaches others; it need not be reachable itself (SEMANTICS U-10).
    if (impersonating.has(address) && !isNamed) continue;
    const { allowed_to, access_rules, required_role } = application;
    const reach = reachOf(application, isNamed);
    // N-46, A-10: where nothing else is written the rules, or the role that is required, let a user in.
    const isGated = access_rules !== undefined || required_role !== undefined;
    if (reach === 'its users' && allowed_to === undefined && isGated) continue;
    const reaches = (group: GroupAddress) =>
      (reach !== 'its users' && listsClientCredentials(all, groupAt(all, group))) ||
      (reach !== 'a client that acts as itself' && isPopulated(group));
    if ((allowed_to ?? []).some(({ to }) => reaches(to))) continue;
    tell('application.unreachable', address, '/allowed_to', ...whyUnreachable(address, application, reach));
  }
}

function reachOf({ metadata }: ApplicationEntity, isNamed: boolean): Reach {
  const grants = metadata?.grant_types ?? [];
  if (isNamed) return 'anybody';
  const actsAsItself = grants.includes('client_credentials');
  const hasUsers = grants.some((grant) => GRANT_TYPES_WITH_USER.includes(grant));
  if (actsAsItself === hasUsers) return 'anybody';
  return actsAsItself ? 'a client that acts as itself' : 'its users';
}

function whyUnreachable(
  address: Address,
  { allowed_to = [] }: ApplicationEntity,
  reach: Reach,
): [detail: string, help: string] {
  const name = nameOf(address);
  const isItself = reach === 'a client that acts as itself';
  // The built-in groups: nobody can list a method there, nor add members.
  const declared = allowed_to.filter(({ to }) => !isEveryone(to));
  if (allowed_to.length === 0) {
    return [`${name} is open to no group`, isItself ? WITH_METHOD : OPENINGS[reach]];
  }
  if (isItself) {
    return [
      `${name} acts as itself, and no group that it is open to lists a method of type client_credentials`,
      declared.length > 0
        ? 'List the method at one of the groups of its allowed_to.'
        : `${WITH_METHOD} everyone stands for users alone.`,
    ];
  }
  return [
    `nobody is in any group that ${name} is open to`,
    declared.length > 0
      ? 'Add members to one of the groups of its allowed_to.'
      : 'Declare users in the site of its everyone, or name a group that has members.',
  ];
}

const WITH_METHOD = 'Name in allowed_to a group that lists the method of type client_credentials; it needs no members.';

const OPENINGS: Readonly<Record<Exclude<Reach, 'a client that acts as itself'>, string>> = {
  'its users':
    'Write allowed_to with a group whose members may use it; allowed_to: [everyone] opens it to every user of the site.',
  anybody: 'Write allowed_to with a group whose members may access it.',
};

function groupAt(all: Bound, address: GroupAddress): GroupEntity | undefined {
  const entity = all.entities.get(address);
  return entity?.kind === 'group' ? entity : undefined;
}
