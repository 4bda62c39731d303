// Owns what leaves when a request fails, whatever failed: one way from an error to an answer, as JSON or as a page.
// Never tells a client what only the log may know, and never logs what a client sent.

import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import {
  answerOf,
  bodyTooLarge,
  invalidRequest,
  type OAuthError,
  printable,
  serverError,
  unsupportedContentType,
} from '../oauth/error.ts';
import { refusalOf as refusalOfEndpoint } from '../oauth/handling.ts';
import type { EventLog } from './event-log.ts';
import { renderErrorPage } from './pages/error.tsx';
import { type Headers, SAFETY } from './response-header.ts';

export interface RefusalOptions {
  readonly logger: FastifyBaseLogger;
  readonly random: (bytes: number) => Uint8Array;
  /** What a body has to be, a sentence, where that is no form. */
  readonly takes?: string;
}

type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers every error as JSON, with the headers that the route has on its other answers too. */
export function refuseAsJson(options: RefusalOptions, headers: Headers = SAFETY): ErrorHandler {
  return (thrown, request, reply) => {
    const { status, headers: own, body } = answerOf(refusalOf(thrown, request, options).refusal);
    return reply.code(status).headers(headers).headers(own).type('application/json').send(JSON.stringify(body));
  };
}

/** Answers every error as a page without a Location (PROTOCOL.md ERRPAGE); the log has its correlation id. */
export function refuseAsPage(options: RefusalOptions, events: Pick<EventLog, 'write'>): ErrorHandler {
  return (thrown, request, reply) => {
    const { refusal, correlation = newCorrelation(options.random) } = refusalOf(thrown, request, options);
    const { status, error, code, headers } = refusal;
    events.write({ event: 'error_page', correlation, status, error, code });
    const page = renderErrorPage({ status, error, description: printable(refusal.description), correlation });
    // A page carries no challenge: the browser would ask for a password.
    return reply.code(status).headers(headers).headers(page.headers).send(page.html);
  };
}

interface Refused {
  readonly refusal: OAuthError;
  /** The id under which the log has it, where it was a bug. */
  readonly correlation?: string;
}

function refusalOf(thrown: unknown, request: FastifyRequest, options: RefusalOptions): Refused {
  const known = refusalOfEndpoint(thrown) ?? refusalOfFramework(thrown, options);
  if (known !== undefined) return { refusal: known };

  const correlation = newCorrelation(options.random);
  // The route's pattern, not the URL: a query may hold what must not be logged (P:B-012).
  const { method, routeOptions } = request;
  options.logger.error({ err: thrown, correlation, method, route: routeOptions.url }, 'request failed');
  return { refusal: serverError(correlation), correlation };
}

/** What Fastify and node:http object to in a request: the client's fault, by their 4xx status. */
function refusalOfFramework(thrown: unknown, { takes }: RefusalOptions): OAuthError | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  const status = thrown.statusCode;
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 413) return bodyTooLarge();
  if (status === 415) return unsupportedContentType(takes);
  return invalidRequest('REQUEST_MALFORMED');
}

/** 72 bits: enough to find one request in a log. */
function newCorrelation(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(9)).toString('base64url');
}
