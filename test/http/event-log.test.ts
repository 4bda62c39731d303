import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventLog } from '../../src/http/event-log.ts';
import { FORM, GRANT, logInMemory, SECRET, serve, TOKEN } from './serving.ts';

describe('the log of events', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes the events of a moment as one record, each with its own time', () => {
    const { logger, records } = logInMemory();
    let time = 1000;
    const events = createEventLog(logger, () => time++);
    events.write({ event: 'token', outcome: 'issued' });
    events.write({ event: 'token', outcome: 'refused' });
    expect(records).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      level: 30,
      msg: 'events',
      events: [
        { time: 1000, event: 'token', outcome: 'issued' },
        { time: 1001, event: 'token', outcome: 'refused' },
      ],
    });
    vi.advanceTimersByTime(1000);
    expect(records).toHaveLength(1);
  });

  it('does not gather without end', () => {
    const { logger, records } = logInMemory();
    const events = createEventLog(logger, () => 0);
    for (let count = 0; count < 600; count += 1) events.write({ event: 'token' });
    expect(records.map((record) => (record.events as unknown[]).length)).toEqual([256, 256]);
    events.flush();
    expect(records.map((record) => (record.events as unknown[]).length)).toEqual([256, 256, 88]);
    events.flush();
    vi.advanceTimersByTime(50);
    expect(records).toHaveLength(3);
  });
});

describe('the log of the public surface', () => {
  it('P:B-012 holds who did what, and neither token nor secret; closing writes the rest', async () => {
    const { logger, records } = logInMemory();
    const app = serve({ logger });
    const granted = await app.inject({ method: 'POST', url: `${TOKEN}?q=in-the-query`, headers: FORM, payload: GRANT });
    const { access_token } = granted.json<{ access_token: string }>();
    const authorization = `Basic ${Buffer.from(`Client1:${SECRET}`).toString('base64')}`;
    for (const path of ['introspection', 'revocation']) {
      const headers = { ...FORM, authorization };
      await app.inject({ method: 'POST', url: `/uas/oauth2/${path}`, headers, payload: `token=${access_token}` });
    }
    await app.inject({ url: '/uas/oauth2/userinfo', headers: { authorization: `Bearer ${access_token}` } });
    await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload: GRANT.replace(SECRET, 'another-secret') });
    await app.close();

    const events = records.flatMap((record) => (record.events as Record<string, unknown>[] | undefined) ?? []);
    expect(events.map(({ event }) => event)).toEqual(['token', 'introspection', 'revocation', 'userinfo', 'token']);
    expect(events[0]).toMatchObject({ outcome: 'issued', client_id: 'Client1', generation: 1 });
    const text = JSON.stringify(records);
    for (const secret of [
      SECRET,
      'another-secret',
      access_token,
      access_token.split('.')[2],
      authorization,
      'in-the-query',
    ]) {
      expect(text).not.toContain(secret);
    }
  });

  it('has no line for a request that went well and has nothing to tell', async () => {
    const { logger, records } = logInMemory();
    const app = serve({ logger });
    for (const url of ['/healthz', '/readyz', '/uas/jwks', '/uas/.well-known/openid-configuration', '/nothing'])
      await app.inject({ url });
    await app.close();
    expect(records).toEqual([]);
  });
});
