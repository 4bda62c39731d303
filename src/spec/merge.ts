// Owns many documents → one set of declarations by name, each with the place it was written in. Never resolves what a
// declaration refers to.

import {
  type Address,
  type ApplicationAddress,
  applicationAddress,
  customerAddress,
  type GroupAddress,
  groupAddress,
  kindOf,
  methodAddress,
  NAME_PATTERN,
  nameOf,
  type PolicyAddress,
  policyAddress,
  resourceAddress,
  roleAddress,
  scopeAddress,
  type UserAddress,
  userAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { OWN_KEY_PREFIX } from './convert.ts';
import { keyTwice, nameTwice, serverTwice } from './declared-twice.ts';
import type {
  ServerCustomer,
  ServerDocument,
  ServerMethod,
  ServerResource,
  ServerRole,
  ServerScope,
  SiteApplication,
  SiteDocument,
  SiteGroup,
  SitePolicy,
  SiteUser,
} from './documents.gen.ts';
import { type Entry, entryOf, type ListNode, type Node, type Span, spanOfEntry } from './tree.ts';
import type { Validated } from './validate.ts';

/** One entity as it was written. */
export interface Declaration<T> {
  readonly name: string;
  /** The site; of what has none, empty. */
  readonly site: string;
  readonly value: T;
  readonly entry: Entry;
  /** Whether it passed its schema. One that did not is known by name only. */
  readonly sound: boolean;
  /** Whether what it has at a path passed. */
  readonly soundAt: (path: readonly string[]) => boolean;
}

/** A key of a site's own, or of its defaults. */
export interface Setting {
  readonly entry: Entry;
  readonly value: unknown;
  readonly sound: boolean;
}

export const DEFAULTED_KINDS = ['applications', 'groups', 'users'] as const;
export type DefaultedKind = (typeof DEFAULTED_KINDS)[number];

export interface SiteDeclaration {
  readonly name: string;
  /** The `site:` of its first document. */
  readonly entry: Entry;
  methods: Setting | undefined;
  readonly defaults: Readonly<Record<DefaultedKind, Map<string, Setting>>>;
}

/** One item of a list that adds up over all documents. */
export interface Listed {
  /** The site of its document; of a document of no site, empty. */
  readonly site: string;
  readonly node: Node;
  readonly value: unknown;
  readonly list: ListNode;
  readonly position: number;
}

export type ApplicationDeclaration = Declaration<NonNullable<SiteApplication>>;
export type GroupDeclaration = Declaration<NonNullable<SiteGroup>>;
export type UserDeclaration = Declaration<NonNullable<SiteUser>>;
export type PolicyDeclaration = Declaration<SitePolicy>;

export type RoleDeclaration = Declaration<NonNullable<ServerRole>>;
export type CustomerDeclaration = Declaration<NonNullable<ServerCustomer>>;
export type ResourceDeclaration = Declaration<ServerResource>;

export interface Declarations {
  server: Declaration<NonNullable<ServerDocument['server']>> | undefined;
  readonly methods: Map<string, Declaration<ServerMethod>>;
  readonly scopes: Map<string, Declaration<ServerScope>>;
  readonly roles: Map<string, RoleDeclaration>;
  readonly customers: Map<string, CustomerDeclaration>;
  readonly resources: Map<string, ResourceDeclaration>;
  readonly sites: Map<string, SiteDeclaration>;
  readonly applications: Map<ApplicationAddress, ApplicationDeclaration>;
  readonly groups: Map<GroupAddress, GroupDeclaration>;
  readonly users: Map<UserAddress, UserDeclaration>;
  readonly policies: Map<PolicyAddress, PolicyDeclaration>;
  /** The items of all lists `moved`, and of all lists `approvals`, that passed their schema. */
  readonly moved: Listed[];
  readonly approvals: Listed[];
  /** Those of all lists `tests`. */
  readonly tests: Listed[];
  readonly problems: Diagnostic[];
}

/** Merges documents, in order: of two declarations of one name the first is kept and the second is an error. */
export function merge(documents: readonly Validated[]): Declarations {
  const declarations: Declarations = {
    server: undefined,
    methods: new Map(),
    scopes: new Map(),
    roles: new Map(),
    customers: new Map(),
    resources: new Map(),
    sites: new Map(),
    applications: new Map(),
    groups: new Map(),
    users: new Map(),
    policies: new Map(),
    moved: [],
    approvals: [],
    tests: [],
    problems: [],
  };
  for (const validated of documents) {
    const { kind } = validated.document;
    if (kind === 'server') mergeServer(declarations, validated);
    else if (kind === 'site') mergeSite(declarations, validated);
    else mergeListed(declarations.tests, validated, 'tests', '');
  }
  return declarations;
}

function mergeServer(into: Declarations, validated: Validated): void {
  const { root } = validated.document;
  const entry = root.entries.get('server');
  if (entry !== undefined) {
    const { server } = validated.value as ServerDocument;
    if (into.server === undefined) {
      const sound = validated.isSound(['server']) && server !== undefined;
      const soundAt = (path: readonly string[]) => validated.isSound(['server', ...path]);
      into.server = { name: 'server', site: '', value: server ?? { issuer: '' }, entry, sound, soundAt };
    } else {
      into.problems.push(serverTwice(entry, into.server.entry));
    }
  }
  mergeNamed(into, validated, 'methods', into.methods, '', (name) => [name, methodAddress(name)]);
  mergeNamed(into, validated, 'scopes', into.scopes, '', (name) => [name, scopeAddress(name)]);
  mergeNamed(into, validated, 'roles', into.roles, '', (name) => [name, roleAddress(name)]);
  mergeNamed(into, validated, 'customers', into.customers, '', (name) => [name, customerAddress(name)]);
  mergeNamed(into, validated, 'resources', into.resources, '', (name) => [name, resourceAddress(name)]);
  mergeListed(into.moved, validated, 'moved', '');
  mergeListed(into.approvals, validated, 'approvals', '');
}

function mergeSite(into: Declarations, validated: Validated): void {
  const { root } = validated.document;
  const entry = root.entries.get('site');
  const { site: name } = validated.value as unknown as SiteDocument;
  // A site without a usable name: its schema fault is told, and nothing of it can be addressed.
  if (entry === undefined || typeof name !== 'string' || !NAME_PATTERN.test(name)) return;
  const site: SiteDeclaration = into.sites.get(name) ?? {
    name,
    entry,
    methods: undefined,
    defaults: { applications: new Map(), groups: new Map(), users: new Map() },
  };
  into.sites.set(name, site);

  const methods = root.entries.get('methods');
  if (methods !== undefined) {
    const setting = settingOf(validated, methods, ['methods']);
    if (site.methods === undefined) site.methods = setting;
    else into.problems.push(keyTwice(`methods of site ${name}`, methods, site.methods.entry));
  }
  for (const kind of DEFAULTED_KINDS) {
    const node = entryOf(root.entries.get('defaults')?.value, kind)?.value;
    if (node?.type !== 'map') continue;
    for (const [key, written] of node.entries) {
      if (key.startsWith(OWN_KEY_PREFIX)) continue;
      const earlier = site.defaults[kind].get(key);
      if (earlier === undefined) site.defaults[kind].set(key, settingOf(validated, written, ['defaults', kind, key]));
      else into.problems.push(keyTwice(`defaults.${kind}.${key} of site ${name}`, written, earlier.entry));
    }
  }
  mergeNamed(into, validated, 'applications', into.applications, name, (own) => {
    const address = applicationAddress(name, own);
    return [address, address];
  });
  mergeNamed(into, validated, 'groups', into.groups, name, (own) => {
    const address = groupAddress(name, own);
    return [address, address];
  });
  mergeNamed(into, validated, 'users', into.users, name, (own) => {
    const address = userAddress(name, own);
    return [address, address];
  });
  mergeNamed(into, validated, 'policies', into.policies, name, (own) => {
    const address = policyAddress(name, own);
    return [address, address];
  });
  mergeListed(into.moved, validated, 'moved', name);
  mergeListed(into.tests, validated, 'tests', name);
}

function mergeListed(into: Listed[], validated: Validated, key: string, site: string): void {
  const list = validated.document.root.entries.get(key)?.value;
  if (list?.type !== 'list') return;
  const values = (validated.value as Record<string, readonly unknown[]>)[key] ?? [];
  list.items.forEach((node, position) => {
    if (validated.isSound([key, String(position)])) into.push({ site, node, value: values[position], list, position });
  });
}

function mergeNamed<K, T>(
  into: Declarations,
  validated: Validated,
  kind: string,
  known: Map<K, Declaration<T>>,
  site: string,
  identify: (name: string) => readonly [key: K, address: Address],
): void {
  const node = validated.document.root.entries.get(kind)?.value;
  if (node?.type !== 'map') return;
  const values = (validated.value as Record<string, Record<string, T | null>>)[kind] ?? {};
  for (const [name, entry] of node.entries) {
    const [key, address] = identify(name);
    const earlier = known.get(key);
    if (earlier !== undefined) {
      into.problems.push(nameTwice({ name, site, address }, entry, earlier.entry));
      continue;
    }
    // An entity that is written with nothing has no keys.
    const value = values[name] ?? (Object.create(null) as T);
    const sound = validated.isSound([kind, name]);
    const soundAt = sound ? always : (path: readonly string[]) => validated.isSound([kind, name, ...path]);
    known.set(key, { name, site, value, entry, sound, soundAt });
  }
}

const always = () => true;

function settingOf(validated: Validated, entry: Entry, path: readonly string[]): Setting {
  let value: unknown = validated.value;
  for (const step of path) value = (value as Record<string, unknown>)[step];
  return { entry, value, sound: validated.isSound(path) };
}

/** Under which key documents declare entities of a kind, and `Declarations` keeps them. */
export const KEY_OF_KIND = {
  method: 'methods',
  scope: 'scopes',
  role: 'roles',
  customer: 'customers',
  resource: 'resources',
  application: 'applications',
  group: 'groups',
  policy: 'policies',
  user: 'users',
} as const;

/** What is declared at the address of an entity with a name, sound or not. */
export function declarationAt(declarations: Declarations, address: Address): Declaration<unknown> | undefined {
  const { methods, scopes, roles, customers, resources, applications, groups, users, policies } = declarations;
  switch (kindOf(address)) {
    case 'method':
      return methods.get(nameOf(address));
    case 'scope':
      return scopes.get(nameOf(address));
    case 'role':
      return roles.get(nameOf(address));
    case 'customer':
      return customers.get(nameOf(address));
    case 'resource':
      return resources.get(nameOf(address));
    case 'application':
      return applications.get(address as ApplicationAddress);
    case 'group':
      return groups.get(address as GroupAddress);
    case 'user':
      return users.get(address as UserAddress);
    case 'policy':
      return policies.get(address as PolicyAddress);
    default:
      return undefined;
  }
}

/** What to point at for a key of an entity: as far down the path as it was written, else the entity's name. */
export function placeOf(declaration: Declaration<unknown>, key: string): Span {
  const entry = entryOf(declaration.entry.value, key);
  return entry === undefined ? declaration.entry.keySpan : spanOfEntry(entry);
}
