// How long a body may take that an endpoint reads.

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { closeUnread, guardBodies } from '../../src/http/body-guard.ts';
import { closing } from './serving.ts';

async function listening() {
  const app = closing(Fastify());
  const guard = guardBodies(app, 60);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/read', { onRequest: guard.onRequest, preHandler: guard.preHandler }, async (request) => {
    // What the endpoint does takes as long as it takes.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return `read ${(request.body as Buffer).length}`;
  });
  app.post('/free', async (request) => `read ${(request.body as Buffer).length}`);
  app.post(
    '/unread',
    {
      onRequest: async (request, reply) => {
        closeUnread(request.raw, reply);
        return reply.send('unread');
      },
    },
    async () => 'never',
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

async function slowly(port: number, path: string, rest: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhi`,
  );
  const ended = once(socket, 'close');
  setTimeout(() => socket.write(rest), 300);
  await ended;
  return text;
}

it('a body that takes too long is 408, and its connection ends', async () => {
  expect(await slowly(await listening(), '/read', '')).toMatch(/^HTTP\/1\.1 408 [\s\S]*"error":"invalid_request"/);
});

it('a body that came in time is read, however long the answer takes', async () => {
  const port = await listening();
  const response = await fetch(`http://127.0.0.1:${port}/read`, { method: 'POST', body: 'text' });
  expect([response.status, await response.text()]).toEqual([200, 'read 4']);
});

it('a body that is none of the endpoints is not hurried', async () => {
  expect(await slowly(await listening(), '/free', 'ho')).toMatch(/^HTTP\/1\.1 200 [\s\S]*read 4$/);
});

it('a body that nobody reads ends the connection with the answer', async () => {
  expect(await slowly(await listening(), '/unread', '')).toMatch(/connection: close/i);
});
