// Owns the servers that the tests of this folder call: on loopback, plain or with a certificate of their own. Never outlive a
// test.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../http/fixtures', name));
/** Trusts the certificate of `listenSecurely`, which is for localhost, 127.0.0.1 and ::1. */
export const CA = fixture('localhost.crt');

export interface Listening {
  readonly port: number;
  /** What was asked, in order, with its body. */
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly body: string;
    readonly of: IncomingMessage;
  }[];
}

type Answering = (response: ServerResponse, request: IncomingMessage) => void;

const closings: (() => Promise<unknown> | unknown)[] = [];

/** Called after the test. */
export function afterwards(close: () => Promise<unknown> | unknown): void {
  closings.push(close);
}

afterEach(async () => {
  await Promise.all(closings.splice(0).map((close) => close()));
});

export function listen(answering: Answering, host = '127.0.0.1'): Promise<Listening> {
  return opened((handle) => createServer(handle), answering, host);
}

export function listenSecurely(answering: Answering, host = '127.0.0.1'): Promise<Listening> {
  return opened((handle) => createSecureServer({ cert: CA, key: fixture('localhost.key') }, handle), answering, host);
}

async function opened(
  make: (handle: (request: IncomingMessage, response: ServerResponse) => void) => Server,
  answering: Answering,
  host: string,
): Promise<Listening> {
  const requests: Listening['requests'] = [];
  const server = make((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      requests.push({ method: request.method ?? '', url: request.url ?? '', body, of: request });
      answering(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  afterwards(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

export interface Said {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: object;
}

/** A log that can be read. */
export function logInMemory(): {
  readonly said: Said[];
  readonly logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
} {
  const said: Said[] = [];
  const at = (level: Said['level']) => (fields: object, message: string) => void said.push({ level, message, fields });
  return { said, logger: { info: at('info'), warn: at('warn') } };
}
