import { existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOfFailure } from '../../src/cli/exit-code.ts';
import { type GraphOptions, graph } from '../../src/cli/graph.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { renderMermaid } from '../../src/explain/graph-mermaid.ts';
import { labelOf } from '../../src/explain/graph-words.ts';
import { pictureOf } from '../../src/explain/picture.ts';
import type { Failure } from '../../src/model/failure.ts';
import { HOSTILE, hostileGraph } from '../explain/graph-hostile.ts';
import { teams } from '../explain/graph-spec.ts';
import { charter, createWorkspace, REPOSITORY } from './charter.ts';
import { launchChromium, NO_CHROMIUM, watchedPage } from './chromium.ts';

const MONOREPO = join(REPOSITORY, 'examples/monorepo');
const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const NARROW: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const require = createRequire(import.meta.url);
const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-graph-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The command inside this process, where what it writes is all that is looked at: a process costs seconds. */
async function drawn(names: readonly string[], options: Partial<GraphOptions>): Promise<string> {
  let text = '';
  const terminal: Terminal = {
    out: (more) => {
      text += more;
    },
    err: () => undefined,
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env: {},
  };
  expect(await graph(names, { dir: [MONOREPO], format: 'mermaid', ...options }, terminal)).toBe(0);
  return text;
}

async function pageOf(name: string, names: readonly string[], options: Partial<GraphOptions>): Promise<string> {
  const out = join(root, `${name}.html`);
  expect(await drawn(names, { ...options, format: 'html', out })).toBe('');
  return pathToFileURL(out).href;
}

describe('charter graph', () => {
  it('draws the example of many teams', async () => {
    const { code, stdout, stderr } = await charter(['graph', '--dir', MONOREPO]);
    expect([code, stderr]).toEqual([0, '']);
    await expect(stdout).toMatchFileSnapshot('golden/monorepo.mmd');
    await expect(await drawn([], { format: 'dot' })).toMatchFileSnapshot('golden/monorepo.dot');
  });

  it('marks the way of one question: a yes, and a no with what is missing', async () => {
    const yes = await drawn(['settlement-job'], { ask: 'ledger-api' });
    await expect(yes).toMatchFileSnapshot('golden/monorepo-settlement-job.mmd');
    const no = await drawn(['Platform/gateway'], { ask: 'ledger-api', format: 'dot' });
    await expect(no).toMatchFileSnapshot('golden/monorepo-gateway.dot');
  });

  it('answers a name that nothing has with the nearest, and writes no file', async () => {
    const out = join(root, 'never.html');
    const wrong = drawn(['gatway'], { out });
    const message = 'No client is called "gatway". Did you mean "gateway"?';
    await expect(wrong).rejects.toMatchObject({ code: 'usage', message });
    await expect(wrong.catch((error: Failure) => exitCodeOfFailure(error))).resolves.toBe(64);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [[], { ask: 'ledger-api' }, '--ask is about one client'],
    [['gateway'], { user: 'reporter' }, '--user says for whom --ask is asked'],
  ])('refuses %j with %j as wrong usage', async (names, options, words) => {
    await expect(drawn(names, options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(words),
    });
  });
});

describe.skipIf(NO_CHROMIUM !== undefined)(`the page${NO_CHROMIUM === undefined ? '' : ` (${NO_CHROMIUM})`}`, () => {
  let browser: Browser;
  let monorepo: string;
  beforeAll(async () => {
    [browser, monorepo] = await Promise.all([launchChromium(), pageOf('monorepo', [], {})]);
  });
  afterAll(() => browser?.close());

  async function look(url: string, options: BrowserContextOptions, at: (page: Page) => Promise<void>): Promise<void> {
    const { page, troubles, close } = await watchedPage(browser, options);
    await page.goto(url);
    await at(page);
    expect(troubles).toEqual([]);
    await close();
  }

  const told = (page: Page) => page.locator('#told').innerText();
  const viewBox = (page: Page) => page.locator('#picture').getAttribute('viewBox');
  const focused = (page: Page) => page.evaluate<string>('inPage.focused()');

  it('finds a name as it is typed, and opens it', async () => {
    await look(monorepo, WIDE, async (page) => {
      await page.keyboard.press('/');
      expect(await focused(page)).toBe('search');
      await page.keyboard.type('LEDGER');
      const options = page.locator('#results [role=option]');
      expect(await options.allInnerTexts()).toEqual([
        'Payments/ledger-api\nserver',
        'Payments/ledger-readers\ngroup',
        'Payments/ledger-writers\ngroup',
      ]);
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('#results [aria-selected=true]').innerText()).toContain('ledger-readers');
      await page.keyboard.press('Enter');
      expect(await told(page)).toContain('Payments/ledger-readers');
      expect(await told(page)).toContain('Analytics/reporter payments/access.yaml:7');
      expect(await page.locator('.node.picked').getAttribute('aria-label')).toBe('group ledger-readers, site Payments');
      expect(await page.locator('.edge.on').count()).toBe(2);
      await page.locator('#search').fill('nothing like it');
      expect(await page.locator('#results').innerText()).toBe('Nothing has that in its name');
      await page.keyboard.press('Escape');
      expect(await page.locator('#results').isVisible()).toBe(false);
      expect(await told(page)).toContain('Payments/ledger-readers');
      await page.keyboard.press('Escape');
      expect(await page.locator('.on').count()).toBe(0);
      expect(await page.locator('#told').isVisible()).toBe(false);
    });
  });

  it('is walked by keys: Tab, arrows, Enter, Escape, zoom', async () => {
    await look(monorepo, WIDE, async (page) => {
      await page.locator('#search').focus();
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('client reporting-job, site Analytics');
      const ring = await page.evaluate<string>("getComputedStyle(document.querySelector('#n0 .card')).strokeWidth");
      expect(ring).toBe('4px');
      await page.keyboard.press('ArrowRight');
      expect(await focused(page)).toBe('user reporter, site Analytics');
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe('user settlement, site Payments');
      await page.keyboard.press('Enter');
      expect(await told(page)).toContain('Payments/settlement');
      await page.keyboard.press('Escape');
      expect(await page.locator('#told').isVisible()).toBe(false);
      expect(await focused(page)).toBe('user settlement, site Payments');
      const before = await viewBox(page);
      await page.keyboard.press('+');
      expect(await viewBox(page)).not.toBe(before);
      await page.keyboard.press('0');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Larger');
    });
  });

  it('shows the way of a question that is asked in it', async () => {
    await look(monorepo, WIDE, async (page) => {
      await page.getByLabel('Who asks').selectOption('Orders/checkout');
      await page.getByLabel('for what').selectOption('✓ Payments/ledger-api');
      expect(await page.locator('#told h2').innerText()).toBe('Orders/checkout gets Payments/ledger-api');
      expect(await page.locator('ol.steps li').allInnerTexts()).toContain(
        'Orders/checkout-service is a member of Payments/ledger-writers\npayments/access.yaml:6',
      );
      const on = await page
        .locator('.node.on')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label')));
      expect(on).toEqual([
        'client checkout, site Orders',
        'server ledger-api, site Payments',
        'group ledger-writers, site Payments',
        'user checkout-service, site Orders',
      ]);
      expect(await page.locator('.edge.on').count()).toBe(4);
      const opacity = "getComputedStyle(document.querySelector('.chosen .node:not(.on)')).opacity";
      expect(await page.evaluate<string>(opacity)).toBe('0.22');
    });
  });

  it('shows the missing link of a no that was asked on the command line', async () => {
    const url = await pageOf('no', ['gateway'], { ask: 'ledger-api' });
    await look(url, { ...WIDE, colorScheme: 'dark' }, async (page) => {
      expect(await told(page)).toContain('Platform/gateway does not get Payments/ledger-api');
      expect(await told(page)).toContain('SCOPE_NOT_ALLOWED');
      expect(await told(page)).toContain('Look at metadata.scope of Platform/gateway\nplatform/platform.yaml:19');
      expect(await page.locator('#added .refused text').textContent()).toBe('SCOPE_NOT_ALLOWED');
      expect(await page.locator('.node.missing').count()).toBe(2);
    });
  });

  it('is usable at 390 px: search on top, a picture that is moved by a finger, details below it', async () => {
    await look(monorepo, NARROW, async (page) => {
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
      expect((await page.locator('#search').boundingBox())?.y).toBeLessThan(20);
      const panel = page.locator('#panel');
      expect(await panel.isVisible()).toBe(false);
      const before = await viewBox(page);
      await page.mouse.move(200, 330);
      await page.mouse.down();
      await page.mouse.move(90, 300, { steps: 4 });
      await page.mouse.up();
      expect(await viewBox(page)).not.toBe(before);
      expect(await panel.isVisible()).toBe(false);

      await page.locator('#fit').tap();
      await page.getByRole('button', { name: 'client gateway, site Platform' }).tap();
      expect(await told(page)).toContain('Platform/gateway');
      const canvas = await page.locator('#canvas').boundingBox();
      const node = await page.locator('.node.picked').boundingBox();
      const sheet = await page.locator('#sheet').boundingBox();
      if (canvas === null || node === null || sheet === null) throw new Error('not drawn');
      expect(node.y).toBeGreaterThanOrEqual(canvas.y);
      expect(node.y + node.height).toBeLessThanOrEqual(sheet.y);
      expect(sheet.y + sheet.height).toBeLessThanOrEqual(844);
      await page.getByRole('button', { name: 'Platform/audit-log' }).first().tap();
      expect(await page.locator('#told h2').innerText()).toBe('Platform/gateway gets Platform/audit-log');
      await page.locator('#grip').tap();
      expect(await panel.isVisible()).toBe(false);
      for (const button of await page.locator('button:visible').all()) {
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      }
    });
  });

  it('can be read in the light, in the dark and on paper: every text has 4.5 : 1 against what is behind it', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await look(monorepo, { ...WIDE, colorScheme }, async (page) => {
        await page.locator('#n0').click();
        const [worst] = await page.evaluate<[number, string]>('inPage.worstContrast()');
        expect(worst).toBeGreaterThanOrEqual(4.5);
        await page.emulateMedia({ media: 'print' });
        const [onPaper] = await page.evaluate<[number, string]>('inPage.worstContrast()');
        expect(onPaper).toBeGreaterThanOrEqual(4.5);
      });
    }
  });

  it('of a thousand entities is drawn as few, and gives out every name', async () => {
    const workspace = await createWorkspace({
      'server.yaml': {
        server: { issuer: 'http://localhost:8080' },
        methods: { service: { type: 'client_credentials' }, pin: { type: 'password' } },
      },
      ...Object.fromEntries(teams(10, 8, 22, 40).map((team, number) => [`team${number}.yaml`, team])),
    });
    const url = await pageOf('thousand', [], { dir: [workspace.spec] });
    workspace.remove();
    expect(statSync(join(root, 'thousand.html')).size).toBeLessThan(1 << 20);
    await look(url, WIDE, async (page) => {
      expect(await page.locator('#counts').innerText()).toBe('300 applications, 620 users, 100 groups, drawn as 40');
      expect(await page.locator('#picture .node').count()).toBe(40);
      await page.getByRole('button', { name: '22 clients, site Team4' }).click();
      expect(await page.locator('#told h3').first().innerText()).toBe('Names (22)');
      await page.getByRole('button', { name: 'Team4/job13', exact: true }).click();
      await page.locator('#told').getByRole('button', { name: 'Team5/service5' }).first().click();
      expect(await page.locator('#told h2').innerText()).toBe('Team4/job13 gets Team5/service5');
      expect(await page.locator('.node.on').count()).toBe(4);
      await page.locator('#search').fill('t7-job21');
      await page.keyboard.press('Enter');
      expect(await told(page)).toContain('Team7/job21');
    });
  });

  it('shows a client_id as it is, whatever it looks like', async () => {
    const ids = [
      '</script><script>alert(1)</script>',
      '"><img src=x onerror=alert(2)>',
      '<!--<script>',
      "&lt;'%%--]]>",
    ];
    const workspace = await createWorkspace({
      'server.yaml': {
        server: { issuer: 'http://localhost:8080' },
        methods: { service: { type: 'client_credentials' } },
      },
      'site.yaml': {
        site: 'S',
        methods: ['service'],
        applications: Object.fromEntries(
          ids.map((client_id, number) => [
            `Job${number}`,
            {
              client_id,
              secret: { env: 'X' },
              methods: ['service'],
              allowed_to: ['Jobs'],
              metadata: { grant_types: ['client_credentials'] },
            },
          ]),
        ),
        groups: { Jobs: { methods: ['service'] } },
      },
    });
    const url = await pageOf('hostile', [ids[0] ?? ''], { ask: ids[0] ?? '', dir: [workspace.spec] });
    const all = await pageOf('hostile-all', [], { dir: [workspace.spec] });
    workspace.remove();
    await look(url, WIDE, async (page) => {
      expect(await page.locator('h1').innerText()).toContain(ids[0]);
      expect(await page.locator('#told h2').innerText()).toBe('S/Job0 gets a token for itself');
    });
    await look(all, WIDE, async (page) => {
      for (const id of ids) {
        await page.locator('#search').fill(id);
        await page.keyboard.press('Enter');
        expect(await page.locator('dd').first().innerText()).toBe(id);
      }
    });
  });

  it('Mermaid itself reads its text, and shows every name as it is', async () => {
    const { page, close } = await watchedPage(browser, WIDE);
    await page.setContent('<!doctype html><div id="drawn"></div>');
    await page.addScriptTag({ path: require.resolve('@mermaid-js/tiny') });
    const draw = (text: string) => page.evaluate<string[]>(`inPage.drawMermaid(${JSON.stringify(text)})`);
    for (const names of [[], ['settlement-job']]) {
      const options = names.length === 0 ? {} : { ask: 'ledger-api' };
      expect((await draw(await drawn(names, options))).map((name) => name.trim())).toContain('settlement-job');
    }
    for (const [number, text] of HOSTILE.entries()) {
      const picture = pictureOf(hostileGraph([text, HOSTILE[(number + 7) % HOSTILE.length] ?? '', 'c']));
      const names = await draw(renderMermaid(picture));
      const squeezed = names.map((name) => name.replace(/\s+/g, ' ').trim()).sort();
      expect(squeezed).toEqual(picture.nodes.map((node) => labelOf(node).replace(/\s+/g, ' ').trim()).sort());
    }
    await close();
  });
});
