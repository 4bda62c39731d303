// Owns how an app comes to rest: what is under way is finished, connections are not kept, and nothing lingers.
// Never decides when.

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Milliseconds after which connections that are still busy are cut: supervisors commonly wait 30 s before they kill. */
const DRAIN_MILLISECONDS = 10_000;

/** From the moment that the app begins to close, every response ends its connection (RFC 9112 9.6). */
export function addDrain(app: FastifyInstance): void {
  const connections = new Set<Socket>();
  let draining = false;
  let cut: NodeJS.Timeout | undefined;

  const track = (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  };
  app.server.on('connection', track);
  app.server.on('secureConnection', (socket: Socket) => {
    // Its handshake ended too late for it to bring a request.
    if (draining) socket.destroy();
    else track(socket);
  });

  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', (done) => {
    draining = true;
    // node:http closes connections between two requests, but waits for those that were opened ahead of need.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    cut = setTimeout(() => {
      for (const socket of connections) socket.destroy();
    }, DRAIN_MILLISECONDS).unref();
    done();
  });
  app.addHook('onClose', (_app, done) => {
    clearTimeout(cut);
    done();
  });
}
