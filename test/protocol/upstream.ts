// Owns the server behind the resources that tests protect: it keeps what it was asked and answers as it is told. Never asks who asks.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Upstream {
  readonly url: string;
  readonly server: Server;
  /** In the order in which they came. */
  readonly arrived: Arrived[];
  /** How the next requests are answered; by default 200 with a word of its own. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    if (request.headers['x-large'] !== undefined) return upstream.answer(request, response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      arrived.push({ method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString('latin1') });
      upstream.answer(request, response);
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = {
    url: `http://127.0.0.1:${port}`,
    server,
    arrived,
    answer: (_request, response) => void response.end('behind'),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return upstream;
}
