// Owns the public surface: the Fastify app with its limits and all its routes (DESIGN 5). Never listens, and never
// logs a line for a request that went well.

import type { Server as HttpsServer } from 'node:https';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { Failure } from '../model/failure.ts';
import { isAddressBlock } from '../model/network.ts';
import { boundedCache } from '../oauth/bounded-cache.ts';
import { createCertificateChecker } from '../oauth/certificate.ts';
import type { Context } from '../oauth/endpoint.ts';
import type { ClientKeys, GrantStore, LogoutNotices, Signer, Throttle } from '../oauth/port.ts';
import type { SecretChecker } from '../oauth/secret.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { argusApiRoutes } from './argus-api.ts';
import { batchedSigner } from './batched-signer.ts';
import { reportListenerErrors } from './binding.ts';
import { guardBodies } from './body-guard.ts';
import { createCertificateOf } from './client-certificate.ts';
import { answerClientError } from './client-error.ts';
import { cookieJar } from './cookies.ts';
import { documentRoutes } from './documents.ts';
import { addDrain } from './drain.ts';
import { endpointRoutes } from './endpoints.ts';
import { createEventLog } from './event-log.ts';
import { addFormParser, BODY_LIMIT } from './form.ts';
import { addForwardAuth } from './forward-auth.ts';
import { addHealth, HEALTH_PATHS, type Readiness } from './health.ts';
import { answerNotFound } from './not-found.ts';
import { addProxy } from './proxy/proxy.ts';
import type { UpstreamTimeouts } from './proxy/upstreams.ts';
import { refuseAsJson } from './refusal.ts';
import { resourceDocumentRoutes } from './resource-documents.ts';
import { addRoute } from './route.ts';
import { askForCertificates, checkTls, type TlsFiles } from './tls.ts';

export interface PublicAppOptions {
  /** Its path is where the endpoints stand. Fixed: another issuer is another app. */
  readonly issuer: string;
  /** The newest snapshot; undefined before the first. Read once for each request. */
  readonly current: () => Snapshot | undefined;
  readonly grants: GrantStore;
  readonly signer: Signer;
  readonly secrets: SecretChecker;
  readonly clientKeys: ClientKeys;
  readonly throttle: Throttle;
  readonly logoutNotices: LogoutNotices;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly noteUse: Context['noteUse'];
  /** Addresses and CIDR blocks from which X-Forwarded-For is believed; from others it is ignored (P:S-023). */
  readonly trustedProxies: readonly string[];
  readonly tls?: TlsFiles;
  readonly logger: FastifyBaseLogger;
  readonly ready: () => Readiness;
  /** By default those of upstreams.ts. */
  readonly upstreamTimeouts?: UpstreamTimeouts;
  /** Milliseconds between two looks at whether a websocket may go on. */
  readonly checkTunnelsEvery?: number;
}

/** Milliseconds. Proxies commonly keep connections for 60 s, so they end them. */
const HEADERS_TIMEOUT = 10_000;
const IDLE_TIMEOUT = 30_000;
const KEEP_ALIVE_TIMEOUT = 72_000;
const HEADER_BYTES = 16 * 1024;

/** Throws Failure `tls_invalid` for a certificate that cannot serve, `usage` for a proxy that is no address. */
export function createPublicApp(options: PublicAppOptions): FastifyInstance {
  const { issuer, current, logger, random, trustedProxies, tls } = options;
  if (tls !== undefined) checkTls(tls);
  const app = createApp(trustedProxies, tls);
  if (tls !== undefined) askForCertificates(app, tls, { current, logger });
  const events = createEventLog(logger, options.now);

  addFormParser(app);
  addDrain(app);
  reportListenerErrors(app, logger);
  app.addHook('onClose', async () => events.flush());
  app.setNotFoundHandler((_request, reply) => answerNotFound(reply));
  app.setErrorHandler(refuseAsJson({ logger, random }));
  addHealth(app, options.ready);

  const { grants, secrets, clientKeys, throttle, logoutNotices, now, noteUse } = options;
  const signer = batchedSigner(options.signer);
  const ports = { grants, signer, secrets, clientKeys, throttle, logoutNotices };
  const context = {
    ...ports,
    now,
    trustedProxies,
    random,
    noteUse,
    certificates: createCertificateChecker(),
    certificateOf: createCertificateOf(trustedProxies),
    isKnownChallenge: rememberChallenges(),
    log: events.write,
    report: (bug: unknown) => logger.error({ err: bug }, 'request failed'),
  };
  const cookies = cookieJar(issuer);
  const guard = guardBodies(app);
  const endpoints = endpointRoutes(issuer, decodedPath, context, cookies);
  const documents = [...documentRoutes(issuer, decodedPath, now), ...resourceDocumentRoutes(issuer)];
  // An issuer below the paths of a replaced system has some of them twice: they are the issuer's.
  const own = new Set<string>();
  for (const route of [...documents, ...endpoints, ...argusApiRoutes(context)]) {
    if (own.has(route.path)) continue;
    own.add(route.path);
    addRoute(app, { current, cookies, logger, random, events, guard }, route);
  }
  for (const path of HEALTH_PATHS) own.add(path);
  const protection = { current, logger, random, issuer, trustedProxies, context };
  addForwardAuth(app, (relative) => decodedPath(issuer + relative), protection);
  addProxy(app, {
    ...protection,
    own,
    timeouts: options.upstreamTimeouts,
    checkTunnelsEvery: options.checkTunnelsEvery,
  });
  return app;
}

/** How many code challenges are remembered: those of the last minutes of a busy server. */
const CHALLENGES = 10_000;

function rememberChallenges(): Context['isKnownChallenge'] {
  const known = boundedCache<true>(CHALLENGES);
  return (challenge) => {
    const isKnown = known.get(challenge) === true;
    known.set(challenge, true);
    return isKnown;
  };
}

function createApp(trustedProxies: readonly string[], tls: TlsFiles | undefined): FastifyInstance {
  const stranger = trustedProxies.find((block) => !isAddressBlock(block));
  if (stranger !== undefined) {
    throw new Failure('usage', `The trusted proxy "${stranger}" is no IP address or CIDR block, such as 10.0.0.0/8.`);
  }
  const limits = { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT, connectionsCheckingInterval: 2000 };
  const common = {
    bodyLimit: BODY_LIMIT,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    // Uploads to servers behind this one take as long as they take; body-guard.ts has the limit of the endpoints.
    requestTimeout: 0,
    connectionTimeout: IDLE_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    forceCloseConnections: 'idle',
    // What has arrived is answered: a client must not see a deploy.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // The query is never read by a route that does not ask for it.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (_error, _request, reply) => void answerNotFound(reply),
    clientErrorHandler: answerClientError,
  } satisfies FastifyServerOptions;
  if (tls === undefined) return Fastify({ ...common, http: limits });
  // The same interface over another server: nothing here depends on which.
  const secure: FastifyInstance<HttpsServer> = Fastify({
    ...common,
    https: { ...limits, ...tls, handshakeTimeout: HEADERS_TIMEOUT },
  });
  return secure as unknown as FastifyInstance;
}

/** The path of a URL as the router compares it: decoded. A `*` in it would be a pattern to the router. */
function decodedPath(url: string): string {
  const path = decodeURI(new URL(url).pathname);
  if (path.includes('*'))
    throw new Failure('usage', `The path of ${url} holds a "*", which an issuer here cannot have.`);
  return path;
}
