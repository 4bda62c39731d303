// Owns where the two surfaces listen (DESIGN 5), and what is said when that cannot be. Never decides whether an issuer
// may be served there: issuer-rules.ts does.

import type { FastifyInstance } from 'fastify';
import { Failure } from '../model/failure.ts';
import { type Binding, type BoundAddress, bindingOf } from './binding.ts';
import { isLoopback } from './loopback.ts';
import { makeWayFor, operatorSocketPath } from './operator-socket.ts';

export type { BoundAddress } from './binding.ts';

export interface PublicListener {
  /** Undefined, or `localhost`: 127.0.0.1 and ::1, the latter where the machine has IPv6. */
  readonly host: string | undefined;
  /** 0 takes a free port, the same on both addresses. */
  readonly port: number;
}

export interface OperatorListener {
  /** Where the store is: a file's path or a URL. Without it there is no socket. */
  readonly storePath?: string;
  readonly admin?: BoundAddress;
  /** For XDG_RUNTIME_DIR; the process's own where it is not given. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface OperatorListening {
  /** The path of the Unix socket, when it is this server's. */
  readonly socket: string | undefined;
  /** Why there is no socket, a sentence for the log. */
  readonly without: string | undefined;
  readonly admin: BoundAddress | undefined;
}

/** How often a free port is tried that must be free on two addresses at once. */
const ATTEMPTS = 8;

/**
 * Begins to accept. Call before `app.ready()`. Throws Failure `listen_failed`, and then nothing is bound.
 */
export async function listenPublic(
  app: FastifyInstance,
  { host, port }: PublicListener,
): Promise<readonly BoundAddress[]> {
  const binding = bindingOf(app);
  if (host !== undefined && host.toLowerCase() !== 'localhost') {
    return [await bindOrFail(binding, withoutBrackets(host), port, '--port')];
  }
  for (let attempt = 1; ; attempt += 1) {
    const first = await bindOrFail(binding, '127.0.0.1', port, '--port');
    try {
      return [first, await binding.tcp('::1', first.port)];
    } catch (error) {
      if (hasNoIpv6(error)) return [first];
      await binding.release();
      if (port !== 0 || attempt === ATTEMPTS || codeOf(error) !== 'EADDRINUSE') {
        throw listenFailure(error, '::1', first.port, '--port');
      }
    }
  }
}

/**
 * Opens the operator's surface. A socket that cannot be had does not stop the server: `without` says why. An admin
 * address that cannot be had does: Failure `usage` for one that is not loopback, `listen_failed` otherwise.
 */
export async function listenOperator(app: FastifyInstance, options: OperatorListener): Promise<OperatorListening> {
  const { storePath, admin, env = process.env } = options;
  if (admin !== undefined && !isLoopback(admin.host)) {
    throw new Failure(
      'usage',
      `--admin ${formatAddress(admin)}: only a loopback address can be given. The operator's surface asks for no ` +
        'credentials; one for other machines needs a token with the scope charter.admin, which this version does not issue.',
    );
  }
  const binding = bindingOf(app);
  const socket = storePath === undefined ? undefined : operatorSocketPath(storePath, env);
  let without: string | undefined;
  if (socket !== undefined) {
    without = await makeWayFor(socket);
    if (without === undefined) {
      try {
        await binding.socket(socket);
      } catch (error) {
        without = `${socket} cannot be opened (${codeOf(error) ?? String(error)}).`;
      }
    }
  }
  let bound: BoundAddress | undefined;
  if (admin !== undefined) {
    try {
      bound = await bindOrFail(binding, withoutBrackets(admin.host), admin.port, '--admin');
    } catch (error) {
      await binding.release();
      throw error;
    }
  }
  return { socket: without === undefined ? socket : undefined, without, admin: bound };
}

/** `host:port` as a URL writes it. */
export function formatAddress({ host, port }: BoundAddress): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function bindOrFail(binding: Binding, host: string, port: number, option: Option): Promise<BoundAddress> {
  try {
    return await binding.tcp(host, port);
  } catch (error) {
    throw listenFailure(error, host, port, option);
  }
}

type Option = '--port' | '--admin';

function listenFailure(error: unknown, host: string, port: number, option: Option): Failure {
  const code = codeOf(error);
  if (code === undefined) throw error;
  const address = formatAddress({ host, port });
  const other = option === '--port' ? '--port PORT' : '--admin HOST:PORT';
  const hostOption = option === '--port' ? '--host ADDRESS' : '--admin HOST:PORT';
  const told: { readonly [code: string]: string } = {
    EADDRINUSE: `${address} is in use by another process. Choose another port with ${other}, or end that process.`,
    EACCES: `${address} may not be listened on by this user. Ports below 1024 need the right to bind them; choose another with ${other}.`,
    EADDRNOTAVAIL: `${address} is no address of this machine. Choose one of its own with ${hostOption}.`,
    ENOTFOUND: `The name ${host} has no address. Choose an address of this machine with ${hostOption}.`,
    ERR_SOCKET_BAD_PORT: `${port} is no port. Choose one from 1 to 65535 with ${other}, or 0 for a free one.`,
  };
  const message =
    told[code] ?? `${address} cannot be listened on (${code}). Choose another address with ${hostOption}.`;
  return new Failure('listen_failed', message, { cause: error });
}

/** The errors by which a machine without IPv6 refuses ::1. */
function hasNoIpv6(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EPROTONOSUPPORT';
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
