// Owns the links that roles are made of, as a side of a plan has them and as they read: who has a role, what a role holds, which
// customer is below which, and what a client requires. Never decides who has what.

import type { Place, Step } from '../access/decision.ts';
import { nameOf } from '../model/address.ts';
import type { Link, RoleGrant } from '../model/entity.ts';
import { entityAt } from '../model/state.ts';
import type { ComparedSide } from './compared.ts';
import type { Naming } from './naming.ts';
import { escapeControls } from './style.ts';

/** The writing of a role that a step tells of, whatever its end, and where in its entity. */
export function grantOf(
  side: ComparedSide,
  { from, to, customer, at }: Step,
): { readonly link: Link; readonly place: Place } | undefined {
  const entity = side.state.get(side.own(from));
  const grants: readonly RoleGrant[] =
    entity !== undefined && 'roles' in entity && entity.kind !== 'role' ? (entity.roles ?? []) : [];
  const [role, of] = [side.own(to), customer && side.own(customer)];
  const position = grants.findIndex((grant) => grant.role === role && grant.customer === of);
  const expires = grants[position]?.expires;
  if (position < 0) return undefined;
  return {
    link: { to: role, ...(expires === undefined ? {} : { expires }) },
    place: { address: at.address, pointer: `/roles/${position}` },
  };
}

/** Whether a side has a link of those that have no end; undefined of any other step. */
export function hasRoleLink(side: ComparedSide, step: Step): boolean | undefined {
  const [from, to] = [side.own(step.from), side.own(step.to)];
  switch (step.relation) {
    case 'contains':
      return (entityAt(side.state, 'role', from)?.roles ?? []).some((role) => role === to);
    case 'has_function':
      return (entityAt(side.state, 'role', from)?.functions ?? []).includes(step.function ?? '');
    case 'below':
      return entityAt(side.state, 'customer', from)?.parent === to;
    case 'requires': {
      const { required_role, customer } = entityAt(side.state, 'application', from) ?? {};
      const of = step.customer && side.own(step.customer);
      return required_role === (step.function ?? nameOf(to)) && customer === of;
    }
    default:
      return undefined;
  }
}

/** `DATASTORE-VIEWER for mycustomer`, `viewStore`: what somebody has, or what is required. */
export function speakHeld({ to, function: name, customer }: Step, naming: Naming): string {
  const what = name === undefined ? naming.name(to) : escapeControls(name);
  return customer === undefined ? what : `${what} for ${naming.name(customer)}`;
}

/** `viewStore for mycustomer`: a permission, as a token tells it. Not yet ready for a terminal. */
export function speakPermission(permission: { readonly function: string; readonly customer?: string }): string {
  const { function: name, customer } = permission;
  return customer === undefined ? name : `${name} for ${customer}`;
}
