// Owns the names of entities: kinds, addresses and how a person reads them. Never knows what an entity holds.

/** The kinds of which there may be many, each named in the whole spec (no site). */
export const CATALOGUE_KINDS = ['customer', 'method', 'resource', 'role', 'scope', 'site'] as const;
/** The kinds that live in a site. */
export const SITE_KINDS = ['application', 'group', 'policy', 'user'] as const;

export type CatalogueKind = (typeof CATALOGUE_KINDS)[number];
export type SiteKind = (typeof SITE_KINDS)[number];
export type Kind = 'server' | CatalogueKind | SiteKind;

/**
 * The identity of an entity: `server`, `KIND:NAME` for what a catalogue holds, `site:NAME`, or `KIND:SITE/NAME` for what a site
 * holds. Stable over edits of the entity; the store's primary key.
 */
export type Address = 'server' | `${CatalogueKind}:${string}` | `${SiteKind}:${string}/${string}`;
export type ApplicationAddress = `application:${string}/${string}`;
export type GroupAddress = `group:${string}/${string}`;
export type CustomerAddress = `customer:${string}`;
export type ResourceAddress = `resource:${string}`;
export type RoleAddress = `role:${string}`;
export type PolicyAddress = `policy:${string}/${string}`;
export type UserAddress = `user:${string}/${string}`;

/** What every name of an entity but a scope looks like (DESIGN 1). Scopes are RFC 6749 scope tokens without `*`. */
export const NAME_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.@+~-]*$/;

/** The only address without a name: a spec has one server. */
export const SERVER: Address = 'server';

export function siteAddress(site: string): `site:${string}` {
  return `site:${site}`;
}

export function methodAddress(name: string): `method:${string}` {
  return `method:${name}`;
}

export function scopeAddress(name: string): `scope:${string}` {
  return `scope:${name}`;
}

export function roleAddress(name: string): RoleAddress {
  return `role:${name}`;
}

export function customerAddress(name: string): CustomerAddress {
  return `customer:${name}`;
}

export function resourceAddress(name: string): ResourceAddress {
  return `resource:${name}`;
}

export function applicationAddress(site: string, name: string): ApplicationAddress {
  return `application:${site}/${name}`;
}

export function groupAddress(site: string, name: string): GroupAddress {
  return `group:${site}/${name}`;
}

export function policyAddress(site: string, name: string): PolicyAddress {
  return `policy:${site}/${name}`;
}

/** The name of the built-in group that every user of a site is in. Nothing is declared by it. */
export const EVERYONE = 'everyone';

/** The built-in group of every user of a site. */
export function everyoneOf(site: string): GroupAddress {
  return groupAddress(site, EVERYONE);
}

/** Whether a group is the built-in one of its site. */
export function isEveryone(address: Address): boolean {
  return kindOf(address) === 'group' && nameOf(address) === EVERYONE;
}

export function userAddress(site: string, name: string): UserAddress {
  return `user:${site}/${name}`;
}

/** The kind of an address: what stands before the first colon. */
export function kindOf(address: Address): Kind {
  const colon = address.indexOf(':');
  return (colon < 0 ? address : address.slice(0, colon)) as Kind;
}

function isSiteKind(kind: Kind): kind is SiteKind {
  return (SITE_KINDS as readonly Kind[]).includes(kind);
}

/** The site of what lives in one; of a site its own name; otherwise undefined. */
export function siteOf(address: Address): string | undefined {
  const kind = kindOf(address);
  if (kind === 'site') return address.slice('site:'.length);
  if (!isSiteKind(kind)) return undefined;
  return address.slice(kind.length + 1, address.indexOf('/'));
}

/** The entity's own name, without its site: `Client1` of `application:Example/Client1`; `server` of the server. */
export function nameOf(address: Address): string {
  const kind = kindOf(address);
  if (kind === 'server') return 'server';
  if (isSiteKind(kind)) return address.slice(address.indexOf('/') + 1);
  return address.slice(kind.length + 1);
}

/** The name with its site where it has one, as the spec writes a reference from elsewhere: `Example/Client1`. */
export function qualifiedName(address: Address): string {
  const colon = address.indexOf(':');
  return colon < 0 ? address : address.slice(colon + 1);
}

/** Compares by UTF-16 code unit: the one order that no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
