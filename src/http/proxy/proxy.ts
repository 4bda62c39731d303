// Owns the built-in proxy (SEMANTICS N-08): what no route of this server takes goes to the server behind the resource that covers it, once
// its token has passed. Never lets a request through whose decision failed, and never buffers what goes through.

import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../access/token-address.ts';
import type { ResourceEntity } from '../../model/entity.ts';
import { inBlocks } from '../../model/network.ts';
import { servesOAuth } from '../../model/settings.ts';
import { bodyTooLarge, type OAuthError, serverError } from '../../oauth/error.ts';
import { refusalOf, telling } from '../../oauth/handling.ts';
import {
  type AdmittedRequest,
  admitRequest,
  type CoveredRequest,
  coverRequest,
  takesTokenIn,
  tokensIn,
  withoutTokens,
} from '../../oauth/resource-access.ts';
import { forwardedAuthorization, identityOf } from '../../oauth/resource-identity.ts';
import type { Snapshot } from '../../oauth/snapshot.ts';
import { BODY_TIMEOUT, closeUnread, hasBody } from '../body-guard.ts';
import { whenDraining } from '../drain.ts';
import type { EndpointContext } from '../endpoints.ts';
import { BODY_LIMIT } from '../form.ts';
import { callerOrPeer, peerOf } from '../forwarding.ts';
import { answerNotFound } from '../not-found.ts';
import { valuesOf } from '../raw-headers.ts';
import { refuseAsJson } from '../refusal.ts';
import type { RouteOptions } from '../route.ts';
import { requestHeaders } from './headers.ts';
import { answerRefusal, type Outgoing, relay } from './relay.ts';
import { tunnel } from './tunnel.ts';
import { addUpgrades } from './upgrades.ts';
import { createUpstreams, type UpstreamTimeouts } from './upstreams.ts';

export interface ProxyOptions extends Pick<RouteOptions, 'current' | 'logger' | 'random'> {
  readonly issuer: string;
  /** As `--behind-proxy` or `server.trusted_proxies` say. */
  readonly trustedProxies: readonly string[];
  readonly context: EndpointContext;
  /** The paths that this server answers itself, decoded: they are never asked of another one. */
  readonly own: ReadonlySet<string>;
  readonly timeouts?: UpstreamTimeouts | undefined;
  /** Milliseconds between two looks at whether a websocket may go on. */
  readonly checkTunnelsEvery?: number | undefined;
}

/** What was revoked, or is not allowed any more, goes on for so long at most. */
const CHECK_TUNNELS_EVERY = 15_000;

/** Registers what is left of the paths; call after all others. */
export function addProxy(app: FastifyInstance, options: ProxyOptions): void {
  const { issuer, current, context, trustedProxies, own } = options;
  const scheme = new URL(issuer).protocol === 'https:' ? 'https' : 'http';
  const upstreams = createUpstreams(options.timeouts);
  const tunnels = new Set<() => void>();
  let draining = false;
  whenDraining(app, () => {
    draining = true;
    for (const end of tunnels) end();
  });
  app.addHook('onClose', () => upstreams.close());

  /** What covers the request and has a server behind it; undefined where nothing does. Throws 400. */
  function cover(request: IncomingMessage, snapshot: Snapshot): CoveredRequest | undefined {
    if (!hasUpstreams(snapshot) || !servesOAuth(snapshot.index.server)) return undefined;
    const asked = {
      hosts: valuesOf(request, 'host'),
      target: request.url ?? '',
      method: request.method ?? '',
      scheme,
    } as const;
    const covered = coverRequest(asked, snapshot);
    return covered?.resource.upstream === undefined || own.has(decodeURI(covered.path)) ? undefined : covered;
  }

  function clientOf(request: IncomingMessage): Caller & { readonly chain: string; readonly peer: string } {
    const peer = peerOf(request);
    const chain = inBlocks(peer, trustedProxies) ? valuesOf(request, 'x-forwarded-for').join(', ') : '';
    return { ...callerOrPeer(request, trustedProxies), chain, peer };
  }

  async function admit(request: IncomingMessage, covered: CoveredRequest, snapshot: Snapshot): Promise<Passing> {
    const { ip, forwarded, chain, peer } = clientOf(request);
    const pinned = { ...context, snapshot, now: context.now() };
    return telling('resource', { by: 'proxy', ip }, pinned, async (note) => {
      const form = takesTokenIn(covered.resource, 'body') && isForm(request) ? await bodyOf(request) : undefined;
      const text = form?.toString('latin1');
      const presented = {
        authorization: valuesOf(request, 'authorization'),
        inBody: text === undefined ? [] : tokensIn(text),
        ip,
        forwarded,
      };
      const admitted = await admitRequest(covered, presented, pinned, note);
      note({ outcome: 'admitted' });
      const upstream = upstreamOf(covered.resource);
      const keeps = covered.resource.forward_token === true;
      const query = keeps || !takesTokenIn(covered.resource, 'query') ? covered.query : withoutTokens(covered.query);
      const body = text === undefined || keeps ? form : Buffer.from(withoutTokens(text), 'latin1');
      const headers = requestHeaders(request, {
        ...{ identity: identityOf(admitted, snapshot, pinned.now), authorization: forwardedAuthorization(admitted) },
        ...{ host: upstream.host, authority: covered.authority, scheme, ip, chain, peer },
        ...(body === undefined ? {} : { length: body.length }),
      });
      const path = upstream.path + covered.path + query;
      const isPrivate = query !== covered.query || (keeps && takesTokenIn(covered.resource, 'query'));
      return { admitted, outgoing: { origin: upstream.origin, path, headers, body, isPrivate } };
    });
  }

  function pass(
    request: IncomingMessage,
    response: ServerResponse,
    { admitted, outgoing }: Passing,
    upgraded?: (socket: Duplex) => void,
  ): void {
    relay(request, response, outgoing, {
      upstreams,
      isLast: () => draining,
      failed(refusal, thrown) {
        const why = refusal?.detail ?? (thrown instanceof Error ? thrown.message : String(thrown));
        const outcome = refusal === undefined ? 'broken_off' : 'failed';
        context.log({ event: 'upstream', outcome, resource: admitted.address, status: refusal?.status, why });
      },
      ...(upgraded === undefined ? {} : { upgraded }),
    });
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const snapshot = current();
    const covered = snapshot && cover(request.raw, snapshot);
    if (snapshot === undefined || covered === undefined) {
      closeUnread(request.raw, reply);
      return answerNotFound(reply);
    }
    const passing = await admit(request.raw, covered, snapshot);
    reply.hijack();
    pass(request.raw, reply.raw, passing);
    return undefined;
  }

  const refuse = refuseAsJson(options);
  for (const method of METHODS) {
    // CONNECT makes a tunnel to anywhere.
    if (!app.supportedMethods.includes(method) && method !== 'CONNECT') app.addHttpMethod(method, { hasBody: true });
  }
  app.route({
    method: app.supportedMethods,
    url: '/*',
    // Before Fastify looks at the body: it goes through as it comes.
    onRequest: answer,
    handler: (_request, reply) => answerNotFound(reply),
    errorHandler: (error, request, reply) => {
      closeUnread(request.raw, reply);
      return refuse(error, request, reply);
    },
  });

  addUpgrades(app, (request, response, socket, head) => {
    const snapshot = current();
    let covered: CoveredRequest | undefined;
    try {
      covered = snapshot && cover(request, snapshot);
    } catch {
      // The route tells why.
      return false;
    }
    if (snapshot === undefined || covered === undefined) return false;
    const asked = covered;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    admit(request, asked, snapshot).then(
      (passing) =>
        pass(request, response, passing, (upstream) => {
          response.detachSocket(socket);
          const end = tunnel(socket, upstream, head, {
            idle: upstreams.timeouts.idle,
            checkEvery: options.checkTunnelsEvery ?? CHECK_TUNNELS_EVERY,
            mayGoOn: () => mayGoOn(request, asked.resource.upstream),
          });
          tunnels.add(end);
          socket.once('close', () => tunnels.delete(end));
          if (draining) end();
        }),
      (thrown: unknown) => answerRefusal(request, response, refusalOf(thrown) ?? unexpected(thrown)),
    );
    return true;
  });

  /** The same question again, of what is served now, without another word in the log. */
  async function mayGoOn(request: IncomingMessage, upstream: string | undefined): Promise<boolean> {
    const snapshot = current();
    const covered = snapshot && cover(request, snapshot);
    if (snapshot === undefined || covered === undefined || covered.resource.upstream !== upstream) return false;
    const { ip, forwarded } = clientOf(request);
    const presented = { authorization: valuesOf(request, 'authorization'), inBody: [], ip, forwarded };
    await admitRequest(covered, presented, { ...context, snapshot, now: context.now() }, () => undefined);
    return true;
  }

  function unexpected(thrown: unknown): OAuthError {
    const correlation = Buffer.from(options.random(9)).toString('base64url');
    options.logger.error({ err: thrown, correlation }, 'request failed');
    return serverError(correlation);
  }
}

interface Passing {
  readonly admitted: AdmittedRequest;
  readonly outgoing: Outgoing;
}

const known = new WeakMap<Snapshot['index']['resources'], boolean>();

function hasUpstreams({ index: { resources } }: Snapshot): boolean {
  let has = known.get(resources);
  if (has === undefined) {
    has = [...resources.entities.values()].some(({ upstream }) => upstream !== undefined);
    known.set(resources, has);
  }
  return has;
}

interface Upstream {
  readonly origin: string;
  readonly host: string;
  /** Before that of the request; empty where there is none. */
  readonly path: string;
}

const read = new WeakMap<ResourceEntity, Upstream>();

function upstreamOf(resource: ResourceEntity): Upstream {
  const known = read.get(resource);
  if (known !== undefined) return known;
  const { origin, host, pathname } = new URL(resource.upstream ?? '');
  const upstream = { origin, host, path: pathname.replace(/\/$/, '') };
  read.set(resource, upstream);
  return upstream;
}

function isForm(request: IncomingMessage): boolean {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  const isEncoded = request.headers['content-encoding'] !== undefined;
  const isRead = request.method !== 'GET' && request.method !== 'HEAD';
  return isRead && !isEncoded && hasBody(request) && type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/** A form in which a token may stand: no larger than those that this server reads itself. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const overdue = setTimeout(() => request.destroy(), BODY_TIMEOUT);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > BODY_LIMIT) throw bodyTooLarge();
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(overdue);
  }
  return Buffer.concat(chunks);
}
