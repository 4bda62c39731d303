// Native applications (RFC 8252).

import { describe, expect, it } from 'vitest';
import { Browser, codeRequest, type Stop, tokenRequest } from './browser.ts';
import type { Spec } from './spec.ts';
import { type Edit, errorsOf, load, serveForAll, warningsOf } from './world.ts';

const world = await serveForAll(({ site }) => {
  site.applications.native.metadata.redirect_uris.push('http://localhost/callback', 'http://127.0.0.1/query?x=1');
  // A web application on the user's own machine.
  site.applications.local = structuredClone(site.applications.spa);
  site.applications.local.metadata.redirect_uris = ['http://127.0.0.1/callback', 'http://127.0.0.1:8080/callback'];
  // A native one whose users are asked once.
  site.applications.asked = structuredClone(site.applications.native);
  site.applications.asked.consent = { required: true, remember: true };
});

/** With the other parameters of a good request. */
async function through(redirect_uri: string, client_id = 'native'): Promise<Stop & { readonly verifier: string }> {
  const { parameters, verifier } = codeRequest(client_id, { redirect_uri });
  const browser = new Browser(world);
  return { ...(await browser.through(await browser.authorize(parameters))), verifier };
}

/** The answer arrives at exactly this URI, and its code is redeemed. */
async function expectServed(redirect_uri: string): Promise<void> {
  const stop = await through(redirect_uri);
  expect(stop.status).toBe(303);
  const location = stop.response.headers.get('location') ?? '';
  const separator = redirect_uri.includes('?') ? '&' : '?';
  expect(location.startsWith(`${redirect_uri}${separator}code=`)).toBe(true);
  const form = { grant_type: 'authorization_code', code: stop.answer.code ?? '', redirect_uri };
  const response = await tokenRequest(world, 'native', { ...form, code_verifier: stop.verifier });
  expect(response.status).toBe(200);
}

/** A page of the server, and no redirect. */
async function expectErrorPage(redirect_uri: string, client_id = 'native'): Promise<void> {
  const stop = await new Browser(world).authorize(codeRequest(client_id, { redirect_uri }).parameters);
  expect(stop.status).toBe(400);
  expect(stop.location).toBeUndefined();
  expect(stop.response.headers.get('content-type')).toMatch(/^text\/html\b/);
  expect(stop.form).toBeUndefined();
}

describe('loopback addresses', () => {
  it('P:N-001 the port of 127.0.0.1 is the client’s to choose', async () => {
    for (const port of ['', ':51004', ':80', ':1', ':65535']) await expectServed(`http://127.0.0.1${port}/callback`);
    for (const port of [':65536', ':', ':51004x', ':-1', ':051004000']) {
      await expectErrorPage(`http://127.0.0.1${port}/callback`);
    }
  });

  it('P:N-002 the port of [::1] as well', async () => {
    for (const port of ['', ':61023']) await expectServed(`http://[::1]${port}/callback`);
    for (const host of ['[::1%25lo]', '[::2]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]']) {
      await expectErrorPage(`http://${host}:61023/callback`);
    }
  });

  it('P:N-003 nothing but the port may differ', async () => {
    await expectServed('http://127.0.0.1:51004/query?x=1');
    for (const uri of [
      ...['http://127.0.0.1:51004/other', 'http://127.0.0.1:51004/', 'http://127.0.0.1:51004'],
      ...['http://127.0.0.1:51004/callback?x=1', 'http://127.0.0.1:51004/callback/', 'http://127.0.0.1:51004/Callback'],
      ...['http://127.0.0.1:51004/query', 'http://127.0.0.1:51004/query?x=1&y=2', 'http://127.0.0.1:51004/callback#x'],
      ...['https://127.0.0.1:51004/callback', 'http://127.0.0.2:51004/callback', 'http://2130706433:51004/callback'],
      ...['http://user@127.0.0.1:51004/callback', 'http://127.0.0.1:51004@evil.example/callback'],
      ...[
        'http://127.0.0.1:51004/x/../callback',
        'http://127.0.0.1:51004/%63allback',
        'HTTP://127.0.0.1:51004/callback',
      ],
      ...['http://127.0.0.1.evil.example:51004/callback', 'http://127.0.0.1:51004\\@evil.example/callback'],
    ]) {
      await expectErrorPage(uri);
    }
  });

  it('P:N-004 localhost is warned of, and its port is free too; no other name is it', async () => {
    const registered: Edit = ({ site }) => site.applications.native.metadata.redirect_uris.push('http://localhost/cb');
    const told = (await load(registered)).filter(({ code }) => code === 'redirect-uri.localhost');
    expect(told).toMatchObject([{ severity: 'warning', range: { file: 'site.yaml' } }]);
    expect(warningsOf(await load(() => undefined))).not.toContain('redirect-uri.localhost');

    await expectServed('http://localhost:51004/callback');
    for (const host of ['localhost.evil.com', 'evil-localhost', 'localhost.', 'LOCALHOST', 'localhost@evil.com']) {
      await expectErrorPage(`http://${host}:51004/callback`);
    }
  });

  it('P:N-005 of a web client the port is part of the URI', async () => {
    for (const port of [':51004', ':80', ':8081']) await expectErrorPage(`http://127.0.0.1${port}/callback`, 'local');
    for (const port of ['', ':8080']) {
      const { answer, status } = await through(`http://127.0.0.1${port}/callback`, 'local');
      expect(status).toBe(303);
      expect(answer).toHaveProperty('code');
    }
  });
});

describe('other redirect URIs', () => {
  const nativeWith = (uri: string) => load(({ site }) => site.applications.native.metadata.redirect_uris.push(uri));

  it('P:N-006 a private-use scheme needs a dot, and is compared letter for letter', async () => {
    for (const uri of ['myapp:/callback', 'myapp://callback', 'app:/']) {
      expect(errorsOf(await nativeWith(uri))).toEqual(['redirect-uri.private-scheme']);
    }
    expect(errorsOf(await nativeWith('com.example.app:/cb'))).toEqual([]);
    await expectServed('com.example.app:/callback');
    for (const uri of ['com.example.app:/other', 'com.example.app:/callback/', 'com.example.app://callback']) {
      await expectErrorPage(uri);
    }
    await expectErrorPage('com.example.app.evil:/callback');
  });

  it('P:N-007 a claimed https URI works as that of a web client, letter for letter', async () => {
    await expectServed('https://app.example/callback');
    for (const uri of [
      'https://app.example:8443/callback',
      'https://app.example/callback/',
      'http://app.example/callback',
    ]) {
      await expectErrorPage(uri);
    }
  });
});

describe('what is declared', () => {
  const edited = (edit: (native: Spec) => void) => load(({ site }) => edit(site.applications.native));

  it('P:N-008 a native client has its whole redirect URIs and its type written', async () => {
    expect(errorsOf(await edited(() => undefined))).toEqual([]);
    expect(errorsOf(await edited(({ metadata }) => delete metadata.redirect_uris))).toEqual(['client.no-redirect-uri']);
    expect(errorsOf(await edited(({ metadata }) => Object.assign(metadata, { redirect_uris: [] })))).toEqual([
      'client.no-redirect-uri',
    ]);
    for (const partial of ['http://127.0.0.1:*/callback', 'com.example.app', '/callback', 'http://*/callback']) {
      const told = await edited(({ metadata }) => Object.assign(metadata, { redirect_uris: [partial] }));
      expect(errorsOf(told)).toEqual(['redirect-uri.invalid']);
    }
    // Without its type it is warned of, and is none: see N-005.
    const untyped = await edited(({ metadata }) => delete metadata.application_type);
    expect(warningsOf(untyped).filter((code) => code === 'redirect-uri.native')).toHaveLength(3);
    const web = await edited(({ metadata }) => Object.assign(metadata, { application_type: 'web' }));
    expect(errorsOf(web)).toContain('redirect-uri.private-scheme');
  });

  it('P:N-010 a native client with a shared secret is an error, and so never confidential', async () => {
    const told = await edited((native) => {
      native.secret = { env: 'CLIENT_SECRET' };
      delete native.metadata.token_endpoint_auth_method;
    });
    expect(errorsOf(told)).toEqual(['client.native-with-secret']);
    const basic = await edited((native) => {
      native.secret = { env: 'CLIENT_SECRET' };
      native.metadata.token_endpoint_auth_method = 'client_secret_basic';
    });
    expect(errorsOf(basic)).toEqual(['client.native-with-secret']);
    const both = await edited((native) => Object.assign(native, { secret: { env: 'CLIENT_SECRET' } }));
    expect(errorsOf(both)).toContain('client.public-with-secret');
  });
});

it('P:N-009 a native client without PKCE is told invalid_request at its redirect URI', async () => {
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  for (const redirect_uri of [
    'http://127.0.0.1:51004/callback',
    'com.example.app:/callback',
    'https://app.example/callback',
  ]) {
    const { parameters } = codeRequest('native', { redirect_uri, ...without });
    const { answer, status, response } = await new Browser(world).authorize(parameters);
    expect(status).toBe(303);
    expect(response.headers.get('location')?.startsWith(`${redirect_uri}?error=`)).toBe(true);
    expect(answer).toMatchObject({ error: 'invalid_request', state: 'a state', iss: 'https://as.example' });
    expect(answer).not.toHaveProperty('code');
  }
});

it('P:N-011 a remembered consent is silent only where a claimed https URI vouches for the client', async () => {
  const browser = new Browser(world);
  const ask = (redirect_uri: string, more: Record<string, string> = {}) =>
    browser.authorize(codeRequest('asked', { redirect_uri, scope: 'openid notes', ...more }).parameters);
  const loopback = 'http://127.0.0.1:51004/callback';
  const first = await browser.login(await ask(loopback));
  expect(first.form?.id).toBe('consent');
  expect((await browser.press(first, 'allow')).answer).toHaveProperty('code');

  for (const uri of [loopback, 'http://[::1]:9/callback', 'http://localhost/callback', 'com.example.app:/callback']) {
    const again = await ask(uri);
    expect(again.status).toBe(200);
    expect(again.form?.id).toBe('consent');
    expect((await ask(uri, { prompt: 'none' })).answer).toMatchObject({ error: 'consent_required' });
  }
  expect((await ask('https://app.example/callback')).answer).toHaveProperty('code');
  expect((await ask('https://app.example/callback', { prompt: 'none' })).answer).toHaveProperty('code');
});
