import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, EndpointRequest } from '../../../src/oauth/endpoint.ts';
import { launchChromium, NO_CHROMIUM } from '../../e2e/chromium.ts';
import { PAGES, servedPage, showing } from './served.ts';

describe.skipIf(NO_CHROMIUM !== undefined)('in a browser', () => {
  let browser: Browser;
  const closings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });
  afterAll(() => browser?.close());

  /** The site of a client: what was posted to it, as text. */
  async function client(): Promise<{ readonly url: string; readonly posted: string[] }> {
    const posted: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        if (request.method === 'POST') posted.push(body);
        response.setHeader('content-type', 'text/html').end('<title>At the client</title>');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closings.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://localhost:${(server.address() as AddressInfo).port}/callback`, posted };
  }

  /** A page of this server that is open, and all that its browser complained of. */
  async function opened(
    answer: (request: EndpointRequest) => Answer,
    options: { readonly javaScriptEnabled?: boolean } = {},
  ) {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const { app, asked } = servedPage(answer, { issuer });
    await app.listen({ port, host: '127.0.0.1' });
    const context = await browser.newContext(options);
    closings.push(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${issuer}/page`);
    return { page, asked, issuer, complaints };
  }

  /** The login page, and then where a login leads. */
  const login = (location: string) => (request: EndpointRequest) =>
    request.method === 'GET'
      ? {
          ...showing({ ...PAGES.login, action: '/page', username: '', problem: undefined }),
          cookies: { browser: 'b-1' },
        }
      : { status: 303, headers: { Location: location }, body: undefined, cookies: { session: 's-1' } };

  it('Enter logs in, by a form that says whose it is, and the way leads on to the client', async () => {
    const { url } = await client();
    const { page, asked, issuer, complaints } = await opened(login(url));
    // Typed without a click: the field has the focus as soon as the page is there.
    await page.waitForSelector('input[name="username"]:focus');
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wonder land&');
    await page.keyboard.press('Enter');
    await page.waitForURL(url);
    expect(asked.at(-1)).toMatchObject({
      method: 'POST',
      form: [
        ['request', 'r-1'],
        ['browser', 'b-1'],
        ['username', 'alice'],
        ['password', 'wonder land&'],
      ],
      origin: undefined,
      cookies: { browser: 'b-1' },
    });
    expect(
      (await page.context().cookies(issuer)).map(({ name, value, httpOnly, sameSite, expires }) => [
        name.replace(/[0-9a-f]{8}$/, ''),
        value,
        httpOnly,
        sameSite,
        expires,
      ]),
    ).toEqual([
      ['charter-browser-', 'b-1', true, 'Lax', -1],
      ['charter-session-', 's-1', true, 'Lax', -1],
    ]);
    expect(complaints).toEqual([]);
  });

  it('who cancels has to fill in nothing', async () => {
    const { url } = await client();
    const { page, asked } = await opened(login(url));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(url);
    expect(asked.at(-1)?.form).toContainEqual(['decision', 'deny']);
  });

  it('a form of another site is told from one of this server', async () => {
    const { url } = await client();
    const { page, asked, issuer } = await opened(login(url));
    await page.goto(url);
    await page.setContent(
      `<meta name="referrer" content="no-referrer"><form method="post" action="${issuer}/page"></form>`,
    );
    await page.evaluate('document.forms[0].submit()');
    await expect.poll(() => asked.length).toBe(2);
    // Nothing vouches for it, and the cookies stayed at home.
    expect(asked.at(-1)).toMatchObject({ method: 'POST', origin: 'null' });
    expect(asked.at(-1)?.cookies).toEqual({});
  });

  it('an answer goes to the client by itself', async () => {
    const { url, posted } = await client();
    const fields = { code: 'c-1', state: `"'<&>`, submit: 'a field' };
    const { page, complaints } = await opened(() => showing({ ...PAGES['form-post'], action: url, fields }));
    await page.waitForURL(url);
    expect(posted).toEqual([new URLSearchParams(fields).toString()]);
    expect(complaints).toEqual([]);
  });

  it('without scripts an answer goes to the client by its button, and each form can be sent', async () => {
    const { url, posted } = await client();
    const { page } = await opened(() => showing({ ...PAGES['form-post'], action: url }), { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(url);
    expect(posted).toEqual(['code=c-1&state=s-1']);
    for (const [kind, button] of [
      ['consent', 'Allow'],
      ['logout', 'Stay signed in'],
    ] as const) {
      const shown = await opened(
        ({ method }) =>
          method === 'GET'
            ? showing({ ...PAGES[kind], action: '/page' })
            : { status: 303, headers: { Location: url }, body: undefined },
        { javaScriptEnabled: false },
      );
      await shown.page.getByRole('button', { name: button }).click();
      await shown.page.waitForURL(url);
      expect(shown.asked.at(-1)?.form).toContainEqual(['decision', kind === 'consent' ? 'allow' : 'deny']);
    }
  });

  it('without scripts applications are removed by ticking their boxes', async () => {
    const { page, asked } = await opened(
      ({ method }) => showing(method === 'GET' ? { ...PAGES.connected, action: '/page' } : PAGES['not-signed-in']),
      { javaScriptEnabled: false },
    );
    await page.getByLabel('Another').check();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'Nobody is signed in' }).waitFor();
    expect(asked.at(-1)?.form).toEqual([
      ['form', 'f-1'],
      ['remove', 'app-2'],
    ]);
  });

  it.each([1280, 360])('nothing is cut off at %i pixels', async (width) => {
    const context = await browser.newContext({ viewport: { width, height: 640 } });
    closings.push(() => context.close());
    const page = await context.newPage();
    for (const shown of Object.values(PAGES)) {
      const { app } = servedPage(() =>
        showing(shown.kind === 'login' ? { ...shown, client: { name: 'A'.repeat(200) } } : shown),
      );
      await page.setContent((await app.inject({ url: '/page' })).body.replace(/<script>.*<\/script>/, ''));
      const sizes = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect([shown.kind, await page.evaluate(sizes)]).toEqual([shown.kind, 0]);
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
