// Owns what of a document has a name of its own, so that an overlay finds it in whichever file it is written: entities,
// keys of a site's defaults, and the other keys of a site or of the server's document. Never merges.

import {
  type Address,
  applicationAddress,
  customerAddress,
  groupAddress,
  methodAddress,
  policyAddress,
  resourceAddress,
  roleAddress,
  SERVER,
  scopeAddress,
  userAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { OWN_KEY_PREFIX } from './convert.ts';
import { keyTwice, nameTwice, serverTwice } from './declared-twice.ts';
import type { Document } from './document.ts';
import { isDocumentKey } from './document-schemas.ts';
import type { Entry } from './tree.ts';

export interface Unit {
  /** `['server']`, `['applications', 'Client1']`, `['defaults', 'users', 'methods']`. */
  readonly path: readonly string[];
  readonly entry: Entry;
  /** Whether this is no unit but a map of units: one in which none is written, or something that is no map. */
  readonly isHolder: boolean;
}

type AddressOf = (site: string, name: string) => Address;

/** The maps of entities: what one is called, and its address. */
const ENTITIES: Readonly<Record<Document['kind'], Readonly<Record<string, readonly [noun: string, AddressOf]>>>> = {
  server: {
    methods: ['method', (_, name) => methodAddress(name)],
    scopes: ['scope', (_, name) => scopeAddress(name)],
    roles: ['role', (_, name) => roleAddress(name)],
    customers: ['customer', (_, name) => customerAddress(name)],
    resources: ['resource', (_, name) => resourceAddress(name)],
  },
  site: {
    applications: ['application', applicationAddress],
    groups: ['group', groupAddress],
    users: ['user', userAddress],
    policies: ['policy', policyAddress],
  },
  tests: {},
};

/** Maps inside each other between a key of a document and the units below it: `defaults` holds kinds, which hold keys. */
function depthOf(kind: Document['kind'], key: string): number {
  if (kind === 'site' && key === 'defaults') return 2;
  return Object.hasOwn(ENTITIES[kind], key) ? 1 : 0;
}

/** Keys whose lists add up over all documents, so that those of an overlay are more of them, and nothing to replace. */
const ADDED: Readonly<Record<Document['kind'], ReadonlySet<string>>> = {
  server: new Set(['moved', 'approvals']),
  site: new Set(['moved', 'tests']),
  tests: new Set(['tests']),
};

export function addsUp(kind: Document['kind'], key: string): boolean {
  return ADDED[kind].has(key);
}

/** Whether documents of this kind have the key, and it is not what tells them apart. */
export function isUnitKey(kind: Document['kind'], key: string): boolean {
  return key !== 'site' && isDocumentKey(kind, key);
}

/**
 * The units of a document, and the maps of units in which there is none. Keys that the language does not have are units
 * at the top, but for the author's own: those mean nothing there.
 */
export function* unitsOf(document: Document): Generator<Unit> {
  for (const entry of document.root.entries.values()) {
    if (entry.key === 'site' || entry.key.startsWith(OWN_KEY_PREFIX)) continue;
    yield* unitsBelow(entry, [entry.key], depthOf(document.kind, entry.key));
  }
}

function* unitsBelow(entry: Entry, path: readonly string[], depth: number): Generator<Unit> {
  const { value } = entry;
  if (depth > 0 && value.type === 'map' && value.entries.size > 0) {
    for (const child of value.entries.values()) yield* unitsBelow(child, [...path, child.key], depth - 1);
  } else {
    yield { path, entry, isHolder: depth > 0 };
  }
}

/** The units of a document and every map that holds some. */
export function* placesOf(document: Document): Generator<Pick<Unit, 'path' | 'entry'>> {
  for (const entry of document.root.entries.values()) {
    if (isUnitKey(document.kind, entry.key)) {
      yield* placesBelow(entry, [entry.key], depthOf(document.kind, entry.key));
    }
  }
}

function* placesBelow(entry: Entry, path: readonly string[], depth: number): Generator<Pick<Unit, 'path' | 'entry'>> {
  yield { path, entry };
  if (depth === 0 || entry.value.type !== 'map') return;
  for (const child of entry.value.entries.values()) yield* placesBelow(child, [...path, child.key], depth - 1);
}

/** The address of an entity; undefined for a unit that is none. */
export function addressOfUnit(
  { kind }: Document,
  site: string,
  [key = '', name]: readonly string[],
): Address | undefined {
  if (kind === 'server' && key === 'server') return SERVER;
  return name === undefined ? undefined : ENTITIES[kind][key]?.[1](site, name);
}

/** A unit as a sentence calls it: `application Client1 in site Example`, `defaults.users of site Example`. */
export function unitWords({ kind }: Document, site: string, path: readonly string[]): string {
  const [key = '', name] = path;
  const noun = name === undefined ? undefined : ENTITIES[kind][key]?.[0];
  if (noun !== undefined) return `${noun} ${name}${site === '' ? '' : ` in site ${site}`}`;
  return `${path.join('.')}${site === '' ? '' : ` of site ${site}`}`;
}

/** What is said of a unit that two documents of one overlay write: the same as of two documents without one. */
export function unitTwice(
  document: Document,
  site: string,
  path: readonly string[],
  entry: Entry,
  earlier: Entry,
): Diagnostic {
  const address = addressOfUnit(document, site, path);
  if (address === SERVER) return serverTwice(entry, earlier);
  const [, name] = path;
  if (address !== undefined && name !== undefined) return nameTwice({ name, site, address }, entry, earlier);
  return keyTwice(unitWords(document, site, path), entry, earlier);
}
