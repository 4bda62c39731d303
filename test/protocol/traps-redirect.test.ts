// What other servers got wrong about redirect URIs, each by its advisory: here it is refused.

import { describe, expect, it } from 'vitest';
import { Browser, codeRequest } from './browser.ts';
import { expectErrorPage } from './security-checks.ts';
import { errorsOf, load, serveForAll } from './world.ts';

const world = await serveForAll(({ site }) => {
  site.applications.native.metadata.redirect_uris = ['http://127.0.0.1/callback', 'https://app.example/callback'];
  site.applications.other.metadata.redirect_uris = ['https://other.example/callback', 'https://a.b.example/cb.html'];
});

const authorize = (client_id: string, redirect_uri: string) =>
  new Browser(world).authorize(codeRequest(client_id, { redirect_uri }).parameters);

describe('where a code goes', () => {
  it.each(['CVE-2026-7504', 'CVE-2026-3872', 'CVE-2024-1132', 'CVE-2023-6291'])(
    '%s: there are no wildcards, neither in the configuration nor in a comparison',
    async (_advisory) => {
      for (const wild of [
        'https://*',
        'https://*.example/callback',
        'https://web.example/*',
        'https://web.example/cb*',
      ]) {
        const errors = await load(({ site }) => {
          site.applications.web.metadata.redirect_uris = [wild];
        }).then(errorsOf);
        expect(errors, wild).toEqual(['redirect-uri.invalid']);
      }
      const evil = [
        'https://web.example/callback/../../evil',
        'https://web.example/callback%2f..%2fevil',
        'https://web.example/callback;evil',
        'https://web.example\\@evil.example/callback',
        'https://web.example:@evil.example/callback',
        'https://web.example.evil.example/callback',
        'https://evil.example/https://web.example/callback',
        'https://web.example/callback\\..\\evil',
      ];
      for (const uri of evil) expectErrorPage(await authorize('web', uri));
    },
  );

  it('CVE-2024-8883: a loopback address as the user of another host is another host', async () => {
    for (const uri of [
      'http://127.0.0.1:80@evil.example/callback',
      'http://127.0.0.1@evil.example/callback',
      'http://127.0.0.1:callback@evil.example/callback',
      'http://127.0.0.1#@evil.example/callback',
      'http://127.0.0.1\\@evil.example/callback',
      'http://127.0.0.1.evil.example/callback',
      'http://127.0.0.1:8080.evil.example/callback',
    ]) {
      expectErrorPage(await authorize('native', uri));
    }
    expect((await authorize('native', 'http://127.0.0.1:80/callback')).form?.id).toBe('login');
  });

  it('CVE-2024-52289: a dot is a dot: what is registered is no pattern', async () => {
    for (const uri of [
      'https://aXb.example/cb.html',
      'https://a.b.example/cbXhtml',
      'https://evil.example/?https://a.b.example/cb.html',
    ]) {
      expectErrorPage(await authorize('other', uri));
    }
    expect((await authorize('other', 'https://a.b.example/cb.html')).form?.id).toBe('login');
    const errors = await load(({ site }) => {
      site.applications.web.metadata.redirect_uris = ['https://web\\.example/.+'];
    }).then(errorsOf);
    expect(errors).toEqual(['redirect-uri.invalid']);
  });

  it('GHSA-grfp-q2mm-hfp6: letters in another case are other letters', async () => {
    for (const uri of [
      'https://APP.example/callback',
      'https://app.example/Callback',
      'Https://app.example/callback',
    ]) {
      expectErrorPage(await authorize('native', uri));
    }
    expectErrorPage(await authorize('native', 'HTTP://127.0.0.1:5000/callback'));
  });

  it('GHSA-rfq3-w54c-f9q5: only the port of a loopback address is free, and only of a native client', async () => {
    for (const uri of [
      'http://127.0.0.1:5000/other',
      'http://127.0.0.1:5000/callback?x=1',
      'https://127.0.0.1:5000/callback',
      'http://127.0.0.2:5000/callback',
      'http://[::1]:5000/callback',
      'http://localhost:5000/callback',
      'http://0.0.0.0:5000/callback',
      'http://2130706433:5000/callback',
      'http://127.1:5000/callback',
      'http://127.0.0.1:/callback',
    ]) {
      expectErrorPage(await authorize('native', uri));
    }
    expectErrorPage(await authorize('web', 'http://127.0.0.1:5000/callback'));
  });

  it('GHSA-484q-784p-8m5h: no script is an address', async () => {
    for (const uri of [
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'JaVaScRiPt:alert(1)//https://web.example/callback',
    ]) {
      for (const key of ['redirect_uris', 'post_logout_redirect_uris']) {
        const errors = await load(({ site }) => {
          site.applications.web.metadata[key] = [uri];
        }).then(errorsOf);
        expect(errors, `${key} ${uri}`).not.toEqual([]);
      }
      expectErrorPage(await authorize('web', uri), 'javascript:alert');
    }
  });
});
