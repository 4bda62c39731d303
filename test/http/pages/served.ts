// Owns one page endpoint that answers what a test says, behind the routes that the others have. Never an endpoint of the protocol.

import Fastify, { type FastifyInstance } from 'fastify';
import { guardBodies } from '../../../src/http/body-guard.ts';
import { cookieJar } from '../../../src/http/cookies.ts';
import { endpointRoute } from '../../../src/http/endpoints.ts';
import { createEventLog } from '../../../src/http/event-log.ts';
import { addFormParser } from '../../../src/http/form.ts';
import type { Astray } from '../../../src/http/pages/astray.tsx';
import { addRoute } from '../../../src/http/route.ts';
import type { Answer, EndpointRequest } from '../../../src/oauth/endpoint.ts';
import type { Page } from '../../../src/oauth/page.ts';
import { closing, logInMemory, secrets, signer, snapshotOf } from '../serving.ts';

export interface ServedPage {
  readonly app: FastifyInstance;
  /** What the endpoint was asked. */
  readonly asked: EndpointRequest[];
  readonly records: readonly Record<string, unknown>[];
}

/** At `/page` of the origin of `issuer`. */
export function servedPage(
  answer: (request: EndpointRequest) => Answer,
  { issuer = 'https://login.test', astray }: { readonly issuer?: string; readonly astray?: Astray } = {},
): ServedPage {
  const app = closing(Fastify());
  addFormParser(app);
  const { logger, records } = logInMemory();
  const random = (bytes: number) => new Uint8Array(bytes);
  const cookies = cookieJar(issuer);
  const events = createEventLog(logger, Date.now);
  const asked: EndpointRequest[] = [];
  // No endpoint of a test asks for any of these.
  const unused = undefined as never;
  const context = {
    ...{ grants: unused, clientKeys: unused, certificates: unused, throttle: unused, logoutNotices: unused },
    certificateOf: () => undefined,
    signer,
    secrets,
    now: Date.now,
    trustedProxies: [],
    random,
    noteUse: () => undefined,
    log: () => undefined,
    isKnownChallenge: () => false,
    report: () => undefined,
  };
  const route = endpointRoute(
    {
      endpoint: async (request) => {
        asked.push(request);
        return answer(request);
      },
      methods: astray === undefined ? ['GET', 'POST'] : ['POST'],
      page: true,
      astray,
    },
    'base',
    '/page',
    context,
    cookies,
  );
  const snapshot = snapshotOf();
  addRoute(app, { current: () => snapshot, cookies, logger, random, events, guard: guardBodies(app) }, route);
  return { app, asked, records };
}

export function showing(page: Page, status = 200): Answer {
  return { status, headers: {}, body: undefined, page };
}

/** One page of each kind, all of its parts there. */
export const PAGES: { readonly [K in Page['kind']]: Extract<Page, { kind: K }> } = {
  login: {
    kind: 'login',
    action: '/login',
    fields: { request: 'r-1', browser: 'b-1' },
    client: { name: 'Example App' },
    username: 'alice',
    problem: 'wrong',
    takesPassword: true,
    takesCertificate: true,
    certificate: { user: 'alice', fields: { request: 'r-1', certificate: 'c-1' } },
  },
  consent: {
    kind: 'consent',
    action: '/consent',
    fields: { request: 'r-1' },
    client: {
      name: 'Example App',
      client_uri: 'https://app.test/',
      policy_uri: 'https://app.test/privacy',
      tos_uri: 'http://app.test/terms',
      logo_uri: 'https://cdn.app.test/logo.png?v=1',
    },
    user: 'Alice Example',
    scopes: [
      { scope: 'profile', description: 'See your name and your picture' },
      { scope: 'orders.read', description: 'orders.read' },
    ],
    offline: true,
  },
  logout: {
    kind: 'logout',
    action: '/logout/decision',
    fields: { request: 'r-1' },
    user: 'Alice Example',
    client: { name: 'Example App' },
  },
  connected: {
    kind: 'connected',
    action: '/connected',
    fields: { form: 'f-1' },
    user: 'Alice Example',
    connections: [
      {
        client_id: 'app-1',
        name: 'Example App',
        since: 1_780_000_000,
        refreshes: true,
        scopes: [
          { scope: 'profile', description: 'See your name and your picture' },
          { scope: 'orders.read', description: 'orders.read' },
        ],
        offline: true,
      },
      { client_id: 'app-2', name: 'Another', since: 1_780_086_400, refreshes: false, scopes: [], offline: false },
    ],
    isCut: true,
    removed: ['Third App'],
  },
  'not-signed-in': { kind: 'not-signed-in' },
  'signed-out': { kind: 'signed-out' },
  'logout-refused': { kind: 'logout-refused' },
  'form-post': { kind: 'form-post', action: 'https://app.test/callback', fields: { code: 'c-1', state: 's-1' } },
};
