// Owns spec directories of tests: made, written, swapped like a ConfigMap, thrown away after each test.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new directory that is removed when the test ends. */
export function temporary(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'charter-reconcile-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes files below a directory, which is made where it is missing. */
export function write(directory: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** Replaces a file as careful editors do: written beside it, then renamed. */
export function replaceAtomically(directory: string, path: string, content: string): void {
  writeFileSync(join(directory, `${path}.tmp`), content);
  renameSync(join(directory, `${path}.tmp`), join(directory, path));
}

/**
 * Puts a version into a directory as the kubelet does: files in a hidden directory, `..data` a link to it that is
 * swapped by a rename, a link through `..data` for each file.
 */
export function mountVersion(directory: string, version: string, files: Readonly<Record<string, string>>): void {
  const hidden = `..${version}`;
  write(join(directory, hidden), files);
  symlinkSync(hidden, join(directory, '..data_tmp'));
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  for (const name of Object.keys(files)) {
    try {
      symlinkSync(join('..data', name), join(directory, name));
    } catch {
      // It is there from the version before.
    }
  }
}

/** A file that nobody may open and wait for. */
export function makeFifo(path: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
}

/** Tries until it does not throw. */
export async function eventually<T>(attempt: () => T | Promise<T>, milliseconds = 8000): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
