// Owns two connections that have become one: a websocket through this server, for as long as its token counts. Never reads what goes
// through it.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface TunnelOptions {
  /** Milliseconds in which nothing goes through. */
  readonly idle: number;
  /** Milliseconds between two looks at whether it may go on. */
  readonly checkEvery: number;
  readonly mayGoOn: () => Promise<boolean>;
}

/** Ends both when either does. Answers what ends it from outside. */
export function tunnel(client: Socket, upstream: Duplex, head: Buffer, options: TunnelOptions): () => void {
  const end = (): void => {
    clearInterval(timer);
    client.destroy();
    upstream.destroy();
  };
  const check = (): void => {
    // Who cannot be asked says no: a store that is away ends what it would not let begin.
    options.mayGoOn().then(
      (may) => (may ? undefined : end()),
      () => end(),
    );
  };
  const timer = setInterval(check, options.checkEvery).unref();
  client.setTimeout(options.idle, end);
  for (const side of [client, upstream]) side.on('error', end).on('close', end);
  if (head.length > 0) upstream.write(head);
  client.pipe(upstream).pipe(client);
  return end;
}
