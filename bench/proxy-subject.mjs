// Owns a process of proxy.mjs: the server behind, or the least that a Fastify application has to do to stand before it. Prints its
// port. Never measures.

import { createServer } from 'node:http';
import Fastify from 'fastify';
import { Agent, request } from 'undici';

const [, , subject, upstream] = process.argv;
const BODY = JSON.stringify({ orders: Array.from({ length: 10 }, (_, id) => ({ id, state: 'shipped' })) });

if (subject === 'upstream') {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length }).end(BODY);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
} else {
  const dispatcher = new Agent();
  const app = Fastify();
  app.get('/*', async (incoming, reply) => {
    const { host: _, connection: __, ...headers } = incoming.headers;
    const answer = await request(upstream + incoming.raw.url, { dispatcher, headers });
    const { connection: ___, 'keep-alive': ____, ...told } = answer.headers;
    reply.code(answer.statusCode).headers(told);
    return reply.send(answer.body);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  console.log(app.server.address().port);
}
