// Owns the one way in which this server calls others: guarded at the moment of connecting, bounded in time and size, without
// redirects, cookies or proxies. Never knows what is asked for.

import { type LookupAddress, lookup as lookupCallback } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { Agent, buildConnector, request } from 'undici';
import { refusalOfAddresses, refusalOfUrl, withoutBrackets } from './permission.ts';

/** Milliseconds for all of it: name, connection, answer. */
const TIMEOUT = 5000;
/** Bytes of an answer. */
const BODY_LIMIT = 256 * 1024;
/** Connections to one host at a time; what is more waits its turn. */
const CONNECTIONS = 8;

/** A call that did not come to an answer. `message` names the host and is for the log alone. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  /** The guard did not let it through: it will not be better a moment later. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.refused = refused;
  }
}

export interface Call {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Called {
  readonly status: number;
  /** The value of Cache-Control, of several headers all. */
  readonly cacheControl: string;
  /** Reads what was answered. Throws CallFailed. */
  text(): Promise<string>;
  /** Reads no more of it. */
  drop(): void;
}

export interface GuardedRequest {
  /** Throws CallFailed, for an answer of any status never. */
  call(call: Call): Promise<Called>;
  /** Ends all calls under way. */
  close(): Promise<void>;
}

export interface GuardOptions {
  /** What server.outbound.allow says now. */
  readonly allow: () => readonly string[];
  /** All addresses of a name; by default the system's. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
  /** PEM of further authorities that are trusted. */
  readonly ca?: string | Buffer;
  /** Milliseconds. */
  readonly timeout?: number;
}

const resolveBySystem = promisify(lookupCallback);

export function createGuardedRequest(options: GuardOptions): GuardedRequest {
  const { allow, resolve = (hostname) => resolveBySystem(hostname, { all: true }), ca, timeout = TIMEOUT } = options;
  const closing = new AbortController();

  /** A connector to which only addresses come that were judged: a name cannot lead elsewhere between judging and connecting. */
  function connectorFor(protocol: string): buildConnector.connector {
    const lookup: LookupFunction = (hostname, { all }, done) => {
      resolve(hostname).then(
        (found) => {
          const refusal = refusalOfAddresses(
            { protocol, hostname },
            found.map(({ address }) => address),
            allow(),
          );
          const [first] = found;
          if (refusal !== undefined) done(new CallFailed(refusal, true), '');
          else if (first === undefined) done(new CallFailed(`${hostname} has no address`, false), '');
          else if (all === true) done(null, [...found]);
          else done(null, first.address, first.family);
        },
        (error: Error) => done(error, ''),
      );
    };
    return buildConnector({ lookup, timeout, ...(ca === undefined ? {} : { ca }) });
  }

  const secure = connectorFor('https:');
  const plain = connectorFor('http:');
  const agent = new Agent({
    connections: CONNECTIONS,
    // A connection is for one call: the next one is judged by what the spec says then.
    pipelining: 0,
    maxResponseSize: BODY_LIMIT,
    connect(target, done) {
      const { protocol } = target;
      const address = withoutBrackets(target.hostname);
      // An address is connected to as it is, without a look-up.
      const refusal = isIP(address) === 0 ? undefined : refusalOfAddresses(target, [address], allow());
      if (refusal !== undefined) done(new CallFailed(refusal, true), null);
      else (protocol === 'https:' ? secure : plain)(target, done);
    },
  });

  return {
    async call({ url, method, headers, body }) {
      if (!URL.canParse(url)) throw new CallFailed('what should be called is no URL', true);
      const parsed = new URL(url);
      const refusal = refusalOfUrl(parsed);
      if (refusal !== undefined) throw new CallFailed(refusal, true);
      const signal = AbortSignal.any([AbortSignal.timeout(timeout), closing.signal]);
      const failed = (error: unknown): CallFailed => failureOf(error, parsed.hostname, timeout);
      try {
        const answer = await request(parsed, { method, headers, body: body ?? null, dispatcher: agent, signal });
        // What is not read any more may still fail.
        answer.body.on('error', () => undefined);
        return {
          status: answer.statusCode,
          cacheControl: [answer.headers['cache-control'] ?? []].flat().join(', '),
          async text() {
            try {
              return await answer.body.text();
            } catch (error) {
              throw failed(error);
            }
          },
          drop: () => void answer.body.destroy(),
        };
      } catch (error) {
        throw failed(error);
      }
    },
    async close() {
      closing.abort();
      await agent.destroy();
    },
  };
}

function failureOf(error: unknown, hostname: string, timeout: number): CallFailed {
  if (error instanceof CallFailed) return error;
  return new CallFailed(`${hostname} ${reasonOf(error, timeout)}`, false, { cause: error });
}

function reasonOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return 'did not answer';
  if (error.name === 'TimeoutError' || error.name === 'ConnectTimeoutError') {
    return `did not answer within ${timeout / 1000} s`;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `answered more than ${BODY_LIMIT / 1024} KiB`;
  if (error.name === 'AbortError') return 'was not waited for any longer';
  return `did not answer (${code ?? error.message})`;
}
