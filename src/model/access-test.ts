// Owns the shape of a test of access as a spec declares it: resolved, with where it is written, and how it reads where what
// it names is called otherwise. Never runs one.

import {
  type Address,
  type ApplicationAddress,
  customerAddress,
  methodAddress,
  nameOf,
  qualifiedName,
  type ResourceAddress,
  siteAddress,
  type UserAddress,
  userAddress,
} from './address.ts';
import type { SourceRange } from './origin.ts';

/** A token request: what a client asks for. */
export interface TestRequest {
  readonly client: ApplicationAddress;
  readonly grant_type: string;
  /** Who lets the client act; undefined by client_credentials. */
  readonly user: UserAddress | undefined;
  /** The method by which the user logged in; undefined for any. */
  readonly method: string | undefined;
  /** The requested values in order; undefined when the request has no `scope`. */
  readonly scope: readonly string[] | undefined;
  /** The address the request comes from; undefined skips the check. */
  readonly ip: string | undefined;
  /** The instant at which it is asked, in milliseconds since the epoch; undefined for that of the run. */
  readonly time: number | undefined;
  /** What the token is used for besides; absent where nothing is said of it. */
  readonly resource?: ResourceAddress;
}

/** What somebody may obtain: an application as an audience, a scope of the catalogue or of a protocol, or a resource. */
export type TestTarget =
  | { readonly audience: ApplicationAddress }
  | { readonly scope: string }
  | { readonly resource: ResourceAddress };

/** Who may obtain something: clients, or, where a client is given, the users through that client. */
export interface WhoQuestion {
  readonly target: TestTarget;
  /** By this grant; by any where it is undefined. */
  readonly grant_type: string | undefined;
  readonly client: ApplicationAddress | undefined;
  readonly ip: string | undefined;
  readonly time: number | undefined;
}

/** What nobody may obtain. What is undefined may be anything; where neither scope nor audience is given it is any token. */
export interface Invariant {
  readonly client_type: ClientType | undefined;
  readonly client: Wanted<ApplicationAddress> | undefined;
  readonly site: string | undefined;
  readonly grant_type: string | undefined;
  readonly user: UserAddress | undefined;
  /** A value of the scope of a token: of the catalogue, of a protocol, or an audience by its client_id. */
  readonly scope: string | undefined;
  readonly audience: Wanted<ApplicationAddress> | undefined;
}

export const CLIENT_TYPES = ['public', 'confidential'] as const;
/** RFC 6749 section 2.1: whether the client can keep a secret. */
export type ClientType = (typeof CLIENT_TYPES)[number];

/** One, or all whose client_id or `Site/Name` fits a text in which `*` stands for any characters. */
export type Wanted<A extends Address> = { readonly is: A } | { readonly like: string };

/** What a token lets its client do: a function, for all customers where none is named. */
export interface TestPermission {
  readonly function: string;
  readonly customer?: string;
}

export type Assertion =
  /**
   * The token has exactly these values; claims that are not named may be anything. `aud` is compared as a set, and so are
   * `permissions` (TestPermission) and the values of `scope`, of which an empty text says that there is none.
   */
  | {
      readonly kind: 'token';
      readonly request: TestRequest;
      readonly claims: { readonly [claim: string]: unknown };
      /** Seconds from being issued to `exp`; undefined for any. */
      readonly lifetime: number | undefined;
    }
  /** A token with every named scope, which passes where a resource is named. */
  | { readonly kind: 'allow'; readonly request: TestRequest }
  /**
   * None of the named scopes, neither together nor each alone; without a named scope no token. For this reason where one
   * is written, each of them. With a resource: no token of the request passes there.
   */
  | { readonly kind: 'deny'; readonly request: TestRequest; readonly reason: string | undefined }
  /** Those who can are exactly these, have these among them, or none of these. */
  | {
      readonly kind: 'who_can';
      readonly who: WhoQuestion;
      readonly compare: Comparison;
      /** Users where `who` names a client, else applications. */
      readonly names: readonly (ApplicationAddress | UserAddress)[];
    }
  /** Nobody obtains it. */
  | { readonly kind: 'never'; readonly never: Invariant };

export const COMPARISONS = ['exactly', 'includes', 'excludes'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface AccessTest {
  /** As written, else what it says in words. */
  readonly name: string;
  readonly assertion: Assertion;
  readonly range: SourceRange;
}

/** The request of an assertion about one; undefined of one about everybody. */
export function requestOf(assertion: Assertion): TestRequest | undefined {
  return 'request' in assertion ? assertion.request : undefined;
}

/** Whether a text fits one in which `*` stands for any characters, none included. */
export function isLike(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  // The leftmost place of each part leaves most room for those after it.
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** The assertion where entities have other names: `renamed` answers what each is called there. Patterns stay as they are. */
export function renameIn(assertion: Assertion, renamed: <A extends Address>(address: A) => A): Assertion {
  const ofRequest = (request: TestRequest): TestRequest => ({
    ...request,
    client: renamed(request.client),
    user: request.user && renamed(request.user),
    method: request.method && nameOf(renamed(methodAddress(request.method))),
    ...(request.resource === undefined ? {} : { resource: renamed(request.resource) }),
  });
  switch (assertion.kind) {
    case 'token': {
      const { impersonates, permissions } = assertion.claims;
      const claims = {
        ...assertion.claims,
        ...(typeof impersonates === 'string' ? { impersonates: qualifiedName(renamed(userNamed(impersonates))) } : {}),
        ...(permissions === undefined
          ? {}
          : { permissions: (permissions as readonly TestPermission[]).map((one) => permissionIn(one, renamed)) }),
      };
      return { ...assertion, request: ofRequest(assertion.request), claims };
    }
    case 'allow':
    case 'deny':
      return { ...assertion, request: ofRequest(assertion.request) };
    case 'who_can': {
      const { target, client } = assertion.who;
      const who = {
        ...assertion.who,
        target: renamedTarget(target, renamed),
        client: client && renamed(client),
      };
      return { ...assertion, who, names: assertion.names.map((name) => renamed(name)) };
    }
    case 'never': {
      const { client, site, user, audience } = assertion.never;
      const wanted = (one: Wanted<ApplicationAddress> | undefined) =>
        one !== undefined && 'is' in one ? { is: renamed(one.is) } : one;
      return {
        ...assertion,
        never: {
          ...assertion.never,
          client: wanted(client),
          site: site && nameOf(renamed(siteAddress(site))),
          user: user && renamed(user),
          audience: wanted(audience),
        },
      };
    }
  }
}

function renamedTarget(target: TestTarget, renamed: <A extends Address>(address: A) => A): TestTarget {
  if ('audience' in target) return { audience: renamed(target.audience) };
  return 'resource' in target ? { resource: renamed(target.resource) } : target;
}

function permissionIn(permission: TestPermission, renamed: <A extends Address>(address: A) => A): TestPermission {
  const { customer } = permission;
  return customer === undefined ? permission : { ...permission, customer: nameOf(renamed(customerAddress(customer))) };
}

/** The user of a claim, `Site/Name`. */
function userNamed(qualified: string): UserAddress {
  const slash = qualified.indexOf('/');
  return userAddress(qualified.slice(0, slash), qualified.slice(slash + 1));
}
