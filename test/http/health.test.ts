import { describe, expect, it } from 'vitest';
import { serve } from './serving.ts';

describe('health', () => {
  it('/healthz is 200 as long as the process answers, ready or not', async () => {
    const app = serve({ current: () => undefined, ready: () => ({ ready: false }) });
    const response = await app.inject({ url: '/healthz' });
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'ok' }]);
    expect(response.headers['cache-control']).toBe('no-store');
    expect((await app.inject({ method: 'HEAD', url: '/healthz' })).statusCode).toBe(200);
  });

  it('/readyz follows ready()', async () => {
    let readiness: { ready: boolean; reason?: string } = { ready: false, reason: 'no generation is served yet' };
    const app = serve({ ready: () => readiness });
    const before = await app.inject({ url: '/readyz' });
    expect([before.statusCode, before.json()]).toEqual([
      503,
      { status: 'not ready', reason: 'no generation is served yet' },
    ]);
    readiness = { ready: true };
    const after = await app.inject({ url: '/readyz' });
    expect([after.statusCode, after.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('stands at the origin alone', async () => {
    expect((await serve().inject({ url: '/uas/healthz' })).statusCode).toBe(404);
  });
});
