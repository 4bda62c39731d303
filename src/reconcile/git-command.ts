// Owns how Git is started: without a shell, never asking a person anything, for the repository that holds a directory
// and for no other. Never says what an answer means.

import { execFile } from 'node:child_process';
import { escapeControls } from '../spec/frame-line.ts';
import { systemReason } from './system-reason.ts';

export type GitAnswer =
  /** What it printed, and what it said beside: warnings, in its own words. */
  | { readonly ok: true; readonly stdout: string; readonly said: string }
  /** `absent`: there is no program `git`. `reason` is one line, in Git's own words where it said something. */
  | { readonly ok: false; readonly absent: boolean; readonly reason: string };

const MOST_BYTES = 4 * 1024 * 1024;

/** Runs `git` with the arguments, as if in the directory, and waits for its end. Never throws. */
export function askGit(directory: string, argv: readonly string[], timeoutMs: number): Promise<GitAnswer> {
  const options = { env: gitEnvironment(), timeout: timeoutMs, maxBuffer: MOST_BYTES, windowsHide: true };
  return new Promise((resolve) => {
    execFile('git', gitArguments(directory, argv), options, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, stdout, said: gitWords(stderr) });
      const absent = error.code === 'ENOENT';
      const told = error.killed === true ? `no answer within ${timeoutMs / 1000} s` : gitWords(stderr);
      const ended = typeof error.code === 'number' ? `exit code ${error.code}` : systemReason(error);
      resolve({ ok: false, absent, reason: told === '' ? ended : told });
    });
  });
}

/** -C and not the working directory of the process: a relative $PATH would look for the program below the spec. */
export function gitArguments(directory: string, argv: readonly string[]): readonly string[] {
  // --no-optional-locks: asking must not take the very lock that readers of the spec wait for.
  return ['-C', directory, '--no-optional-locks', ...argv];
}

/**
 * Without the variables that say which repository is meant: Git sets them for its hooks, and a hook of one repository
 * may well plan a spec in another. The directory says it, also within a hook. What sets up Git itself stays.
 */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') || SET_UP.test(name));
  // In English, as its words are quoted beside ours; a missing password is a failure, not a question.
  return { ...Object.fromEntries(kept), LC_ALL: 'C', LANGUAGE: 'C', GIT_TERMINAL_PROMPT: '0' };
}

/** Configuration such as safe.directory, how far up is looked, and how a partial clone fetches what it lacks. */
const SET_UP =
  /^GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|SSH(_COMMAND|_VARIANT)?|SSL_\w+)$/;

/** The first thing that Git said, as one line that is safe to show. */
export function gitWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const line = lines.find((one) => /^(fatal|error): /.test(one)) ?? lines.find((one) => one !== '') ?? '';
  return escapeControls(line.replace(/^(fatal|error|warning): /, '').slice(0, MOST_WORDS));
}

const MOST_WORDS = 500;
