import { describe, expect, it } from 'vitest';
import { FLOOR_MILLISECONDS, untilFloor } from '../../src/http/floor.ts';
import { FORM, GRANT, SECRET, serve, TOKEN } from './serving.ts';

async function timed(payload: string): Promise<{ status: number; body: string; took: number }> {
  const app = serve();
  await app.ready();
  const began = performance.now();
  const response = await app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload });
  return { status: response.statusCode, body: response.body, took: performance.now() - began };
}

describe('the floor of 25 ms', () => {
  it('P:O-011 holds for a wrong secret and an unknown client, with the same answer', async () => {
    const wrong = await timed(GRANT.replace(SECRET, 'wrong'));
    const unknown = await timed(GRANT.replace('Client1', 'Nobody'));
    expect(wrong).toMatchObject({ status: 401, body: unknown.body });
    expect(unknown.status).toBe(401);
    expect(wrong.took).toBeGreaterThanOrEqual(FLOOR_MILLISECONDS);
    expect(unknown.took).toBeGreaterThanOrEqual(FLOOR_MILLISECONDS);
  });

  it('costs no CPU: a hundred failures at once take little more than one', async () => {
    const app = serve();
    await app.ready();
    const payload = GRANT.replace(SECRET, 'wrong');
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 100 }, () => app.inject({ method: 'POST', url: TOKEN, headers: FORM, payload })),
    );
    expect(performance.now() - began).toBeLessThan(100 * FLOOR_MILLISECONDS);
  });

  it('does not hold for successes', async () => {
    const took = [];
    for (let times = 0; times < 10; times += 1) took.push((await timed(GRANT)).took);
    expect(Math.min(...took)).toBeLessThan(FLOOR_MILLISECONDS);
  });

  it('is counted from the beginning', async () => {
    const late = performance.now();
    await untilFloor(late - FLOOR_MILLISECONDS - 1);
    expect(performance.now() - late).toBeLessThan(FLOOR_MILLISECONDS);
    const began = performance.now();
    await untilFloor(began - 15);
    expect(performance.now() - began).toBeGreaterThanOrEqual(FLOOR_MILLISECONDS - 15);
  });
});
