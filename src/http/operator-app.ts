// Owns the operator's surface (DESIGN 5): what the server is doing, for who runs it. Never reachable from elsewhere than
// this machine.

import { randomBytes } from 'node:crypto';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type RouteHandlerMethod,
} from 'fastify';
import { reportListenerErrors } from './binding.ts';
import { answerClientError } from './client-error.ts';
import { addDrain } from './drain.ts';
import { addLiveness } from './health.ts';
import { isLoopback } from './loopback.ts';
import { answerNotFound } from './not-found.ts';
import { refuseAsJson } from './refusal.ts';
import { SAFETY, UNCACHED } from './response-header.ts';

/** What an operator may have the server do. Each answers an object that is given out as JSON. */
export interface OperatorVerbs {
  /** The text of an approval, as it was sent. */
  approve(text: string): Promise<object>;
  /** Makes a pass now. */
  reload(): Promise<object>;
}

export interface OperatorAppOptions {
  readonly status: () => Promise<object>;
  readonly verbs: OperatorVerbs;
  readonly logger: FastifyBaseLogger;
}

/**
 * `GET /status` answers the object of `status` as JSON; `GET /healthz`. `POST /approve` with `{ "approval": TEXT }` and
 * `POST /reload` are for the socket alone: over the network nobody says who asks.
 */
export function createOperatorApp({ status, verbs, logger }: OperatorAppOptions): FastifyInstance {
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
  const send = async (reply: FastifyReply, answer: Promise<object>) =>
    reply
      .headers(SAFETY)
      .headers(UNCACHED)
      .type('application/json')
      .send(JSON.stringify(await answer));
  app.get('/status', (_request, reply) => send(reply, status()));
  const overSocket: RouteHandlerMethod = async (request, reply) => {
    if (request.socket.remoteAddress !== undefined) return answerNotFound(reply);
    if (request.url === '/reload') return send(reply, verbs.reload());
    const approval = (request.body as { readonly approval?: unknown } | null)?.approval;
    if (typeof approval === 'string') return send(reply, verbs.approve(approval));
    return reply.code(400).headers(SAFETY).type('application/json').send('{"error":"invalid_request"}');
  };
  app.post('/approve', overSocket);
  app.post('/reload', overSocket);
  return app;
}
