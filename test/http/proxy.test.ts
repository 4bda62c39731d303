// How the built-in proxy comes to rest with its app. What it lets through is tested where the protocol is.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createState } from '../../src/model/state.ts';
import { CLIENT1, EX2 } from '../model/example-state.ts';
import { FORM, GRANT, serve, snapshotOf, TOKEN } from './serving.ts';

const behind = createServer((_request, response) => {
  response.write('begun ');
  setTimeout(() => response.end('ended'), 150);
});
behind.on('upgrade', (_request, socket) => {
  socket.on('error', () => undefined);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nopen');
});
afterEach(() => void behind.close());

it('an app that closes finishes exchanges, says on which connection no other follows, and ends websockets at once', async () => {
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const upstream = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
  const resource = { kind: 'resource', path: '/api', upstream, access_rules: [{ client: CLIENT1 }] } as const;
  const app = serve({ snapshot: snapshotOf(createState([...EX2, ['resource:api', resource]])) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const { access_token } = (await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload: GRANT })).json();
  const head = `GET /api HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer ${access_token}\r\n`;

  const tunnel = connect(port, '127.0.0.1');
  tunnel.write(`${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  await once(tunnel, 'data');
  const plain = connect(port, '127.0.0.1');
  let text = '';
  plain.on('data', (chunk) => {
    text += chunk;
  });
  plain.write(`${head}\r\n`);
  await expect.poll(() => text).toContain('begun');

  const ends = [once(tunnel, 'close'), once(plain, 'close')];
  await app.close();
  await Promise.all(ends);
  expect(text).toContain('ended');
});
