// Owns requests as fetch does not send them: a header twice, a body with a GET, headers that are not tidied. Never follows a redirect.

import { request } from 'node:http';
import type { World } from './world.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request with these headers, in order, and repeats kept. `path` is that of the URL. */
export function rawRequest(
  { port }: Pick<World, 'port'>,
  path: string,
  {
    method = 'GET',
    headers = [],
    body = '',
    host = `127.0.0.1:${port}`,
  }: { method?: string; headers?: readonly (readonly [string, string])[]; body?: string; host?: string } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = [['Host', host], ['Content-Length', String(Buffer.byteLength(body))], ...headers];
    const asked = request({ host: '127.0.0.1', port, path, method, headers: sent.flat() }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const told = new Headers();
        for (const [name, value = ''] of Object.entries(response.headers)) told.append(name, String(value));
        resolve({ status: response.statusCode ?? 0, headers: told, text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
