// Owns what the names in a test of access refer to, and what is said when that is nothing. Never knows what a test expects.

import { type ApplicationAddress, applicationAddress, siteOf, type UserAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import type { Bound } from './bind.ts';
import { report } from './catalogue.ts';
import {
  type AudienceOptions,
  checkAudience,
  checkScope,
  type Known,
  knownNames,
  tellUnknown,
  wordsOf,
} from './check-audiences.ts';
import { bound } from './entities.ts';
import type { Declaration, Declarations } from './merge.ts';
import { References } from './references.ts';
import { type Node, rangeOf, type Span } from './tree.ts';

export type NameOptions = AudienceOptions;

interface Addresses {
  application: ApplicationAddress;
  user: UserAddress;
}

/** What is declared by a name, in whichever sites. */
type Named<A> = ReadonlyMap<string, readonly (readonly [address: A, declaration: Declaration<unknown>])[]>;

export class TestNames {
  readonly #declarations: Declarations;
  readonly #bound: Bound;
  readonly #references: References;
  readonly #known: Known;
  readonly #problems: Diagnostic[];
  readonly #named: { readonly [K in keyof Addresses]: Named<Addresses[K]> };

  constructor(declarations: Declarations, all: Bound, options: NameOptions, problems: Diagnostic[]) {
    this.#declarations = declarations;
    this.#bound = all;
    this.#references = new References(declarations, problems, options);
    this.#known = knownNames(declarations, options);
    this.#problems = problems;
    this.#named = { application: namedOf(declarations.applications), user: namedOf(declarations.users) };
  }

  /**
   * The application that asks, or undefined (told). In a document of a site a name or a client_id of that site, else
   * Site/Name; in one of no site (empty) a client_id, else Site/Name, else a name that one site alone has.
   */
  client(node: Node, site: string): ApplicationAddress | undefined {
    const text = textOf(node);
    if (text === undefined) return undefined;
    const identified = this.#known.clients.get(text);
    if (site === '') return identified ?? this.#anywhere('application', node);
    const isName = this.#declarations.applications.has(applicationAddress(site, text));
    if (!isName && identified !== undefined && siteOf(identified) === site) return identified;
    return this.#references.entity('application', site, node);
  }

  /** The user as whom a client acts, or undefined (told). */
  user(node: Node, site: string): UserAddress | undefined {
    return site === '' ? this.#anywhere('user', node) : this.#references.entity('user', site, node);
  }

  /** Tells of each value of a scope, one text or a list, that nothing is called by. */
  checkScopes(node: Node): void {
    for (const word of wordsOf(node)) checkScope(word, false, this.#known, this.#problems);
  }

  /** Tells of a client_id that no application has. */
  checkClientId(node: Node, variant: 'audience' | 'application'): void {
    const text = textOf(node);
    if (text !== undefined) checkAudience({ text, span: node.span }, this.#known, this.#problems, variant);
  }

  /** Tells of a subject that no token could have. */
  checkSubject(node: Node): void {
    const text = textOf(node);
    if (text === undefined || this.#known.clients.has(text)) return;
    const subjects = [...bound(this.#bound, 'user')].map(([, { sub }]) => sub);
    if (subjects.includes(text)) return;
    const detail = `no application has client_id "${text}", and no user has it as sub`;
    const candidates = [...this.#known.clients.keys(), ...subjects];
    tellUnknown('subject', { text, span: node.span }, detail, candidates, this.#known, this.#problems);
  }

  /** By Site/Name, or by a name that one site alone has. */
  #anywhere<K extends keyof Addresses>(kind: K, node: Node): Addresses[K] | undefined {
    const text = textOf(node);
    if (text === undefined) return undefined;
    if (text.includes('/')) return this.#references.entity(kind, '', node) as Addresses[K] | undefined;
    const byName = this.#named[kind];
    const named = byName.get(text) ?? [];
    const [only, ...others] = named;
    if (only !== undefined && others.length === 0) return only[0];
    if (only === undefined) this.#tellUnknown(kind, { text, span: node.span }, byName.keys());
    else this.#tellSeveral(kind, node, named);
    return undefined;
  }

  #tellUnknown(
    kind: keyof Addresses,
    word: { readonly text: string; readonly span: Span },
    names: Iterable<string>,
  ): void {
    const isClient = kind === 'application';
    const detail = isClient
      ? `no application has the client_id or the name "${word.text}"`
      : `no ${kind} has the name "${word.text}"`;
    const candidates = isClient ? [...this.#known.clients.keys(), ...names] : names;
    tellUnknown(kind, word, detail, candidates, this.#known, this.#problems);
  }

  #tellSeveral(kind: keyof Addresses, node: Node, named: readonly (readonly [unknown, Declaration<unknown>])[]): void {
    const places = named.map(([, { site, name, entry }]) => `${site}/${name} (${formatPlace(rangeOf(entry.keySpan))})`);
    this.#problems.push(
      report('reference.ambiguous', {
        detail: `${named.length} sites have ${kind === 'user' ? 'a user' : 'an application'} of this name`,
        help: `Write which one: ${places.join(', ')}.`,
        range: rangeOf(node.span),
      }),
    );
  }
}

function namedOf<A>(declared: ReadonlyMap<A, Declaration<unknown>>): Named<A> {
  const named = new Map<string, (readonly [A, Declaration<unknown>])[]>();
  for (const one of declared) {
    const [, { name }] = one;
    const known = named.get(name);
    if (known === undefined) named.set(name, [one]);
    else known.push(one);
  }
  return named;
}

function textOf(node: Node): string | undefined {
  return node.type === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}
