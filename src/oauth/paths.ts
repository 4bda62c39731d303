// Owns the paths of each family below the issuer, and which families a server has on. http routes by this table and
// metadata publishes it, so that the two cannot differ. Never routes.

import type { ServerEntity } from '../model/entity.ts';
import type { Family } from './endpoint.ts';

export interface FamilyPaths {
  readonly authorization: string;
  readonly token: string;
  readonly introspection: string;
  readonly revocation: string;
  readonly userinfo: string;
  readonly jwks: string;
  /** Where the forms of our pages go. */
  readonly login: string;
  readonly consent: string;
  /** RP-initiated logout, and the form of its page. */
  readonly logout: string;
  readonly logout_decision: string;
  /** A path of its own for the metadata document, beside the well-known ones that every server has. */
  readonly metadata?: string;
}

/** Relative to the issuer, each with its leading slash. */
export const PATHS: Readonly<Record<Family, FamilyPaths>> = {
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
};

/** The families that answer; paths of the others are 404. */
export function families(server: ServerEntity | undefined): readonly Family[] {
  return server?.profiles?.includes('ubisecure') === true ? ['base', 'ubisecure'] : ['base'];
}

/** The family whose paths discovery names (DESIGN 5). */
export function advertisedFamily(server: ServerEntity | undefined): Family {
  return families(server).at(-1) ?? 'base';
}
