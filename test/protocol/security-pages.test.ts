// RFC 9700 4.2.4, 4.13, 4.16: pages that leak nothing and cannot be framed, and headers that anybody can write.

import { describe, expect, it } from 'vitest';
import { Browser, codeRequest, json, post, type Stop } from './browser.ts';
import { expectTokenError, loggedEvent } from './security-checks.ts';
import { withLegacyGrants } from './spec.ts';
import { serve, serveForAll } from './world.ts';

const world = await serveForAll((documents) => {
  withLegacyGrants(documents);
  const { applications } = documents.site;
  applications.asking.metadata.logo_uri = 'https://asking.example/logo.png';
  applications.near = structuredClone(applications.batch);
  applications.near.client_ip_range = ['203.0.113.0/24'];
});

/** Every page that there is, by what it is about. */
async function pages(): Promise<ReadonlyMap<string, Stop>> {
  const browser = new Browser(world);
  const found = new Map<string, Stop>();
  const request = codeRequest('web').parameters;
  const login = await browser.authorize(request);
  found.set('login', login);
  found.set('wrong password', await browser.login(login, 'ada', 'wrong'));
  await browser.login(login);
  found.set('error', await browser.authorize({ ...request, redirect_uri: 'https://evil.example' }));
  found.set('consent', await browser.authorize(codeRequest('web', { prompt: 'consent' }).parameters));
  found.set('form_post', await browser.authorize(codeRequest('web', { response_mode: 'form_post' }).parameters));
  const out = await browser.go(`${world.issuer}/logout`);
  found.set('logout', out);
  found.set('logout refused', await browser.press(out, 'deny'));
  found.set('signed out', await browser.press(await browser.go(`${world.issuer}/logout`), 'allow'));
  found.set('by GET to the login form', await browser.go(`${world.issuer}/login`));
  found.set('by GET to the consent form', await browser.go(`${world.issuer}/consent`));
  found.set('forged form', await browser.post(`${world.issuer}/login`, { request: 'x', form: 'y' }));
  return found;
}

describe('a page', () => {
  it('P:S-018 fetches and links nothing of third parties, and sends no referrer', async () => {
    const all = await pages();
    expect(all.get('consent')?.form?.id).toBe('consent');
    expect(all.get('form_post')?.html).toContain('name="code"');
    for (const [name, { html, response }] of all) {
      expect(response.headers.get('content-type'), name).toBe('text/html; charset=utf-8');
      expect(response.headers.get('referrer-policy'), name).toBe('no-referrer');
      expect(response.headers.get('content-security-policy'), name).toMatch(/^default-src 'none';/);
      expect(html, name).not.toMatch(/<(?:link|iframe|object|embed|base|frame|audio|video|img)\b/i);
      expect(html, name).not.toMatch(/\bsrc=|@import|url\(/i);
      for (const [, href = ''] of html.matchAll(/\bhref="([^"]*)"/g)) {
        expect(new URL(href, world.issuer).origin, name).toBe('https://as.example');
      }
      for (const [, action = ''] of html.matchAll(/\baction="([^"]*)"/g)) {
        const registered = name === 'form_post' ? 'https://web.example' : 'https://as.example';
        expect(new URL(action).origin, name).toBe(registered);
      }
    }
  });

  it('P:S-018 shows a picture of the client only where the spec names one, and its server learns no address', async () => {
    const browser = new Browser(world);
    const login = await browser.authorize(codeRequest('asking').parameters);
    expect(login.html).not.toContain('<img');
    const consent = await browser.login(login);
    expect(consent.form?.id).toBe('consent');
    const pictures = [...consent.html.matchAll(/<img [^>]*>/g)].map(([tag]) => tag);
    expect(pictures).toHaveLength(1);
    expect(pictures[0]).toContain('src="https://asking.example/logo.png"');
    expect(pictures[0]).toContain('referrerpolicy="no-referrer"');
    expect(consent.response.headers.get('content-security-policy')).toContain('img-src https://asking.example;');
    expect(consent.response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('P:S-025 is shown in no frame of anybody', async () => {
    for (const [name, { response }] of await pages()) {
      expect(response.headers.get('x-frame-options'), name).toBe('DENY');
      expect(response.headers.get('content-security-policy'), name).toContain("frame-ancestors 'none'");
    }
  });
});

const FORWARDED = {
  'x-forwarded-for': '203.0.113.9',
  'x-real-ip': '203.0.113.9',
  'x-client-ip': '203.0.113.9',
  'true-client-ip': '203.0.113.9',
  'cf-connecting-ip': '203.0.113.9',
  forwarded: 'for=203.0.113.9;host=evil.example;proto=http',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '8080',
  'x-forwarded-prefix': '/evil',
  'x-original-url': '/revoke',
  'x-rewrite-url': '/revoke',
  'x-http-method-override': 'GET',
};
const CREDENTIALS = { grant_type: 'client_credentials', scope: 'notes' };

describe('headers that a proxy writes', () => {
  it('P:S-023 count for nothing from a stranger: not who calls, not from where, not by which address', async () => {
    // By its address this client may not call.
    const refused = await post(world, '/token', CREDENTIALS, { as: 'near', headers: FORWARDED });
    expect((await expectTokenError(refused, 'invalid_client', 401)).error_description).toMatch(
      /^CLIENT_IP_NOT_ALLOWED/,
    );
    const event = await loggedEvent(world, ({ code }) => code === 'CLIENT_IP_NOT_ALLOWED');
    expect(event.ip).toBe('127.0.0.1');
    // A certificate that a proxy says it has seen proves nothing.
    const certificate = {
      'x-ssl-client-cert': '-----BEGIN CERTIFICATE-----',
      'x-ssl-client-verify': 'SUCCESS',
      'x-ssl-client-s-dn': 'CN=batch',
      'x-client-cert': 'batch',
      'client-cert': ':YmF0Y2g=:',
      'x-forwarded-client-cert': 'Subject="CN=batch"',
      'x-remote-user': 'batch',
      'remote-user': 'batch',
      'x-forwarded-user': 'ada',
    };
    const unproven = await post(world, '/token', { ...CREDENTIALS, client_id: 'batch' }, { headers: certificate });
    await expectTokenError(unproven, 'invalid_client', 401);
    const login = await world.fetch(`/authorize?${new URLSearchParams(codeRequest('web').parameters)}`, {
      headers: { ...certificate, ...FORWARDED },
    });
    const html = await login.text();
    expect(html).toContain('action="https://as.example/login"');
    expect(html).not.toContain('evil');
    const metadata = await (await world.fetch('/.well-known/openid-configuration', { headers: FORWARDED })).text();
    expect(metadata).not.toContain('evil');
    expect(metadata).not.toContain('http://');
    expect(await json(world.fetch('/jwks', { headers: FORWARDED }))).toHaveProperty('keys');
    // Cookies stay those of https, whatever the connection is said to be.
    for (const line of login.headers.getSetCookie()) expect(line).toMatch(/^__Host-.*; Secure/);
  });

  it('P:S-023 count from the proxy that is configured: the last address that it vouches for', async () => {
    const behind = await serve(
      ({ site }) => {
        site.applications.batch.client_ip_range = ['203.0.113.0/24'];
      },
      { app: { trustedProxies: ['127.0.0.1'] } },
    );
    const from = (address: string) =>
      post(behind, '/token', CREDENTIALS, { as: 'batch', headers: { ...FORWARDED, 'x-forwarded-for': address } });
    expect((await from('203.0.113.9')).status).toBe(200);
    expect((await from('198.51.100.1, 203.0.113.9')).status).toBe(200);
    await expectTokenError(await from('203.0.113.9, 198.51.100.1'), 'invalid_client', 401);
    await expectTokenError(await from('nonsense'), 'invalid_client', 401);
    const event = await loggedEvent(behind, ({ outcome }) => outcome === 'issued');
    expect(event.ip).toBe('203.0.113.9');
    // Host and scheme are the issuer's from it too.
    const metadata = await (await behind.fetch('/.well-known/openid-configuration', { headers: FORWARDED })).text();
    expect(metadata).not.toContain('evil');
  });
});
