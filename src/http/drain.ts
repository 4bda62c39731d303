// Owns how an app comes to rest: nothing new is accepted, what is under way is finished, clients that keep connections
// are told, and nothing lingers. Never decides when.

import { Server, type Socket } from 'node:net';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * Milliseconds in which a client may still send on a connection that it keeps, and learns from the answer that it ends.
 * Closed at once, its request would cross the end on the wire and be lost: who sent it could not know whether it counted.
 */
const GRACE_MILLISECONDS = 300;
/** Milliseconds after which connections that are still busy are cut: supervisors commonly wait 30 s before they kill. */
const DRAIN_MILLISECONDS = 10_000;

/** What else stops accepting when an app does. */
const beginnings = new WeakMap<FastifyInstance, (() => void)[]>();

/** Calls `begin` at the moment that the app begins to close, before its clients are given time. */
export function whenDraining(app: FastifyInstance, begin: () => void): void {
  const known = beginnings.get(app) ?? [];
  beginnings.set(app, [...known, begin]);
}

/** From the moment that the app begins to close, every response ends its connection (RFC 9112 9.6). */
export function addDrain(app: FastifyInstance): void {
  const connections = new Set<Socket>();
  let taken = 0;
  let draining = false;
  let stopped: Promise<void> | undefined;
  let cut: NodeJS.Timeout | undefined;

  const track = (socket: Socket) => {
    taken += 1;
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
  app.addHook('preClose', async () => {
    if (app.server.listening) {
      await takeInWaiting(() => taken);
      stopped = stopAccepting(app.server);
    }
    draining = true;
    for (const begin of beginnings.get(app) ?? []) begin();
    cut = setTimeout(() => {
      for (const socket of connections) socket.destroy();
    }, DRAIN_MILLISECONDS).unref();
    if (connections.size > 0) await sleep(GRACE_MILLISECONDS);
    // node:http closes connections between two requests, but waits for those that were opened ahead of need.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    app.server.closeIdleConnections();
  });
  app.addHook('onClose', async () => {
    await stopped;
    clearTimeout(cut);
  });
}

/**
 * Who is connected already waits in the kernel until the event loop comes to it, with a request that may be sent already: the end
 * of listening would reset that connection. So the loop goes round until it meets nobody new.
 */
async function takeInWaiting(taken: () => number): Promise<void> {
  const end = performance.now() + GRACE_MILLISECONDS;
  // Two rounds: the first may have looked at its connections before it was asked to.
  for (let quiet = 0; quiet < 2 && performance.now() < end; ) {
    const before = taken();
    await setImmediate();
    quiet = taken() === before ? quiet + 1 : 0;
  }
}

/** The close of node:net: that of node:http would end idle connections at once. Resolves when all have ended. */
function stopAccepting(server: Server): Promise<void> {
  return new Promise((resolve) => {
    Server.prototype.close.call(server, () => resolve());
  });
}
