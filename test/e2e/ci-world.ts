// Owns where the tests of examples/ci run: a bare repository as the origin, a clone of an author who pushes to it, the
// programs that a runner has, and shells that run the lines of a job. Never says what a job has to do.

import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MAIN } from './charter.ts';

/** A comment as the stand-ins keep it (ci-stand-in.mjs). */
export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly [about: string]: unknown;
}

/** What the stand-ins know of the change whose pipeline runs. */
export interface Forge {
  readonly comments: readonly Comment[];
  /** Each start of gh, curl and npm, by its words. */
  readonly calls: readonly (readonly string[])[];
  /** Of the pull request. */
  readonly number: number;
  readonly token: string;
  readonly readOnly?: boolean;
}

export interface Ran {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

export interface World {
  readonly root: string;
  /** `file:` URL of the bare repository: only over a URL does Git heed a depth. */
  readonly origin: string;
  /** The clone of the author. */
  readonly author: string;
  forge(): Forge;
  setForge(changes: Partial<Forge>): void;
  /** Methods of requests that wrote: POST, PATCH, PUT. */
  writes(): readonly string[];
  /** Runs Git, of the author where no other directory is named. */
  git(...argv: string[]): string;
  gitIn(directory: string, ...argv: string[]): string;
  /** Commits the files as the tip of the branch, which begins at main, and pushes it. */
  push(branch: string, files: Readonly<Record<string, string>>): void;
  /** Runs lines as a runner does: bash, no start-up files, -e and pipefail. */
  shell(lines: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran>;
  directory(name: string): string;
  remove(): void;
}

const STAND_IN = join(import.meta.dirname, 'ci-stand-in.mjs');

export function createWorld(main: Readonly<Record<string, string>>): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'charter-ci-')));
  const [bin, bare, author] = ['bin', 'origin.git', 'author'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const forge = join(root, 'forge.json');
  mkdirSync(bin);
  program(join(bin, 'charter'), MAIN);
  for (const name of ['gh', 'curl', 'npm']) program(join(bin, name), STAND_IN, name);
  const who = { NAME: 'Ada', EMAIL: 'ada@example.com', DATE: '2026-01-01T00:00:00Z' };
  const base = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    NO_COLOR: '1',
    STAND_IN: forge,
    ...Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  };
  const gitIn = (cwd: string, ...argv: string[]): string =>
    execFileSync('git', argv, { cwd, env: base, encoding: 'utf8', stdio: 'pipe' }).trim();
  const git = (...argv: string[]): string => gitIn(author, ...argv);
  const read = (): Forge => JSON.parse(readFileSync(forge, 'utf8'));
  const setForge = (changes: Partial<Forge>): void => writeFileSync(forge, JSON.stringify({ ...read(), ...changes }));

  writeFileSync(forge, JSON.stringify({ comments: [], calls: [], number: 7, token: 'a-token' }));
  gitIn(root, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
  gitIn(root, 'clone', '--quiet', bare, author);
  const push = (branch: string, files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(author, path)), { recursive: true });
      writeFileSync(join(author, path), text);
    }
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '-m', `on ${branch}`);
    git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  };
  git('checkout', '--quiet', '-b', 'main');
  push('main', main);

  return {
    root,
    origin: `file://${bare}`,
    author,
    forge: read,
    setForge,
    writes: () => read().calls.flatMap((words) => words.filter((word) => /^(?:POST|PATCH|PUT)$/.test(word))),
    git,
    gitIn,
    push(branch, files) {
      const exists = git('branch', '--list', branch) !== '';
      git('checkout', '--quiet', ...(exists ? [branch] : ['-b', branch, 'main']));
      push(branch, files);
    },
    shell: (lines, cwd, env) =>
      new Promise((resolve) => {
        const script = join(root, 'script.sh');
        writeFileSync(script, lines);
        const argv = ['--noprofile', '--norc', '-eo', 'pipefail', script];
        const child = execFile('bash', argv, { cwd, env: { ...base, ...env } }, (_error, stdout, stderr) =>
          resolve({ code: child.exitCode, output: stdout + stderr }),
        );
      }),
    directory(name) {
      const path = join(root, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function program(path: string, script: string, ...words: readonly string[]): void {
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' ${words.join(' ')} "$@"\n`);
  chmodSync(path, 0o755);
}
