// Owns which paths this server answers itself, below its issuer and at the root of its host. Never says what they answer.

import { isPathWithin } from './resource-path.ts';

/** Below the issuer, alone. */
const SINGLE = [
  '/authorize',
  '/token',
  '/introspect',
  '/revoke',
  '/userinfo',
  '/jwks',
  '/login',
  '/consent',
  '/connected',
];
/** Below the issuer, with all that is below them: the last is what proxies of another make ask. */
const FOLDERS = ['/logout', '/oauth2', '/.well-known', '/authz'];
/** At the root of the host, those of the profiles nexus and argus among them. */
const NEXUS = ['authorize', 'token', 'revoke', 'login', 'consent'].map((name) => `/https/api/rest/v3.0/oauth/${name}`);
const ARGUS = [
  ...['authorize', 'login', 'consent'].map((name) => `/spa/oauth/${name}`),
  ...['token', 'introspect', 'userinfo'].map((name) => `/authentication/v1/oauth/${name}`),
];
/** With all that is below them. */
const ARGUS_API = ['/authentication/v1/oauth/client', '/authentication/v1/session'];
const AT_ROOT = ['/healthz', '/readyz', ...NEXUS, ...ARGUS];

/** A path of this server that a resource of its host at this path would cover, or lie among; undefined where there is none. */
export function ownPathAt(issuer: string, path: string): string | undefined {
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  const folders = [...FOLDERS.map((own) => `${base}${own}`), '/.well-known', ...ARGUS_API];
  const others = [...SINGLE.map((own) => `${base}${own}`), ...AT_ROOT];
  return (
    [...others, ...folders].find((own) => isPathWithin(own, path)) ?? folders.find((own) => isPathWithin(path, own))
  );
}
