// Owns the engine's own defaults: what a key means when the spec does not write it. They are filled in here, on
// reading, the same for the declared and the stored side, so that a new default never shows as a change.

import { parseDuration } from './duration.ts';
import type {
  AccessRule,
  ApplicationEntity,
  BearerRule,
  ClientMetadata,
  Entity,
  RESPONSE_TYPES,
  RefreshSettings,
  ResourceEntity,
  ResourceRule,
  Secret,
  ServerEntity,
  SigningAlgorithm,
} from './entity.ts';

/** RFC 9700 2.2 keeps access tokens short; an hour is what the replaced systems used (SEMANTICS U-40). */
export const DEFAULT_ACCESS_TTL_SECONDS = 3600;

export interface EffectiveTokenSettings {
  readonly format: 'jwt' | 'opaque';
  readonly typ: 'at+jwt' | 'JWT';
  readonly alg: SigningAlgorithm;
  /** Seconds. The smaller of the server's and the application's, where both are written (SEMANTICS U-50). */
  readonly access_ttl: number;
  /** Seconds; the same rule. */
  readonly code_ttl: number;
}

/** A code is redeemed at once by a program: a minute is long (RFC 6749 4.1.2 has ten at most). */
export const DEFAULT_CODE_TTL_SECONDS = 60;

/** How tokens issued to this application look and how long they live. */
export function tokenSettings(
  server: ServerEntity | undefined,
  application: ApplicationEntity,
): EffectiveTokenSettings {
  return {
    format: application.tokens?.format ?? server?.tokens?.format ?? 'jwt',
    typ: application.tokens?.typ ?? server?.tokens?.typ ?? 'at+jwt',
    alg: application.tokens?.alg ?? server?.tokens?.alg ?? 'ES256',
    access_ttl: shorter(server?.tokens?.access_ttl, application.tokens?.access_ttl, DEFAULT_ACCESS_TTL_SECONDS),
    code_ttl: shorter(server?.tokens?.code_ttl, application.tokens?.code_ttl, DEFAULT_CODE_TTL_SECONDS),
  };
}

function shorter(one: string | undefined, other: string | undefined, initial: number): number {
  const written = [seconds(one), seconds(other)].filter((span) => span !== undefined);
  return written.length > 0 ? Math.min(...written) : initial;
}

function seconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

export interface EffectiveRefreshSettings {
  /** Whether refresh tokens are issued, and taken. */
  readonly enabled: boolean;
  readonly for_client_credentials: boolean;
  /** From when on `ttl` counts. */
  readonly type: 'none' | 'fixed' | 'dynamic';
  /** Seconds; infinite where nothing ends them. */
  readonly ttl: number;
  readonly idle: number;
  /** Seconds. */
  readonly grace: number;
  readonly require_live_session: boolean;
}

/** A month. An absolute life exists unless `type: none` is written (RFC 9700 4.14.2). */
export const DEFAULT_REFRESH_TTL_SECONDS = 30 * 86_400;

/** Refresh tokens of an application: it has some where it lists the grant, unless it says otherwise (SEMANTICS N-30). */
export function refreshSettings({
  metadata,
  tokens,
}: Pick<ApplicationEntity, 'metadata' | 'tokens'>): EffectiveRefreshSettings {
  const written: RefreshSettings = tokens?.refresh ?? {};
  const type = written.type ?? 'fixed';
  const enabled = written.enabled ?? metadata?.grant_types?.includes('refresh_token') === true;
  return {
    enabled,
    for_client_credentials: enabled && written.for_client_credentials === true,
    type,
    ttl: type === 'none' ? Number.POSITIVE_INFINITY : (seconds(written.ttl) ?? DEFAULT_REFRESH_TTL_SECONDS),
    idle: seconds(written.idle) ?? Number.POSITIVE_INFINITY,
    grace: seconds(written.grace) ?? 0,
    require_live_session: written.require_live_session === true,
  };
}

/** A working day, as Keycloak and others have it. */
export const DEFAULT_SESSION_TTL_SECONDS = 10 * 3600;

/** How long a login lasts, in seconds; `idle` is infinite where none is written. */
export function sessionSettings(server: ServerEntity | undefined): { readonly ttl: number; readonly idle: number } {
  return {
    ttl: seconds(server?.sessions?.ttl) ?? DEFAULT_SESSION_TTL_SECONDS,
    idle: seconds(server?.sessions?.idle) ?? Number.POSITIVE_INFINITY,
  };
}

/** Deletes over this share of what is there, and at least so many, are a risk where the spec says nothing. */
const DEFAULT_DELETES = { percent: 10, at_least: 3 } as const;

/** From which size on deletes of one kind in one site are a risk. */
export function deletesThreshold(server: ServerEntity | undefined): { percent: number; at_least: number } {
  return { ...DEFAULT_DELETES, ...server?.safety?.deletes };
}

/** `enabled` is true where it is not written. */
export function isEnabled(entity: { readonly enabled?: boolean }): boolean {
  return entity.enabled !== false;
}

/** Whether there are endpoints and tokens at all (N-42). */
export function servesOAuth(server: ServerEntity | undefined): boolean {
  return isEnabled(server?.oauth2 ?? {});
}

/** The values of a space-separated scope string, in order, empty ones left out. */
export function scopeValues(scope: string | undefined): readonly string[] {
  return scope === undefined ? [] : scope.split(' ').filter((value) => value !== '');
}

type ResponseType = (typeof RESPONSE_TYPES)[number];

/** The grant of which a response type is the beginning (RFC 7591 section 2.1), by the grant. */
const RESPONSE_TYPES_OF: Readonly<Record<string, readonly ResponseType[]>> = {
  authorization_code: ['code'],
  implicit: ['token', 'id_token', 'id_token token'],
};

/** Where none are written they follow from the grants. */
export function responseTypesOf({ response_types, grant_types = [] }: ClientMetadata): readonly ResponseType[] {
  return response_types ?? grant_types.flatMap((grant) => RESPONSE_TYPES_OF[grant] ?? []);
}

/** The access rules of an application, in order, whichever of both lists holds them. */
export function accessRulesOf({ access_rules }: Pick<ApplicationEntity, 'access_rules'>): readonly AccessRule[] {
  if (access_rules === undefined) return [];
  return 'all' in access_rules ? access_rules.all : access_rules.any;
}

/** The secrets of an application, in order, in whichever form they are written. */
export function secretsOf({ secret, secrets }: Pick<ApplicationEntity, 'secret' | 'secrets'>): readonly Secret[] {
  return secrets ?? (secret === undefined ? [] : [secret]);
}

/** A secret of an entity, and the JSON pointer that leads to it. */
export interface PlacedSecret {
  readonly pointer: string;
  readonly secret: Secret;
}

/** Whatever is a secret of an entity, in order: those of an application, the password of a user. */
export function secretsWithin(entity: Entity): readonly PlacedSecret[] {
  if (entity.kind === 'user') return entity.password ? [{ pointer: '/password', secret: entity.password }] : [];
  if (entity.kind !== 'application') return [];
  const several = entity.secrets !== undefined;
  return secretsOf(entity).map((secret, position) => ({
    pointer: several ? `/secrets/${position}` : '/secret',
    secret,
  }));
}

/** Whether the client's secrets are keys of a MAC, and not sent (RFC 7523, client_secret_jwt). */
export function authenticatesWithMac({ metadata }: Pick<ApplicationEntity, 'metadata'>): boolean {
  return metadata?.token_endpoint_auth_method === 'client_secret_jwt';
}

/** Whether the client proves who it is by the certificate of its connection (RFC 8705 2). */
export function authenticatesWithCertificate({ metadata }: Pick<ApplicationEntity, 'metadata'>): boolean {
  const method = metadata?.token_endpoint_auth_method;
  return method === 'tls_client_auth' || method === 'self_signed_tls_client_auth';
}

/** The rules of a resource that are about tokens, each with its place. */
export function bearerRulesOf({
  access_rules,
}: Pick<ResourceEntity, 'access_rules'>): readonly { readonly rule: BearerRule; readonly pointer: string }[] {
  return access_rules.flatMap((rule, position) =>
    isCondition(rule) ? [] : [{ rule, pointer: `/access_rules/${position}` }],
  );
}

/** Whether a rule of a resource is one that must hold beside those about tokens. */
export function isCondition(rule: ResourceRule): rule is AccessRule {
  return 'group' in rule || 'method' in rule || 'ip' in rule;
}
