// Owns golden cases of the command line: one text file with the files of a spec, the command, and what it answers.
// Never judges: cases.test.ts compares.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tellError } from '../../src/cli/problem.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { tellUsage } from '../../src/cli/usage.ts';

export const REPOSITORY = join(import.meta.dirname, '../..');
export const MAIN = join(REPOSITORY, 'dist/bundle/charter.js');

/** Sections by name; `comment` is what stands before the first. */
export interface Case {
  readonly comment: string;
  readonly sections: ReadonlyMap<string, string>;
}

/** `-- name --` on a line of its own begins a section, as in Go's txtar. */
export function parseCase(text: string): Case {
  const [comment = '', ...parts] = text.split(/^-- (.+) --\n/m);
  const sections = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) sections.set(parts[at] ?? '', parts[at + 1] ?? '');
  return { comment: comment.trim(), sections };
}

export function printCase({ comment, sections }: Case): string {
  return `${comment}\n${[...sections].map(([name, text]) => `-- ${name} --\n${text}`).join('')}`;
}

/** A directory for one command, removed when the test ends. */
export function workplace(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'charter-cli-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function writeFiles(
  directory: string,
  files: Iterable<readonly [path: string, content: string | Uint8Array]>,
): void {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `charter` to its end, in the directory and with nothing of the environment but what is given. */
export function charter(argv: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...argv],
      { cwd, env: { PATH: process.env.PATH ?? '', ...env }, maxBuffer: 64 << 20, timeout: 30_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/**
 * The same in this process, from the sources: for what needs no process of its own. The working directory is that of all
 * tests of a file, so they may not run at once.
 */
export async function charterHere(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Answer> {
  const said = { code: null as number | null, stdout: '', stderr: '' };
  const terminal: Terminal = {
    out: (text) => (said.stdout += text),
    err: (text) => (said.stderr += text),
    ifLost: () => undefined,
    outColor: false,
    errColor: false,
    env,
  };
  const end = (code: number): void => {
    said.code = code;
  };
  const before = process.cwd();
  process.chdir(cwd);
  try {
    await buildProgram(terminal, end).parseAsync([process.execPath, MAIN, ...argv]);
  } catch (error) {
    end(tellUsage(error) ?? tellError(error, terminal));
  } finally {
    process.chdir(before);
  }
  return said;
}

/** The lines of a section, without empty ones. */
export function lines(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

export function readQuickstart(): string {
  return readFileSync(join(REPOSITORY, 'examples/quickstart/charter.yaml'), 'utf8');
}
