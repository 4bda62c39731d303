// Owns the published documents: discovery and keys, made once for what they are made of, with their validators and caching
// (RFC 8414 3, OpenID Connect Discovery 1.0 section 4, RFC 9110 13.1.2). Never knows what stands in them.

import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Answer, Family } from '../oauth/endpoint.ts';
import { publicKeys } from '../oauth/jwks.ts';
import { serverMetadata } from '../oauth/metadata.ts';
import { PATHS, urlOf } from '../oauth/paths.ts';
import { publishedKeys } from '../oauth/signing-keys.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { CACHED, OPEN_DOCUMENT } from './response-header.ts';
import type { Route } from './route.ts';

const WELL_KNOWN = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const;

/** Discovery at all its addresses, and the keys of each family. `now` in milliseconds since the epoch. */
export function documentRoutes(issuer: string, pathOf: (url: string) => string, now: () => number): readonly Route[] {
  const metadata = document((snapshot) => snapshot, serverMetadata);
  // The set changes when a key has served its time, too.
  const keys = document(
    (snapshot) => publishedKeys(snapshot.keys, now()),
    (published) => publicKeys({ keys: published }),
  );
  const directory = pathOf(issuer).replace(/\/+$/, '');
  // Below the issuer (OpenID) and inserted before its path (RFC 8414 3.1); the same where the issuer has none.
  const addresses = new Set(WELL_KNOWN.flatMap((name) => [directory + name, name + directory]));
  const routes = [...addresses].map((path) => published(path, undefined, metadata));
  for (const family of Object.keys(PATHS) as Family[]) {
    const { jwks, metadata: own } = PATHS[family];
    if (jwks !== undefined) routes.push(published(pathOf(urlOf(issuer, family, 'jwks')), family, keys));
    if (own !== undefined) routes.push(published(pathOf(urlOf(issuer, family, 'metadata')), family, metadata));
  }
  return routes;
}

function published(path: string, family: Family | undefined, answer: Route['answer']): Route {
  // The caching headers are those of the document itself: an error must not be kept.
  return { path, family, methods: ['GET'], headers: {}, crossOrigin: OPEN_DOCUMENT, answer };
}

/** Answers what is made of a part of the snapshot, on the first request for it. */
function document<Part extends object>(
  partOf: (snapshot: Snapshot) => Part,
  make: (part: Part) => object,
): Route['answer'] {
  const made = new WeakMap<Part, { readonly body: object; readonly etag: string }>();
  return async (request, snapshot): Promise<Answer> => {
    const part = partOf(snapshot);
    let kept = made.get(part);
    if (kept === undefined) {
      const body = make(part);
      kept = { body, etag: `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)}"` };
      made.set(part, kept);
    }
    const headers = { ...CACHED, etag: kept.etag };
    return isKnown(request, kept.etag)
      ? { status: 304, headers, body: undefined }
      : { status: 200, headers, body: kept.body };
  };
}

/** Whether the client has this version already (RFC 9110 13.1.2: weak comparison). */
function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
