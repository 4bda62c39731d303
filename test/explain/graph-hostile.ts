// Owns texts that mean something to Mermaid, DOT, HTML or JSON, and pictures whose names are such texts. Never what a spec could
// hold: a spec's names are plainer than these.

import fc from 'fast-check';
import type { AccessGraph, GraphEntity } from '../../src/explain/graph.ts';
import { type Address, applicationAddress, groupAddress, userAddress } from '../../src/model/address.ts';

export const HOSTILE: readonly string[] = [
  '"]; click n0 href "javascript:alert(1)"',
  '</script><script>alert(1)</script>',
  '<!--<script>',
  ']]>',
  '%%{init: {}}%%',
  '-->|x|',
  'end',
  'a--b---c',
  '\\N\\G\\l',
  '\\',
  'trailing\\',
  '&lt;&amp;#35;&quot;',
  '#quot;#35;#9829;',
  '`**bold** _x_ [a](b)`',
  '"',
  "'",
  '";}digraph{a->b',
  '<b>bold</b>',
  '{{{[[((|',
  '1. list',
  '__proto__',
  ':::class',
  '\u202eright to left',
  'fontawesome fa:fa-ban',
  '$$x^2$$',
];

/** Printable ASCII, as a client_id is, with the worst of it mixed in. */
export const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({
    minLength: 1,
    maxLength: 24,
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  }),
);

/** A client that acts as a user in a group of another site, which opens itself; every name is one of the texts. */
export function hostileGraph([first = 'a', second = 'b', third = 'c']: readonly string[]): AccessGraph {
  const [client, user, group] = [applicationAddress('S', first), userAddress('S', second), groupAddress('T', third)];
  const entity = (address: Address, kind: GraphEntity['kind'], site: string, name: string): [Address, GraphEntity] => [
    address,
    { address, kind, site, name, off: undefined, facts: [['client_id', `${name}\n${name}`]] },
  ];
  const at = { address: client, pointer: '' };
  const link = { at, expires: undefined, ended: false };
  return {
    entities: new Map([
      entity(client, 'client', `S${second}`, first),
      entity(group, 'group', `T${first}`, third),
      entity(user, 'user', `S${second}`, second),
    ]),
    links: [
      { ...link, from: client, to: user, relation: 'impersonates' },
      { ...link, from: group, to: client, relation: 'open_to' },
      { ...link, from: user, to: group, relation: 'member_of', expires: third, ended: true },
    ],
  };
}
