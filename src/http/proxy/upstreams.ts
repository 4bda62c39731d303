// Owns the connections to servers behind this one, how long is waited for them, and what a failure of them is called. Never knows who
// asks, and tells nobody but the log where they are.

import type { IncomingMessage } from 'node:http';
import { Agent, type Dispatcher, errors } from 'undici';
import { describe, invalidRequest, OAuthError } from '../../oauth/error.ts';

/** Milliseconds. */
export interface UpstreamTimeouts {
  readonly connect: number;
  /** From the end of the request to the head of the answer. */
  readonly answer: number;
  /** Between two pieces of an answer, or of an upload. */
  readonly idle: number;
}

export const UPSTREAM_TIMEOUTS: UpstreamTimeouts = { connect: 5000, answer: 60_000, idle: 300_000 };

export interface Upstreams {
  readonly timeouts: UpstreamTimeouts;
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Connections are kept for the next request, as long as the other end says that it keeps them. */
export function createUpstreams(timeouts: UpstreamTimeouts = UPSTREAM_TIMEOUTS): Upstreams {
  const agent = new Agent({
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.answer,
    bodyTimeout: timeouts.idle,
  });
  return {
    timeouts,
    dispatch: (options, handler) => void agent.dispatch(options, handler),
    close: () => agent.destroy(),
  };
}

/** The body as undici takes it: when it wants no more, the connection of the client goes on. */
export function bodyFrom(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** What the client is told of a failure before there was an answer; `detail` of it is for the log. */
export function upstreamRefusal(error: unknown): OAuthError {
  const detail = error instanceof Error ? `${'code' in error ? `${error.code}: ` : ''}${error.message}` : String(error);
  // What could not be sent on is not well formed.
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.RequestContentLengthMismatchError) {
    return invalidRequest('REQUEST_MALFORMED');
  }
  const isLate = error instanceof errors.ConnectTimeoutError || error instanceof errors.HeadersTimeoutError;
  return new OAuthError({
    error: 'temporarily_unavailable',
    status: isLate ? 504 : 502,
    description: describe(isLate ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED'),
    detail,
  });
}

/** Whether a kept connection may have ended in the moment that it was used, before anything was answered. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof errors.SocketError) return true;
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
