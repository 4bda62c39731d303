// Owns requests that ask for another protocol: websockets for servers behind this one, and all others, which are answered as if they did
// not ask. node:http hands every one of them out once somebody listens; clients of Java ask for h2c with each first request.

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pairsOf } from './headers.ts';

/** Takes the request, or answers false. */
export type TakeUpgrade = (request: IncomingMessage, response: ServerResponse, socket: Socket, head: Buffer) => boolean;

export function addUpgrades(app: FastifyInstance, take: TakeUpgrade): void {
  const { server } = app;
  const isTls = 'setSecureContext' in server;
  server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = duplex as Socket;
    socket.on('error', () => socket.destroy());
    const isWebsocket = request.method === 'GET' && request.headers.upgrade?.trim().toLowerCase() === 'websocket';
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    if (isWebsocket && take(request, response, socket, head)) return;
    // Once more, as if it had just come, without what it asked for.
    socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
    server.emit(isTls ? 'secureConnection' : 'connection', socket);
  });
}

/** The head of the request as it was sent, without its wish (RFC 9110 7.8: a server may ignore it). */
function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (const [name, value] of pairsOf(rawHeaders)) {
    const read = name.toLowerCase();
    if (read === 'upgrade' || read === 'http2-settings') continue;
    if (read !== 'connection') {
      lines.push(`${name}: ${value}`);
      continue;
    }
    const options = value.split(',').filter((one) => !/^(upgrade|http2-settings)$/i.test(one.trim()));
    if (options.length > 0) lines.push(`${name}: ${options.join(',')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
