// Owns how one path of the protocol meets Fastify: which methods it serves, which snapshot it sees, and what surrounds
// every answer. Never knows what an endpoint or a document says.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { servesOAuth } from '../model/settings.ts';
import type { Answer, Family } from '../oauth/endpoint.ts';
import { methodNotAllowed, temporarilyUnavailable } from '../oauth/error.ts';
import { families } from '../oauth/paths.ts';
import type { Snapshot } from '../oauth/snapshot.ts';
import type { BodyGuard } from './body-guard.ts';
import type { CookieJar } from './cookies.ts';
import type { EventLog } from './event-log.ts';
import { answerNotFound } from './not-found.ts';
import { type Astray, renderAstray } from './pages/astray.tsx';
import { renderPage } from './pages/render.ts';
import { type RefusalOptions, refuseAsJson, refuseAsPage } from './refusal.ts';
import { BY_ORIGIN, type CrossOrigin, type Headers, SAFETY } from './response-header.ts';

export interface RouteOptions extends RefusalOptions {
  readonly events: EventLog;
  /** The newest snapshot; undefined before the first. */
  readonly current: () => Snapshot | undefined;
  readonly cookies: CookieJar;
  readonly guard: BodyGuard;
}

export interface Route {
  /** From the origin, decoded, with its leading slash. */
  readonly path: string;
  /** The path is 404 while the snapshot does not have this family; undefined: it is there for all. */
  readonly family: Family | undefined;
  readonly methods: readonly ('GET' | 'POST' | 'DELETE')[];
  /** On every answer of the route, errors too. */
  readonly headers: Headers;
  /** The same for all origins, or what it is for this one: undefined keeps the browser from reading the answer. */
  readonly crossOrigin?: CrossOrigin | ((origin: string, snapshot: Snapshot) => CrossOrigin | undefined);
  /** Errors are a page for a person, not JSON for a program. */
  readonly page?: boolean;
  /** Serves POST alone, and tells a person who comes by GET where to go. */
  readonly astray?: Astray | undefined;
  readonly answer: (request: FastifyRequest, snapshot: Snapshot) => Promise<Answer>;
}

/** Seconds until a server that is starting may have its first snapshot. */
const RETRY_AFTER_START = 1;

/** Registers the path for all methods: those that it does not serve are 405 before the request is looked at further. */
export function addRoute(app: FastifyInstance, options: RouteOptions, route: Route): void {
  const served = new Set<string>(route.methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])));
  const allow = [...served].join(', ');
  const { crossOrigin, astray } = route;
  const byOrigin = typeof crossOrigin === 'function' ? crossOrigin : undefined;
  const toAll = typeof crossOrigin === 'function' ? undefined : crossOrigin;
  const headers = {
    ...SAFETY,
    ...route.headers,
    ...(byOrigin === undefined ? toAll?.answer : BY_ORIGIN),
  };

  function openTo({ headers: { origin } }: FastifyRequest): CrossOrigin | undefined {
    if (origin === undefined || byOrigin === undefined) return undefined;
    const snapshot = options.current();
    return snapshot === undefined ? undefined : byOrigin(origin, snapshot);
  }

  function addOrigin(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const opened = openTo(request);
    if (opened !== undefined) reply.headers(opened.answer);
    done();
  }

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const snapshot = options.current();
    if (snapshot === undefined) throw temporarilyUnavailable(RETRY_AFTER_START);
    if (!servesOAuth(snapshot.index.server)) return answerNotFound(reply);
    if (route.family !== undefined && !families(snapshot.index.server).includes(route.family)) {
      return answerNotFound(reply);
    }
    if (request.method === 'OPTIONS') {
      return reply
        .code(204)
        .headers({
          ...SAFETY,
          allow: `${allow}, OPTIONS`,
          ...(byOrigin === undefined ? toAll?.preflight : { ...BY_ORIGIN, ...openTo(request)?.preflight }),
        })
        .send();
    }
    if (astray !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
      const { html, headers: own } = renderAstray(astray);
      return reply.code(405).headers(own).header('allow', allow).send(html);
    }
    if (!served.has(request.method)) throw methodNotAllowed(allow);
    return send(await route.answer(request, snapshot), reply);
  }

  function send(answer: Answer, reply: FastifyReply): FastifyReply {
    reply.code(answer.status).headers(headers).headers(answer.headers);
    if (answer.cookies !== undefined) reply.header('set-cookie', options.cookies.write(answer.cookies));
    if (answer.page !== undefined) {
      const { html, headers: own } = renderPage(answer.page);
      return reply.headers(own).send(html);
    }
    // A redirect has nothing but its Location, which is in the headers.
    return answer.body === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(answer.body));
  }

  app.route({
    method: app.supportedMethods,
    url: routePattern(route.path),
    // Before the body is read: who sent one that is too large may read that it is.
    onRequest: byOrigin === undefined ? options.guard.onRequest : [options.guard.onRequest, addOrigin],
    preHandler: options.guard.preHandler,
    handler: handle,
    errorHandler: route.page === true ? refuseAsPage(options, options.events) : refuseAsJson(options, headers),
  });
}

/** The path as the router writes a literal one: a colon would begin a parameter. */
export function routePattern(path: string): string {
  return path.replaceAll(':', '::');
}
