// Owns where the files of a spec come from: the disk, or anything that answers the same questions (a commit of Git).
// Never decides which files are the spec's (walk.ts does).

import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { type Content, readBounded } from './bounded.ts';
import { systemReason } from './system-reason.ts';

/** `other` is what cannot be a file of a spec: a FIFO, a socket, a device. */
export type FileKind = 'file' | 'directory' | 'other';

/** What a directory holds under one name; of a symbolic link the link itself. */
export interface TreeEntry {
  readonly name: string;
  readonly kind: FileKind | 'link';
}

/** All paths are absolute. What rejects does so with an error that `systemReason` has words for, or a Failure. */
export interface FileTree {
  /** Whether what it holds may change while it is read. */
  readonly changes: boolean;
  /** The path without symbolic links. Rejects when nothing is there. */
  realpath(path: string): Promise<string>;
  /** Of a path without symbolic links, as are those of `list` and `read`. */
  kindOf(real: string): Promise<FileKind>;
  list(real: string): Promise<readonly TreeEntry[]>;
  /** Never rejects for what is wrong with the file alone. */
  read(real: string, limit: number): Promise<Content>;
}

export const DISK: FileTree = {
  changes: true,
  realpath: (path) => realpath(path),
  kindOf: async (real) => kindOf(await stat(real)),
  list: async (real) =>
    (await readdir(real, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      kind: entry.isSymbolicLink() ? 'link' : kindOf(entry),
    })),
  read: readBounded,
};

function kindOf(entry: Dirent | Stats): FileKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
}

/** Why a path is no directory; undefined when it is one. */
export async function reasonAgainstDirectory(tree: FileTree, path: string): Promise<string | undefined> {
  try {
    return (await tree.kindOf(await tree.realpath(path))) === 'directory' ? undefined : 'it is not a directory';
  } catch (error) {
    return systemReason(error);
  }
}
