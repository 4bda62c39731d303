// Owns what "the same" means: canonical JSON and the digests of entities and states. Never includes an origin, a
// verifier or a `since`, so that moving a file or rotating a secret is no change.

import { createHash } from 'node:crypto';
import { type Address, compareText } from './address.ts';
import type { Entity } from './entity.ts';
import type { State } from './state.ts';

/** JSON with the keys of every object sorted by code unit and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 of any plain value's canonical JSON, in the form of `digestEntity`. */
export function digestValue(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** SHA-256 of the entity's canonical JSON, as `sha256:` and 64 hex digits. */
export function digestEntity(entity: Entity): string {
  return digestBody(canonicalJson(entity));
}

/** `digestEntity` of the entity whose canonical JSON this is: for who has the text at hand already. */
export function digestBody(body: string): string {
  return sha256(body);
}

/** The digest of a whole State; equals `digestEntries` of its addresses and entity digests. */
export function digestState(state: State): string {
  return digestEntries([...state].map(([address, entity]) => [address, digestEntity(entity)]));
}

/** The digest of a State of which only addresses and entity digests are at hand, in any order (the store's rows). */
export function digestEntries(entries: readonly (readonly [address: Address, digest: string])[]): string {
  const hash = createHash('sha256');
  const sorted = [...entries].sort(([a], [b]) => compareText(a, b));
  for (const [address, digest] of sorted) hash.update(`${address}\n${digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
