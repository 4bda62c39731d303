// Owns one exchange through this server: a request that may go on, sent to the server behind, and its answer, both as they come and as
// fast as the slower side takes them. An answer that breaks off breaks off for the client too. Never decides who may.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { answerOf, type OAuthError } from '../../oauth/error.ts';
import { hasBody } from '../body-guard.ts';
import { SAFETY } from '../response-header.ts';
import { type FlatHeaders, pairsOf, responseHeaders } from './headers.ts';
import { bodyFrom, isLostConnection, type Upstreams, upstreamRefusal } from './upstreams.ts';

export interface Outgoing {
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly headers: FlatHeaders;
  /** A body that was read already. */
  readonly body?: Buffer | undefined;
  /** Whether caches that are shared must not keep the answer: the token may stand in the URL (RFC 6750 2.3). */
  readonly isPrivate: boolean;
}

export interface RelayOptions {
  readonly upstreams: Upstreams;
  /** Of a request that would change the protocol: what goes on once both sides have. */
  readonly upgraded?: (socket: Duplex) => void;
  /** Whether the connection ends with the answer. */
  readonly isLast: () => boolean;
  /** Is told what the client is not. */
  readonly failed: (error: OAuthError | undefined, thrown: unknown) => void;
}

/** RFC 9110 9.2.2: they may be sent again where the first never came to an answer. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function relay(
  request: IncomingMessage,
  response: ServerResponse,
  outgoing: Outgoing,
  options: RelayOptions,
): void {
  const { upstreams } = options;
  const method = request.method ?? 'GET';
  const isUpload = outgoing.body === undefined && hasBody(request);
  let attempts = isUpload || outgoing.body !== undefined || !REPEATABLE.has(method) ? 1 : 2;
  let controller: Dispatcher.DispatchController | undefined;

  // Both sides may rest for as long as the one behind may; the limit of the endpoints here is for them.
  request.socket.setTimeout(upstreams.timeouts.idle);
  response.once('close', () => {
    // A client that is gone needs no answer.
    if (!response.writableFinished) controller?.abort(new Error('the client is gone'));
  });
  response.on('error', () => undefined);
  response.on('drain', () => controller?.resume());

  function send(): void {
    attempts -= 1;
    const { origin, path, headers, body } = outgoing;
    const content = body ?? (isUpload ? bodyFrom(request) : null);
    upstreams.dispatch(
      {
        ...{ origin, path, method: method as Dispatcher.HttpMethod, headers: [...headers] },
        // Async iterables are taken too, which the types do not say.
        body: content as Buffer | null,
        ...(options.upgraded === undefined ? {} : { upgrade: 'websocket' }),
      },
      {
        onRequestStart(started) {
          controller = started;
          if (response.destroyed) started.abort(new Error('the client is gone'));
        },
        onRequestUpgrade(started, status, _headers, socket) {
          const told = [
            ...responseHeaders(textsOf(started.rawHeaders)),
            'connection',
            'Upgrade',
            'upgrade',
            'websocket',
          ];
          response.writeHead(status, told);
          response.flushHeaders();
          options.upgraded?.(socket);
        },
        onResponseStart(started, status, _headers, statusText) {
          if (status < 200) return;
          controller = started;
          const told = responseHeaders(textsOf(started.rawHeaders));
          if (outgoing.isPrivate && !has(told, 'cache-control')) told.push('cache-control', 'private');
          // What is left of an upload is not read any more.
          if (options.isLast() || (isUpload && !request.complete)) told.push('connection', 'close');
          response.writeHead(status, phraseOf(statusText), told);
          // Its Content-Length is that of the answer to a GET (RFC 9110 8.6), and undici waits for as much.
          if (status === NOT_MODIFIED) response.end();
        },
        onResponseData(started, chunk) {
          if (response.write(chunk) === false) started.pause();
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError(_controller, thrown) {
          if (response.destroyed || response.writableEnded) return;
          if (response.headersSent) {
            options.failed(undefined, thrown);
            breakOff(request, response);
          } else if (attempts > 0 && isLostConnection(thrown)) {
            send();
          } else {
            const refusal = upstreamRefusal(thrown);
            options.failed(refusal, thrown);
            answerRefusal(request, response, refusal);
          }
        },
      },
    );
  }

  send();
}

const NOT_MODIFIED = 304;

/** It has no meaning (RFC 9112 4), and node:http sends none that is not of printable characters. */
function phraseOf(statusText: string | undefined): string {
  return statusText !== undefined && /^[\t\x20-\x7E]*$/.test(statusText) ? statusText : '';
}

/** An answer of this server in the place of the one that there should be. */
export function answerRefusal(request: IncomingMessage, response: ServerResponse, refusal: OAuthError): void {
  const { status, headers, body } = answerOf(refusal);
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      ...SAFETY,
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(request.complete ? {} : { connection: 'close' }),
    })
    .end(text);
}

/** To HTTP/1.0 the end of a connection is the end of an answer, unless it is reset. */
function breakOff(request: IncomingMessage, response: ServerResponse): void {
  if (request.httpVersionMinor === 0 && !('encrypted' in request.socket)) request.socket.resetAndDestroy();
  else response.destroy();
}

function has(headers: FlatHeaders, name: string): boolean {
  return [...pairsOf(headers)].some(([written]) => written.toLowerCase() === name);
}

function textsOf(raw: Dispatcher.DispatchController['rawHeaders']): FlatHeaders {
  return Array.isArray(raw) ? raw.map((one) => (typeof one === 'string' ? one : one.toString('latin1'))) : [];
}
