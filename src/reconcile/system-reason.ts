// Owns how a failed system call is told to a person. Never knows which file or why it was wanted.

import { Failure } from '../model/failure.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory, not a file',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'this process has too many open files',
  ENFILE: 'the system has too many open files',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
};

/**
 * What a failed system call says to a person. Never a stack, never the path twice. A Failure is no such thing, and is about
 * more than one file: it is thrown on.
 */
export function systemReason(error: unknown): string {
  if (error instanceof Failure) throw error;
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : undefined;
  return code === undefined ? error.message : (REASONS[code] ?? code);
}
