// Owns what stands between roles, functions and customers (SEMANTICS ): circles, and names that mean two things.
// Never judges who has a role, nor what nobody names (check-catalogue-use.ts).

import { type CustomerAddress, nameOf, type RoleAddress, roleAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
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
