// Owns writing a file whole: readers see the old content or the new, never a half. Never decides what is written.

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { chmod, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Failure } from '../model/failure.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { escapeControls } from '../spec/frame-line.ts';

/** A file that was asked for and could not be written: told once, as what else there is to write may do. */
export class OutputFailure extends Failure {}

/** Reasons that lie in the path as it was typed; any other (a full disk, a missing right) is the machine's. */
const MISTYPED: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP']);

/** Writes what an option names. Throws OutputFailure. */
export async function writeOutput(option: string, path: string, text: string): Promise<void> {
  try {
    await writeWhole(path, text);
  } catch (error) {
    throw unwritable(`${option} ${path}`, error);
  }
}

/** Throws OutputFailure for a path of which it shows, before anything is written, that no file can be there. */
export function requirePlace(option: string, path: string): void {
  try {
    if (!statSync(dirname(resolve(path))).isDirectory()) throw systemError('ENOTDIR');
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? path.endsWith(sep);
    if (isDirectory) throw systemError('EISDIR');
  } catch (error) {
    throw unwritable(`${option} ${path}`, error);
  }
}

function unwritable(what: string, error: unknown): OutputFailure {
  const isAbsent = codeOf(error) === 'ENOENT';
  const reason = isAbsent ? 'its directory does not exist' : systemReason(error);
  const advice = isAbsent ? ' Make it, or name another file.' : isMistyped(error) ? ' Name another file.' : '';
  return new OutputFailure(
    isMistyped(error) ? 'usage' : 'output_unwritable',
    `${escapeControls(what)} cannot be written: ${reason}.${advice}`,
    { cause: error },
  );
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Whether what a system call failed with lies in the path as it was typed. */
export function isMistyped(error: unknown): boolean {
  return MISTYPED.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/**
 * Writes beside the file and moves it there. A file that is there keeps its mode, and one that is reached through a
 * link is replaced behind it; what is no regular file (a pipe, /dev/stdout) is written to as it is.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const target = await existing(path);
  if (target !== undefined && !target.isFile) {
    await writeFile(path, content);
    return;
  }
  const real = target?.real ?? path;
  // Begins with a dot: what watches the directory as a spec does not take it for a file of it.
  const beside = join(dirname(real), `.${basename(real).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(beside, 'wx');
    try {
      await handle.writeFile(content);
      if (target !== undefined) await chmod(beside, target.mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, real);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function existing(path: string): Promise<{ real: string; mode: number; isFile: boolean } | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw systemError('EISDIR');
    return { real: await realpath(path), mode: stats.mode & 0o7777, isFile: stats.isFile() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
