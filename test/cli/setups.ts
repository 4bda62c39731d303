// Owns what a golden case needs and no text file can hold: large files, links, FIFOs, databases, a port in use.
// Each answers texts that differ from run to run, with the words that the case has in their place.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { git, initialize } from '../reconcile/repository.ts';
import { charter } from './case.ts';

type Replacements = readonly (readonly [real: string, shown: string])[];
type Setup = (cwd: string, given: readonly string[]) => Replacements | Promise<Replacements>;

export const SETUPS: Readonly<Record<string, Setup>> = {
  /** directory PATH */
  directory(cwd, [path = '']) {
    mkdirSync(join(cwd, path), { recursive: true });
    return [];
  },
  /** large PATH MEGABYTES: of spaces and comments, valid YAML */
  large(cwd, [path = '', megabytes = '']) {
    writeFileSync(join(cwd, path), '# a comment that is long enough\n'.repeat((Number(megabytes) * 1024 * 1024) / 32));
    return [];
  },
  fifo(cwd, [path = '']) {
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(cwd, path)]);
    return [];
  },
  /** link PATH TARGET */
  link(cwd, [path = '', target = '']) {
    symlinkSync(target, join(cwd, path));
    return [];
  },
  /** apply DIR: with every secret that the examples use */
  async apply(cwd, [directory = '']) {
    const answer = await charter(['apply', directory], cwd, { CLIENT1_SECRET: 'correct-horse-battery-staple' });
    if (answer.code !== 0) throw new Error(`the setup was not applied:\n${answer.stderr}`);
    return [];
  },
  /** saved FILE ARGUMENT…: charter with --json FILE, whatever comes of it; when and by what is shown as <time>, <version> */
  async saved(cwd, [file = '', ...argv]) {
    await charter([...argv, '--json', file], cwd, { CLIENT1_SECRET: 'correct-horse-battery-staple' });
    const { timestamp, engine_version }: { readonly timestamp?: string; readonly engine_version: string } = JSON.parse(
      readFileSync(join(cwd, file), 'utf8'),
    );
    const time: Replacements = timestamp === undefined ? [] : [[timestamp, '<time>']];
    return [...time, [`Charter ${engine_version}`, 'Charter <version>']];
  },
  /** sql STATEMENT…: on charter.db, which is made where it is missing */
  sql(cwd, words) {
    const database = new Database(join(cwd, 'charter.db'));
    database.exec(words.join(' '));
    database.close();
    return [];
  },
  /** committed DIR: a repository here, whose only commit has what DIR holds; DIR goes. The commit is shown as <commit> */
  committed(cwd, [directory = '']) {
    initialize(cwd);
    git(cwd, '--work-tree', directory, 'add', '--all');
    git(cwd, '--work-tree', directory, 'commit', '--quiet', '-m', 'the base');
    rmSync(join(cwd, directory), { recursive: true });
    const commit = git(cwd, 'rev-parse', 'HEAD');
    return [40, 12, 7].map((digits) => [commit.slice(0, digits), '<commit>'] as const);
  },
  /** busy: a port that another process listens on, shown as <port> */
  async busy() {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return [[String(address.port), '<port>']];
  },
};
