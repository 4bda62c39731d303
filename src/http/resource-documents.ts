// Owns where the metadata of protected resources are served (RFC 9728 3): at the host of the resource, whichever proxy stands before it.
// Never knows what stands in them.

import type { FastifyRequest } from 'fastify';
import type { Answer } from '../oauth/endpoint.ts';
import { readHost, readTarget } from '../oauth/request-target.ts';
import { RESOURCE_METADATA, resourceMetadata } from '../oauth/resource-metadata.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { valuesOf } from './raw-headers.ts';
import { CACHED, OPEN_DOCUMENT, UNCACHED } from './response-header.ts';
import type { Route } from './route.ts';

const NOT_FOUND: Answer = { status: 404, headers: UNCACHED, body: { error: 'not_found' } };

export function resourceDocumentRoutes(issuer: string): readonly Route[] {
  const scheme = new URL(issuer).protocol === 'https:' ? 'https' : 'http';
  async function answer({ raw }: FastifyRequest, snapshot: Snapshot): Promise<Answer> {
    const [name, second] = valuesOf(raw, 'host');
    const host = readHost(second === undefined ? (name ?? '') : '');
    if ('unreadable' in host) return NOT_FOUND;
    const target = readTarget(raw.url ?? '', host.host);
    if ('unreadable' in target) return NOT_FOUND;
    const path = target.path.slice(RESOURCE_METADATA.length);
    // The one of a resource that covers all has nothing behind it (RFC 9728 3.1).
    const body = path === '/' ? undefined : resourceMetadata(snapshot, { ...host, scheme, path: path || '/' });
    return body === undefined ? NOT_FOUND : { status: 200, headers: CACHED, body };
  }
  return [RESOURCE_METADATA, `${RESOURCE_METADATA}/*`].map((path) => ({
    path,
    family: undefined,
    methods: ['GET'],
    headers: {},
    crossOrigin: OPEN_DOCUMENT,
    answer,
  }));
}
