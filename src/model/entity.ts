// Owns the shape of every declared entity, as State holds it: resolved, references qualified, each link on its giving
// end, defaults of the engine *not* filled in (settings.ts does that on reading, the same for both sides of a diff).
// Never knows YAML, positions or the store. Registered protocol names stay as registered (snake_case).

import type {
  Address,
  ApplicationAddress,
  CustomerAddress,
  GroupAddress,
  PolicyAddress,
  RoleAddress,
  UserAddress,
} from './address.ts';

export const PROFILES = ['ubisecure', 'nexus', 'argus'] as const;
export type Profile = (typeof PROFILES)[number];

export const METHOD_TYPES = ['client_credentials', 'password', 'certificate'] as const;
export type MethodType = (typeof METHOD_TYPES)[number];

export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Scopes of the protocols themselves: always legal to request, never an audience (SEMANTICS algorithm A, step 6). */
export const PROTOCOL_SCOPES = ['openid', 'userinfo', 'oidc'] as const;

/**
 * Scopes that OpenID Connect gives a meaning (Core 5.4 and 11). A client lists those that it may ask for; they need no entry
 * in the catalogue, and none is granted that was not asked for by name.
 */
export const STANDARD_SCOPES = ['profile', 'email', 'address', 'phone', 'offline_access'] as const;

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
  /** How long an authorization code lives: ten minutes at most (RFC 6749 4.1.2). */
  readonly code_ttl?: string;
}

/** Whether and for how long a client may come back without its user (SEMANTICS U-51, N-30…N-33, A-20). */
export interface RefreshSettings {
  readonly enabled?: boolean;
  /** What `ttl` is counted from: nothing ends it, the first token's issue, or the user's login. */
  readonly type?: 'none' | 'fixed' | 'dynamic';
  readonly ttl?: string;
  /** The longest time between two uses. */
  readonly idle?: string;
  /** For how long the token before the newest is answered with the newest again, instead of ending them all. */
  readonly grace?: string;
  /** Also for a client that acts as itself. */
  readonly for_client_credentials?: boolean;
  /** Refused once the user's session at this server has ended. */
  readonly require_live_session?: boolean;
}

export interface ApplicationTokenSettings extends TokenSettings {
  readonly refresh?: RefreshSettings;
  /** Claims about the user that stand in the ID token too; without it they are told by userinfo (OIDC Core 5.4). */
  readonly id_token_claims?: readonly string[];
}

/** Whether the user is asked before a client acts (SEMANTICS N-25, X-21). */
export interface ConsentSettings {
  readonly required?: boolean;
  /** Whether what was allowed once is not asked again. */
  readonly remember?: boolean;
  /** Which of a scope's descriptions people read: the first one, or that with the key of the brand or the application (N-70…N-72). */
  readonly template?: 'default' | 'localized';
  readonly description_key?: string;
  /** By the host, with a port where it has one of its own, at which the browser is. Each host once. */
  readonly brands?: readonly { readonly host: string; readonly description_key: string }[];
}

/** How long a user stays logged in at this server. */
export interface SessionSettings {
  /** From the login on. */
  readonly ttl?: string;
  /** The longest time between two uses. */
  readonly idle?: string;
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
  /** `none`: a confidential client that knows no PKCE. */
  readonly code_challenge_method?: 'S256' | 'plain' | 'none';
  /** Space-separated, ordered: the order in which audiences are tried when none is named. */
  readonly scope?: string;
  readonly aud?: readonly string[];
  readonly token_endpoint_auth_method?: AuthenticationMethod;
  /** Of private_key_jwt and client_secret_jwt: the one algorithm that is accepted. */
  readonly token_endpoint_auth_signing_alg?: AssertionAlgorithm;
  /** The client's public keys (RFC 7517), or where they are published; never both. */
  readonly jwks?: { readonly keys: readonly { readonly [member: string]: unknown }[] };
  readonly jwks_uri?: string;
  /** Of tls_client_auth: whose certificate is taken. One of these (RFC 8705 2.1.2). */
  readonly tls_client_auth_subject_dn?: string;
  readonly tls_client_auth_san_dns?: string;
  readonly tls_client_auth_san_uri?: string;
  readonly tls_client_auth_san_ip?: string;
  readonly tls_client_auth_san_email?: string;
  readonly id_token_signed_response_alg?: SigningAlgorithm;
  /** Seconds. */
  readonly default_max_age?: number;
  readonly require_auth_time?: boolean;
  readonly default_acr_values?: readonly string[];
  readonly subject_type?: 'public';
  readonly post_logout_redirect_uris?: readonly string[];
  readonly backchannel_logout_uri?: string;
  readonly backchannel_logout_session_required?: boolean;
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

export const AUTHENTICATION_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;

/** Algorithms of client assertions (RFC 7523, RFC 7518 3.1). HS256 is that of client_secret_jwt, the others those of private_key_jwt. */
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] as const;
export type AssertionAlgorithm = (typeof ASSERTION_ALGORITHMS)[number];
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
  readonly sessions?: SessionSettings;
  /** With `enabled: false` there is no endpoint, and nobody gets or uses a token (N-42). */
  readonly oauth2?: { readonly enabled?: boolean };
  /** Hosts, addresses and CIDR blocks that this server may call although they are not public. */
  readonly outbound?: { readonly allow?: readonly string[] };
  readonly trusted_proxies?: readonly string[];
  readonly certificates?: CertificateSettings;
  readonly safety?: SafetySettings;
}

/** By which certificates clients and users can authenticate (SEMANTICS N-14), and where a proxy writes them. */
export interface CertificateSettings {
  readonly authorities?: { readonly [name: string]: CertificateAuthority };
  /** The header in which a trusted proxy hands on the certificate of the connection that it ended. */
  readonly header?: string;
}

/** Who issues certificates that are believed. */
export interface CertificateAuthority {
  /** One or more certificates (RFC 7468). */
  readonly pem: string;
}

/** From which size on a change is a risk. What is applied decides, so that no change loosens what it is judged by. */
export interface SafetySettings {
  /** Deletes of one kind in one site: over `percent` of what is there, and `at_least` so many. */
  readonly deletes?: { readonly percent?: number; readonly at_least?: number };
}

export interface MethodEntity {
  readonly kind: 'method';
  readonly type: MethodType;
  /** Of the type certificate: the authority, by its name at the server, that issues the certificates of users. */
  readonly certificate_authority?: string;
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
  readonly tokens?: ApplicationTokenSettings;
  readonly consent?: ConsentSettings;
  /** `narrow` (default) drops a named server that is not accessible, `strict` refuses the request (SEMANTICS X-01). */
  readonly audience_mode?: 'narrow' | 'strict';
  /**
   * For whom its client assertions may be made: the issuer alone (default), or also the token endpoint, and in a list, as older
   * libraries write them (RFC 7523 3).
   */
  readonly assertion_audience?: 'issuer' | 'token_endpoint';
  /** Of tls_client_auth: the authority, by its name at the server, that issues the client's certificate (N-44). */
  readonly certificate_authority?: string;
  /** What must hold, beside `allowed_to`, of the user and the request where this application is the client (N-46). */
  readonly access_rules?: AccessRules;
  /** What is released to it about the user, and which values the user must have (U-60…U-63). */
  readonly policy?: PolicyAddress;
  /** A role or a function that a user must have to use this client; for `customer`, where that is written. */
  readonly required_role?: string;
  readonly customer?: CustomerAddress;
  /** Roles and functions: what the client may do for a user at most, of what that user may do. */
  readonly permission_scope?: readonly string[];
  /** What it may do where it acts as itself: sorted by role, then customer. */
  readonly roles?: readonly RoleGrant[];
  /** CIDR blocks or single addresses from which the client may call. */
  readonly client_ip_range?: readonly string[];
  /** Its tokens are for the address alone of the user agent by which a user let it act. */
  readonly bind_token_ip?: boolean;
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
  /** What every member has: sorted by role, then customer. */
  readonly roles?: readonly RoleGrant[];
}

/** A role that somebody has: for one customer and those below it, or for all where none is written. */
export interface RoleGrant {
  readonly role: RoleAddress;
  readonly customer?: CustomerAddress;
  /** RFC 3339 date or date-time: from this instant on there is no such grant. */
  readonly expires?: string;
}

/** What who has it may do: its functions, and those of the roles that it contains. */
export interface RoleEntity {
  readonly kind: 'role';
  readonly functions?: readonly string[];
  /** Sorted by address. */
  readonly roles?: readonly RoleAddress[];
}

export interface CustomerEntity {
  readonly kind: 'customer';
  /** What is granted for the parent counts here too. */
  readonly parent?: CustomerAddress;
}

/** Where a token may stand in a request for a resource (RFC 6750 2). */
export const TOKEN_LOCATIONS = ['header', 'body', 'query'] as const;
export type TokenLocation = (typeof TOKEN_LOCATIONS)[number];

/**
 * A part of what another server serves, and who may use it (N-52, N-53). What no resource covers nobody may use.
 */
export interface ResourceEntity {
  readonly kind: 'resource';
  /** The name without port, in lower case. Not written: whatever host is asked. */
  readonly host?: string;
  /** Covers itself and what is below it: `/api` covers `/api` and `/api/x`, not `/apix`. `/` covers all. */
  readonly path: string;
  /** The HTTP methods that it covers, in upper case. Not written: all. */
  readonly methods?: readonly string[];
  /** To where the built-in proxy sends what is let through. Not written: others ask by forward-auth. */
  readonly upstream?: string;
  /** Ordered as written. Any bearer rule passes; all others must. At least one is a bearer rule. */
  readonly access_rules: readonly ResourceRule[];
  /** Whether the upstream sees the token. */
  readonly forward_token?: boolean;
  /** Not written: the header alone. */
  readonly token_locations?: readonly TokenLocation[];
}

/** A bearer rule, or one of the conditions that hold beside it. */
export type ResourceRule = BearerRule | AccessRule;

/** A token passes that was issued to `client` and for `audience`, as far as they are written (one is), and holds all `scopes`. */
export interface BearerRule {
  /** For people. */
  readonly name?: string;
  readonly client?: ApplicationAddress;
  readonly audience?: ApplicationAddress;
  readonly scopes?: readonly string[];
}

/** The address claim (OIDC Core 5.1.1), by its registered members. */
export interface AddressClaim {
  readonly formatted?: string;
  readonly street_address?: string;
  readonly locality?: string;
  readonly region?: string;
  readonly postal_code?: string;
  readonly country?: string;
}

/** By what of a certificate a user is known: one of these. */
export interface UserCertificate {
  readonly subject_dn?: string;
  readonly san_email?: string;
  readonly san_uri?: string;
  readonly san_dns?: string;
  /** Of its DER, in hex. */
  readonly sha256?: string;
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
  readonly attributes?: { readonly [name: string]: string | readonly string[] | AddressClaim };
  /** Sorted by role, then customer. */
  readonly roles?: readonly RoleGrant[];
  /** Where the password is found by which the user logs in. */
  readonly password?: SecretReference;
  /** By which certificate the user logs in. */
  readonly certificate?: UserCertificate;
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
  | UserEntity
  | RoleEntity
  | CustomerEntity
  | ResourceEntity;

export type EntityOfKind<K extends Entity['kind']> = Extract<Entity, { kind: K }>;
