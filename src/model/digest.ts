// Owns what "the same" means: canonical JSON and the digests of entities and states. Never includes an origin, a
// verifier or a `since`, so that moving a file or rotating a secret is no change.

import { createHash, hash } from 'node:crypto';
import { type Address, compareText } from './address.ts';
import { digestTable, lineOf } from './digest-lines.ts';
import { editTable } from './edited-table.ts';
import type { Entity } from './entity.ts';
import { pairUp, type State } from './state.ts';

/** JSON with the keys of every object sorted by code unit and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: unknown };
  let members = '';
  // Without an order given, texts are sorted by code unit.
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${quote(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** What of ASCII stands in JSON as it is: all but controls, the quotation mark and the backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON of a text. Nearly all are plain, and to see that and put quotes around one takes half of what a call of JSON does. */
function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** SHA-256 of any plain value's canonical JSON, in the form of `digestEntity`. */
export function digestValue(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** SHA-256 of the entity's canonical JSON, as `sha256:` and 64 hex digits. */
export function digestEntity(entity: Entity): string {
  return digestBody(canonicalJson(entity));
}

/** `digestEntity` of the entity whose canonical JSON this is, as text or its UTF-8: for who has it at hand already. */
export function digestBody(body: string | Uint8Array): string {
  return sha256(body);
}

/** The digest of a whole State; equals `digestEntries` of its addresses and entity digests. */
export function digestState(state: State): string {
  return digestStateAfter(new Map(), [], state);
}

/**
 * `digestState` of what became of a State whose entities had these digests, in address order: only what is at one of the changed
 * addresses, which are all at which the two differ, or had none, is hashed.
 */
export function digestStateAfter(
  before: ReadonlyMap<Address, string>,
  changed: Iterable<Address>,
  state: State,
): string {
  const addresses = [...changed];
  const digests = digestsAfter(before, addresses, state);
  // Where all of them had one, what is there now are those of the State and no others.
  if (digests.size === state.size) return digestTable(digests);
  return digestLines(digestsOf(state, before, new Set(addresses)));
}

/** The digests of entities after some changed, of which these are those before. */
export function digestsAfter(
  before: ReadonlyMap<Address, string>,
  changed: Iterable<Address>,
  state: State,
): ReadonlyMap<Address, string> {
  const edits = new Map<Address, string | undefined>();
  for (const address of changed) {
    const entity = state.get(address);
    edits.set(address, entity && digestEntity(entity));
  }
  return editTable(before, edits);
}

function* digestsOf(
  state: State,
  known: ReadonlyMap<Address, string>,
  hashed: ReadonlySet<Address>,
): Generator<readonly [Address, string]> {
  for (const [address, entity, digest] of pairUp(state, known)) {
    if (entity === undefined) continue;
    yield [address, digest === undefined || hashed.has(address) ? digestEntity(entity) : digest];
  }
}

/** The digest of a State of which only addresses and entity digests are at hand, in any order (the store's rows). */
export function digestEntries(entries: readonly (readonly [address: Address, digest: string])[]): string {
  return digestLines([...entries].sort(([a], [b]) => compareText(a, b)));
}

function digestLines(entries: Iterable<readonly [address: Address, digest: string]>): string {
  const lines = createHash('sha256');
  let text = '';
  for (const [address, digest] of entries) {
    text += lineOf(address, digest);
    if (text.length < HASHED_AT_ONCE) continue;
    lines.update(text);
    text = '';
  }
  return `sha256:${lines.update(text).digest('hex')}`;
}

/** Characters. A call of the hash costs as much as several lines do. */
const HASHED_AT_ONCE = 32_768;

/** In one call, which makes no object of a hash: that took more than half of what the hash of an entity did. */
function sha256(content: string | Uint8Array): string {
  return `sha256:${hash('sha256', content)}`;
}
