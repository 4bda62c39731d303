import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenPublic } from '../../src/http/listen.ts';
import { useCertificate } from '../../src/http/tls.ts';
import { FORM, GRANT, serve, TOKEN } from './serving.ts';

const file = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const cert = file('localhost.crt');
const key = file('localhost.key');
const other = file('other.key');
const otherCert = file('other.crt');

function post(host: string, port: number, ca = cert): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host, port, path: TOKEN, method: 'POST', headers: FORM, ca, servername: 'localhost' };
    const asked = request({ ...options, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asked.on('error', reject).end(GRANT);
  });
}

describe('TLS', () => {
  it('is spoken on every address, with the certificate that was given', async () => {
    const bound = await listenPublic(serve({ tls: { cert, key } }), { host: undefined, port: 0 });
    expect(bound).toHaveLength(hasIpv6 ? 2 : 1);
    for (const { host, port } of bound) {
      expect(await post(host, port)).toMatchObject({ status: 200, body: expect.stringContaining('access_token') });
      await expect(fetch(`http://localhost:${port}/healthz`)).rejects.toThrow();
    }
  });

  it('shows a new certificate from the next connection on, and goes on with the old one where the new one cannot serve', async () => {
    const app = serve({ tls: { cert, key } });
    const bound = await listenPublic(app, { host: undefined, port: 0 });
    expect(() => useCertificate(app, { cert: otherCert, key })).toThrow(
      expect.objectContaining({ code: 'tls_invalid' }),
    );
    for (const { host, port } of bound) expect(await post(host, port)).toMatchObject({ status: 200 });
    useCertificate(app, { cert: otherCert, key: other });
    for (const { host, port } of bound) {
      expect(await post(host, port, otherCert)).toMatchObject({ status: 200 });
      await expect(post(host, port, cert)).rejects.toThrow();
    }
  });

  it('ends with the app', async () => {
    const app = serve({ tls: { cert, key } });
    const [bound] = await listenPublic(app, { host: undefined, port: 0 });
    await post('127.0.0.1', bound?.port ?? 0);
    await app.close();
    await expect(post('127.0.0.1', bound?.port ?? 0)).rejects.toThrow();
  });

  it.each([
    ['no certificate', Buffer.from('nonsense'), key, /--tls-cert holds no PEM certificate/],
    ['an empty certificate', Buffer.alloc(0), key, /--tls-cert holds no PEM certificate/],
    ['a key for a certificate', key, key, /--tls-cert holds no PEM certificate/],
    ['no key', cert, Buffer.from('nonsense'), /--tls-key holds no unencrypted PEM private key/],
    ['an empty key', cert, Buffer.alloc(0), /--tls-key holds no unencrypted PEM private key/],
    ['a certificate for a key', cert, cert, /--tls-key holds no unencrypted PEM private key/],
    ['the key of another', cert, other, /--tls-key is not the private key of the certificate/],
  ])('needs a pair: %s is told apart', (_name, badCert, badKey, message) => {
    expect(() => serve({ tls: { cert: badCert, key: badKey } })).toThrow(
      expect.objectContaining({ code: 'tls_invalid', message: expect.stringMatching(message) }),
    );
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));
