// Owns names → addresses: what a reference in the spec refers to, and what is said when it is nothing.
// Never decides whether the link that it is part of may be.

import {
  type Address,
  type ApplicationAddress,
  applicationAddress,
  customerAddress,
  EVERYONE,
  type GroupAddress,
  groupAddress,
  isEveryone,
  methodAddress,
  nameOf,
  type PolicyAddress,
  policyAddress,
  qualifiedName,
  resourceAddress,
  roleAddress,
  siteOf,
  type UserAddress,
  userAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import { report } from './catalogue.ts';
import { plainOrQuoted } from './edit-text.ts';
import { type Declaration, type Declarations, KEY_OF_KIND } from './merge.ts';
import type { Moves } from './moves.ts';
import { isSlip, nearest, type Suggestions } from './nearest.ts';
import { withArticle } from './schema-fault.ts';
import { entryOf, itemsOf, type Node, rangeOf, type Span } from './tree.ts';

interface Targets {
  application: ApplicationAddress;
  group: GroupAddress;
  policy: PolicyAddress;
  user: UserAddress;
}
export type TargetKind = keyof Targets;

/** Of the kinds that a catalogue holds, those that other entities name. */
type NamedKind = 'customer' | 'method' | 'resource' | 'role';
const addressIn: { readonly [K in NamedKind]: (name: string) => Address } = {
  customer: customerAddress,
  method: methodAddress,
  resource: resourceAddress,
  role: roleAddress,
};

const GROUP_PREFIX = 'group:';
const addressOf: { readonly [K in TargetKind]: (site: string, name: string) => Targets[K] } = {
  application: applicationAddress,
  group: groupAddress,
  policy: policyAddress,
  user: userAddress,
};

export class References {
  readonly #declarations: Declarations;
  readonly #problems: Diagnostic[];
  /** Names may be missing that are not known: then nothing is told to be unknown. */
  readonly #incomplete: boolean;
  readonly #suggestions: Suggestions;
  readonly #moves: Moves;
  /** A list that defaults give to many entities is resolved, and told about, once. */
  readonly #resolved = new Map<string, Map<Node, string | undefined>>();
  readonly #names = new Map<string, string[]>();
  #functionsOfRoles: ReadonlyMap<string, Declaration<unknown>> | undefined;

  constructor(
    declarations: Declarations,
    problems: Diagnostic[],
    options: { readonly incomplete: boolean; readonly suggestions: Suggestions; readonly moves: Moves },
  ) {
    this.#declarations = declarations;
    this.#problems = problems;
    this.#incomplete = options.incomplete;
    this.#suggestions = options.suggestions;
    this.#moves = options.moves;
  }

  /** What is called so in a catalogue, by its name, or undefined (told). */
  named(kind: NamedKind, node: Node): string | undefined {
    return this.#once(kind, node, (name) => {
      const known = this.#declarations[KEY_OF_KIND[kind]];
      if (known.has(name)) return name;
      const near = this.#suggestions.nearest(name, known.keys());
      const declared = near === undefined ? undefined : known.get(near);
      this.#unknown(kind, node.span, `no ${kind} "${name}" in the catalogue`, [
        this.#moved(addressIn[kind](name), '', ''),
        declared === undefined ? undefined : didYouMean(declared, declared.name),
        { help: `Declare it under ${KEY_OF_KIND[kind]}: of a server document, or correct the name.` },
      ]);
      return undefined;
    });
  }

  /** A role, or a function of one: they are one namespace (SEMANTICS X-17). By its name, or undefined (told). */
  roleOrFunction(node: Node): string | undefined {
    return this.#once('role-or-function', node, (name) => {
      const { roles } = this.#declarations;
      const functions = this.#functions();
      if (roles.has(name) || functions.has(name)) return name;
      const near = this.#suggestions.nearest(name, [...roles.keys(), ...functions.keys()]);
      const declared = near === undefined ? undefined : (roles.get(near) ?? functions.get(near));
      this.#unknown('role-or-function', node.span, `no role and no function of a role is called "${name}"`, [
        this.#moved(roleAddress(name), '', ''),
        near === undefined || declared === undefined ? undefined : didYouMean(declared, near),
        { help: 'Declare the role under roles: of a server document, or write the function at one.' },
      ]);
      return undefined;
    });
  }

  /** The functions that roles write, each with the first role that does. */
  #functions(): ReadonlyMap<string, Declaration<unknown>> {
    this.#functionsOfRoles ??= new Map(
      [...this.#declarations.roles.values()]
        .reverse()
        .flatMap((role) =>
          itemsOf(entryOf(role.entry.value, 'functions')?.value).flatMap((item) =>
            item.type === 'scalar' ? [[String(item.value), role] as const] : [],
          ),
        ),
    );
    return this.#functionsOfRoles;
  }

  /** A function of a role, by its name, or undefined (told): a role is none. */
  roleFunction(node: Node): string | undefined {
    return this.#once('function', node, (name) => {
      const functions = this.#functions();
      if (functions.has(name)) return name;
      const near = this.#suggestions.nearest(name, functions.keys());
      const declared = near === undefined ? undefined : functions.get(near);
      this.#unknown('role-or-function', node.span, `no role has a function called "${name}"`, [
        near === undefined || declared === undefined ? undefined : didYouMean(declared, near),
        { help: 'Write a function that a role lists, or correct the name.' },
      ]);
      return undefined;
    });
  }

  /** The entity that a document of no site names, as Site/Name or by a name that one site alone has, or undefined (told). */
  anywhere<K extends TargetKind>(kind: K, node: Node): Targets[K] | undefined {
    const text = node.type === 'scalar' && typeof node.value === 'string' ? node.value : '';
    if (text === '' || text.includes('/')) return this.entity(kind, '', node);
    return this.#once(`any ${kind}`, node, (name) => {
      const addresses = [...this.#declarations.sites.keys()].map((site) => addressOf[kind](site, name));
      const found = addresses.filter((address) => this.#map(kind).has(address) || isEveryone(address));
      const [only, ...others] = found;
      if (only !== undefined && others.length === 0) return only;
      if (only === undefined) this.#unknownAnywhere(kind, node, name);
      else if (!this.#incomplete) this.#problems.push(severalSites(kind, node.span, found));
      return undefined;
    }) as Targets[K] | undefined;
  }

  #unknownAnywhere(kind: TargetKind, node: Node, name: string): void {
    const declared = [...this.#map(kind).values()];
    const near = this.#suggestions.nearest(
      name,
      declared.map((one) => one.name),
    );
    const meant = declared.filter((one) => one.name === near);
    const [only] = meant.length === 1 ? meant : [];
    this.#unknown(kind, node.span, `no ${kind} "${name}" in any site`, [
      only && didYouMean(only, only.name),
      { help: `Write Site/Name of one that is declared under ${KEY_OF_KIND[kind]}: of a site.` },
    ]);
  }

  /** The entity that a reference from a site names, alone or as `{ KIND: NAME, … }`, or undefined (told). */
  entity<K extends TargetKind>(kind: K, site: string, node: Node): Targets[K] | undefined {
    return this.#entity(kind, site, entryOf(node, kind)?.value ?? node, undefined);
  }

  /** The user or the group (`group:NAME`, or `{ group: NAME, … }`) that an item of `members` names, or undefined (told). */
  member(site: string, node: Node): UserAddress | GroupAddress | undefined {
    if (node.type === 'map')
      return entryOf(node, 'group') ? this.entity('group', site, node) : this.entity('user', site, node);
    const isGroup = node.type === 'scalar' && String(node.value).startsWith(GROUP_PREFIX);
    return isGroup ? this.#entity('group', site, node, GROUP_PREFIX) : this.#entity('user', site, node, '');
  }

  /** `prefix` is what stands before the reference in `members`; undefined where no other kind can be written. */
  #entity<K extends TargetKind>(
    kind: K,
    site: string,
    node: Node,
    prefix: '' | typeof GROUP_PREFIX | undefined,
  ): Targets[K] | undefined {
    return this.#once(kind, node, (written) => {
      const text = written.slice((prefix ?? '').length);
      const slash = text.indexOf('/');
      const [inSite, name] = slash < 0 ? [site, text] : [text.slice(0, slash), text.slice(slash + 1)];
      const address = addressOf[kind](inSite, name);
      if (this.#map(kind).has(address)) return address;
      // Every site has it, and no document declares it.
      if (isEveryone(address) && this.#declarations.sites.has(inSite)) return address;
      const moved = this.#moved(address, prefix ?? '', site);
      if (!this.#declarations.sites.has(inSite)) this.#unknownSite(kind, node.span, inSite, prefix ?? '', name, moved);
      else this.#unknownEntity(kind, { site, inSite, name, prefix, span: node.span }, moved);
      return undefined;
    }) as Targets[K] | undefined;
  }

  /** What something that was moved is called now, as a document of a site writes it (empty: as a name of the catalogue). */
  #moved(address: Address, prefix: string, site: string): Advice | undefined {
    const moved = this.#moves.of(address);
    if (moved === undefined) return undefined;
    const inSite = siteOf(moved.to);
    const written = `${prefix}${inSite === undefined || inSite === site ? '' : `${inSite}/`}${nameOf(moved.to)}`;
    return { help: `The ${moved.words}: write ${written}.`, text: plainOrQuoted(written), sure: true };
  }

  #unknownSite(
    kind: TargetKind,
    span: Span,
    site: string,
    prefix: string,
    name: string,
    moved: Advice | undefined,
  ): void {
    const near = this.#suggestions.nearest(site, this.#declarations.sites.keys());
    const inNear = near === undefined ? undefined : this.#declarations.sites.get(near);
    // The entity is meant, where the near site has it.
    const meant = near === undefined ? undefined : this.#map(kind).get(addressOf[kind](near, name));
    const declared = inNear && { name: inNear.name, entry: (meant ?? inNear).entry };
    this.#unknown('site', span, `no site "${site}"`, [
      moved,
      declared && didYouMean(declared, `${prefix}${declared.name}/${name}`),
      { help: 'A reference to another site is Site/Name; sites are declared by site: NAME.' },
    ]);
  }

  #unknownEntity(
    kind: TargetKind,
    at: { site: string; inSite: string; name: string; prefix: string | undefined; span: Span },
    moved: Advice | undefined,
  ): void {
    const { site, inSite, name, prefix, span } = at;
    const written = (of: string, called: string, before = prefix ?? '') =>
      `${before}${of === site ? '' : `${of}/`}${called}`;
    const elsewhere = [...this.#declarations.sites.keys()]
      .map((other) => this.#map(kind).get(addressOf[kind](other, name)))
      .find((found) => found !== undefined);
    const asGroup = prefix === '' ? this.#declarations.groups.get(groupAddress(inSite, name)) : undefined;
    const asUser = prefix === GROUP_PREFIX ? this.#declarations.users.get(userAddress(inSite, name)) : undefined;
    const near = this.#suggestions.nearest(name, this.#namesIn(kind, inSite));
    const nearby = near === undefined ? undefined : this.#map(kind).get(addressOf[kind](inSite, near));
    const isBuiltIn = kind === 'group' && near === undefined && nearest(name, [EVERYONE]) !== undefined;
    this.#unknown(kind, span, `no ${kind} "${name}" in site ${inSite}`, [
      moved,
      asGroup && offer(asGroup, written(inSite, name, GROUP_PREFIX), `${name} is a group`),
      asUser && offer(asUser, written(inSite, name, ''), `${name} is a user`),
      // No fix: that of another site may be somebody else, and a fix would let them in.
      elsewhere && { help: offer(elsewhere, written(elsewhere.site, name), `Site ${elsewhere.site} has one`).help },
      nearby && didYouMean(nearby, written(inSite, nearby.name)),
      // No fix: it would let in everybody.
      isBuiltIn
        ? { help: `Did you mean "${written(inSite, EVERYONE)}", the group of all users of site ${inSite}?` }
        : undefined,
      { help: `Declare it under ${KEY_OF_KIND[kind]}: of site ${inSite}, or correct the name.` },
    ]);
  }

  #unknown(
    variant: TargetKind | NamedKind | 'role-or-function' | 'site',
    span: Span,
    detail: string,
    advice: readonly (Advice | undefined)[],
  ): void {
    if (this.#incomplete) return;
    const best = advice.find((one) => one !== undefined);
    const range = rangeOf(span);
    const text = best?.text;
    const isSure =
      text !== undefined && (best?.sure === true || isSlip(span.source.text.slice(span.start, span.end), text));
    this.#problems.push(
      report('reference.unknown', {
        variant,
        detail,
        help: best?.help,
        range,
        fixes: isSure ? [{ title: `Write ${text}`, edits: [{ range, text }] }] : [],
      }),
    );
  }

  #once(kind: string, node: Node, resolve: (text: string) => string | undefined): string | undefined {
    if (node.type !== 'scalar' || typeof node.value !== 'string') return undefined;
    const known = this.#resolved.get(kind) ?? new Map<Node, string | undefined>();
    this.#resolved.set(kind, known);
    if (!known.has(node)) known.set(node, resolve(node.value));
    return known.get(node);
  }

  #map(kind: TargetKind): ReadonlyMap<string, Declaration<unknown>> {
    return this.#declarations[KEY_OF_KIND[kind]];
  }

  #namesIn(kind: TargetKind, site: string): readonly string[] {
    const key = `${kind} ${site}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const names = [...this.#map(kind).values()].filter((one) => one.site === site).map((one) => one.name);
    this.#names.set(key, names);
    return names;
  }
}

/** What is said of a name that more than one site has, where no site is written. */
function severalSites(kind: TargetKind, span: Span, found: readonly Address[]): Diagnostic {
  return report('reference.ambiguous', {
    detail: `${found.length} sites have ${withArticle(kind)} of this name`,
    help: `Write which one: ${found.map(qualifiedName).join(', ')}.`,
    range: rangeOf(span),
  });
}

export interface Advice {
  readonly help: string;
  /** What to write instead. */
  readonly text?: string;
  /** Whether that is said in the spec, and no guess. */
  readonly sure?: boolean;
}

type Declared = Pick<Declaration<unknown>, 'entry'>;

export function didYouMean(declared: Declared, text: string): Advice {
  return { text, help: `Did you mean "${text}" (${placed(declared)})?` };
}

function offer(declared: Declared, text: string, why: string): Advice {
  return { text, help: `${why} (${placed(declared)}): write ${text}.` };
}

function placed(declared: Declared): string {
  return formatPlace(rangeOf(declared.entry.keySpan));
}
