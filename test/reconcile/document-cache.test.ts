import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCached } from '../../src/reconcile/compile-once.ts';
import { cacheDirectory, openDocumentCache } from '../../src/reconcile/document-cache.ts';
import { compile } from '../../src/spec/compile.ts';
import { parseFile } from '../../src/spec/parse.ts';
import { said } from '../spec/said.ts';

const OPTIONS = { secretsDir: false, incomplete: false };
const SERVER = {
  path: 'server.yaml',
  text: 'server: { issuer: "https://id.example.com" }\nmethods: { m: { type: client_credentials } }\n',
};
const SITE = { path: 'a.yaml', text: 'site: A\nmethods: [m]\nusers: { U: { methods: ["m"], enabled: yes } }\n' };
const GOOD = { path: 'a.yaml', text: SITE.text.replace('yes', 'true') };

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'charter-cache-'));
  directory = join(root, 'below', 'charter');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const compileHere = (files: readonly (typeof SITE)[], version = '1') =>
  compileCached(version, directory, 0)(files, OPTIONS);

describe('parsed files on disk', () => {
  it('are known to the next command, and change nothing of what it says', async () => {
    const first = await compileHere([SERVER, GOOD]);
    expect(readdirSync(directory)).toHaveLength(2);
    const cache = openDocumentCache(directory, '1');
    expect(cache?.read({ ...GOOD, path: 'elsewhere.yaml' })?.source.path).toBe('elsewhere.yaml');
    const second = await compileHere([SERVER, GOOD]);
    expect(said(second)).toEqual(said(first));
    expect(said(second)).toEqual(said(compile([SERVER, GOOD])));
  });

  it("are this user's alone", async () => {
    await compileHere([SERVER, GOOD]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });

  it('hold no text of the file but what is written otherwise than it is meant', async () => {
    await compileHere([SERVER, GOOD]);
    const held = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'latin1'));
    expect(held.join('')).not.toContain('client_credentials');
  });

  it('are of one version of the program', async () => {
    await compileHere([SERVER, GOOD]);
    expect(openDocumentCache(directory, '2')?.read(GOOD)).toBeUndefined();
  });

  it.each<[string, (bytes: Buffer) => Buffer | string]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 3)],
    [
      'otherwise by one bit',
      (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
    ],
    ['empty', () => ''],
    ['something else', () => 'not a packed file at all, and longer than a digest is'],
  ])('are parsed again where they are %s', async (_what, damage) => {
    const first = await compileHere([SERVER, GOOD]);
    const names = readdirSync(directory);
    for (const name of names) writeFileSync(join(directory, name), damage(readFileSync(join(directory, name))));
    expect(openDocumentCache(directory, '1')?.read(GOOD)).toBeUndefined();
    expect(said(await compileHere([SERVER, GOOD]))).toEqual(said(first));
    expect(openDocumentCache(directory, '1')?.read(GOOD)).toBeDefined();
    expect(readdirSync(directory)).toEqual(names);
  });

  it.each<[string, () => void]>([
    ['others may look into', () => chmodSync(directory, 0o755)],
    [
      'a link leads to',
      () => {
        rmSync(directory, { recursive: true });
        mkdirSync(join(root, 'other'), { mode: 0o700 });
        symlinkSync(join(root, 'other'), directory);
      },
    ],
    [
      'is a file',
      () => {
        rmSync(directory, { recursive: true });
        writeFileSync(directory, '');
      },
    ],
  ])('are not looked for in a directory that %s', async (_what, change) => {
    await compileHere([SERVER, GOOD]);
    change();
    expect(openDocumentCache(directory, '1')).toBeUndefined();
    expect((await compileHere([SERVER, GOOD])).ok).toBe(true);
  });

  it('are none of a spec with an error, nor of a file of which anything is told', async () => {
    expect((await compileHere([SERVER, SITE])).ok).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
    const cache = openDocumentCache(directory, '1');
    const twice = { path: 'a.yaml', text: 'site: A\nsite: A\n' };
    cache?.keep(twice, parseFile(twice));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('are as many as there is room for, the newest', async () => {
    await compileHere([SERVER, GOOD]);
    const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
    const cache = openDocumentCache(directory, '1');
    cache?.bound(sizes.reduce((sum, size) => sum + size, 0));
    expect(readdirSync(directory)).toHaveLength(2);
    cache?.bound(Math.max(...sizes) * 1.4);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('are not kept of a small spec', async () => {
    await compileCached('1', directory)([SERVER, GOOD], OPTIONS);
    expect(() => statSync(directory)).toThrow('ENOENT');
  });
});

it('the cache is where the user wants caches to be', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/c' })).toBe('/c/charter');
  expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache', 'charter'));
  expect(cacheDirectory({})).toBe(join(homedir(), '.cache', 'charter'));
});
