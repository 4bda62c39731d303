// express-openid-connect in a real browser: the server and the applications are different sites to it, with all that it then
// does about cookies, forms, and what a page may load or send.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, NO_CHROMIUM } from './chromium.ts';
import { PASSWORD } from './foreign-spec.ts';
import { type FrontDesk, openFrontDesk } from './front-desk.ts';

describe.skipIf(NO_CHROMIUM !== undefined)('a person with Chromium', () => {
  let desk: FrontDesk;
  let chromium: Browser;
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    [desk, chromium] = await Promise.all([openFrontDesk(), launchChromium()]);
  });
  afterEach(() => context?.close());
  afterAll(async () => {
    await chromium.close();
    await desk.stop();
  });

  async function newPage(javaScriptEnabled: boolean): Promise<{ page: Page; troubles: string[] }> {
    context = await chromium.newContext({ javaScriptEnabled });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
    return { page, troubles };
  }

  async function logIn(page: Page): Promise<void> {
    await page.fill('#login [name=username]', 'ada');
    await page.fill('#login [name=password]', PASSWORD);
    await page.press('#login [name=password]', 'Enter');
  }

  /** The user that the application at this page knows; null where nobody is logged in. */
  async function userAt(page: Page): Promise<{ readonly sub: string } | null> {
    return JSON.parse(await page.locator('body').innerText()).user;
  }

  it('logs in by a form that sends itself, is asked for consent once, and is logged out everywhere', async () => {
    const { front, shop, served } = desk;
    const { page, troubles } = await newPage(true);
    await page.goto(`${front.origin}/login`);
    expect(page.url().startsWith(`${served.issuer}/authorize?`)).toBe(true);
    await logIn(page);
    await page.waitForSelector('#consent');
    expect(await page.locator('h1').innerText()).toContain('Front Desk');
    await page.click('#consent [name=decision][value=allow]');
    await page.waitForURL(`${front.origin}/`);
    expect(await userAt(page)).toMatchObject({ sub: 'ada-0001', email: 'ada@example.com' });

    // The same session serves the other application: no page in between.
    await page.goto(`${shop.origin}/login`);
    expect(page.url()).toBe(`${shop.origin}/`);
    expect(await userAt(page)).toMatchObject({ sub: 'ada-0001' });

    // A logout there is told to the first application behind the browser's back.
    await page.goto(`${shop.origin}/logout`);
    expect(page.url()).toBe(`${shop.origin}/`);
    expect(await userAt(page)).toBeNull();
    await page.goto(front.origin);
    expect(await userAt(page)).toBeNull();

    // Nobody is logged in, and what was allowed is remembered.
    await page.goto(`${front.origin}/login`);
    await logIn(page);
    await page.waitForURL(`${front.origin}/`);
    expect(await userAt(page)).toMatchObject({ sub: 'ada-0001' });
    expect(troubles).toEqual([]);
  });

  it('comes back by a button where scripts are off', async () => {
    const { page } = await newPage(false);
    await page.goto(`${desk.front.origin}/login`);
    await logIn(page);
    // Whether it is asked for consent depends on what was allowed before.
    await page.waitForSelector('#consent, #form-post');
    if ((await page.locator('#consent').count()) > 0) await page.click('#consent [name=decision][value=allow]');
    await page.click('#form-post button');
    await page.waitForURL(`${desk.front.origin}/`);
    expect(await userAt(page)).toMatchObject({ sub: 'ada-0001' });
  });

  it('who cancels is back at the application, and not logged in', async () => {
    const { page } = await newPage(true);
    await page.goto(`${desk.shop.origin}/login`);
    await page.click('#login [name=decision][value=deny]');
    await page.waitForURL(/\/callback\?/);
    expect(await page.locator('body').innerText()).toContain('access_denied');
    await page.goto(desk.shop.origin);
    expect(await userAt(page)).toBeNull();
  });
});
