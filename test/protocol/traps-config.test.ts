// What other servers got wrong about their configuration, each by its advisory: here it cannot be written, or means nothing.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { charterHere, workplace, writeFiles } from '../cli/case.ts';
import { noteLoad } from '../protocol-evidence.ts';
import { Browser, codeRequest, post } from './browser.ts';
import { expectErrorPage } from './security-checks.ts';
import { SECRET, type Spec } from './spec.ts';
import { errorsOf, load, serve } from './world.ts';

const SERVER = 'server: { issuer: https://as.example }\nmethods: { cc: { type: client_credentials } }\n';

/** What validate says of these files. */
async function validate(files: Readonly<Record<string, string>>) {
  const root = workplace();
  writeFiles(join(root, 'config'), Object.entries({ 'server.yaml': SERVER, ...files }));
  noteLoad();
  const { code, stdout, stderr } = await charterHere(['validate', 'config'], root);
  return { code, said: stdout + stderr };
}

/** As shells, templates and the tools of other servers write what is to be replaced. */
const PLACEHOLDERS = [
  ...['$\u007bCLIENT_SECRET}', '$\u007bvault.x}', '$(env:CLIENT_SECRET)', '$(file:/etc/passwd)', '%{CLIENT_SECRET}'],
  ...['{{ env.CLIENT_SECRET }}', '<%= CLIENT_SECRET %>', '#{CLIENT_SECRET}'],
];
const LITERAL = 'https://asking.example/$(env:CLIENT_SECRET)';

describe('interpolation', () => {
  it.each(['CVE-2024-11736', 'GHSA-c77r-6f64-478q'])(
    '%s: no text of the configuration or of a request is a template: what stands there is what it says',
    async (_advisory) => {
      const own = await serve(({ site }) => {
        site.applications.asking.metadata.client_name = PLACEHOLDERS.join(' ');
        site.applications.asking.metadata.redirect_uris.push(LITERAL);
        site.users.ada.attributes.name = PLACEHOLDERS.join(' ');
      });
      const application = own.snapshot().index.application('application:Example/asking');
      expect(application?.metadata?.client_name).toBe(PLACEHOLDERS.join(' '));
      const literal = codeRequest('asking', { redirect_uri: LITERAL }).parameters;
      expect((await new Browser(own).authorize(literal)).form?.id).toBe('login');
      const replaced = { ...literal, redirect_uri: `https://asking.example/${SECRET}` };
      expectErrorPage(await new Browser(own).authorize(replaced));
      for (const text of PLACEHOLDERS) {
        const browser = new Browser(own);
        const page = await browser.authorize(codeRequest('asking', { login_hint: text, state: text }).parameters);
        expect(page.form?.id).toBe('login');
        expect(page.html).not.toContain(SECRET);
        expect(page.html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', "'")).toContain(text);
        const response = await post(own, '/token', { grant_type: text, client_id: text, scope: text });
        expect(response.status).toBe(401);
        expect(await response.text()).not.toContain(SECRET);
      }
    },
  );

  it('CVE-2024-11736: a variable is named where the schema has a secret, and nowhere else', async () => {
    const written = { env: 'CLIENT_SECRET' };
    for (const edit of [
      (site: Spec) => Object.assign(site.applications.web.metadata, { client_name: written }),
      (site: Spec) => Object.assign(site.applications.web.metadata, { redirect_uris: [written] }),
      (site: Spec) => Object.assign(site.applications.web, { client_id: written }),
      (site: Spec) => Object.assign(site.users.ada, { sub: written }),
      (site: Spec) => Object.assign(site.applications.web, { secret: { url: 'https://vault.example' } }),
      (site: Spec) => Object.assign(site.applications.web, { secret: { javascript: '1' } }),
    ]) {
      const diagnostics = await load(({ site }) => void edit(site));
      expect(errorsOf(diagnostics), String(edit)).not.toEqual([]);
      expect(JSON.stringify(diagnostics)).not.toContain(SECRET);
    }
  });
});

describe('YAML', () => {
  it('CVE-2025-64718: a merge key and a prototype change no other object', async () => {
    const merged = await validate({
      'a.yaml': 'site: A\nx-a: &a { __proto__: { enabled: false, polluted: yes } }\nusers:\n  U: { <<: *a }\n',
    });
    expect(merged.code).toBe(3);
    expect(merged.said).toContain('yaml.merge-key');
    const direct = await validate({
      'a.yaml':
        'site: A\n__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\nusers: { U: { __proto__: { polluted: 1 } } }\n',
    });
    expect(direct.code).toBe(3);
    expect(direct.said).toContain('key.unknown');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('CWE-776: aliases, depth and size are bounded, and a bomb is told as what it is', async () => {
    const bomb = ['x-0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
    for (let level = 1; level < 12; level += 1) {
      bomb.push(
        `x-${level}: &x${level} [${Array(9)
          .fill(`*x${level - 1}`)
          .join(', ')}]`,
      );
    }
    const files = {
      aliases: `site: A\n${bomb.join('\n')}\n`,
      depth: `site: A\nx-deep: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
      tag: 'site: A\nx-t: !!js/function "function(){ return 1 }"\n',
    };
    for (const [name, text] of Object.entries(files)) {
      const { code, said } = await validate({ 'a.yaml': text });
      expect(code, `${name} ${said}`).toBe(3);
      expect(said, name).toMatch(/error\[(yaml|spec|file|document)\.[a-z-]+\]/);
    }
  });
});

describe('files that the configuration names', () => {
  it.each(['CVE-2026-6815', 'CVE-2022-38638'])(
    '%s: a path or a link that leads out of the directory is not read',
    async (_advisory) => {
      const root = workplace();
      mkdirSync(join(root, 'config'));
      writeFileSync(join(root, 'outside'), `${SECRET}\n`);
      symlinkSync(join(root, 'outside'), join(root, 'config', 'link'));
      for (const file of [
        '../outside',
        join(root, 'outside'),
        'x/../../outside',
        'link',
        '/etc/passwd',
        './../outside',
      ]) {
        const site = `site: A\nmethods: [cc]\napplications:\n  C: { methods: [cc], secret: { file: ${file} }, metadata: { grant_types: [client_credentials] } }\n`;
        writeFiles(join(root, 'config'), [
          ['server.yaml', SERVER],
          ['a.yaml', site],
        ]);
        noteLoad();
        const applied = await charterHere(['apply', 'config', '--store', 'charter.db'], root);
        expect(applied.code, `${file}\n${applied.stdout}${applied.stderr}`).not.toBe(0);
        expect(applied.stdout + applied.stderr).not.toContain(SECRET);
        expect(applied.stdout + applied.stderr).not.toContain('root:');
      }
    },
  );
});
