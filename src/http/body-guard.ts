// Owns how long the body of a request may take that an endpoint reads, and what becomes of one that nobody reads. node:http has one
// limit for all requests, and an upload to a server behind this one takes as long as it takes. Never reads a body.

import type { IncomingMessage } from 'node:http';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preHandlerHookHandler,
} from 'fastify';
import { answerClientError } from './client-error.ts';

/** Milliseconds. A form of 64 KiB arrives in far less. */
export const BODY_TIMEOUT = 15_000;
const CHECK_EVERY = 2000;

export interface BodyGuard {
  readonly onRequest: onRequestHookHandler;
  readonly preHandler: preHandlerHookHandler;
}

export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

/** The hooks of the routes that read bodies: what takes longer is 408, and its connection ends. */
export function guardBodies(app: FastifyInstance, timeout = BODY_TIMEOUT): BodyGuard {
  const reading = new Map<FastifyRequest, number>();
  const timer = setInterval(
    () => {
      const overdue = performance.now() - timeout;
      for (const [request, since] of reading) {
        const { raw } = request;
        if (raw.complete || raw.destroyed) reading.delete(request);
        else if (since < overdue) {
          reading.delete(request);
          answerClientError({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, raw.socket);
        }
      }
    },
    Math.min(CHECK_EVERY, timeout),
  ).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return {
    onRequest(request, _reply, done) {
      if (hasBody(request.raw)) reading.set(request, performance.now());
      done();
    },
    preHandler(request, _reply, done) {
      reading.delete(request);
      done();
    },
  };
}

/** Ends the connection with the answer where a body is left that nobody reads: else it would be waited for. */
export function closeUnread(request: IncomingMessage, reply: FastifyReply): void {
  if (hasBody(request)) reply.header('connection', 'close');
}
