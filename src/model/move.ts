// Owns what a rename is: an entity that is known by another address from now on, and how what links to it reads then.
// Never decides whether one applies.

import { type Address, compareText, methodAddress, nameOf, roleAddress } from './address.ts';
import type { AccessRule, AccessRules, Entity, GroupEntity, Link, ResourceRule, RoleGrant } from './entity.ts';
import type { SourceRange } from './origin.ts';
import { isCondition } from './settings.ts';

/** One entry of a `moved:` list. Both are of one kind. */
export interface Move {
  readonly from: Address;
  readonly to: Address;
  /** Where the entry is written; undefined for a move that no spec writes (the inverse of one). */
  readonly range: SourceRange | undefined;
}

/** Where each moved entity was. */
export type Renames = ReadonlyMap<Address, Address>;

/** A rename that was applied. */
export interface AppliedMove {
  readonly generation: number;
  readonly from: Address;
  readonly to: Address;
}

/** What an entity is called now that had this name in a generation. `moves` in the order in which they were applied. */
export function nameNow(address: Address, generation: number, moves: readonly AppliedMove[]): Address {
  let name = address;
  for (const [position, move] of moves.entries()) {
    if (move.generation <= generation || move.from !== name) continue;
    name = move.to;
    // Those of one generation happen at once: none follows another.
    return nameNow(name, move.generation, moves.slice(position + 1));
  }
  return name;
}

/** The entity with its links to what moved following. */
export function followRenames(entity: Entity, renames: Renames): Entity {
  switch (entity.kind) {
    case 'application': {
      const { methods, allowed_to, policy, access_rules, required_role, customer, permission_scope } = entity;
      return {
        ...entity,
        ...(methods === undefined ? {} : { methods: names(methods, renames) }),
        ...(allowed_to === undefined ? {} : { allowed_to: links(allowed_to, renames) }),
        ...(policy === undefined ? {} : { policy: renamed(policy, renames) }),
        ...(access_rules === undefined ? {} : { access_rules: rules(access_rules, renames) }),
        ...(required_role === undefined ? {} : { required_role: roleNamed(required_role, renames) }),
        ...(customer === undefined ? {} : { customer: renamed(customer, renames) }),
        ...(permission_scope === undefined
          ? {}
          : { permission_scope: permission_scope.map((name) => roleNamed(name, renames)) }),
        ...grants(entity, renames),
      };
    }
    case 'group': {
      const { methods, members } = entity;
      return {
        ...entity,
        ...(methods === undefined ? {} : { methods: names(methods, renames) }),
        ...(members === undefined ? {} : ({ members: links(members, renames) } as Pick<GroupEntity, 'members'>)),
        ...grants(entity, renames),
      };
    }
    case 'user': {
      const { methods, impersonated_by } = entity;
      return {
        ...entity,
        ...(methods === undefined ? {} : { methods: names(methods, renames) }),
        ...(impersonated_by === undefined ? {} : { impersonated_by: links(impersonated_by, renames) }),
        ...grants(entity, renames),
      };
    }
    case 'policy': {
      const items = entity.items?.map((item) =>
        item.group === undefined ? item : { ...item, group: renamed(item.group, renames) },
      );
      return items === undefined ? entity : { ...entity, items };
    }
    case 'role': {
      const { roles } = entity;
      if (roles === undefined) return entity;
      return { ...entity, roles: roles.map((role) => renamed(role, renames)).sort(compareText) };
    }
    case 'customer':
      return entity.parent === undefined ? entity : { ...entity, parent: renamed(entity.parent, renames) };
    case 'resource':
      return { ...entity, access_rules: entity.access_rules.map((rule) => resourceRule(rule, renames)) };
    case 'site':
      return entity.methods === undefined ? entity : { ...entity, methods: names(entity.methods, renames) };
    default:
      return entity;
  }
}

/** A rename keeps the kind of what it renames. */
function renamed<A extends Address>(address: A, renames: Renames): A {
  return (renames.get(address) ?? address) as A;
}

function rules(written: AccessRules, renames: Renames): AccessRules {
  const follow = (rule: AccessRule) => accessRule(rule, renames);
  return 'all' in written ? { all: written.all.map(follow) } : { any: written.any.map(follow) };
}

function accessRule(rule: AccessRule, renames: Renames): AccessRule {
  if ('group' in rule) return { group: renamed(rule.group, renames) };
  return 'method' in rule ? { method: methodNamed(rule.method, renames) } : rule;
}

function resourceRule(rule: ResourceRule, renames: Renames): ResourceRule {
  if (isCondition(rule)) return accessRule(rule, renames);
  const { client, audience } = rule;
  return {
    ...rule,
    ...(client === undefined ? {} : { client: renamed(client, renames) }),
    ...(audience === undefined ? {} : { audience: renamed(audience, renames) }),
  };
}

/** Sorted again, as roleGrantKey says. */
function grants(entity: { readonly roles?: readonly RoleGrant[] }, renames: Renames): { roles?: readonly RoleGrant[] } {
  const { roles } = entity;
  if (roles === undefined) return {};
  const followed = roles.map((grant) => ({
    ...grant,
    role: renamed(grant.role, renames),
    ...(grant.customer === undefined ? {} : { customer: renamed(grant.customer, renames) }),
  }));
  return { roles: followed.sort((a, b) => compareText(roleGrantKey(a), roleGrantKey(b))) };
}

/** What a grant gives, as a text by which grants of one list are sorted and told apart. */
export function roleGrantKey({ role, customer }: Pick<RoleGrant, 'role' | 'customer'>): string {
  return `${role} ${customer ?? ''}`;
}

/** A role or a function: what was moved is a role, as no function has the name of one. */
function roleNamed(name: string, renames: Renames): string {
  return nameOf(renamed(roleAddress(name), renames));
}

/** Sorted again: links stand by address. */
function links<To extends Address>(written: readonly Link<To>[], renames: Renames): readonly Link<To>[] {
  if (!written.some(({ to }) => renames.has(to))) return written;
  return written.map((link) => ({ ...link, to: renamed(link.to, renames) })).sort((a, b) => compareText(a.to, b.to));
}

/** Methods are listed by their bare name. */
function names(methods: readonly string[], renames: Renames): readonly string[] {
  return methods.map((name) => methodNamed(name, renames));
}

function methodNamed(name: string, renames: Renames): string {
  return nameOf(renamed(methodAddress(name), renames));
}
