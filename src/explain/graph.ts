// Owns the graph of a State: what may be drawn of it as entities and the links between them, each with the place where it is
// written. Never chooses what is shown, and never draws.

import type { AccessIndex } from '../access/access-index.ts';
import { activityOf } from '../access/activity.ts';
import type { Place, Step } from '../access/decision.ts';
import {
  type Address,
  type ApplicationAddress,
  compareText,
  EVERYONE,
  type GroupAddress,
  isEveryone,
  nameOf,
  type RoleAddress,
  roleAddress,
  scopeAddress,
  siteOf,
} from '../model/address.ts';
import { periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity, Link, RoleGrant } from '../model/entity.ts';
import { accessRulesOf, bearerRulesOf } from '../model/settings.ts';
import { entitiesOf, type State } from '../model/state.ts';
import { factsOf } from './graph-facts.ts';

/** What a link of a picture says, in the direction in which access flows: from who asks to what is reached. */
export type GraphRelation =
  | 'impersonates'
  | 'member_of'
  | 'open_to'
  | 'access_rule'
  | 'may_ask_for'
  | 'may_use'
  | 'has_role'
  | 'contains'
  /** A role that a client asks for, or that has the function which it asks for. */
  | 'requires';

/** An application by the part that it plays; `application` plays none: nobody asks for it and it asks for nothing. */
export type GraphKind =
  | 'client'
  | 'server'
  | 'both'
  | 'application'
  | 'user'
  | 'group'
  | 'everyone'
  | 'scope'
  | 'resource'
  | 'role';

export interface GraphEntity {
  readonly address: Address;
  readonly kind: GraphKind;
  /** Undefined for a scope, a resource and a role, which belong to all sites. */
  readonly site: string | undefined;
  readonly name: string;
  /** Why it does not count now; undefined where it does. */
  readonly off: 'disabled' | 'expired' | 'not yet active' | undefined;
  /** What else is to know of it, as pairs of words. Never a secret, never an attribute of a user. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

export interface GraphLink {
  readonly from: Address;
  readonly to: Address;
  readonly relation: GraphRelation;
  readonly at: Place;
  /** As it is written; undefined where the link has no end. */
  readonly expires: string | undefined;
  /** Whether that end has passed. */
  readonly ended: boolean;
}

export interface AccessGraph {
  /** In address order. */
  readonly entities: ReadonlyMap<Address, GraphEntity>;
  /** By both ends and the relation, each once. */
  readonly links: readonly GraphLink[];
}

/** The whole graph of a State at an instant, in milliseconds since the epoch. Without `everyone` where nobody names it. */
export function graphOf(state: State, index: AccessIndex, now: number): AccessGraph {
  const links = new Map<string, GraphLink>();
  const add = (link: GraphLink) => {
    const key = linkKey(link);
    if (!links.has(key)) links.set(key, link);
  };
  for (const [address, entity] of state) {
    for (const link of linksOf(address, entity, index, now)) add(link);
  }
  const asked = new Set([...links.values()].filter(({ relation }) => relation === 'may_ask_for').map(({ to }) => to));
  const addresses = new Set<Address>([...links.values()].flatMap(({ from, to }) => [from, to]));
  for (const [address, entity] of state) if (isDrawn(entity)) addresses.add(address);
  const entities = [...addresses].sort(compareText).flatMap((address): [Address, GraphEntity][] => {
    const entity = state.get(address);
    // A link may lead to what a State without a check does not have: of those only the built-in groups are drawn.
    if (entity === undefined && !isEveryone(address)) return [];
    return [[address, describe(state, address, entity, asked, now)]];
  });
  const known = new Map(entities);
  return {
    entities: known,
    links: [...links.values()]
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .sort((a, b) => compareText(linkKey(a), linkKey(b))),
  };
}

/** Tells links apart. No address holds a blank. */
export function linkKey({ from, to, relation }: Pick<GraphLink, 'from' | 'to' | 'relation'>): string {
  return `${from} ${to} ${relation}`;
}

/** The link that a step of an answer goes along, in the direction of the picture; undefined for what is no link of it. */
export function linkOfStep(step: Step): Pick<GraphLink, 'from' | 'to' | 'relation'> | undefined {
  switch (step.relation) {
    case 'impersonates':
    case 'member_of':
    case 'may_ask_for':
    case 'may_use':
    case 'has_role':
    case 'contains':
      return { from: step.from, to: step.to, relation: step.relation };
    case 'requires':
      return { from: step.to, to: step.from, relation: step.relation };
    case 'open_to':
      return {
        from: step.to,
        to: step.from,
        relation: step.at.pointer.startsWith('/access_rules/') ? 'access_rule' : 'open_to',
      };
    default:
      return undefined;
  }
}

function isDrawn({ kind }: Entity): boolean {
  return kind !== 'customer' && kind !== 'method' && kind !== 'policy' && kind !== 'server' && kind !== 'site';
}

function* linksOf(address: Address, entity: Entity, index: AccessIndex, now: number): Generator<GraphLink> {
  const link = (
    relation: GraphRelation,
    [from, to]: readonly [Address, Address],
    pointer: string,
    written: Pick<Link, 'expires'> = {},
  ): GraphLink => ({
    from,
    to,
    relation,
    at: { address, pointer },
    expires: written.expires,
    ended: now >= periodOf(written).end,
  });
  const roles = function* (grants: readonly RoleGrant[] = []): Generator<GraphLink> {
    for (const [position, grant] of grants.entries()) {
      yield link('has_role', [address, grant.role], `/roles/${position}`, grant);
    }
  };
  switch (entity.kind) {
    case 'application': {
      yield* roles(entity.roles);
      for (const role of requiredRoles(entity, index)) yield link('requires', [role, address], '/required_role');
      for (const [position, group] of (entity.allowed_to ?? []).entries()) {
        yield link('open_to', [group.to, address], `/allowed_to/${position}`, group);
      }
      const { audiences, scopes, pointer } = index.allowList(address as ApplicationAddress);
      for (const audience of audiences.values()) yield link('may_ask_for', [address, audience], pointer);
      for (const scope of scopes) yield link('may_ask_for', [address, scopeAddress(scope)], '/metadata/scope');
      for (const { group, pointer } of ruleGroups(entity)) yield link('access_rule', [group, address], pointer);
      return;
    }
    case 'role':
      for (const [position, inner] of (entity.roles ?? []).entries()) {
        yield link('contains', [address, inner], `/roles/${position}`);
      }
      return;
    case 'group':
      yield* roles(entity.roles);
      for (const [position, member] of (entity.members ?? []).entries()) {
        yield link('member_of', [member.to, address], `/members/${position}`, member);
      }
      return;
    case 'user':
      yield* roles(entity.roles);
      for (const [position, application] of (entity.impersonated_by ?? []).entries()) {
        yield link('impersonates', [application.to, address], `/impersonated_by/${position}`, application);
      }
      return;
    case 'resource':
      for (const { rule, pointer } of bearerRulesOf(entity)) {
        const from = rule.client ?? rule.audience;
        if (from !== undefined) yield link('may_use', [from, address], pointer);
      }
      for (const [position, rule] of entity.access_rules.entries()) {
        if ('group' in rule) yield link('access_rule', [rule.group, address], `/access_rules/${position}`);
      }
      return;
    default:
  }
}

/** The role that is asked for, or each that lists the function. */
function requiredRoles({ required_role: name }: ApplicationEntity, index: AccessIndex): readonly RoleAddress[] {
  if (name === undefined) return [];
  if (index.closureOf(roleAddress(name)).roles.size > 0) return [roleAddress(name)];
  return [...entitiesOf(index.state, 'role')].flatMap(([role, { functions = [] }]) =>
    functions.includes(name) ? [role as RoleAddress] : [],
  );
}

function ruleGroups(entity: ApplicationEntity): readonly { group: GroupAddress; pointer: string }[] {
  const { access_rules = {} } = entity;
  const list = 'all' in access_rules ? 'all' : 'any';
  return accessRulesOf(entity).flatMap((rule, position) =>
    'group' in rule ? [{ group: rule.group, pointer: `/access_rules/${list}/${position}` }] : [],
  );
}

function describe(
  state: State,
  address: Address,
  entity: Entity | undefined,
  asked: ReadonlySet<Address>,
  now: number,
): GraphEntity {
  return {
    address,
    kind: partOf(address, entity, asked),
    site: siteOf(address),
    name: nameOf(address),
    off: offOf(entity, now),
    facts: factsOf(state, address, entity),
  };
}

function partOf(address: Address, entity: Entity | undefined, asked: ReadonlySet<Address>): GraphKind {
  if (entity?.kind === 'application') {
    const isClient = (entity.metadata?.grant_types ?? []).length > 0;
    if (asked.has(address)) return isClient ? 'both' : 'server';
    return isClient ? 'client' : 'application';
  }
  const [own] = (['user', 'scope', 'resource', 'role'] as const).filter((kind) => kind === entity?.kind);
  if (own !== undefined) return own;
  return nameOf(address) === EVERYONE && entity === undefined ? 'everyone' : 'group';
}

const OFF = { '/enabled': 'disabled', '/expires': 'expired', '/not_before': 'not yet active' } as const;

function offOf(entity: Entity | undefined, now: number): GraphEntity['off'] {
  if (entity?.kind !== 'application' && entity?.kind !== 'user') return undefined;
  return OFF[activityOf(entity, now).pointer as keyof typeof OFF];
}
