// Owns which files are the spec's: every *.yaml and *.yml below its directories, by path. Never reads a file's content.

import { dirname, join, relative, resolve, sep } from 'node:path';
import { compareText } from '../model/address.ts';
import { DISK, type FileKind, type FileTree, type TreeEntry } from './file-tree.ts';
import { systemReason } from './system-reason.ts';

/** A file to read. `path` is as diagnostics show it; `real` is free of symbolic links. */
export interface FoundFile {
  readonly path: string;
  readonly real: string;
}

/** An entry that should be part of the spec and cannot be. */
export interface Obstacle {
  readonly path: string;
  readonly kind: 'unreadable' | 'outside' | 'missing-directory';
  /** What the system said, in words; of `outside` the place that the link leads to. */
  readonly reason: string;
}

export interface Found {
  /** Sorted by path. A file that is reached twice appears once. */
  readonly files: readonly FoundFile[];
  readonly obstacles: readonly Obstacle[];
  /** The real paths of the directories that exist: what links and secret files must stay below. */
  readonly boundaries: readonly string[];
}

/**
 * The directory to which all paths of a spec are relative: the only directory itself, or the nearest one that holds all
 * of them. So paths are unique and readable, and do not depend on how the command line spelled a directory.
 */
export function specRoot(directories: readonly string[]): string {
  const [first = '.', ...others] = directories.map((directory) => resolve(directory));
  let root = first;
  for (const other of others) while (!isBelow(other, root)) root = dirname(root);
  return root;
}

/** Whether a path is the directory or in it. Both absolute and normal. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

/** What directories belong to when they are not a spec by themselves: its root, and what links may lead to besides. */
export type Within = { readonly root: string } & Pick<Found, 'boundaries'>;

/**
 * Finds the files of a spec, or of an overlay of one. Names that begin with a dot (and so a ConfigMap's `..data`) and directories called
 * `overlays` are not walked into, all others are, whatever they are called; symbolic links are followed while they stay below the spec,
 * each real file once.
 */
export async function findFiles(
  directories: readonly string[],
  within?: Within,
  tree: FileTree = DISK,
): Promise<Found> {
  const { root, boundaries } = within ?? { root: specRoot(directories), boundaries: [] };
  const walk: Walk = {
    tree,
    root,
    boundaries: [...boundaries],
    seen: new Set(),
    links: [],
    files: new Map(),
    obstacles: [],
  };
  const starts: { path: string; real: string }[] = [];
  for (const directory of directories) {
    const path = resolve(directory);
    try {
      const real = await tree.realpath(path);
      if ((await tree.kindOf(real)) !== 'directory') throw new Error('it is not a directory');
      starts.push({ path, real });
      walk.boundaries.push(real);
    } catch (error) {
      walk.obstacles.push({ path: directory, kind: 'missing-directory', reason: systemReason(error) });
    }
  }
  // What is reached directly is named by its own path, so links are followed only when nothing else is left.
  for (const start of starts) await walkDirectory(walk, start.path, start.real);
  for (let link = walk.links.shift(); link !== undefined; link = walk.links.shift()) await followLink(walk, link);
  return {
    files: [...walk.files].map(([real, path]) => ({ real, path })).sort((a, b) => compareText(a.path, b.path)),
    obstacles: walk.obstacles.sort((a, b) => compareText(a.path, b.path)),
    boundaries: walk.boundaries,
  };
}

interface Walk {
  readonly tree: FileTree;
  readonly root: string;
  readonly boundaries: string[];
  /** Real directories walked already: links may form cycles. */
  readonly seen: Set<string>;
  readonly links: string[];
  /** Paths by real path. */
  readonly files: Map<string, string>;
  readonly obstacles: Obstacle[];
}

async function walkDirectory(walk: Walk, path: string, real: string): Promise<void> {
  if (walk.seen.has(real)) return;
  walk.seen.add(real);
  let entries: readonly TreeEntry[];
  try {
    entries = await walk.tree.list(real);
  } catch (error) {
    walk.obstacles.push({ path: shown(walk, path), kind: 'unreadable', reason: systemReason(error) });
    return;
  }
  for (const { name, kind } of [...entries].sort((a, b) => compareText(a.name, b.name))) {
    const child = join(path, name);
    const realChild = join(real, name);
    if (name.startsWith('.') || (name === 'overlays' && kind !== 'file')) continue;
    if (kind === 'link') walk.links.push(child);
    else if (kind === 'directory') await walkDirectory(walk, child, realChild);
    else if (isSpecName(name)) addFile(walk, child, realChild, kind);
  }
}

function addFile(walk: Walk, path: string, real: string, kind: Exclude<FileKind, 'directory'>): void {
  if (kind === 'other') {
    walk.obstacles.push({ path: shown(walk, path), kind: 'unreadable', reason: 'it is not a regular file' });
  } else if (!walk.files.has(real)) {
    walk.files.set(real, shown(walk, path));
  }
}

async function followLink(walk: Walk, path: string): Promise<void> {
  const wanted = isSpecName(path);
  let real: string;
  let kind: FileKind;
  try {
    real = await walk.tree.realpath(path);
    kind = await walk.tree.kindOf(real);
  } catch (error) {
    // A dangling link counts only where a file of the spec should be.
    if (wanted) walk.obstacles.push({ path: shown(walk, path), kind: 'unreadable', reason: systemReason(error) });
    return;
  }
  if (!wanted && kind !== 'directory') return;
  if (!walk.boundaries.some((boundary) => isBelow(real, boundary))) {
    walk.obstacles.push({ path: shown(walk, path), kind: 'outside', reason: real });
  } else if (kind === 'directory') {
    await walkDirectory(walk, path, real);
  } else {
    addFile(walk, path, real, kind);
  }
}

/** Whether a file of this name is part of a spec. */
export function isSpecName(name: string): boolean {
  return name.endsWith('.yaml') || name.endsWith('.yml');
}

function shown(walk: Walk, path: string): string {
  return pathIn(walk.root, path);
}

/** A path as diagnostics show it: relative to the root of the spec, with `/` between its parts. */
export function pathIn(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
