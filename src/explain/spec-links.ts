// Owns the links of a State one by one, and the State without one of them. Never decides what a link gives.

import type { Place, Step } from '../access/decision.ts';
import { type Address, type ApplicationAddress, methodAddress, scopeAddress } from '../model/address.ts';
import { isWithin, periodOf } from '../model/duration.ts';
import type { ApplicationEntity, Entity, Link, RoleGrant } from '../model/entity.ts';
import { bearerRulesOf, scopeValues } from '../model/settings.ts';
import { entitiesOf, type State } from '../model/state.ts';

/**
 * Every link that is written and has not ended: memberships, groups that applications are open to, methods of sites,
 * applications, groups and users, impersonations, roles that are given or contained, what clients may ask for, and the rules of
 * resources about tokens. Those of an entity together, in its order.
 * `now` in milliseconds since the epoch.
 */
export function linksOf(state: State, now: number): readonly Step[] {
  const clients = new Map(
    [...entitiesOf(state, 'application')].map(([address, { client_id }]) => [client_id, address]),
  );
  const askedFor = (value: string): Address | undefined => {
    const scope = scopeAddress(value);
    return clients.get(value) ?? (state.has(scope) ? scope : undefined);
  };
  return [...state].flatMap(([address, entity]) => linksAt(address, entity, askedFor, now));
}

function linksAt(
  address: Address,
  entity: Entity,
  askedFor: (value: string) => Address | undefined,
  now: number,
): readonly Step[] {
  const methods = (names: readonly string[] = []) =>
    names.map((name, position) =>
      step('has_method', address, methodAddress(name), place(address, 'methods', position)),
    );
  const links = (relation: Step['relation'], key: string, list: readonly Link[] = []) =>
    list.flatMap((link, position) => {
      if (!isWithin(periodOf(link), now)) return [];
      const at = place(address, key, position);
      return relation === 'open_to' ? [step(relation, address, link.to, at)] : [step(relation, link.to, address, at)];
    });
  const roles = (grants: readonly RoleGrant[] = []) =>
    grants.flatMap(({ role, customer, ...period }, position) => {
      if (!isWithin(periodOf(period), now)) return [];
      const given = step('has_role', address, role, place(address, 'roles', position));
      return [customer === undefined ? given : { ...given, customer }];
    });
  switch (entity.kind) {
    case 'role':
      return (entity.roles ?? []).map((role, position) =>
        step('contains', address, role, place(address, 'roles', position)),
      );
    case 'site':
      return methods(entity.methods);
    case 'application':
      return [
        ...methods(entity.methods),
        ...links('open_to', 'allowed_to', entity.allowed_to),
        ...roles(entity.roles),
        ...asked(address as ApplicationAddress, entity, askedFor),
      ];
    case 'group':
      return [...methods(entity.methods), ...links('member_of', 'members', entity.members), ...roles(entity.roles)];
    case 'user':
      return [
        ...methods(entity.methods),
        ...links('impersonates', 'impersonated_by', entity.impersonated_by),
        ...roles(entity.roles),
      ];
    case 'resource':
      return bearerRulesOf(entity).flatMap(({ rule: { client, audience }, pointer }) => {
        const at = { address, pointer };
        if (client !== undefined) return [step('may_use', client, address, at)];
        return audience === undefined ? [] : [step('may_use', address, audience, at)];
      });
    default:
      return [];
  }
}

/** Scopes of the protocols are no links: every client has them. */
function asked(
  client: ApplicationAddress,
  { metadata }: ApplicationEntity,
  askedFor: (value: string) => Address | undefined,
): readonly Step[] {
  return (['scope', 'aud'] as const).flatMap((key) => {
    const values = key === 'scope' ? scopeValues(metadata?.scope) : (metadata?.aud ?? []);
    return values.flatMap((value, position) => {
      const to = askedFor(value);
      if (to === undefined) return [];
      return [step('may_ask_for', client, to, place(client, `metadata/${key}`, position))];
    });
  });
}

function step(relation: Step['relation'], from: Address, to: Address, at: Place): Step {
  return { relation, from, to, at };
}

function place(address: Address, key: string, position: number): Place {
  return { address, pointer: `/${key}/${position}` };
}

/** The entity without the item of a list that a link is. The list stays, and may be empty then. */
export function withoutItem(entity: Entity, pointer: string): Entity {
  const [, key = '', ...rest] = pointer.split('/');
  const position = Number(rest.at(-1));
  const cut = (list: readonly unknown[]) => list.filter((_, at) => at !== position);
  if (key === 'metadata' && entity.kind === 'application') {
    const { metadata = {} } = entity;
    if (rest[0] === 'aud') return { ...entity, metadata: { ...metadata, aud: cut(metadata.aud ?? []) as string[] } };
    return { ...entity, metadata: { ...metadata, scope: cut(scopeValues(metadata.scope)).join(' ') } };
  }
  const list: unknown = Object.entries(entity).find(([name]) => name === key)?.[1];
  return Array.isArray(list) ? ({ ...entity, [key]: cut(list) } as Entity) : entity;
}
