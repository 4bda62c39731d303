// What an editor shows: the shipped schemas in the real yaml-language-server, by the modelines as they stand in the
// examples.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASONS } from '../../src/access/reason.ts';
import { siteSchema } from '../../src/spec/schemas.gen.ts';
import { charter, REPOSITORY } from './charter.ts';
import { LanguageServer } from './language-server.ts';

const EXAMPLES = join(REPOSITORY, 'examples');
const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
const application = siteSchema.$defs.application.properties;

let server: LanguageServer;

beforeAll(async () => {
  server = new LanguageServer();
  await server.start();
});

afterAll(() => server.stop());

let opened = 0;

/** A file that is not there, beside the quickstart's, each time another: the server may still speak of the last one. */
function nextPath(): string {
  opened += 1;
  return join(EXAMPLES, 'quickstart', `editor-${opened}.yaml`);
}

/** Opens a text that is in no file, in place of an example, so that modelines lead where they lead there. `|` is the cursor. */
async function at<T>(marked: string, ask: (path: string, line: number, character: number) => Promise<T>): Promise<T> {
  const path = nextPath();
  const before = marked.slice(0, marked.indexOf('|'));
  await server.open(path, marked.replace('|', ''));
  const answer = await ask(path, before.split('\n').length - 1, before.length - before.lastIndexOf('\n') - 1);
  server.close(path);
  return answer;
}

const SITE = '# yaml-language-server: $schema=../../schema/site.schema.json\nsite: Example\n';
const TESTS = '# yaml-language-server: $schema=../../schema/tests.schema.json\n';
const SERVER = '# yaml-language-server: $schema=../../schema/server.schema.json\nserver:\n  issuer: http://localhost\n';

describe('the examples in yaml-language-server', () => {
  it.each(files)('%s names its schemas and has no complaint', async (file) => {
    const path = join(EXAMPLES, file);
    const text = readFileSync(path, 'utf8');
    for (const document of text.split(/^---$/m)) expect(document).toMatch(/^\n?# yaml-language-server: \$schema=/);
    expect(await server.open(path, text)).toEqual([]);
    server.close(path);
  });
});

it('what charter init writes names its schemas and has no complaint', async () => {
  const root = mkdtempSync(join(tmpdir(), 'charter-editor-'));
  try {
    expect((await charter(['init'], { cwd: root })).code).toBe(0);
    for (const file of ['config/server.yaml', 'config/sites/Example.yaml']) {
      const path = join(root, file);
      const text = readFileSync(path, 'utf8');
      expect(await server.open(path, text)).toEqual([]);
      // The schema was found: without one, nothing would ever be complained about.
      expect(await server.open(`${path}.wrong.yaml`, `${text}nonsense: 1\n`)).toHaveLength(1);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

describe('help while typing', () => {
  it('hovering over a key shows what it is for', async () => {
    const text = await at(`${SITE}applications:\n  App:\n    allowed|_to: [Group1]\n`, (...place) =>
      server.hover(...place),
    );
    expect(text.replaceAll('\\', '').replaceAll('&nbsp;', ' ')).toContain(application.allowed_to.description);
  });

  it('inside an application its keys are offered, each with its description', async () => {
    const items = await at(`${SITE}applications:\n  App:\n    enabled: true\n    |\n`, (...place) =>
      server.complete(...place),
    );
    const offered = new Map(items.map((item) => [item.label, item]));
    for (const [key, { description }] of Object.entries(application)) {
      if (key === 'enabled') continue;
      const told = offered.get(key)?.documentation;
      expect(typeof told === 'object' ? told.value : told, key).toContain(description);
    }
    expect(offered.has('enabled')).toBe(false);
  });

  it('inside grant_types the registered grants are offered', async () => {
    const text = `${SITE}applications:\n  App:\n    metadata:\n      grant_types:\n        - |\n`;
    const items = await at(text, (...place) => server.complete(...place));
    expect(items.map(({ label }) => label)).toEqual(
      expect.arrayContaining([...siteSchema.$defs.metadata.properties.grant_types.items.enum]),
    );
  });

  it('in a test of access the reasons for a denial are offered', async () => {
    const items = await at(`${TESTS}tests:\n  - deny: { client: A }\n    reason: |\n`, (...place) =>
      server.complete(...place),
    );
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(Object.keys(REASONS)));
  });

  it('a misspelt key is named, where it stands', async () => {
    const path = nextPath();
    const complaints = await server.open(path, `${SITE}applications:\n  App:\n    impersonate: User1\n`);
    server.close(path);
    expect(complaints.map(({ message, range }) => [message, range.start])).toEqual([
      [expect.stringContaining('impersonate'), { line: 4, character: 4 }],
    ]);
  });

  it('each document of a file follows the modeline of its own', async () => {
    const path = nextPath();
    const complaints = await server.open(path, `${SERVER}  issuers: a\n---\n${SITE}servers: {}\n`);
    server.close(path);
    expect(complaints.map(({ message, range }) => [message, range.start.line])).toEqual([
      [expect.stringContaining('issuers'), 3],
      [expect.stringContaining('servers'), 7],
    ]);
  });
});
