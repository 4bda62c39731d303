// Owns the answer for paths that do not exist, or do not exist in this generation. Never says which of the two.

import type { FastifyReply } from 'fastify';
import { SAFETY, UNCACHED } from './response-header.ts';

/** 404 and a small JSON body, uncached: a reload may bring the path to life (P:A-007). */
export function answerNotFound(reply: FastifyReply): FastifyReply {
  return reply.code(404).headers(SAFETY).headers(UNCACHED).type('application/json').send('{"error":"not_found"}');
}
