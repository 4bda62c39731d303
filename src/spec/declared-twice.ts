// Owns what is said when two documents write what stands in one only. Never finds it out.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { type Entry, rangeOf } from './tree.ts';

export function serverTwice(entry: Entry, earlier: Entry): Diagnostic {
  return report('server.duplicate', {
    detail: 'the server is declared already',
    help: 'Keep one of the two.',
    range: rangeOf(entry.keySpan),
    address: 'server',
    related: [{ message: 'it was declared here first', range: rangeOf(earlier.keySpan) }],
  });
}

/** `site` is empty for what has none. */
export function nameTwice(
  { name, site, address }: { readonly name: string; readonly site: string; readonly address: Address },
  entry: Entry,
  earlier: Entry,
): Diagnostic {
  return report('name.duplicate', {
    detail: `${name} is declared already${site === '' ? '' : ` in site ${site}`}`,
    help: 'Keep one of the two, or rename one.',
    range: rangeOf(entry.keySpan),
    address,
    related: [{ message: 'it was declared here first', range: rangeOf(earlier.keySpan) }],
  });
}

/** `what` is the key with its site: `methods of site Example`. */
export function keyTwice(what: string, entry: Entry, earlier: Entry): Diagnostic {
  return report('key.duplicate', {
    detail: `${what} is written in two documents`,
    help: 'Keep one of the two.',
    range: rangeOf(entry.keySpan),
    related: [{ message: 'it was written here first', range: rangeOf(earlier.keySpan) }],
  });
}
