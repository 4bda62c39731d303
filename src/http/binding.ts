// Owns how one app is bound to several addresses: one node:http server handles every connection, whichever listener took
// it, so that limits, timeouts and shutdown hold for all of them alike. Never chooses an address.

import { createServer, type ListenOptions, type Server } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { whenDraining } from './drain.ts';

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

export interface Binding {
  /** Binds one more address; answers it. Throws the system's error (`EADDRINUSE`, …) and then nothing is bound. */
  tcp(host: string, port: number): Promise<BoundAddress>;
  /** Binds a Unix socket that only its owner can open, from its first moment on. */
  socket(path: string): Promise<void>;
  /** Gives all addresses up again, before anyone was told of them. */
  release(): Promise<void>;
}

/** Prepares the app for `binding`. Must come before `app.ready()`; the listeners close with the app. */
export function bindingOf(app: FastifyInstance): Binding {
  const bound: Server[] = [];
  let closed: Promise<unknown> = Promise.resolve();

  // Accepting ends when the app begins to close; the app has closed when the last connection of each has ended.
  whenDraining(app, () => {
    closed = release();
  });
  app.addHook('onClose', async () => {
    await closed;
  });

  async function release(): Promise<void> {
    // The app's own server is closed by the app.
    await Promise.all(bound.splice(0).map((server) => (server === app.server ? undefined : closeServer(server))));
  }

  async function bind(options: ListenOptions): Promise<Server> {
    await app.ready();
    // The first listener is the app's own server: its timeouts run from `listening` on.
    const server = app.server.listening ? injecting(app) : app.server;
    await listening(server, options);
    if (server !== app.server) server.on('error', (error) => app.server.emit('error', error));
    bound.push(server);
    return server;
  }

  return {
    async tcp(host, port) {
      const address = (await bind({ host, port })).address();
      if (typeof address === 'string' || address === null) throw new Error(`no address bound for ${host}`);
      return { host: address.address, port: address.port };
    },
    async socket(path) {
      await bind({ path });
    },
    async release() {
      await release();
      if (app.server.listening) await closeServer(app.server);
    },
  };
}

/** Keeps an error of a listener that is up (no file descriptor left for a connection) from ending the process. */
export function reportListenerErrors(app: FastifyInstance, logger: FastifyBaseLogger): void {
  app.server.on('error', (error) => {
    if (app.server.listening) logger.error({ err: error }, 'a listener failed to accept');
  });
}

/** A listener whose connections the app's server handles, as `http.Server` allows ('connection' event). */
function injecting(app: FastifyInstance): Server {
  // As node:http makes its own; a TLS server wraps the sockets it is handed and wants them as net makes them.
  const plain = !('setSecureContext' in app.server);
  return createServer({ noDelay: true, allowHalfOpen: plain }, (socket) => {
    app.server.emit('connection', socket);
  });
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // `listen` of a socket path binds before it returns, so the mask covers exactly the making of the file.
    const mask = options.path === undefined ? undefined : process.umask(0o177);
    try {
      server.listen(options, () => {
        server.removeListener('error', reject);
        resolve();
      });
    } finally {
      if (mask !== undefined) process.umask(mask);
    }
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
