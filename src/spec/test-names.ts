// Owns what the names in a test of access refer to, and what is said when that is nothing. Never knows what a test expects.

import { isLike, type TestTarget, type Wanted } from '../model/access-test.ts';
import {
  type ApplicationAddress,
  applicationAddress,
  qualifiedName,
  type ResourceAddress,
  resourceAddress,
  siteOf,
  type UserAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import { isRegisteredScope, isStandardScope, REGISTERED_SCOPES } from '../model/registered-scope.ts';
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
import { type Entry, entryOf, type Node, rangeOf, type Span } from './tree.ts';

export type NameOptions = AudienceOptions;

interface Addresses {
  application: ApplicationAddress;
  user: UserAddress;
}

/** What is declared by a name, in whichever sites. */
type Named<A> = ReadonlyMap<string, readonly (readonly [address: A, declaration: Declaration<unknown>])[]>;

export class TestNames {
  readonly #declarations: Declarations;
  readonly #bound: Pick<Bound, 'entities'>;
  readonly #references: References;
  readonly #known: Known;
  readonly #problems: Diagnostic[];
  readonly #named: { readonly [K in keyof Addresses]: Named<Addresses[K]> };

  constructor(declarations: Declarations, all: Pick<Bound, 'entities'>, options: NameOptions, problems: Diagnostic[]) {
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

  /**
   * The application that a token is for, or undefined (told): by its client_id, as scopes name audiences everywhere, else
   * as a client is named.
   */
  audience(node: Node, site: string): ApplicationAddress | undefined {
    return this.#known.clients.get(textOf(node) ?? '') ?? this.client(node, site);
  }

  /** The resource of the catalogue, or undefined (told). */
  resource(node: Node): ResourceAddress | undefined {
    const name = this.#references.named('resource', node);
    return name === undefined ? undefined : resourceAddress(name);
  }

  /** What one value of a scope stands for, or undefined (told). */
  target(node: Node): TestTarget | undefined {
    const text = textOf(node);
    if (text === undefined) return undefined;
    this.checkScopes(node);
    if (this.#declarations.scopes.has(text) || isStandardScope(text)) return { scope: text };
    if (isRegisteredScope(text)) {
      this.#problems.push(
        report('test.nothing-fits', {
          detail: `${text} is a scope that every client may have in any token, so nobody is singled out by it`,
          help: 'Ask for an audience or a scope of the catalogue.',
          range: rangeOf(node.span),
        }),
      );
      return undefined;
    }
    const audience = this.#known.clients.get(text);
    return audience && { audience };
  }

  /** One application, as `named` finds it, or all that fit a text with `*`; undefined where there is none (told). */
  wanted(node: Node, named: (node: Node) => ApplicationAddress | undefined): Wanted<ApplicationAddress> | undefined {
    const text = textOf(node);
    if (text === undefined) return undefined;
    const isPattern = text.includes('*') && !this.#known.clients.has(text);
    if (!isPattern) {
      const is = named(node);
      return is && { is };
    }
    const names = this.clientNames().map(([name]) => name);
    return this.#fits(node, text, names, 'application') ? { like: text } : undefined;
  }

  /** A value of a scope, or a text with `*` that some fit; undefined where there is none (told). */
  wantedScope(node: Node): string | undefined {
    const text = textOf(node);
    if (text === undefined) return undefined;
    if (!text.includes('*')) {
      this.checkScopes(node);
      return this.#isValue(text) ? text : undefined;
    }
    const names = [...this.#declarations.scopes.keys(), ...this.#known.clients.keys(), ...REGISTERED_SCOPES];
    return this.#fits(node, text, names, 'scope') ? text : undefined;
  }

  /** All that applications are called: their client_ids, and their names with the site. */
  clientNames(): readonly (readonly [name: string, address: ApplicationAddress])[] {
    return [
      ...this.#known.clients,
      ...[...this.#declarations.applications.keys()].map((address) => [qualifiedName(address), address] as const),
    ];
  }

  /** A declared site, or undefined (told). */
  site(node: Node): string | undefined {
    const text = textOf(node);
    if (text === undefined || this.#declarations.sites.has(text)) return text;
    const names = this.#declarations.sites.keys();
    tellUnknown('site', { text, span: node.span }, `no site "${text}"`, names, this.#known, this.#problems);
    return undefined;
  }

  /** Tells of a claim that no policy releases. */
  checkClaim({ key, keySpan }: Entry): void {
    const released = [...this.#declarations.policies.values()].flatMap(({ value }) => value?.items ?? []);
    const names = released.map(({ name }) => name);
    if (names.includes(key)) return;
    const detail = `no policy releases a claim "${key}"`;
    tellUnknown('claim', { text: key, span: keySpan }, detail, names, this.#known, this.#problems);
  }

  /** A method of the catalogue, by its name, or undefined (told). */
  method(node: Node): string | undefined {
    return this.#references.named('method', node);
  }

  /** Tells of a permission that no token could have: a function that no role has, or a customer of nobody. */
  checkPermission(node: Node): void {
    const customer = entryOf(node, 'customer');
    if (customer !== undefined) this.#references.named('customer', customer.value);
    this.#references.roleFunction(entryOf(node, 'function')?.value ?? node);
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

  /** Whether a text is a value of scopes. */
  #isValue(text: string): boolean {
    const isProtocol = isRegisteredScope(text);
    return isProtocol || this.#declarations.scopes.has(text) || this.#known.clients.has(text);
  }

  /** Whether a name fits a text with `*`; where none does, it is told with what would. */
  #fits(node: Node, pattern: string, names: readonly string[], variant: 'application' | 'scope'): boolean {
    if (names.some((name) => isLike(name, pattern))) return true;
    const what = variant === 'scope' ? 'scope and no client_id' : 'client_id and no Site/Name';
    const meant = nearestPattern(pattern, names);
    const detail = `no ${what} fits "${pattern}"`;
    tellUnknown(variant, { text: pattern, span: node.span }, detail, meant, this.#known, this.#problems);
    return false;
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
    const declaredAs = (near: string) => this.#named[kind].get(near)?.[0]?.[1];
    tellUnknown(kind, word, detail, candidates, this.#known, this.#problems, declaredAs);
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

/** The pattern with what stands before its first `*` as names begin, where they fit then. */
function nearestPattern(pattern: string, names: readonly string[]): readonly string[] {
  const star = pattern.indexOf('*');
  const [begin, rest] = [pattern.slice(0, star), pattern.slice(star)];
  const begins = names.flatMap((name) => [-1, 0, 1].map((more) => name.slice(0, Math.max(0, begin.length + more))));
  const candidates = [...new Set(begins)].filter((one) => one !== '' && one.at(-1) === begin.at(-1));
  return candidates.map((one) => `${one}${rest}`).filter((one) => names.some((name) => isLike(name, one)));
}
