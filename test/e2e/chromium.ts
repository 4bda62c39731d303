// Owns the real browser in tests: the Chromium that npm ci brought, without a network. Never a test's page.

import { join } from 'node:path';
import chromiumPackage from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The package holds a Chromium for Linux on x64; any other is named by CHARTER_TEST_CHROMIUM. */
export const NO_CHROMIUM: string | undefined =
  process.env.CHARTER_TEST_CHROMIUM !== undefined || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : `no Chromium comes with npm ci for ${process.platform} on ${process.arch}: set CHARTER_TEST_CHROMIUM to run this`;

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHARTER_TEST_CHROMIUM ?? (await chromiumPackage.executablePath()),
    // What tests open is their own, and CI runs them as root, where there is no sandbox.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
  });
}

/** A page, and all that it should not have done by the time it is looked at: errors, warnings, dialogs, requests. */
export interface WatchedPage {
  readonly page: Page;
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const troubles: string[] = [];
  await context.addInitScript({ path: join(import.meta.dirname, 'graph-in-page.mjs') });
  const page = await context.newPage();
  page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(file|data|about):/.test(request.url())) troubles.push(`request: ${request.url()}`);
  });
  await context.setOffline(true);
  return { page, troubles, close: () => context.close() };
}
