// Owns the warnings about what stands in a catalogue and nobody names. Never finds out who names it (uses.ts). Each rests
// on something being absent from the whole spec.

import { type Address, nameOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import { rangeIn } from './entities.ts';

/** `all` has at least what the catalogues hold; `isUsed` answers for every entity of the spec. */
export function checkCatalogueUse(all: Bound, isUsed: (address: Address) => boolean, problems: Diagnostic[]): void {
  for (const [address, { kind }] of all.entities) {
    if ((kind !== 'method' && kind !== 'scope' && kind !== 'role' && kind !== 'customer') || isUsed(address)) continue;
    const name = nameOf(address);
    const at = { range: rangeIn(all, address, ''), address };
    switch (kind) {
      case 'method':
        problems.push(
          report('method.unused', {
            variant: 'catalogue',
            detail: `no site lists ${name}`,
            help: `Remove ${name}, or list it under methods: of a site.`,
            ...at,
          }),
        );
        break;
      case 'scope':
        problems.push(
          report('scope.unused', {
            detail: `no client lists ${name}`,
            help: `Remove ${name}, or list it in metadata.scope of a client.`,
            ...at,
          }),
        );
        break;
      case 'role':
        problems.push(
          report('role.unused', {
            detail: `nobody has the role ${name}, no role contains it and no application asks for it`,
            help: 'Give it to a user, a group or an application, under roles:, or remove it.',
            ...at,
          }),
        );
        break;
      case 'customer':
        problems.push(
          report('customer.unused', {
            detail: `no role is granted for ${name}, no application names it, and no customer is below it`,
            help: 'Remove it, or name it where it is meant.',
            ...at,
          }),
        );
    }
  }
}
