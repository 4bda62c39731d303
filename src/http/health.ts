// Owns the two questions that a supervisor asks: is the process alive, may it be sent requests. Never decides readiness.

import type { FastifyInstance, FastifyReply } from 'fastify';
import { SAFETY, UNCACHED } from './response-header.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, or in which way not fully; public, so never a name of the spec. */
  readonly reason?: string;
}

export const HEALTH_PATHS = ['/healthz', '/readyz'] as const;

/** `/healthz` and `/readyz` at the origin. */
export function addHealth(app: FastifyInstance, ready: () => Readiness): void {
  addLiveness(app);
  for (const method of ['GET', 'HEAD'] as const) {
    app.route({
      method,
      url: '/readyz',
      handler: (_request, reply) => {
        const { ready: isReady, reason } = ready();
        const status = isReady ? 'ready' : 'not ready';
        return answer(reply, isReady ? 200 : 503, { status, ...(reason === undefined ? {} : { reason }) });
      },
    });
  }
}

/** `/healthz` alone: 200 as long as the process answers at all. */
export function addLiveness(app: FastifyInstance): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    handler: (_request, reply) => answer(reply, 200, { status: 'ok' }),
  });
}

function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).headers(SAFETY).headers(UNCACHED).type('application/json').send(JSON.stringify(body));
}
