// Owns the endpoints by which other proxies ask whether a request may go on (SEMANTICS N-08): one for each way in which they ask,
// because a client that could choose the way could choose what is believed. Never lets anything through itself.

import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { inBlocks } from '../model/network.ts';
import { servesOAuth } from '../model/settings.ts';
import type { Answer } from '../oauth/endpoint.ts';
import { answerOf, describe, invalidRequest, NO_STORE, OAuthError, temporarilyUnavailable } from '../oauth/error.ts';
import { type Note, telling } from '../oauth/handling.ts';
import { type AskedRequest, admitRequest, coverRequest, uncovered } from '../oauth/resource-access.ts';
import { forwardedAuthorization, identityOf } from '../oauth/resource-identity.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import { closeUnread } from './body-guard.ts';
import type { EndpointContext } from './endpoints.ts';
import { callerOf, peerOf } from './forwarding.ts';
import { overriddenMethod } from './method-override.ts';
import { answerNotFound } from './not-found.ts';
import { valuesOf } from './raw-headers.ts';
import { refuseAsJson } from './refusal.ts';
import { SAFETY, UNCACHED } from './response-header.ts';
import { type RouteOptions, routePattern } from './route.ts';

interface Dialect {
  /** Below the issuer. */
  readonly path: string;
  /** What stands behind the path is what is asked about. */
  readonly isPrefix?: true;
  /** What the proxy was asked. Throws invalid_request where its headers do not say one thing. */
  asked(request: IncomingMessage, scheme: AskedRequest['scheme'], prefix: string): AskedRequest;
  /** Tells refusals by 401 and 403 alone: the proxy takes every other answer for a fault of this server. */
  readonly isCoarse?: true;
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  /** Traefik and Caddy: X-Forwarded-Method, -Host, -Uri and -Proto. */
  'forward-auth': {
    path: '/authz/forward-auth',
    asked: (request, scheme) => ({
      hosts: [only(request, 'x-forwarded-host')],
      target: only(request, 'x-forwarded-uri'),
      method: methodIn(only(request, 'x-forwarded-method')),
      scheme: forwardedScheme(request, scheme),
    }),
  },
  /** The auth_request of nginx: X-Original-Method, and X-Original-URL, or X-Original-URI with Host. */
  'auth-request': {
    path: '/authz/auth-request',
    asked: (request, scheme) => ({
      ...originalUrl(request, scheme),
      method: methodIn(only(request, 'x-original-method')),
    }),
    isCoarse: true,
  },
  /** The HTTP service of Envoy's ext_authz: the request itself, with its path behind that of this endpoint. */
  'ext-authz': {
    path: '/authz/ext-authz',
    isPrefix: true,
    asked: (request, scheme, prefix) => ({
      hosts: valuesOf(request, 'host'),
      target: behind(prefix, request.url ?? ''),
      method: request.method ?? '',
      scheme: forwardedScheme(request, scheme),
    }),
  },
};

/** Who is believed where no proxy is named: what runs on this machine. */
const THIS_MACHINE = ['127.0.0.0/8', '::1'] as const;

export interface ForwardAuthOptions extends Pick<RouteOptions, 'current' | 'logger' | 'random'> {
  /** As `--behind-proxy` or `server.trusted_proxies` say. */
  readonly trustedProxies: readonly string[];
  readonly issuer: string;
  readonly context: EndpointContext;
}

const RETRY_AFTER_START = 1;

/** `pathOf` is the path of what stands below the issuer, decoded, as the router compares it. */
export function addForwardAuth(
  app: FastifyInstance,
  pathOf: (relative: string) => string,
  options: ForwardAuthOptions,
): void {
  const trusted = options.trustedProxies.length > 0 ? options.trustedProxies : THIS_MACHINE;
  const scheme = new URL(options.issuer).protocol === 'https:' ? 'https' : 'http';
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    // As it stands in a request: what is behind it must not be decoded.
    const prefix = new URL(options.issuer + dialect.path).pathname;

    async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
      const snapshot = options.current();
      if (snapshot === undefined) throw temporarilyUnavailable(RETRY_AFTER_START);
      closeUnread(request.raw, reply);
      if (!servesOAuth(snapshot.index.server)) return dialect.isCoarse ? reply.code(403).send() : answerNotFound(reply);
      const told = await judge(request.raw, snapshot).catch((thrown: unknown) => {
        if (!(thrown instanceof OAuthError) || dialect.isCoarse === undefined || thrown.status >= 500) throw thrown;
        return coarse(answerOf(thrown));
      });
      reply.code(told.status).headers(SAFETY).headers(UNCACHED).headers(told.headers);
      return told.body === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(told.body));
    }

    function judge(request: IncomingMessage, snapshot: Snapshot): Promise<Answer> {
      const peer = peerOf(request);
      const context = { ...options.context, snapshot, now: options.context.now() };
      // Who asks for somebody else and does not say for whom asks for nobody who is known.
      const { ip = '', forwarded } = callerOf(request, trusted);
      return telling('resource', { by: name, ip }, context, async (note: Note) => {
        if (!inBlocks(peer, trusted)) throw notTrusted(peer);
        const asked = dialect.asked(request, scheme, prefix);
        overriddenMethod(request, asked.method);
        const covered = coverRequest(asked, snapshot);
        if (covered === undefined) throw uncovered(snapshot);
        const authorization = valuesOf(request, 'authorization');
        const admitted = await admitRequest(covered, { authorization, inBody: [], ip, forwarded }, context, note);
        note({ outcome: 'admitted', status: 200 });
        const identity = identityOf(admitted, snapshot, context.now);
        return {
          status: 200,
          headers: { ...NO_STORE, ...identity, authorization: forwardedAuthorization(admitted) },
          body: undefined,
        };
      });
    }

    app.route({
      method: app.supportedMethods,
      url: routePattern(pathOf(dialect.path)) + (dialect.isPrefix === true ? '/*' : ''),
      // Before a body would be read: nothing in it is looked at.
      onRequest: answer,
      handler: answer,
      errorHandler: refuseAsJson(options, { ...SAFETY, ...UNCACHED }),
    });
  }
}

function notTrusted(peer: string): OAuthError {
  return new OAuthError({
    error: 'access_denied',
    status: 403,
    description: describe('PROXY_NOT_TRUSTED'),
    detail: `${peer} is no trusted proxy: name it in server.trusted_proxies or by --behind-proxy`,
  });
}

/** With another status where the proxy would not pass on what this is. */
function coarse(answer: Answer): Answer {
  return answer.status === 401 ? answer : { ...answer, status: 403 };
}

/** The one value of a header that only the proxy may have written. */
function only(request: IncomingMessage, name: string): string {
  const [value, second] = valuesOf(request, name);
  if (value === undefined || value === '' || second !== undefined) {
    const what = second === undefined ? 'is missing' : 'is there twice';
    throw invalidRequest('FORWARDED_HEADERS_MISSING', `The header ${name} of the proxy ${what}`);
  }
  return value;
}

/** The target without the path of this endpoint, which may be written in other ways than the one that the proxy uses. */
function behind(prefix: string, target: string): string {
  if (!target.startsWith(`${prefix}/`)) {
    throw invalidRequest('FORWARDED_HEADERS_MISSING', 'The target does not begin with the path of this endpoint');
  }
  return target.slice(prefix.length);
}

/** Methods are told apart by case (RFC 9110 9.1), and not by all servers: others than those in capitals are none. */
function methodIn(value: string): string {
  if (!/^[A-Z][A-Z-]*$/.test(value)) {
    throw invalidRequest('FORWARDED_HEADERS_MISSING', 'The method that the proxy names is none');
  }
  return value;
}

function forwardedScheme(request: IncomingMessage, otherwise: AskedRequest['scheme']): AskedRequest['scheme'] {
  const [value, second] = valuesOf(request, 'x-forwarded-proto');
  return second === undefined && (value === 'https' || value === 'http') ? value : otherwise;
}

/**
 * nginx passes on all that a client sent, so what the proxy does not overwrite is the client's: of the two ways to say the URL one
 * has to be there, and a host beside Host has to be the same.
 */
function originalUrl(request: IncomingMessage, scheme: AskedRequest['scheme']): Omit<AskedRequest, 'method'> {
  const urls = valuesOf(request, 'x-original-url');
  if (urls.length === 0) {
    const hosts = [...valuesOf(request, 'host'), ...valuesOf(request, 'x-forwarded-host')];
    return {
      hosts: [...new Set(hosts)],
      target: only(request, 'x-original-uri'),
      scheme: forwardedScheme(request, scheme),
    };
  }
  const url = only(request, 'x-original-url');
  if (valuesOf(request, 'x-original-uri').length > 0) {
    throw invalidRequest('FORWARDED_HEADERS_MISSING', 'The headers X-Original-URL and X-Original-URI are both there');
  }
  const [, written, host, target] = /^(https?):\/\/([^/?#]*)(\/.*)?$/s.exec(url) ?? [];
  if (written === undefined || host === undefined) {
    throw invalidRequest('FORWARDED_HEADERS_MISSING', 'The header X-Original-URL holds no http or https URL');
  }
  return { hosts: [host], target: target ?? '/', scheme: written === 'https' ? 'https' : 'http' };
}
