import { describe, expect, it } from 'vitest';
import { listenPublic } from '../../src/http/listen.ts';
import { exchange, GRANT, SECRET, serve, TOKEN } from './serving.ts';

async function talk(text: string): Promise<{ status: number; head: string; body: string }> {
  const [bound] = await listenPublic(serve(), { host: '127.0.0.1', port: 0 });
  const received = await exchange(bound?.port ?? 0, text);
  const [head = '', body = ''] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

function post(headers: readonly string[], body: string): string {
  const all = ['Host: localhost', 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `POST ${TOKEN} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';

describe('requests on the wire', () => {
  it('S:U-03 are answered', async () => {
    expect(await talk(post([FORM], GRANT))).toMatchObject({
      status: 200,
      body: expect.stringContaining('access_token'),
    });
  });

  it('P:O-013 with two Authorization headers authenticate nobody, though each alone would', async () => {
    const basic = `Authorization: Basic ${Buffer.from(`Client1:${SECRET}`).toString('base64')}`;
    const grant = 'grant_type=client_credentials';
    expect(await talk(post([FORM, basic], grant))).toMatchObject({ status: 200 });
    const twice = await talk(post([FORM, basic, basic.replace('Authorization', 'AUTHORIZATION')], grant));
    expect(twice).toMatchObject({ status: 401, body: expect.stringContaining('invalid_client') });
    expect(twice.head).toMatch(/^www-authenticate: Basic /im);
    const empty = await talk(post([FORM, 'Authorization:'], GRANT));
    expect([400, 401]).toContain(empty.status);
  });

  it.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['no Host', `GET /healthz HTTP/1.1\r\n\r\n`, 400],
    ['a header without a name', 'GET /healthz HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n', 400],
    ['two lengths', post([FORM, 'Content-Length: 3'], GRANT), 400],
    ['a length and chunks', post([FORM, 'Transfer-Encoding: chunked'], GRANT), 400],
    ['a length that is none', `POST ${TOKEN} HTTP/1.1\r\nHost: a\r\n${FORM}\r\nContent-Length: x\r\n\r\n`, 400],
    ['headers over 16 KiB', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a URL over 16 KiB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])('that are broken are refused and the connection ends: %s', async (_name, text, status) => {
    const answer = await talk(text);
    expect(answer.status).toBe(status);
    expect(answer.head).toMatch(/^connection: close$/im);
    expect(answer.body).not.toContain('aaaa');
  });

  it('P:O-052 that announce too much are 413 at once', async () => {
    const head = ['Host: a', FORM, 'Content-Length: 1000000000'].join('\r\n');
    const answer = await talk(`POST ${TOKEN} HTTP/1.1\r\n${head}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('invalid_request') });
  });

  it('P:O-052 that send too much in chunks are 413', async () => {
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
    const head = ['Host: a', FORM, 'Transfer-Encoding: chunked'].join('\r\n');
    const answer = await talk(`POST ${TOKEN} HTTP/1.1\r\n${head}\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`);
    expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('invalid_request') });
  });

  it('in chunks are read as any other', async () => {
    const head = ['Host: a', FORM, 'Connection: close', 'Transfer-Encoding: chunked'].join('\r\n');
    const body = `${GRANT.length.toString(16)}\r\n${GRANT}\r\n0\r\n\r\n`;
    expect(await talk(`POST ${TOKEN} HTTP/1.1\r\n${head}\r\n\r\n${body}`)).toMatchObject({ status: 200 });
  });

  it('of methods that are none of HTTP’s own are 404, as JSON', async () => {
    const answer = await talk(`PROPFIND ${TOKEN} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatchObject({ status: 404, body: '{"error":"not_found"}' });
  });

  it('P:O-060 TRACE is refused and echoes nothing', async () => {
    const answer = await talk(`TRACE ${TOKEN} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Secret: echo\r\n\r\n`);
    expect(answer.status).toBe(405);
    expect(answer.body).not.toContain('echo');
  });
});
