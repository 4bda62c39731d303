// Owns roles, customers, and the roles that somebody has or must have, as State holds them: names resolved, links
// sorted. Never looks at two of them together (check-roles.ts does).

import { compareText, customerAddress, type RoleAddress, roleAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, CustomerEntity, RoleEntity, RoleGrant } from '../model/entity.ts';
import { roleGrantKey } from '../model/move.ts';
import { linkEnd } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { PlacedLink } from './links.ts';
import type { RoleDeclaration } from './merge.ts';
import type { References } from './references.ts';
import { type Entry, entryOf, itemsOf, rangeOf, spanOfItem } from './tree.ts';

/** What stands in a list that is sorted, and where each item of it was written. */
interface Listed<T> {
  readonly items: readonly T[];
  readonly places: readonly PlacedLink[];
}

/** A role that passed its schema. What it contains and is unknown (told) is left out. */
export function bindRole({ value, entry }: RoleDeclaration, references: References) {
  const roles = new Map<RoleAddress, PlacedLink>();
  for (const item of itemsOf(entryOf(entry.value, 'roles')?.value)) {
    const name = references.named('role', item);
    if (name === undefined) continue;
    const to = roleAddress(name);
    roles.set(to, { to, span: spanOfItem(item), expires: undefined, endSpan: spanOfItem(item) });
  }
  const places = [...roles.values()].sort((a, b) => compareText(a.to, b.to));
  const entity: RoleEntity = {
    kind: 'role',
    ...(value.functions === undefined ? {} : { functions: value.functions }),
    ...(places.length === 0 ? {} : { roles: places.map(({ to }) => to as RoleAddress) }),
  };
  return { entity, places };
}

export function bindCustomer(parent: Entry | undefined, references: References): CustomerEntity {
  const name = parent === undefined ? undefined : references.named('customer', parent.value);
  return { kind: 'customer', ...(name === undefined ? {} : { parent: customerAddress(name) }) };
}

/** The roles that a list gives, sorted by role and customer. One whose role or customer is unknown (told) is left out. */
export function bindRoleGrants(
  entry: Entry | undefined,
  references: References,
  problems: Diagnostic[],
): Listed<RoleGrant> {
  const found = new Map<string, { readonly grant: RoleGrant; readonly place: PlacedLink }>();
  for (const item of itemsOf(entry?.value)) {
    const customerNode = entryOf(item, 'customer')?.value;
    const role = references.named('role', entryOf(item, 'role')?.value ?? item);
    const customer = customerNode === undefined ? undefined : references.named('customer', customerNode);
    if (role === undefined || (customerNode !== undefined && customer === undefined)) continue;
    const { span, expires } = linkEnd(item);
    const what = {
      role: roleAddress(role),
      ...(customer === undefined ? {} : { customer: customerAddress(customer) }),
    };
    const grant = { ...what, ...(expires === undefined ? {} : { expires }) };
    const key = roleGrantKey(what);
    const earlier = found.get(key);
    if (earlier === undefined) {
      const endSpan = entryOf(item, 'expires')?.value.span ?? span;
      found.set(key, { grant, place: { to: what.role, span, expires, endSpan } });
    } else if (earlier.grant.expires !== expires) {
      problems.push(
        report('value.duplicate', {
          detail: `${role}${customer === undefined ? '' : ` for ${customer}`} is in this list already, with another end`,
          help: 'Remove one of the two.',
          range: rangeOf(span),
          related: [{ message: 'it was listed here first', range: rangeOf(earlier.place.span) }],
        }),
      );
    }
  }
  const sorted = [...found].sort(([a], [b]) => compareText(a, b)).map(([, one]) => one);
  return { items: sorted.map(({ grant }) => grant), places: sorted.map(({ place }) => place) };
}

/** What an application asks of users by roles, and lets its tokens tell of them. */
export function bindRoleKeys(
  entries: ReadonlyMap<string, Entry>,
  references: References,
): Pick<ApplicationEntity, 'required_role' | 'customer' | 'permission_scope'> {
  const [required, customer, scope] = ['required_role', 'customer', 'permission_scope'].map((key) => entries.get(key));
  const role = required === undefined ? undefined : references.roleOrFunction(required.value);
  const name = customer === undefined ? undefined : references.named('customer', customer.value);
  const names = itemsOf(scope?.value).map((item) => references.roleOrFunction(item));
  return {
    ...(role === undefined ? {} : { required_role: role }),
    ...(name === undefined ? {} : { customer: customerAddress(name) }),
    ...(scope === undefined ? {} : { permission_scope: names.filter((one) => one !== undefined) }),
  };
}
