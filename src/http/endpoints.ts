// Owns the routes of the protocol's endpoints: path, methods, headers and the question that each request becomes.
// Never reads the query of a request, but that of an authorization request (RFC 6749 2.3.1, RFC 9700 4.3.2).

import type { FastifyRequest } from 'fastify';
import { authorizationEndpoint } from '../oauth/authorization.ts';
import type { Answer, Context, Endpoint, EndpointRequest, Family } from '../oauth/endpoint.ts';
import { invalidRequest, OAuthError, unsupportedContentType } from '../oauth/error.ts';
import { introspectionEndpoint } from '../oauth/introspection.ts';
import { type FamilyPaths, PATHS } from '../oauth/paths.ts';
import { revocationEndpoint } from '../oauth/revocation.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { tokenEndpoint } from '../oauth/token.ts';
import { userinfoEndpoint } from '../oauth/userinfo.ts';
import { untilFloor } from './floor.ts';
import { bodyOf, PAIR_LIMIT, type Pair, parsePairs } from './form.ts';
import { OPEN_GET_AND_POST, OPEN_POST, UNCACHED } from './response-header.ts';
import type { Route } from './route.ts';

/** What every endpoint is given beside the snapshot. */
export interface EndpointContext extends Omit<Context, 'snapshot' | 'now'> {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type Served = Pick<Route, 'methods' | 'crossOrigin' | 'page'> & {
  readonly at: Exclude<keyof FamilyPaths, 'jwks' | 'metadata'>;
  readonly endpoint: Endpoint;
  /** Of which families browsers of other origins may call it; undefined: of all. */
  readonly openTo?: readonly Family[];
};

const ENDPOINTS: readonly Served[] = [
  { at: 'token', endpoint: tokenEndpoint, methods: ['POST'] },
  // S:U-45: of the base family, introspection is for servers.
  {
    at: 'introspection',
    endpoint: introspectionEndpoint,
    methods: ['POST'],
    crossOrigin: OPEN_POST,
    openTo: ['ubisecure'],
  },
  { at: 'revocation', endpoint: revocationEndpoint, methods: ['POST'] },
  { at: 'userinfo', endpoint: userinfoEndpoint, methods: ['GET', 'POST'], crossOrigin: OPEN_GET_AND_POST },
  // P:S-026: never open to other origins.
  { at: 'authorization', endpoint: authorizationEndpoint, methods: ['GET', 'POST'], page: true },
];

/** All endpoints of all families; which of them are there is decided for each request. */
export function endpointRoutes(pathOf: (relative: string) => string, context: EndpointContext): readonly Route[] {
  const routes: Route[] = [];
  for (const family of Object.keys(PATHS) as Family[]) {
    for (const { at, endpoint, methods, crossOrigin, openTo, page = false } of ENDPOINTS) {
      const open = openTo === undefined || openTo.includes(family) ? crossOrigin : undefined;
      routes.push({
        path: pathOf(PATHS[family][at]),
        family,
        methods,
        headers: UNCACHED,
        page,
        ...(open === undefined ? {} : { crossOrigin: open }),
        answer: (request, snapshot) => ask(endpoint, questionOf(request, family, page), snapshot, context),
      });
    }
  }
  return routes;
}

async function ask(
  endpoint: Endpoint,
  question: EndpointRequest,
  snapshot: Snapshot,
  context: EndpointContext,
): Promise<Answer> {
  const began = performance.now();
  try {
    return await endpoint(question, { ...context, snapshot, now: context.now() });
  } catch (error) {
    if (error instanceof OAuthError && error.floor) await untilFloor(began);
    throw error;
  }
}

function questionOf(request: FastifyRequest, family: Family, readsQuery: boolean): EndpointRequest {
  return {
    family,
    form: request.method === 'POST' ? formOf(request) : readsQuery ? queryOf(request) : [],
    authorization: authorizationOf(request),
    ip: request.ip ?? '',
  };
}

function formOf(request: FastifyRequest): readonly Pair[] {
  const body = bodyOf(request);
  if (body.kind === 'unsupported') throw unsupportedContentType();
  if (body.kind === 'excessive') {
    throw invalidRequest('REQUEST_MALFORMED', `The form has more than ${PAIR_LIMIT} parameters`);
  }
  return body.pairs;
}

function queryOf({ raw: { url = '' } }: FastifyRequest): readonly Pair[] {
  const mark = url.indexOf('?');
  return mark < 0 ? [] : parsePairs(url.slice(mark + 1));
}

/** Every Authorization header in order. `headers` keeps the first alone, and hides that there were two (P:O-013). */
function authorizationOf({ raw: { headers, rawHeaders } }: FastifyRequest): readonly string[] {
  if (headers.authorization === undefined) return [];
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}
