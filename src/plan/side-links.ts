// Owns whether a side of a plan has a link, and where it is written there. Never compares the sides.

import type { Place, Step } from '../access/decision.ts';
import { type Address, type GroupAddress, isEveryone, kindOf, nameOf } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import { isWithin, periodOf } from '../model/duration.ts';
import type { AccessRule, Link } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import { accessRulesOf, scopeValues } from '../model/settings.ts';
import { entityAt } from '../model/state.ts';
import type { ComparedSide } from './compared.ts';
import { valueAt } from './paths.ts';
import { grantOf, hasRoleLink } from './role-links.ts';

export function has(side: ComparedSide, address: Address): boolean {
  return side.state.has(side.own(address));
}

/** Whether it writes a member itself. */
export function hasMember(side: ComparedSide, { address, pointer }: Place): boolean {
  return valueAt(side.state.get(side.own(address)), pointer) !== undefined;
}

export function rangeAt(side: ComparedSide, { address, pointer }: Place): SourceRange | undefined {
  return side.origins.get(side.own(address))?.(pointer);
}

/** Whether a side has the link that a step tells of; `audience` is what a naming names. `now` in milliseconds since the epoch. */
export function hasLink(side: ComparedSide, step: Step, audience: string, now: number): boolean {
  const rule = ruleOf(step);
  if (rule !== undefined) return rulesOn(side, step).some((one) => canonicalJson(one) === canonicalJson(rule(side)));
  // Nobody writes that a user is in the built-in group of its site, nor removes it but with the user.
  if (step.relation === 'member_of' && isEveryone(step.to)) return has(side, step.from);
  if (step.relation === 'has_value') return hasValue(side, step);
  if (step.relation === 'has_method') {
    const entity = side.state.get(side.own(step.from));
    return entity !== undefined && 'methods' in entity && (entity.methods ?? []).includes(nameOf(step.to));
  }
  if (step.relation === 'may_ask_for') return namingOf(side, step, audience) !== undefined;
  const hasRole = hasRoleLink(side, step);
  if (hasRole !== undefined) return hasRole;
  const entry = entryOf(side, step);
  return entry !== undefined && isWithin(periodOf(entry.link), now);
}

/** Of a link that an access rule makes, that rule as a side calls it. */
function ruleOf({ relation, to, at }: Step): ((side: ComparedSide) => AccessRule) | undefined {
  if (!at.pointer.startsWith('/access_rules/')) return undefined;
  if (relation === 'has_method') return () => ({ method: nameOf(to) });
  return (side) => ({ group: side.own(to as GroupAddress) });
}

function rulesOn(side: ComparedSide, { from }: Step): readonly AccessRule[] {
  return accessRulesOf(entityAt(side.state, 'application', side.own(from)) ?? {});
}

/** Whether the side has the attribute of a user, or the item of a policy, that a value comes from. */
function hasValue(side: ComparedSide, { at: { address, pointer } }: Step): boolean {
  const entity = side.state.get(side.own(address));
  if (entity?.kind !== 'policy') return valueAt(entity, pointer) !== undefined;
  return entity.items?.[Number(pointer.slice('/items/'.length))] !== undefined;
}

/** A link of a list, whatever its end, and where in its entity. */
export function entryOf(side: ComparedSide, step: Step): { readonly link: Link; readonly place: Place } | undefined {
  const { relation, from, to, at } = step;
  const find = (list: string, links: readonly Link[] | undefined, target: Address) => {
    const position = links?.findIndex((link) => link.to === side.own(target)) ?? -1;
    const link = links?.[position];
    return link && { link, place: { address: at.address, pointer: `${list}/${position}` } };
  };
  switch (relation) {
    case 'impersonates':
      return find('/impersonated_by', entityAt(side.state, 'user', side.own(to))?.impersonated_by, from);
    case 'member_of':
      return find('/members', entityAt(side.state, 'group', side.own(to))?.members, from);
    case 'open_to':
      if (at.pointer.startsWith('/access_rules/')) return undefined;
      return find('/allowed_to', entityAt(side.state, 'application', side.own(from))?.allowed_to, to);
    case 'has_role':
      return grantOf(side, step);
    default:
      return undefined;
  }
}

/** Where a step's link is written: of a naming in a list its item. */
export function rangeOfLink(side: ComparedSide, step: Step, audience: string): SourceRange | undefined {
  const pointer = step.relation === 'may_ask_for' ? namingOf(side, step, audience) : undefined;
  return rangeAt(side, pointer === undefined ? step.at : { address: step.at.address, pointer });
}

/** The item by which a client may ask for something: a written text has one place for all of them. */
function namingOf(side: ComparedSide, { from, to }: Step, audience: string): string | undefined {
  const metadata = entityAt(side.state, 'application', side.own(from))?.metadata;
  const isScope = kindOf(to) === 'scope';
  const [list, values] =
    metadata?.aud === undefined || isScope ? ['scope', scopeValues(metadata?.scope)] : ['aud', metadata.aud];
  const position = values.indexOf(isScope ? nameOf(to) : audience);
  return position < 0 ? undefined : `/metadata/${list}/${position}`;
}
