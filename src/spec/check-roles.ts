// Owns what stands between roles, functions and customers (SEMANTICS ): circles, names that mean two things,
// and what nothing names. Never judges who has a role.

import {
  type Address,
  type CustomerAddress,
  nameOf,
  qualifiedName,
  type RoleAddress,
  roleAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import type { Tell } from './check-effects.ts';
import { circlesAmong, tellCircle } from './circles.ts';
import { bound, rangeIn } from './entities.ts';
import type { Declarations } from './merge.ts';
import { entryOf, itemsOf, rangeOf, spanOfItem } from './tree.ts';

export function checkRoles(declarations: Declarations, all: Bound, problems: Diagnostic[]): void {
  const contained = new Map<RoleAddress, readonly RoleAddress[]>();
  for (const [address, { roles = [] }] of bound(all, 'role')) contained.set(address, roles);
  for (const circle of circlesAmong(contained)) {
    problems.push(
      tellCircle(circle, {
        code: 'role.cycle',
        leads: ' contains ',
        help: 'Remove one of the links.',
        nameOf,
        placeOf: (role, to) => rangeIn(all, role, `/roles/${contained.get(role)?.indexOf(to)}`),
        step: (role, to) => `${role} contains ${to} here`,
      }),
    );
  }
  const parents = new Map<CustomerAddress, readonly CustomerAddress[]>();
  for (const [address, { parent }] of bound(all, 'customer')) if (parent !== undefined) parents.set(address, [parent]);
  for (const circle of circlesAmong(parents)) {
    problems.push(
      tellCircle(circle, {
        code: 'customer.cycle',
        leads: ' is below ',
        help: 'Remove one parent.',
        nameOf,
        placeOf: (customer) => rangeIn(all, customer, '/parent'),
        step: (customer, to) => `${customer} is below ${to} here`,
      }),
    );
  }
  checkFunctions(declarations, problems);
  checkCustomers(all, problems);
}

/** one namespace. */
function checkFunctions({ roles }: Declarations, problems: Diagnostic[]): void {
  for (const [name, { entry }] of roles) {
    for (const item of itemsOf(entryOf(entry.value, 'functions')?.value)) {
      const written = item.type === 'scalar' ? String(item.value) : '';
      const role = roles.get(written);
      if (role === undefined) continue;
      problems.push(
        report('role.function-is-role', {
          detail: `${written} is a role, and here it is a function of ${name}`,
          help:
            written === name
              ? `Remove it: who has ${name} has it already. A function of its own needs another name.`
              : `Where ${name} is to contain the role, write it under roles: of ${name}; where it is a function, give it another name.`,
          range: rangeOf(spanOfItem(item)),
          address: roleAddress(name),
          related: [{ message: 'the role is declared here', range: rangeOf(role.entry.keySpan) }],
        }),
      );
    }
  }
}

/** a customer alone asks for nothing. */
function checkCustomers(all: Bound, problems: Diagnostic[]): void {
  for (const [address] of bound(all, 'application')) {
    const entries = all.places.get(address)?.entries;
    if (entries?.has('customer') !== true || entries.has('required_role')) continue;
    problems.push(
      report('customer.without-role', {
        detail: `${nameOf(address)} names a customer and no role that is required for it`,
        help: 'Write required_role, or remove customer.',
        range: rangeIn(all, address, '/customer'),
        address,
      }),
    );
  }
}

/** The warnings: what no entity names. Each rests on something being absent. */
export function checkRoleUse(all: Bound, tell: Tell): void {
  const named = new Set<Address>();
  for (const entity of all.entities.values()) {
    if (entity.kind === 'role') for (const role of entity.roles ?? []) named.add(role);
    if (entity.kind === 'customer' && entity.parent !== undefined) named.add(entity.parent);
    if (entity.kind !== 'user' && entity.kind !== 'group' && entity.kind !== 'application') continue;
    for (const { role, customer } of entity.roles ?? []) {
      named.add(role);
      if (customer !== undefined) named.add(customer);
    }
    if (entity.kind !== 'application') continue;
    const { required_role, customer, permission_scope = [] } = entity;
    for (const name of [...permission_scope, ...(required_role === undefined ? [] : [required_role])])
      named.add(roleAddress(name));
    if (customer !== undefined) named.add(customer);
  }
  for (const [address, { kind }] of all.entities) {
    if ((kind !== 'role' && kind !== 'customer') || named.has(address)) continue;
    const name = qualifiedName(address);
    if (kind === 'role') {
      tell(
        'role.unused',
        address,
        '',
        `nobody has the role ${name}, no role contains it and no application asks for it`,
        `Give it to a user, a group or an application, under roles:, or remove it.`,
      );
    } else {
      tell(
        'customer.unused',
        address,
        '',
        `no role is granted for ${name}, no application names it, and no customer is below it`,
        'Remove it, or name it where it is meant.',
      );
    }
  }
}
