// Owns which single edits might open the gates of an application to who asks: its groups, its access rules, its policy.
// Never says that one does: each is tried (edits.ts).

import type { AccessIndex } from '../access/access-index.ts';
import { countsFor } from '../access/opening.ts';
import { everyoneOf, type GroupAddress, isEveryone, kindOf, siteOf } from '../model/address.ts';
import { parsePolicyValue } from '../model/policy-value.ts';
import { accessRulesOf } from '../model/settings.ts';
import { entitiesOf } from '../model/state.ts';
import type { Obstacle } from './asking.ts';
import { add, addressCandidates, type Candidate, join, listMethod, MOST, SURPRISE, type Wanted } from './candidate.ts';
import { attributePointer, type Edit, linkAt } from './edit.ts';

/** Into a group that opens the application, or the application to a group that the user is in. */
export function groupCandidates(index: AccessIndex, { about, user, method, missing }: Obstacle): readonly Candidate[] {
  const application = index.application(about);
  if (application === undefined || method === undefined) return [];
  const groups = user === undefined ? undefined : index.groupsOf(user);
  const asker = { method, groups };
  const counts = (group: GroupAddress) => {
    const entity = index.group(group);
    return entity !== undefined && countsFor(entity, asker);
  };
  const opened = (application.allowed_to ?? []).map(({ to }) => to);
  const closed = declaredGroups(index).filter((group) => !opened.includes(group));
  const isMember = (group: GroupAddress) => groups?.has(group) === true;
  const open = (group: GroupAddress, surprise: number) => add(about, '/allowed_to', { to: group }, surprise);
  const inSite = (group: GroupAddress) => (siteOf(group) === siteOf(about) ? 0 : 1);

  const memberships = user === undefined ? [] : opened.filter((group) => !isEveryone(group) && !isMember(group));
  const openings = closed.filter((group) => counts(group) && (user === undefined || isMember(group)));
  const methods = opened.filter((group) => !counts(group) && !isEveryone(group));
  const direct = [
    ...memberships.flatMap((group) => (user === undefined ? [] : join(index, group, user))).slice(0, MOST),
    ...openings.map((group) => open(group, SURPRISE.opening + inSite(group))).slice(0, MOST),
    ...methods.flatMap((group) => listMethod(index, group, [method], methodSurprise(index, group))).slice(0, MOST),
  ];
  const asides = missing?.pointer === '/allowed_to' || direct.length === 0;
  if (!asides || opened.length > 0) return direct;
  // Nobody is let in yet: some group of the site, or in the end everybody.
  const further = closed
    .filter((group) => inSite(group) === 0 && !openings.includes(group))
    .slice(0, MOST)
    .map((group) => open(group, SURPRISE.newOpening));
  const everybody = user === undefined ? [] : [open(everyoneOf(siteOf(user) ?? ''), SURPRISE.everybody)];
  return [...direct, ...further, ...everybody];
}

/** In a group that lists no method any counts for users: to list one there takes the others away. */
function methodSurprise(index: AccessIndex, group: GroupAddress): number {
  return (index.group(group)?.methods ?? []).length === 0 ? SURPRISE.newOpening : SURPRISE.methodOnGroup;
}

function declaredGroups(index: AccessIndex): readonly GroupAddress[] {
  return [...entitiesOf(index.state, 'group')].map(([address]) => address as GroupAddress);
}

/** Of rules of which any would do each is tried; of those that must all be met the first that is not. */
export function ruleCandidates(
  index: AccessIndex,
  { about, user }: Obstacle,
  { ip, client }: Wanted,
  pointer: string,
): readonly Candidate[] {
  const rules = accessRulesOf(index.application(about) ?? {});
  const [, list = '', named] = /^\/access_rules\/(all|any)(?:\/(\d+))?/.exec(pointer) ?? [];
  return rules.flatMap((rule, position): readonly Candidate[] => {
    if (named !== undefined && Number(named) !== position) return [];
    if ('ip' in rule) return addressCandidates(about, `/access_rules/${list}/${position}/ip`, ip);
    if ('group' in rule) return user === undefined || isEveryone(rule.group) ? [] : join(index, rule.group, user);
    return [
      ...listMethod(index, client, [rule.method], SURPRISE.method),
      ...(user === undefined ? [] : listMethod(index, user, [rule.method], SURPRISE.method)),
    ];
  });
}

/** One value less of a name that has too many; else a value for what is required. */
export function policyCandidates(index: AccessIndex, obstacle: Obstacle): readonly Candidate[] {
  const isTooMany = obstacle.chain.some(({ value }) => value !== undefined);
  return isTooMany ? lessCandidates(index, obstacle) : valueCandidates(index, obstacle);
}

/** Without the memberships by which an item counts for the user, or without the item. */
function lessCandidates(index: AccessIndex, { chain }: Obstacle): readonly Candidate[] {
  const memberships = chain.flatMap(({ relation, from, at }, position): readonly Candidate[] => {
    const next = chain.slice(position).find((step) => step.relation !== 'member_of');
    // The built-in group of a site has its members by itself.
    if (relation !== 'member_of' || next?.value === undefined) return [];
    if (linkAt(index.state.get(at.address), at.pointer) === undefined) return [];
    const surprise = kindOf(from) === 'user' ? SURPRISE.membership : SURPRISE.otherUser;
    return [{ edit: { op: 'remove', ...at }, surprise }];
  });
  const items = chain.flatMap(({ value, at }): readonly Candidate[] =>
    value === undefined ? [] : [{ edit: { op: 'remove', ...at }, surprise: SURPRISE.item }],
  );
  return [...memberships, ...items].slice(0, MOST);
}

/** The attribute that an item asks for, or the group that an item is about. */
function valueCandidates(index: AccessIndex, { about, user }: Obstacle): readonly Candidate[] {
  const named = index.application(about)?.policy;
  const policy = named === undefined ? undefined : index.policy(named);
  const subject = user === undefined ? undefined : index.user(user);
  if (policy === undefined || user === undefined || subject === undefined) return [];
  return (policy.items ?? []).flatMap((item): readonly Candidate[] => {
    if (policy.required?.includes(item.name) !== true) return [];
    const value = parsePolicyValue(item.value);
    const groups =
      item.group === undefined || isEveryone(item.group) || index.groupsOf(user).has(item.group)
        ? []
        : join(index, item.group, user);
    if (value?.from !== 'user' || Object.hasOwn(subject.attributes ?? {}, value.attribute)) return groups;
    const pointer = attributePointer(value.attribute);
    const edit: Edit = { op: 'set', address: user, pointer, value: `<${value.attribute}>` };
    return [...groups, { edit, surprise: SURPRISE.named }];
  });
}
