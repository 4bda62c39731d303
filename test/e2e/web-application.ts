// Owns the web applications of others in tests: an Express application on a port of its own. Never what it does.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Application } from 'express';

export interface WebApplication {
  /** Of another site than the server, which is `localhost`: what browsers keep apart is apart. */
  readonly origin: string;
  readonly app: Application;
  stop(): Promise<void>;
}

export async function startWebApplication(): Promise<WebApplication> {
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    app,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
