// Owns throw-away Git repositories of tests: made and committed to, the same whatever Git is set up to do here.

import { execFileSync } from 'node:child_process';

const WHO = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.com',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** Runs Git in the directory and answers what it printed. */
export function git(directory: string, ...argv: string[]): string {
  const env = { PATH: process.env.PATH, HOME: directory, GIT_CONFIG_NOSYSTEM: '1', ...WHO };
  return execFileSync('git', argv, { cwd: directory, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A repository with the branch main and no commit. */
export function initialize(directory: string): void {
  git(directory, 'init', '--quiet', '--initial-branch=main');
}

/** Commits all that is there, and answers the commit. */
export function commit(directory: string): string {
  git(directory, 'add', '--all', '.');
  git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'a commit');
  return git(directory, 'rev-parse', 'HEAD');
}
