// Owns a client's JWK set as State holds it, and what is wrong with one of its keys. Never repeats a key that is secret.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { ClientMetadata } from '../model/entity.ts';
import { algorithmsOf, privateMember } from '../model/public-jwk.ts';
import { report } from './catalogue.ts';
import type { SiteJwks } from './documents.gen.ts';
import { type Entry, entryOf, itemsOf, rangeOf, spanOfEntry, spanOfItem } from './tree.ts';

/** A set that passed its schema. */
export function bindJwks(
  { keys }: SiteJwks,
  entry: Entry | undefined,
  problems: Diagnostic[],
): NonNullable<ClientMetadata['jwks']> {
  const nodes = itemsOf(entryOf(entry?.value, 'keys')?.value);
  const secret = keys.map((key, position) => {
    const member = privateMember(key) ?? (key.kty === 'oct' ? 'kty' : undefined);
    const node = nodes[position];
    if (member === undefined || node === undefined) return false;
    const place = entryOf(node, member);
    problems.push(
      report('jwks.private-key', {
        detail: member === 'kty' ? 'an oct key is a shared secret' : `a key with the member ${member} is no public key`,
        help: 'Write the public half alone, and make a new key: the one that was written is known by now.',
        range: rangeOf(place === undefined ? spanOfItem(node) : spanOfEntry(place)),
      }),
    );
    return true;
  });
  if (entry !== undefined && !secret.includes(true) && keys.every((key) => algorithmsOf(key).length === 0)) {
    problems.push(
      report('jwks.no-usable-key', {
        detail:
          keys.length === 1 ? 'this key checks no signature' : `none of the ${keys.length} keys checks a signature`,
        help: 'A key is RSA of 2048 bits or more, EC on P-256 or OKP on Ed25519, whole, and its use, where written, is sig.',
        range: rangeOf(spanOfEntry(entry)),
      }),
    );
  }
  return { keys: keys.map((key) => ({ ...key })) };
}
