import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderErrorPage } from '../../../src/http/pages/error.tsx';
import { FORM, logInMemory, serve } from '../serving.ts';

const AUTHORIZE = '/uas/oauth2/authorization';
const EVIL = 'https://evil.test/?x="><script>alert(1)</script>';
const QUERY = `response_type=code&client_id=Client1&state=s&redirect_uri=${encodeURIComponent(EVIL)}`;

describe('the error page of the authorization endpoint', () => {
  it.each([
    ['GET', `${AUTHORIZE}?${QUERY}`, {}, undefined, 400],
    ['POST', AUTHORIZE, FORM, QUERY, 400],
    ['GET', '/uas/authorize', {}, undefined, 400],
    ['GET', `${AUTHORIZE}?client_id=a&client_id=b`, {}, undefined, 400],
    ['POST', AUTHORIZE, { 'content-type': 'application/json' }, '{}', 400],
    ['POST', AUTHORIZE, { 'content-type': 'nonsense' }, 'a=b', 400],
    ['POST', AUTHORIZE, FORM, 'x'.repeat(70_000), 413],
    ['DELETE', AUTHORIZE, {}, undefined, 405],
  ] as const)(
    'P:O-026 P:S-025 answers %s %s as a page without a redirect (%#)',
    async (method, url, headers, payload, status) => {
      const response = await serve().inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
      expect(response.statusCode).toBe(status);
      expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(response.headers.location).toBeUndefined();
      expect(response.headers['www-authenticate']).toBeUndefined();
      expect(response.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(response.headers['content-security-policy']).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
      expect(response.body).toMatch(/Correlation id<\/dt>\s*<dd>[\w-]{12}</);
      expect(response.body).not.toContain('evil.test');
    },
  );

  it('reads the query of a GET: a client_id that is there is not missing', async () => {
    const app = serve();
    const without = await app.inject({ url: AUTHORIZE });
    const withClient = await app.inject({ url: `${AUTHORIZE}?${QUERY}` });
    expect(without.body).toContain('CLIENT_ID_MISSING');
    expect(withClient.body).not.toContain('CLIENT_ID_MISSING');
  });

  it('P:S-026 has no CORS headers, for OPTIONS neither', async () => {
    const app = serve();
    for (const method of ['OPTIONS', 'GET'] as const) {
      const { headers } = await app.inject({ method, url: AUTHORIZE, headers: { origin: 'https://app.test' } });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('says 405 with Allow to other methods', async () => {
    const { headers } = await serve().inject({ method: 'PUT', url: AUTHORIZE });
    expect(headers.allow).toBe('GET, HEAD, POST');
  });

  it('has a correlation id that stands in the log', async () => {
    const { logger, records } = logInMemory();
    const app = serve({ logger });
    const { body } = await app.inject({ url: AUTHORIZE });
    await app.close();
    const correlation = /Correlation id<\/dt>\s*<dd>([\w-]{12})</.exec(body)?.[1];
    expect(records.flatMap(({ events }) => events)).toContainEqual(
      expect.objectContaining({ event: 'error_page', correlation, code: 'CLIENT_ID_MISSING' }),
    );
  });

  it('blames the request or the server', () => {
    const told = (status: number) => renderErrorPage({ status, error: 'e', description: 'd', correlation: 'c' }).html;
    expect(told(400)).toContain('this server does not accept');
    expect(told(503)).toContain('cannot answer at the moment');
    expect(told(429)).toContain('too many attempts');
  });

  it('escapes what it shows', () => {
    const description = `<script>"'</script>`;
    const page = renderErrorPage({ status: 400, error: 'a&b', description, correlation: '<i>' }).html;
    expect(page).toContain('a&amp;b');
    expect(page).toContain(`&lt;script>&quot;'&lt;/script>`);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<i>');
  });

  it('allows exactly the style that it has', async () => {
    const { body, headers } = await serve().inject({ url: AUTHORIZE });
    const style = /<style>(.*)<\/style>/s.exec(body)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${digest}'`);
  });
});
