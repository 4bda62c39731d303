// Owns the paths of each family, and which families a server has on. http routes by this table and metadata publishes it, so
// that the two cannot differ. Never routes.

import type { ServerEntity } from '../model/entity.ts';
import type { Family } from './endpoint.ts';

/** Each with its leading slash. What a family does not have is found at the paths of the base family. */
export interface FamilyPaths {
  readonly authorization: string;
  readonly token: string;
  /** Where the forms of our pages go. */
  readonly login: string;
  readonly consent: string;
  readonly introspection?: string;
  readonly revocation?: string;
  readonly userinfo?: string;
  readonly jwks?: string;
  /** RP-initiated logout, and the form of its page. */
  readonly logout?: string;
  readonly logout_decision?: string;
  /** The page of what applications were given, and the form of it. */
  readonly connected?: string;
  /** A path of its own for the metadata document, beside the well-known ones that every server has. */
  readonly metadata?: string;
}

/** A family that discovery can name: it has all that a client looks for. */
type WholePaths = FamilyPaths & Required<Omit<FamilyPaths, 'connected' | 'metadata'>>;
export type AdvertisedFamily = 'base' | 'ubisecure';

export const PATHS: Readonly<Record<AdvertisedFamily, WholePaths> & Record<Family, FamilyPaths>> = {
  base: {
    authorization: '/authorize',
    token: '/token',
    introspection: '/introspect',
    revocation: '/revoke',
    userinfo: '/userinfo',
    jwks: '/jwks',
    login: '/login',
    consent: '/consent',
    logout: '/logout',
    logout_decision: '/logout/decision',
    connected: '/connected',
  },
  // SEMANTICS U-45.
  ubisecure: {
    authorization: '/oauth2/authorization',
    token: '/oauth2/token',
    introspection: '/oauth2/introspection',
    revocation: '/oauth2/revocation',
    userinfo: '/oauth2/userinfo',
    jwks: '/oauth2/metadata.jwks',
    login: '/oauth2/login',
    consent: '/oauth2/consent',
    logout: '/oauth2/logout',
    logout_decision: '/oauth2/logout/decision',
    metadata: '/oauth2/metadata.json',
  },
  // SEMANTICS N-07.
  nexus: {
    authorization: '/https/api/rest/v3.0/oauth/authorize',
    token: '/https/api/rest/v3.0/oauth/token',
    revocation: '/https/api/rest/v3.0/oauth/revoke',
    login: '/https/api/rest/v3.0/oauth/login',
    consent: '/https/api/rest/v3.0/oauth/consent',
  },
  // SEMANTICS.
  argus: {
    authorization: '/spa/oauth/authorize',
    token: '/authentication/v1/oauth/token',
    introspection: '/authentication/v1/oauth/introspect',
    userinfo: '/authentication/v1/oauth/userinfo',
    login: '/spa/oauth/login',
    consent: '/spa/oauth/consent',
  },
};

/** The systems whose paths these were had them below the origin, wherever an issuer stands. */
const BELOW_ORIGIN: ReadonlySet<Family> = new Set(['nexus', 'argus']);

/** The URL of an endpoint that the family has. */
export function urlOf(issuer: string, family: Family, at: keyof FamilyPaths): string {
  const path = PATHS[family][at];
  if (path === undefined) throw new Error(`the family ${family} has no ${at}`);
  return rootOf(issuer, family) + path;
}

function rootOf(issuer: string, family: Family): string {
  return BELOW_ORIGIN.has(family) ? new URL(issuer).origin : issuer;
}

/** The families that answer; paths of the others are 404. */
export function families(server: ServerEntity | undefined): readonly Family[] {
  return ['base', ...(server?.profiles ?? [])];
}

/** The family whose paths discovery names (DESIGN 5). */
export function advertisedFamily(server: ServerEntity | undefined): AdvertisedFamily {
  return server?.profiles?.includes('ubisecure') === true ? 'ubisecure' : 'base';
}
