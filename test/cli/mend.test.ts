import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mendFiles, replaceFile } from '../../src/cli/mend.ts';
import type { ValidateOptions } from '../../src/cli/validate.ts';
import { validate } from '../../src/cli/validate.ts';
import { workplace, writeFiles } from './case.ts';

const SERVER = 'server: { issuer: https://id.example.com }\nmethods: { m1: { type: client_credentials } }\n';

function spec(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = join(workplace(), 'config');
  writeFiles(directory, Object.entries({ 'zz-server.yaml': SERVER, ...files }));
  return directory;
}

/** `validate` in this process: what it said, and the code. */
async function run(directory: string, options: ValidateOptions) {
  const said = { out: '', err: '' };
  const code = await validate([directory], options, {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env: {},
  });
  return { ...said, code };
}

describe('validate --fix', () => {
  it('keeps byte order mark, line breaks and comments byte for byte', async () => {
    const text = '\uFEFFsite: A # one\r\nmethods: [m1]\r\nusers:\r\n  U: { metods: [m1] }   # 💥\r\n';
    const directory = spec({ 'a.yaml': text });
    await mendFiles([directory], {});
    expect(readFileSync(join(directory, 'a.yaml'))).toEqual(Buffer.from(text.replace('metods', 'methods')));
    expect(readdirSync(directory).sort()).toEqual(['a.yaml', 'zz-server.yaml']);
  });

  it('keeps the mode, and a link stays a link to the file that is mended', async () => {
    const directory = spec({ 'real/a.yaml.in': 'site: A\nmethods: [m1]\nusers: { U: { metods: [m1] } }\n' });
    const real = join(directory, 'real/a.yaml.in');
    chmodSync(real, 0o640);
    symlinkSync('real/a.yaml.in', join(directory, 'a.yaml'));
    const { fixed } = await mendFiles([directory], {});
    expect(fixed).toHaveLength(1);
    expect(lstatSync(join(directory, 'a.yaml')).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readFileSync(real, 'utf8')).toContain('{ methods: [m1] }');
  });

  it('a file that needs no mending is not touched', async () => {
    const directory = spec({ 'a.yaml': 'site: A\nmethods: [m1]\nusers: { U: { metods: [m1] } }\n' });
    const server = join(directory, 'zz-server.yaml');
    const before = statSync(server);
    await mendFiles([directory], {});
    expect(statSync(server).ino).toBe(before.ino);
  });

  it('a file that is not UTF-8 is neither read nor written, and the others are mended', async () => {
    const latin = Buffer.from('site: B # \xE9\nmetods: []\n', 'latin1');
    const directory = spec({ 'a.yaml': 'site: A\nusers: { U: { metods: [m1] } }\n', 'b.yaml': latin });
    const { fixed } = await mendFiles([directory], {});
    expect(fixed).toHaveLength(1);
    expect(readFileSync(join(directory, 'b.yaml'))).toEqual(latin);
  });

  it('a file of an overlay is mended, too', async () => {
    const directory = spec({ 'a.yaml': 'site: A\nmethods: [m1]\nusers: { U: { methods: [m1] } }\n' });
    writeFiles(directory, [['overlays/prod/a.yaml', 'site: A\nusers: { U: { enabeld: false } } # prod\n']]);
    const { fixed } = await mendFiles([directory], { overlay: ['prod'] });
    expect(fixed.map(({ range }) => range?.file)).toEqual(['overlays/prod/a.yaml']);
    expect(readFileSync(join(directory, 'overlays/prod/a.yaml'), 'utf8')).toBe(
      'site: A\nusers: { U: { enabled: false } } # prod\n',
    );
  });

  it('is done when it is done: a second run fixes nothing', async () => {
    const directory = spec({ 'a.yaml': 'site: A\nmethods: m1\nusers: { U: { metods: [m1, m1] } }\n' });
    const first = await run(directory, { fix: true });
    expect(first.out).toContain('problems fixed.');
    const second = await run(directory, { fix: true });
    expect(second.out).toContain('Nothing to fix.');
    expect(second.code).toBe(first.code);
  });

  it('says what it did not fix, and why; the exit code is that of what is left', async () => {
    const text = 'site: A\nmethods: [m1]\nusres: [U]\n';
    const directory = spec({ 'a.yaml': text });
    const { code, out, err } = await run(directory, { fix: true });
    expect(code).toBe(3);
    expect(out).toContain('Nothing was fixed.');
    expect(err).toContain('not fixed a.yaml:3:1 Write users (key.unknown): another problem would take its place\n');
    expect(readFileSync(join(directory, 'a.yaml'), 'utf8')).toBe(text);
  });
});

describe('a file is not written', () => {
  const old = { path: 'a.yaml', text: 'old' };

  it('that has changed since it was read', async () => {
    const root = workplace();
    writeFileSync(join(root, 'a.yaml'), 'edited');
    expect(await replaceFile({ root, boundaries: [root] }, old, 'new')).toMatch(/^it has changed/);
    expect(readFileSync(join(root, 'a.yaml'), 'utf8')).toBe('edited');
  });

  it('whose bytes are not the text that was read', async () => {
    const root = workplace();
    writeFileSync(join(root, 'a.yaml'), Buffer.from([0xff]));
    expect(await replaceFile({ root, boundaries: [root] }, { path: 'a.yaml', text: '\uFFFD' }, 'new')).toMatch(
      /changed/,
    );
    expect(readFileSync(join(root, 'a.yaml'))).toEqual(Buffer.from([0xff]));
  });

  it('that a link leads out of the spec to by now', async () => {
    const root = workplace();
    mkdirSync(join(root, 'config'));
    writeFileSync(join(root, 'outside.yaml'), 'old');
    symlinkSync('../outside.yaml', join(root, 'config/a.yaml'));
    const reading = { root: join(root, 'config'), boundaries: [join(root, 'config')] };
    expect(await replaceFile(reading, old, 'new')).toMatch(/not below the spec/);
    expect(readFileSync(join(root, 'outside.yaml'), 'utf8')).toBe('old');
  });

  it('that is gone', async () => {
    const root = workplace();
    expect(await replaceFile({ root, boundaries: [root] }, old, 'new')).toBe('it does not exist');
  });
});
