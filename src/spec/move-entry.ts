// Owns how an entry of `moved:` names entities: the kind before a name, the site, and which kind is meant where none is
// written. Never says what is wrong with one.

import {
  type Address,
  applicationAddress,
  customerAddress,
  groupAddress,
  methodAddress,
  policyAddress,
  resourceAddress,
  roleAddress,
  scopeAddress,
  userAddress,
} from '../model/address.ts';
import type { Move } from '../model/move.ts';
import type { SourceRange } from '../model/origin.ts';
import { type Declarations, declarationAt, type Listed } from './merge.ts';
import { compareSpans, entryOf, type Span } from './tree.ts';

/** The kinds whose entities have a name of their own that can change; by the document that says so. */
const MOVED_KINDS = {
  site: ['application', 'group', 'policy', 'user'],
  server: ['customer', 'method', 'resource', 'role', 'scope'],
} as const;
export type MovedKind = (typeof MOVED_KINDS)['site' | 'server'][number];

/** One name as it is written. */
export interface MoveName {
  readonly text: string;
  /** Where it is written before the name. */
  readonly kind: MovedKind | undefined;
  /** Of what a catalogue holds, empty. */
  readonly site: string;
  readonly name: string;
  readonly span: Span;
}

export interface MoveEntry extends Pick<Listed, 'node'> {
  /** The site of its document; of a server document, empty. */
  readonly site: string;
  readonly from: MoveName;
  readonly to: MoveName;
}

/** A move, and the entry that says so. */
export interface ResolvedMove extends Move {
  readonly entry: MoveEntry;
  readonly range: SourceRange;
  /** Whether the kind is any, as nothing tells it: then something is wrong. */
  readonly guessed: boolean;
}

const ADDRESS_OF: { readonly [K in MovedKind]: (site: string, name: string) => Address } = {
  application: applicationAddress,
  group: groupAddress,
  policy: policyAddress,
  user: userAddress,
  method: (_, name) => methodAddress(name),
  scope: (_, name) => scopeAddress(name),
  role: (_, name) => roleAddress(name),
  customer: (_, name) => customerAddress(name),
  resource: (_, name) => resourceAddress(name),
};

export function addressAs(kind: MovedKind, { site, name }: Pick<MoveName, 'site' | 'name'>): Address {
  return ADDRESS_OF[kind](site, name);
}

export function kindsOfSite(site: string): readonly MovedKind[] {
  return MOVED_KINDS[site === '' ? 'server' : 'site'];
}

/** The entries in the order of their places. */
export function readEntries(listed: readonly Listed[]): readonly MoveEntry[] {
  return listed
    .flatMap(({ site, node }) => {
      const [from, to] = [nameAt(site, entryOf(node, 'from')?.value), nameAt(site, entryOf(node, 'to')?.value)];
      return from === undefined || to === undefined ? [] : [{ site, node, from, to }];
    })
    .sort((a, b) => compareSpans(a.from.span, b.from.span));
}

function nameAt(ownSite: string, node: Listed['node'] | undefined): MoveName | undefined {
  if (node?.type !== 'scalar' || typeof node.value !== 'string') return undefined;
  const text = node.value;
  const kind = kindsOfSite(ownSite).find((one) => text.startsWith(`${one}:`));
  const rest = kind === undefined ? text : text.slice(kind.length + 1);
  // The name of a scope may have a slash.
  const slash = ownSite === '' ? -1 : rest.indexOf('/');
  return {
    text,
    kind,
    site: slash < 0 ? ownSite : rest.slice(0, slash),
    name: rest.slice(slash + 1),
    span: node.span,
  };
}

/** Which kinds names and entries are about. */
export interface MoveKinds {
  /** Of which something is, or was, called so: by what is declared and by entries that go on from there. */
  readonly at: (name: MoveName) => readonly MovedKind[];
  /** That an entry may be about: what is written, else those of its new name. One where the entry means something. */
  readonly of: (entry: MoveEntry) => readonly MovedKind[];
}

/** Finds the kinds of all entries, in time linear in them. */
export function kindsOfEntries(declarations: Declarations, entries: readonly MoveEntry[]): MoveKinds {
  const known = new Map<string, Set<MovedKind>>();
  const bare = new Map<string, MoveEntry[]>();
  const queue: string[] = [];
  const add = (name: MoveName, kinds: Iterable<MovedKind>) => {
    const key = keyOf(name);
    const of = known.get(key) ?? new Set();
    known.set(key, of);
    const { size } = of;
    for (const kind of kinds) of.add(kind);
    if (of.size > size) queue.push(key);
  };
  for (const entry of entries) {
    const { site, from, to } = entry;
    const written = writtenKind(entry);
    const isDeclared = (kind: MovedKind) => declarationAt(declarations, addressAs(kind, to)) !== undefined;
    add(to, kindsOfSite(site).filter(isDeclared));
    if (written !== undefined) {
      add(from, [written]);
      continue;
    }
    const others = bare.get(keyOf(to));
    if (others === undefined) bare.set(keyOf(to), [entry]);
    else others.push(entry);
  }
  // It grows while it is read, by each name at most as often as there are kinds.
  for (const key of queue) for (const { from } of bare.get(key) ?? []) add(from, known.get(key) ?? []);
  const at = (name: MoveName) => [...(known.get(keyOf(name)) ?? [])];
  return {
    at,
    of: (entry) => {
      const written = writtenKind(entry);
      return written === undefined ? at(entry.to) : [written];
    },
  };
}

function writtenKind({ from, to }: MoveEntry): MovedKind | undefined {
  return to.kind ?? from.kind;
}

function keyOf({ site, name }: MoveName): string {
  return `${site}\n${name}`;
}
