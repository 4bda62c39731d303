// Owns what is said of somebody who declares the group of all users of a site, or joins it. Never resolves a name.

import { type Address, type GroupAddress, nameOf, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import type { GroupDeclaration } from './merge.ts';
import { type Node, rangeOf, spanOfItem } from './tree.ts';

/** It could not be told from the built-in one, and what named it would mean somebody else. */
export function declaredAnew(address: GroupAddress, { name, site, entry }: GroupDeclaration): Diagnostic {
  return report('group.built-in', {
    detail: `${name} is the built-in group of all users of site ${site}`,
    help: 'Rename it, here and where it is named: what names everyone is about every user of the site, whoever its members were.',
    range: rangeOf(entry.keySpan),
    address,
  });
}

/** A user who lists it in `member_of`. */
export function joined(group: GroupAddress, user: Address, item: Node): Diagnostic {
  return report('group.built-in', {
    variant: 'member',
    detail: `${nameOf(group)} is the group of all users of site ${siteOf(group)}, and nobody is put into it`,
    help:
      siteOf(group) === siteOf(user) ? 'Remove it: the user is in it already.' : 'Name a group that the site declares.',
    range: rangeOf(spanOfItem(item)),
    address: user,
  });
}
