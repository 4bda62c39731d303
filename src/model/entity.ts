// Owns the shape of every declared entity, as State holds it: resolved, references qualified, each link on its giving
// end, defaults of the engine *not* filled in (settings.ts does that on reading, the same for both sides of a diff).
// Never knows YAML, positions or the store. Registered protocol names stay as registered (snake_case).

import type { Address, ApplicationAddress, GroupAddress, PolicyAddress, UserAddress } from './address.ts';

export const PROFILES = ['ubisecure'] as const;
export type Profile = (typeof PROFILES)[number];

export const METHOD_TYPES = ['client_credentials', 'password'] as const;
export type MethodType = (typeof METHOD_TYPES)[number];

export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Scopes of the protocols themselves: always legal to request, never an audience (SEMANTICS algorithm A, step 6). */
export const PROTOCOL_SCOPES = ['openid', 'userinfo', 'oidc'] as const;

/** Where a secret's value is found. The value itself is never part of an entity. */
export type SecretReference =
  | { readonly env: string }
  /** A path relative to the spec's root, or to `--secrets-dir` where that is given. */
  | { readonly file: string }
  /** A PHC string (`$argon2id$…`): the verifier itself. */
  | { readonly hash: string };

/**
 * One of an application's secrets, with the time in which it counts: RFC 3339 dates or date-times, `not_before`
 * included, `expires` excluded. Several overlap while clients move from one to the next.
 */
export type Secret = SecretReference & { readonly not_before?: string; readonly expires?: string };

export interface TokenSettings {
  readonly format?: 'jwt' | 'opaque';
  /** The JWT header's `typ`: RFC 9068's `at+jwt`, or `JWT` for verifiers that refuse it. */
  readonly typ?: 'at+jwt' | 'JWT';
  readonly alg?: SigningAlgorithm;
  /** A duration of duration.ts, such as `15m`. */
  readonly access_ttl?: string;
}

export const RESPONSE_TYPES = ['code', 'token', 'id_token', 'id_token token'] as const;

/** Where an answer of the authorization endpoint may go. From `expires` on (RFC 3339) it may not. */
export interface RedirectUri {
  readonly uri: string;
  readonly expires?: string;
}

/** RFC 7591 client metadata, by its registered names, plus `aud` and `code_challenge_method` (SEMANTICS U-22, U-49). */
export interface ClientMetadata {
  readonly grant_types?: readonly string[];
  /** Not written: responseTypesOf of settings.ts. */
  readonly response_types?: readonly (typeof RESPONSE_TYPES)[number][];
  readonly redirect_uris?: readonly RedirectUri[];
  readonly application_type?: 'web' | 'native';
  readonly code_challenge_method?: 'S256' | 'plain';
  /** Space-separated, ordered: the order in which audiences are tried when none is named. */
  readonly scope?: string;
  readonly aud?: readonly string[];
  readonly token_endpoint_auth_method?: AuthenticationMethod;
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly contacts?: readonly string[];
  readonly software_id?: string;
  readonly software_version?: string;
  /** The same in a language: the tag of BCP 47 stands behind # (RFC 7591 section 2.2). */
  readonly [inLanguage: `${'client_name' | 'client_uri' | 'logo_uri' | 'tos_uri' | 'policy_uri'}#${string}`]: string;
}

export const AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post', 'none'] as const;
/** Registered names of RFC 7591's token_endpoint_auth_method. */
export type AuthenticationMethod = (typeof AUTHENTICATION_METHODS)[number];

/** A link to another entity. An object, not a bare address, so that a link can say more than where it leads. */
export interface Link<To extends Address = Address> {
  readonly to: To;
  /** RFC 3339 date or date-time: from this instant on there is no such link. */
  readonly expires?: string;
}

export interface ServerEntity {
  readonly kind: 'server';
  readonly issuer: string;
  readonly profiles?: readonly Profile[];
  readonly directory?: { readonly base_dn: string };
  readonly tokens?: TokenSettings;
  readonly trusted_proxies?: readonly string[];
  readonly safety?: SafetySettings;
}

/** From which size on a change is a risk. What is applied decides, so that no change loosens what it is judged by. */
export interface SafetySettings {
  /** Deletes of one kind in one site: over `percent` of what is there, and `at_least` so many. */
  readonly deletes?: { readonly percent?: number; readonly at_least?: number };
}

export interface MethodEntity {
  readonly kind: 'method';
  readonly type: MethodType;
  readonly enabled?: boolean;
}

export interface ScopeEntity {
  readonly kind: 'scope';
  /** Ordered: the first is the one that the default consent template shows (SEMANTICS N-70). */
  readonly descriptions: readonly { readonly key: string; readonly value: string }[];
}

export interface SiteEntity {
  readonly kind: 'site';
  readonly methods?: readonly string[];
}

export interface ApplicationEntity {
  readonly kind: 'application';
  /** Always present: the name where the spec writes none. Unique in the whole spec. */
  readonly client_id: string;
  readonly enabled?: boolean;
  /** As `enabled: false` from this instant on. RFC 3339 date or date-time. */
  readonly expires?: string;
  /** The one secret. Never beside `secrets`; secretsOf of settings.ts reads both. */
  readonly secret?: SecretReference;
  readonly secrets?: readonly Secret[];
  /** Ordered: the first that can serve a grant is the one that does. */
  readonly methods?: readonly string[];
  /** Sorted by address: the groups whose members may access this application. */
  readonly allowed_to?: readonly Link<GroupAddress>[];
  readonly metadata?: ClientMetadata;
  readonly tokens?: TokenSettings;
  /** `narrow` (default) drops a named server that is not accessible, `strict` refuses the request (SEMANTICS X-01). */
  readonly audience_mode?: 'narrow' | 'strict';
  /** What must hold, beside `allowed_to`, of the user and the request where this application is the client (N-46). */
  readonly access_rules?: AccessRules;
  /** What is released to it about the user, and which values the user must have (U-60…U-63). */
  readonly policy?: PolicyAddress;
  /** CIDR blocks or single addresses from which the client may call. */
  readonly client_ip_range?: readonly string[];
  /** New access to it is a risk: it has to be approved. */
  readonly restricted?: boolean;
  /** It cannot be deleted as long as the applied State says so: removing it takes two applies. */
  readonly protected?: boolean;
}

/** One condition: the method by which the user logged in, a group that the user is in, or where the request comes from. */
export type AccessRule =
  | { readonly method: string }
  | { readonly group: GroupAddress }
  /** CIDR blocks or single addresses. */
  | { readonly ip: readonly string[] };

/** Never empty; ordered as written. */
export type AccessRules = { readonly all: readonly AccessRule[] } | { readonly any: readonly AccessRule[] };

/** One attribute that a policy releases (SEMANTICS U-61). */
export interface PolicyItem {
  /** Whom it is about: the members of the group; everybody where it is not written. */
  readonly group?: GroupAddress;
  /** It counts where one of these is requested; always where it is not written. */
  readonly scopes?: readonly string[];
  /** The claim. */
  readonly name: string;
  /** Where its value comes from: policy-value.ts. */
  readonly value: string;
}

export interface PolicyEntity {
  readonly kind: 'policy';
  /** Ordered: so stand the values of a name. */
  readonly items?: readonly PolicyItem[];
  /** Names that may have one value only: a string in claims, where the others are lists (U-63, U-64). */
  readonly single_value?: readonly string[];
  /** Names that must have a value: without, the application is denied. */
  readonly required?: readonly string[];
}

export interface GroupEntity {
  readonly kind: 'group';
  readonly methods?: readonly string[];
  /** Sorted by address. */
  readonly members?: readonly Link<UserAddress | GroupAddress>[];
}

export interface UserEntity {
  readonly kind: 'user';
  /** Always present: `Site/Name` where the spec writes none. Unique in the whole spec, and no client_id equals it. */
  readonly sub: string;
  readonly enabled?: boolean;
  /** RFC 3339 date or date-time; a date is its first instant in UTC. */
  readonly not_before?: string;
  /** As `not_before`; the user is inactive from this instant on. */
  readonly expires?: string;
  readonly methods?: readonly string[];
  readonly attributes?: { readonly [name: string]: string | readonly string[] };
  /** Sorted by address: the applications that may act as this user. Each application appears at one user at most. */
  readonly impersonated_by?: readonly Link<ApplicationAddress>[];
}

export type Entity =
  | ServerEntity
  | MethodEntity
  | ScopeEntity
  | SiteEntity
  | ApplicationEntity
  | GroupEntity
  | PolicyEntity
  | UserEntity;

export type EntityOfKind<K extends Entity['kind']> = Extract<Entity, { kind: K }>;
