// Owns what surrounds every endpoint: failures of what it stands on become refusals that a client can act on, and the
// outcome is told to the log, once for each request. Never answers by itself.

import { Failure } from '../model/failure.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from './endpoint.ts';
import { OAuthError, printable, temporarilyUnavailable } from './error.ts';

/** Adds fields to the one log event of this request. Never a secret or a token. */
export type Note = (fields: { readonly [field: string]: unknown }) => void;

/** Seconds after which a client may try again: a hash takes milliseconds, a store that is away comes back in seconds. */
const RETRY_AFTER_BUSY = 1;
const RETRY_AFTER_STORE = 5;

/**
 * An endpoint from its handler. The event is `name`, with the outcome that the handler noted (default `answered`), or
 * `refused` with the public error and its private detail.
 */
export function defineEndpoint(
  name: string,
  handle: (request: EndpointRequest, context: Context, note: Note) => Promise<Answer>,
): Endpoint {
  return (request, context) =>
    telling(name, { family: request.family, ip: request.ip }, context, async (note) => {
      const answer = await handle(request, context, note);
      note({ status: answer.status });
      return answer;
    });
}

/** Runs what answers a request, and tells the log once how that went. `facts` stand in the event whatever happens. */
export async function telling<Result>(
  name: string,
  facts: { readonly [field: string]: unknown },
  { log, snapshot }: Pick<Context, 'log' | 'snapshot'>,
  run: (note: Note) => Promise<Result>,
): Promise<Result> {
  const noted: Record<string, unknown> = { outcome: 'answered' };
  const tell = () => log({ event: name, ...noted, ...facts, generation: snapshot.generation });
  try {
    const result = await run((fields) => void Object.assign(noted, fields));
    tell();
    return result;
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (refusal === undefined) throw thrown;
    const { error, status, code, description, detail } = refusal;
    Object.assign(noted, { outcome: 'refused', status, error, code, description: printable(description), detail });
    tell();
    throw refusal;
  }
}

/** Undefined for a bug, which http answers and logs with its stack. */
export function refusalOf(thrown: unknown): OAuthError | undefined {
  if (thrown instanceof OAuthError) return thrown;
  if (thrown instanceof Failure && thrown.code === 'busy') {
    return temporarilyUnavailable(RETRY_AFTER_BUSY, thrown.message);
  }
  if (thrown instanceof Failure && thrown.code === 'store_unavailable') {
    return temporarilyUnavailable(RETRY_AFTER_STORE, thrown.message);
  }
  return undefined;
}
