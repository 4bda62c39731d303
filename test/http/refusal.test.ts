import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { FORM, GRANT, ISSUER, logInMemory, SECRET, secrets, serve, signer, TOKEN } from './serving.ts';

const request = { method: 'POST', url: `${TOKEN}?secret-in-query`, headers: FORM, payload: GRANT } as const;

describe('what fails within the server', () => {
  it('is 500 server_error with a correlation id; the stack is in the log alone', async () => {
    const log = logInMemory();
    const broken = { sign: () => Promise.reject(new Error('the key is made of cheese')) };
    const response = await serve({ signer: broken, logger: log.logger }).inject(request);
    expect(response.statusCode).toBe(500);
    expect(response.headers['cache-control']).toBe('no-store');
    const { error, error_description } = response.json<{ error: string; error_description: string }>();
    expect(error).toBe('server_error');
    expect(response.body).not.toContain('cheese');

    const correlation = /correlation id ([\w-]{12})/.exec(error_description)?.[1];
    const record = log.records.find((entry) => entry.correlation === correlation);
    expect(record).toMatchObject({
      level: 50,
      method: 'POST',
      route: TOKEN,
      err: { message: 'the key is made of cheese' },
    });
    expect(record).toHaveProperty('err.stack');
    expect(JSON.stringify(log.records)).not.toContain(SECRET);
    expect(JSON.stringify(log.records)).not.toContain('secret-in-query');
  });

  it('is a page at the authorization endpoint, with the same id in page and log', async () => {
    const log = logInMemory();
    const current = () => {
      throw new Error('no snapshot');
    };
    const response = await serve({ current, issuer: ISSUER, logger: log.logger }).inject({ url: '/uas/authorize' });
    expect([response.statusCode, response.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8']);
    const correlation = /Correlation id<\/dt>\s*<dd>([\w-]{12})</.exec(response.body)?.[1];
    expect(log.records).toContainEqual(expect.objectContaining({ correlation, msg: 'request failed' }));
    expect(response.body).not.toContain('no snapshot');
  });

  it.each([
    ['busy', '1'],
    ['store_unavailable', '5'],
  ] as const)('P:V-015 is 503 temporarily_unavailable with Retry-After when it is %s', async (code, retryAfter) => {
    const failing = { ...secrets, recognise: () => Promise.reject(new Failure(code, 'within')) };
    const response = await serve({ secrets: failing }).inject(request);
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, retryAfter]);
    expect(response.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(response.body).not.toContain('within');

    const readingFails = () => {
      throw new Failure(code, 'within');
    };
    const document = await serve({ current: readingFails }).inject({ url: '/uas/jwks' });
    expect([document.statusCode, document.headers['retry-after']]).toEqual([503, retryAfter]);
  });

  it('is 500 for a failure that is no passing one', async () => {
    const sign = () => Promise.reject(new Failure('secret_invalid', 'within'));
    const response = await serve({ signer: { ...signer, sign } }).inject(request);
    expect([response.statusCode, response.json()]).toEqual([500, expect.objectContaining({ error: 'server_error' })]);
  });
});

describe('what is no request for this server', () => {
  it.each([
    '/',
    '/nothing',
    '/uas',
    '/uas/',
    '/uas/oauth2/tokeninfo',
    '/uas/oauth2/token/',
    '/UAS/oauth2/token',
    '/uas//oauth2/token',
  ])('%s is 404 and small JSON', async (url) => {
    for (const method of ['GET', 'POST', 'OPTIONS'] as const) {
      const response = await serve().inject({ method, url, headers: { accept: 'text/html' } });
      expect([method, response.statusCode, response.body]).toEqual([method, 404, '{"error":"not_found"}']);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('a path with a broken percent sequence is 404, and not reflected', async () => {
    const response = await serve().inject({ url: '/uas/%zz<script>' });
    expect([response.statusCode, response.body]).toEqual([404, '{"error":"not_found"}']);
  });
});
