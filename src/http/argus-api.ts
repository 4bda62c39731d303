// Owns where the API of the argus family stands, and the question that each request becomes. Never answers one.

import type { FastifyRequest } from 'fastify';
import { type ApiEndpoint, clientsEndpoint, sessionEndpoint } from '../oauth/argus-api.ts';
import type { EndpointContext } from './endpoints.ts';
import { callerOrPeer } from './forwarding.ts';
import { valuesOf } from './raw-headers.ts';
import { UNCACHED } from './response-header.ts';
import type { Route } from './route.ts';

const API = [
  { path: '/authentication/v1/oauth/client', methods: ['GET'], endpoint: clientsEndpoint },
  { path: '/authentication/v1/session', methods: ['DELETE'], endpoint: sessionEndpoint },
] as const;

/** Each path, and what is below it: one of its things by id. */
export function argusApiRoutes(context: EndpointContext): readonly Route[] {
  return API.flatMap(({ path, methods, endpoint }) =>
    [path, `${path}/*`].map(
      (pattern): Route => ({
        path: pattern,
        family: 'argus',
        methods,
        headers: UNCACHED,
        answer: (request, snapshot) =>
          endpoint(questionOf(request, path, context), { ...context, snapshot, now: context.now() }),
      }),
    ),
  );
}

function questionOf(
  request: FastifyRequest,
  path: string,
  { trustedProxies }: EndpointContext,
): Parameters<ApiEndpoint>[0] {
  const [target = '', query = ''] = (request.raw.url ?? '').split(/\?(.*)/s);
  const behind = target.slice(path.length + 1);
  return {
    authorization: valuesOf(request.raw, 'authorization'),
    ...callerOrPeer(request.raw, trustedProxies),
    query: new URLSearchParams(query),
    id: behind === '' ? undefined : decoded(behind),
  };
}

/** What is no UTF-8 names nothing: it is left as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
