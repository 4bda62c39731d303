// Owns the operator's surface (DESIGN 5): what the server is doing, and has issued, for who runs it. Never reachable from elsewhere
// than this machine.

import { randomBytes } from 'node:crypto';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteHandlerMethod,
} from 'fastify';
import { Failure, type FailureCode } from '../model/failure.ts';
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
  /** What was issued to them and still counts (SEMANTICS N-63). */
  tokens(asked: Owned & { readonly limit?: number }): Promise<object>;
  /** Ends it, or these rows of it. */
  revokeTokens(asked: Owned & { readonly id?: readonly string[] }): Promise<object>;
}

/** Whose, as they are called in the spec. */
export interface Owned {
  readonly user?: string;
  readonly client?: string;
}

export interface OperatorAppOptions {
  readonly status: () => Promise<object>;
  readonly verbs: OperatorVerbs;
  readonly logger: FastifyBaseLogger;
}

/**
 * `GET /status` answers the object of `status` as JSON; `GET /healthz`. For the socket alone, as over the network nobody says who asks:
 * `POST /approve` with `{ "approval": TEXT }`, `POST /reload`, `GET /tokens` with `user`, `client` and `limit` in the query, and
 * `POST /tokens/revoke` with `{ "user": NAME, "client": NAME }` or `{ "id": [ID, …] }`.
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
  app.setErrorHandler(refuseAsJson({ logger, random: randomBytes, takes: TAKES }));
  addLiveness(app);
  const send = async (reply: FastifyReply, answer: Promise<object>) =>
    reply
      .headers(SAFETY)
      .headers(UNCACHED)
      .type('application/json')
      .send(JSON.stringify(await answer));
  app.get('/status', (_request, reply) => send(reply, status()));
  const overSocket =
    (answer: (request: FastifyRequest) => Promise<object> | undefined, takes?: string): RouteHandlerMethod =>
    async (request, reply) => {
      if (request.socket.remoteAddress !== undefined) return answerNotFound(reply);
      const asked = answer(request);
      if (asked === undefined) return refuse(reply, 400, { error: 'invalid_request', error_description: takes });
      try {
        return await send(reply, asked);
      } catch (error) {
        const status = error instanceof Failure ? STATUS_OF[error.code] : undefined;
        if (!(error instanceof Failure) || status === undefined) throw error;
        return refuse(reply, status, { error: error.code, error_description: error.message });
      }
    };
  const approvalIn = ({ body }: FastifyRequest) => (body as { readonly approval?: unknown } | null)?.approval;
  app.post(
    '/approve',
    overSocket((request) => {
      const approval = approvalIn(request);
      return typeof approval === 'string' ? verbs.approve(approval) : undefined;
    }),
  );
  app.post(
    '/reload',
    overSocket(() => verbs.reload()),
  );
  app.get(
    '/tokens',
    overSocket(({ raw }) => {
      const asked = listingIn(raw.url ?? '');
      return asked && verbs.tokens(asked);
    }, LISTED_BY),
  );
  app.post(
    '/tokens/revoke',
    overSocket(({ body }) => (isRevocation(body) ? verbs.revokeTokens(body) : undefined), REVOKED_BY),
  );
  return app;
}

/** What who asks can mend, told in the words of the command. */
const STATUS_OF: { readonly [Code in FailureCode]?: number } = { usage: 400, grant_unknown: 404 };

function refuse(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).headers(SAFETY).headers(UNCACHED).type('application/json').send(JSON.stringify(body));
}

const TAKES = 'Send a JSON object, as application/json';
const LISTED_BY = 'GET /tokens takes user, client and limit, a whole number above 0, each once at most';
const REVOKED_BY =
  'POST /tokens/revoke takes a JSON object: user, client or both, each a text, or id alone, a list of texts that is not empty';

/** Undefined where it is something else. */
function listingIn(target: string): Parameters<OperatorVerbs['tokens']>[0] | undefined {
  const asked: { user?: string; client?: string; limit?: number } = {};
  for (const [name, value] of new URLSearchParams(target.split(/\?(.*)/s)[1] ?? '')) {
    if (name in asked) return undefined;
    if (name === 'user' || name === 'client') asked[name] = value;
    else if (name === 'limit' && /^[1-9][0-9]{0,5}$/.test(value)) asked.limit = Number(value);
    else return undefined;
  }
  return asked;
}

function isRevocation(body: unknown): body is Parameters<OperatorVerbs['revokeTokens']>[0] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false;
  const { user, client, id, ...others } = body as Readonly<Record<string, unknown>>;
  if (Object.keys(others).length > 0) return false;
  const isText = (value: unknown) => typeof value === 'string';
  if (id === undefined) return [user, client].every((value) => value === undefined || isText(value));
  return user === undefined && client === undefined && Array.isArray(id) && id.length > 0 && id.every(isText);
}
