import { describe, expect, it } from 'vitest';
import { createGuardedRequest } from '../../src/outbound/guarded-request.ts';
import { createLogoutNotices, type NoticeTimes } from '../../src/outbound/logout-notices.ts';
import { createOutbound } from '../../src/outbound/outbound.ts';
import { afterwards, listen, logInMemory } from './called.ts';

const TOKEN = 'eyJ.secret.token';

function sending(times: NoticeTimes, allow: readonly string[] = ['127.0.0.1'], timeout = 5000) {
  const { logger, said } = logInMemory();
  const guarded = createGuardedRequest({ allow: () => allow, timeout });
  const notices = createLogoutNotices(guarded, logger, times);
  afterwards(async () => {
    await notices.close();
    await guarded.close();
  });
  return { said, ...notices, messages: () => said.map(({ message }) => message) };
}

const to = (port: number, client_id = 'Client1') => ({
  client_id,
  uri: `http://127.0.0.1:${port}/logout?secret=in-query`,
  token: TOKEN,
});

describe('a logout notice', () => {
  it.each([200, 204, 202])('is a form with the token alone, and taken by %i', async (status) => {
    const { port, requests } = await listen((response) => response.writeHead(status).end());
    const { send, said } = sending({ retries: [], patience: 5000 });
    await send([to(port)]);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', body: `logout_token=${TOKEN}` });
    expect(requests[0]?.of.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'cache-control': 'no-store',
    });
    expect(said).toEqual([
      {
        level: 'info',
        message: 'logout notice taken',
        fields: { client_id: 'Client1', host: `127.0.0.1:${port}`, attempt: 1 },
      },
    ]);
    expect(JSON.stringify(said)).not.toMatch(/secret/);
  });

  it('is sent again until it is taken, a few times', async () => {
    let left = 2;
    const { port, requests } = await listen((response) => response.writeHead(left-- > 0 ? 500 : 200).end());
    const { send, said } = sending({ retries: [1, 1, 1], patience: 5000 });
    await send([to(port)]);
    expect(requests.map(({ body }) => body)).toEqual(Array(3).fill(`logout_token=${TOKEN}`));
    expect(said.at(-1)).toMatchObject({ message: 'logout notice taken', fields: { attempt: 3 } });
  });

  it('is given up after those, and that is told', async () => {
    const { port, requests } = await listen((response) => response.writeHead(400).end());
    const { send, said } = sending({ retries: [1, 1, 1], patience: 5000 });
    await send([to(port)]);
    expect(requests).toHaveLength(4);
    expect(said.at(-1)).toMatchObject({
      level: 'warn',
      message: 'logout notice given up',
      fields: { attempt: 4, reason: 'answered 400' },
    });
  });

  it('is not taken by a redirect', async () => {
    const elsewhere = await listen((response) => void response.end());
    const { port } = await listen((response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
    });
    const { send, messages } = sending({ retries: [], patience: 5000 });
    await send([to(port)]);
    expect([messages(), elsewhere.requests]).toEqual([['logout notice given up'], []]);
  });

  it('is not sent again where the guard refuses it', async () => {
    const { port, requests } = await listen((response) => void response.end());
    const { send, said } = sending({ retries: [1, 1, 1], patience: 5000 }, []);
    await send([to(port)]);
    expect(requests).toEqual([]);
    expect(said).toMatchObject([{ message: 'logout notice given up', fields: { attempt: 1 } }]);
    expect(JSON.stringify(said)).toContain('server.outbound.allow would permit it');
  });

  it('keeps nobody waiting for a client that does not answer, and is sent again later', async () => {
    let isUp = false;
    const slow = await listen((response) => void (isUp && response.end()));
    const { port, requests } = await listen((response) => void response.end());
    const { send, messages } = sending({ retries: [1], patience: 100 }, ['127.0.0.1'], 400);
    await send([to(slow.port, 'Slow'), to(port)]);
    // The others have it, and the slow one was asked once so far.
    expect([requests.length, slow.requests.length, messages()]).toEqual([1, 1, ['logout notice taken']]);
    isUp = true;
    await expect.poll(messages).toEqual(['logout notice taken', 'logout notice taken']);
    expect(slow.requests).toHaveLength(2);
  });

  it('that waits is given up when the server ends, without a wait', async () => {
    const { port, requests } = await listen((response) => response.writeHead(500).end());
    const { send, close, messages } = sending({ retries: [600_000], patience: 20 });
    await send([to(port)]);
    await expect.poll(() => requests.length).toBe(1);
    await close();
    expect([messages(), requests.length]).toEqual([['logout notice given up'], 1]);
  });

  it('that is under way is ended with the server', async () => {
    const { port, requests } = await listen(() => undefined);
    const { logger, said } = logInMemory();
    const outbound = createOutbound({ allow: () => ['127.0.0.1'], logger, now: Date.now });
    const sent = outbound.logoutNotices.send([to(port)]);
    await expect.poll(() => requests.length).toBe(1);
    await outbound.close();
    await sent;
    expect(said).toMatchObject([{ message: 'logout notice given up', fields: { attempt: 1 } }]);
  });

  it('to nobody is sent at once', async () => {
    await expect(sending({ retries: [], patience: 600_000 }).send([])).resolves.toBeUndefined();
  });
});
