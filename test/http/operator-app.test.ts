import { describe, expect, it } from 'vitest';
import { createOperatorApp } from '../../src/http/operator-app.ts';
import { closing, logInMemory } from './serving.ts';

const verbs = {
  approve: async (text: string) => ({ approved: text }),
  reload: async () => ({ looked: true }),
  tokens: async (asked: object) => ({ asked }),
  revokeTokens: async (asked: object) => ({ asked }),
};

function operator(status: () => Promise<object> = async () => ({ generation: 3 })) {
  const log = logInMemory();
  return { app: closing(createOperatorApp({ status, verbs, logger: log.logger })), log };
}

describe("the operator's surface", () => {
  it('answers its status as JSON, uncached', async () => {
    const response = await operator().app.inject({ url: '/status', headers: { host: 'localhost' } });
    expect([response.statusCode, response.json()]).toEqual([200, { generation: 3 }]);
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers /healthz, and 404 for the rest', async () => {
    const { app } = operator();
    expect((await app.inject({ url: '/healthz', headers: { host: '127.0.0.1:9' } })).json()).toEqual({ status: 'ok' });
    expect((await app.inject({ url: '/nothing', headers: { host: '[::1]:9' } })).statusCode).toBe(404);
    expect((await app.inject({ method: 'POST', url: '/status', headers: { host: 'localhost' } })).statusCode).toBe(404);
  });

  it('refuses a name that only leads here: DNS rebinding by a page in a browser', async () => {
    for (const host of ['rebound.test', 'localhost.rebound.test', '127.0.0.1.rebound.test:80']) {
      const response = await operator().app.inject({ url: '/status', headers: { host } });
      expect([host, response.statusCode]).toEqual([host, 421]);
      expect(response.body).not.toContain('generation');
    }
  });

  it('takes what changes something over the socket alone', async () => {
    for (const [method, url, payload] of [
      ['POST', '/approve', { approval: 'deletes:Example@0123456789abcdef' }],
      ['POST', '/reload', {}],
      ['POST', '/tokens/revoke', { user: 'Example/ada' }],
    ] as const) {
      const response = await operator().app.inject({ method, url, headers: { host: 'localhost' }, payload });
      expect([url, response.statusCode]).toEqual([url, 404]);
    }
    // Nor is anybody told over the network who uses what.
    const listed = await operator().app.inject({ url: '/tokens', headers: { host: 'localhost' } });
    expect(listed.statusCode).toBe(404);
  });

  it('says that a body is JSON where it is something else', async () => {
    const headers = { host: 'localhost', 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await operator().app.inject({ method: 'POST', url: '/tokens/revoke', headers, payload: 'user=ada' });
    expect([sent.statusCode, sent.json()]).toEqual([
      400,
      {
        error: 'invalid_request',
        error_description: 'CONTENT_TYPE_UNSUPPORTED: Send a JSON object, as application/json',
      },
    ]);
  });

  it('says 500 and logs when the status fails', async () => {
    const { app, log } = operator(() => Promise.reject(new Error('broken')));
    const response = await app.inject({ url: '/status', headers: { host: 'localhost' } });
    expect([response.statusCode, response.json()]).toEqual([500, expect.objectContaining({ error: 'server_error' })]);
    expect(log.records).toContainEqual(
      expect.objectContaining({ err: expect.objectContaining({ message: 'broken' }) }),
    );
  });
});
