// Owns the operator's surface (DESIGN 5): what the server is doing, for who runs it. Never reachable from elsewhere than
// this machine.

import { randomBytes } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { reportListenerErrors } from './binding.ts';
import { answerClientError } from './client-error.ts';
import { addDrain } from './drain.ts';
import { addLiveness } from './health.ts';
import { isLoopback } from './loopback.ts';
import { answerNotFound } from './not-found.ts';
import { refuseAsJson } from './refusal.ts';
import { SAFETY, UNCACHED } from './response-header.ts';

export interface OperatorAppOptions {
  readonly status: () => Promise<object>;
  readonly logger: FastifyBaseLogger;
}

/** `GET /status` answers the object of `status` as JSON; `GET /healthz`. */
export function createOperatorApp({ status, logger }: OperatorAppOptions): FastifyInstance {
  const app = Fastify({
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (_error, _request, reply) => void answerNotFound(reply),
    clientErrorHandler: answerClientError,
  });
  addDrain(app);
  reportListenerErrors(app, logger);
  // A page in a browser on this machine can have its own name lead to 127.0.0.1, and then read what is answered there;
  // it cannot send another Host. The socket's path is guarded by its mode.
  app.addHook('onRequest', (request, reply, done) => {
    const overNetwork = request.socket.remoteAddress !== undefined;
    if (overNetwork && !isLoopback(request.hostname)) {
      reply.code(421).headers(SAFETY).type('application/json').send('{"error":"misdirected_request"}');
      return;
    }
    done();
  });
  app.setNotFoundHandler((_request, reply) => answerNotFound(reply));
  app.setErrorHandler(refuseAsJson({ logger, random: randomBytes }));
  addLiveness(app);
  app.get('/status', async (_request, reply) =>
    reply
      .headers(SAFETY)
      .headers(UNCACHED)
      .type('application/json')
      .send(JSON.stringify(await status())),
  );
  return app;
}
