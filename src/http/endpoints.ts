// Owns the routes of the protocol's endpoints: path, methods, headers and the question that each request becomes.
// Never reads the query of a request, but that of one for a page (RFC 6749 2.3.1, RFC 9700 4.3.2).

import type { FastifyRequest } from 'fastify';
import { authorizationEndpoint } from '../oauth/authorization.ts';
import { connectedEndpoint } from '../oauth/connected.ts';
import { consentEndpoint } from '../oauth/consent.ts';
import type { Answer, Context, Endpoint, EndpointRequest, Family } from '../oauth/endpoint.ts';
import { invalidRequest, OAuthError, unsupportedContentType } from '../oauth/error.ts';
import { introspectionEndpoint } from '../oauth/introspection.ts';
import { loginEndpoint } from '../oauth/login.ts';
import { logoutDecisionEndpoint, logoutEndpoint } from '../oauth/logout.ts';
import { type FamilyPaths, PATHS, urlOf } from '../oauth/paths.ts';
import { revocationEndpoint } from '../oauth/revocation.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { tokenEndpoint } from '../oauth/token.ts';
import { userinfoEndpoint } from '../oauth/userinfo.ts';
import type { CertificateOf } from './client-certificate.ts';
import type { CookieJar } from './cookies.ts';
import { untilFloor } from './floor.ts';
import { bodyOf, PAIR_LIMIT, type Pair, parsePairs } from './form.ts';
import { callerOrPeer } from './forwarding.ts';
import { originOf } from './origin.ts';
import { valuesOf } from './raw-headers.ts';
import { openToRegistered } from './registered-origins.ts';
import { type CrossOrigin, OPEN_GET_AND_POST, OPEN_POST, UNCACHED } from './response-header.ts';
import type { Route } from './route.ts';

/** What every endpoint is given beside the snapshot. */
export interface EndpointContext extends Omit<Context, 'snapshot' | 'now'> {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Addresses and CIDR blocks from which X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** By which certificate a request came. */
  readonly certificateOf: CertificateOf;
  /** Is told of a bug whose client was told by redirect: no error handler sees it. */
  readonly report: (bug: unknown) => void;
}

interface Served extends Pick<Route, 'methods' | 'page' | 'astray'> {
  readonly at: Exclude<keyof FamilyPaths, 'jwks' | 'metadata'>;
  readonly endpoint: Endpoint;
  /** What browsers of other origins may do: all of them, or those where a registered public client runs. */
  readonly crossOrigin?: CrossOrigin | 'registered';
  /** Of which families `crossOrigin` is; undefined: of all. */
  readonly openTo?: readonly Family[];
}

const ENDPOINTS: readonly Served[] = [
  { at: 'token', endpoint: tokenEndpoint, methods: ['POST'], crossOrigin: 'registered' },
  // S:U-45: of the base family, introspection is for servers.
  {
    at: 'introspection',
    endpoint: introspectionEndpoint,
    methods: ['POST'],
    crossOrigin: OPEN_POST,
    openTo: ['ubisecure'],
  },
  { at: 'revocation', endpoint: revocationEndpoint, methods: ['POST'], crossOrigin: 'registered' },
  { at: 'userinfo', endpoint: userinfoEndpoint, methods: ['GET', 'POST'], crossOrigin: OPEN_GET_AND_POST },
  // P:S-026: no page is ever open to other origins.
  { at: 'authorization', endpoint: authorizationEndpoint, methods: ['GET', 'POST'], page: true },
  { at: 'login', endpoint: loginEndpoint, methods: ['POST'], page: true, astray: 'login' },
  { at: 'consent', endpoint: consentEndpoint, methods: ['POST'], page: true, astray: 'consent' },
  { at: 'logout', endpoint: logoutEndpoint, methods: ['GET', 'POST'], page: true },
  { at: 'logout_decision', endpoint: logoutDecisionEndpoint, methods: ['POST'], page: true, astray: 'logout' },
  { at: 'connected', endpoint: connectedEndpoint, methods: ['GET', 'POST'], page: true },
];

/** All endpoints of all families; which of them are there is decided for each request. */
export function endpointRoutes(
  issuer: string,
  pathOf: (url: string) => string,
  context: EndpointContext,
  cookies: CookieJar,
): readonly Route[] {
  return (Object.keys(PATHS) as Family[]).flatMap((family) =>
    ENDPOINTS.filter(({ at }) => PATHS[family][at] !== undefined).map((served) =>
      endpointRoute(served, family, pathOf(urlOf(issuer, family, served.at)), context, cookies),
    ),
  );
}

/** The route of an endpoint at a path. */
export function endpointRoute(
  { endpoint, methods, crossOrigin, openTo, page = false, astray }: Omit<Served, 'at'>,
  family: Family,
  path: string,
  context: EndpointContext,
  cookies: CookieJar,
): Route {
  const open = openTo === undefined || openTo.includes(family) ? crossOrigin : undefined;
  const registered: Route['crossOrigin'] = (origin, snapshot) => openToRegistered(origin, snapshot, context.now());
  return {
    path,
    family,
    methods,
    headers: UNCACHED,
    page,
    astray,
    ...(open === undefined ? {} : { crossOrigin: open === 'registered' ? registered : open }),
    answer: (request, snapshot) =>
      ask(endpoint, questionOf(request, family, page ? cookies : undefined, snapshot, context), snapshot, context),
  };
}

async function ask(
  endpoint: Endpoint,
  question: EndpointRequest,
  snapshot: Snapshot,
  context: EndpointContext,
): Promise<Answer> {
  const began = performance.now();
  try {
    return await endpoint(question, contextOf(context, snapshot));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (error.floor) await untilFloor(began);
    if (error.instead === undefined) throw error;
    if (error.cause !== undefined) context.report(error.cause);
    return error.instead;
  }
}

/** Member by member: this is on the way of every request, and a copy of the rest costs ten times as much. */
function contextOf(context: EndpointContext, snapshot: Snapshot): Context {
  return {
    snapshot,
    now: context.now(),
    grants: context.grants,
    signer: context.signer,
    secrets: context.secrets,
    certificates: context.certificates,
    clientKeys: context.clientKeys,
    throttle: context.throttle,
    logoutNotices: context.logoutNotices,
    random: context.random,
    noteUse: context.noteUse,
    isKnownChallenge: context.isKnownChallenge,
    log: context.log,
  };
}

/** `jar` where a browser asks, for a page. Programs have no cookies, and their queries are never read. */
function questionOf(
  request: FastifyRequest,
  family: Family,
  jar: CookieJar | undefined,
  snapshot: Snapshot,
  { trustedProxies, certificateOf }: EndpointContext,
): EndpointRequest {
  const isPost = request.method === 'POST';
  return {
    family,
    form: isPost ? formOf(request) : jar === undefined ? [] : queryOf(request),
    // `headers` keeps the first alone, and hides that there were two (P:O-013).
    authorization: valuesOf(request.raw, 'authorization'),
    ...callerOrPeer(request.raw, trustedProxies),
    method: isPost ? 'POST' : 'GET',
    certificate: certificateOf(request.raw, snapshot),
    ...(jar === undefined
      ? {}
      : {
          cookies: jar.read(request.headers.cookie),
          origin: originOf(request.headers),
          host: request.host.toLowerCase(),
        }),
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
