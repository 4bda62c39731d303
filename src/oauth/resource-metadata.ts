// Owns the metadata of protected resources (RFC 9728): where they stand and what they say. Never routes.

import type { ResourceEntity } from '../model/entity.ts';
import type { RequestHost } from './request-target.ts';
import { issuerOf, type Snapshot } from './snapshot.ts';

export const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

/** The URL of the metadata of a resource at an origin: the path of the resource stands behind the well-known one (RFC 9728 3.1). */
export function metadataUrl(origin: string, { path }: Pick<ResourceEntity, 'path'>): string {
  return `${origin}${RESOURCE_METADATA}${path === '/' ? '' : path}`;
}

export interface AskedMetadata extends RequestHost {
  /** Behind the well-known one, in normal form; `/` of a resource that covers all. */
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

/**
 * What the resources of this host and path have in common, whatever methods they cover; undefined where there is none. Members
 * without a value are left out (RFC 9728 3.2).
 */
export function resourceMetadata(
  snapshot: Snapshot,
  { scheme, authority, host, path }: AskedMetadata,
): Readonly<Record<string, unknown>> | undefined {
  const here = [...snapshot.index.resources.entities.values()].filter((one) => one.path === path);
  const named = here.filter((one) => one.host === host);
  const found = named.length > 0 ? named : here.filter((one) => one.host === undefined);
  if (found.length === 0) return undefined;
  const scopes = new Set(
    found.flatMap(({ access_rules }) => access_rules.flatMap((rule) => ('scopes' in rule ? (rule.scopes ?? []) : []))),
  );
  return {
    resource: `${scheme}://${authority}${path === '/' ? '' : path}`,
    authorization_servers: [issuerOf(snapshot)],
    ...(scopes.size === 0 ? {} : { scopes_supported: [...scopes] }),
    bearer_methods_supported: [...new Set(found.flatMap(({ token_locations = ['header'] }) => token_locations))],
  };
}
