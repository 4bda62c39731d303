// Owns a commit of Git as a tree of files, in the place of the work tree: below the repository's top the commit answers,
// elsewhere the disk. Reads objects only: never the checkout or the index, and runs no filter of .gitattributes.

import { isUtf8 } from 'node:buffer';
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Content } from './bounded.ts';
import { DISK, type FileKind, type FileTree, reasonAgainstDirectory } from './file-tree.ts';
import type { GitObjects } from './git-objects.ts';
import { systemReason } from './system-reason.ts';
import { isBelow } from './walk.ts';

export interface GitTree extends FileTree {
  /** The path in the repository, with `/` between its parts; undefined for what is read from the disk. */
  pathOf(path: string): string | undefined;
  /** Submodules that were listed, by their paths in the repository. Their files are in another repository. */
  readonly submodules: ReadonlySet<string>;
}

export interface GitTreeOptions {
  readonly commit: string;
  /** The real path of the work tree that the commit takes the place of. */
  readonly top: string;
  /** Absolute paths below the top that the command line names; links on disk may lead to them. */
  readonly named: readonly string[];
  /** Absolute paths that are read from the disk though they may be below the top. */
  readonly onDisk: readonly string[];
  /**
   * How many entries of directories are listed before it counts as endless: a few objects that name one another may
   * stand for more files than a disk holds.
   */
  readonly maxListed?: number;
}

interface Node {
  readonly kind: 'file' | 'directory' | 'link' | 'submodule';
  readonly id: string;
  /** Whether its name is UTF-8. Otherwise it is listed under what comes near, and cannot be opened. */
  readonly isNamed: boolean;
}

type Nodes = ReadonlyMap<string, Node>;

/** `node` is undefined for what is on the disk. */
interface Located {
  readonly real: string;
  readonly node: Node | undefined;
}

/** A directory of some million entries. */
const MAX_TREE_BYTES = 64 * 1024 * 1024;
const MAX_LISTED = 500_000;
/** As PATH_MAX and MAXSYMLINKS of Linux. */
const MAX_LINK_BYTES = 4096;
const MAX_LINKS = 40;

/** The files of the commit. `objects` are those of its repository. What it is asked may throw Failure `base_unreadable`. */
export async function openGitTree(objects: GitObjects, options: GitTreeOptions): Promise<GitTree> {
  const { commit, top, named, maxListed = MAX_LISTED } = options;
  const places: { readonly at: string; readonly real: string }[] = [];
  const onDisk = [...options.onDisk, ...(await Promise.all(options.onDisk.map((path) => realpath(path))))];
  const root: Node = { kind: 'directory', id: `${commit}^{tree}`, isNamed: true };
  const known = new Map<string, Promise<Nodes>>();
  const submodules = new Set<string>();
  const above = dirname(top).replace(/\/$/, '');
  let listed = 0;

  /** The path below the top, with links on disk that lead into the repository followed. */
  function insideOf(path: string): string | undefined {
    if (onDisk.some((directory) => isBelow(path, directory))) return undefined;
    const place = places.find(({ at }) => isBelow(path, at));
    if (place !== undefined) return `${place.real}${path.slice(place.at.length)}`.slice(top.length);
    return isBelow(path, top) ? path.slice(top.length) : undefined;
  }

  async function locate(path: string, links = 0): Promise<Located> {
    const inside = insideOf(path);
    if (inside === undefined) {
      const real = await realpath(path);
      return insideOf(real) === undefined ? { real, node: undefined } : await locate(real, links);
    }
    const way: { readonly name: string; readonly node: Node }[] = [];
    const left = partsOf(inside);
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (name === '..' && way.pop() === undefined) return await locate([above, ...left].join('/'), links);
      if (name === '..') continue;
      const node = await find(way.at(-1)?.node ?? root, name);
      if (node.kind !== 'link') {
        way.push({ name, node });
        continue;
      }
      links += 1;
      if (links > MAX_LINKS) throw systemError('ELOOP');
      const target = await readLink(node);
      if (isAbsolute(target)) return await locate([target, ...left].join('/'), links);
      left.unshift(...partsOf(target));
    }
    const real = join(top, ...way.map(({ name }) => name));
    return { real, node: way.at(-1)?.node ?? root };
  }

  async function find(directory: Node, name: string): Promise<Node> {
    if (directory.kind === 'submodule') throw new Error('it is in a submodule, which is another repository');
    if (directory.kind !== 'directory') throw systemError('ENOTDIR');
    const node = (await nodesOf(directory)).get(name);
    if (node === undefined) throw systemError('ENOENT');
    if (!node.isNamed) throw new Error('its name is not UTF-8');
    return node;
  }

  function nodesOf({ id }: Node): Promise<Nodes> {
    const nodes = known.get(id) ?? readNodes(id);
    known.set(id, nodes);
    return nodes;
  }

  async function readNodes(id: string): Promise<Nodes> {
    const object = await objects.read(id, 'tree', MAX_TREE_BYTES);
    if (!object.ok) throw new Error(object.kind === 'missing' ? lacking(id) : 'it has too many entries');
    return parseTree(object.bytes, commit.length / 2);
  }

  async function readLink({ id }: Node): Promise<string> {
    const object = await objects.read(id, 'blob', MAX_LINK_BYTES);
    if (object.ok) return object.bytes.toString('utf8');
    throw object.kind === 'missing' ? new Error(lacking(id)) : systemError('ENAMETOOLONG');
  }

  const tree: GitTree = {
    changes: options.onDisk.length > 0,
    submodules,
    pathOf: (path) => {
      const inside = insideOf(path);
      return inside === undefined ? undefined : partsOf(inside).join('/');
    },
    realpath: async (path) => (await locate(path)).real,
    kindOf: async (path) => {
      const { real, node } = await locate(path);
      return node === undefined ? await DISK.kindOf(real) : kindOf(node);
    },
    list: async (path) => {
      const { real, node } = await locate(path);
      if (node === undefined) return await DISK.list(real);
      if (node.kind === 'submodule') {
        submodules.add(partsOf(real.slice(top.length)).join('/'));
        return [];
      }
      const nodes = await nodesOf(node);
      listed += nodes.size;
      if (listed > maxListed) throw endless(commit, maxListed);
      return [...nodes].map(([name, one]) => ({
        name,
        kind: one.kind === 'link' ? 'link' : kindOf(one),
      }));
    },
    read: async (path, limit): Promise<Content> => {
      let located: Located;
      try {
        located = await locate(path);
      } catch (error) {
        return { ok: false, kind: 'unreadable', reason: systemReason(error) };
      }
      const { real, node } = located;
      if (node === undefined) return await DISK.read(real, limit);
      const object = await objects.read(node.id, 'blob', limit);
      if (object.ok) return object;
      if (object.kind === 'too-large') return { ok: false, kind: 'too-large' };
      return { ok: false, kind: 'unreadable', reason: lacking(node.id) };
    },
  };
  for (const path of named) {
    const place = await placeOf(path, top);
    if (place === undefined) throw new Error(`${path} is not below ${top}`);
    places.unshift(place);
    // A link that Git does not have, such as one that is ignored, says where the directory is all the same.
    const real = await realpath(path);
    const isThere = (one: string) => reasonAgainstDirectory(tree, one).then((reason) => reason === undefined);
    if (!(await isThere(path)) && (await isThere(real))) places.unshift({ at: path, real });
  }
  return tree;
}

/** The highest directory of a path that is in the repository, by its real path: what is below it, Git has by its name. */
async function placeOf(path: string, top: string): Promise<{ readonly at: string; readonly real: string } | undefined> {
  const ways = partsOf(path).map((_, position, parts) => sep + parts.slice(0, position + 1).join(sep));
  for (const at of ['/', ...ways]) {
    const real = await realpath(at);
    if (isBelow(real, top)) return { at, real };
  }
  return undefined;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function kindOf({ kind }: Node): FileKind {
  return kind === 'file' || kind === 'directory' ? kind : kind === 'submodule' ? 'directory' : 'other';
}

function endless(commit: string, most: number): Failure {
  return new Failure(
    'base_unreadable',
    `The commit ${commit.slice(0, 12)} holds more than ${most} files below the directories: no spec is that large.`,
  );
}

function lacking(id: string): string {
  return `Git lacks its object ${id.slice(0, 12)}: the clone is partial or damaged`;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A tree object: `<mode> <name> NUL <id>` after one another, ids of so many bytes. Throws for one that Git would not make. */
function parseTree(bytes: Buffer, idBytes: number): Nodes {
  const nodes = new Map<string, Node>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    const next = end + 1 + idBytes;
    const written = bytes.subarray(space + 1, end);
    // A name with a slash would lead elsewhere when it is joined to its directory.
    if (space < at || end < space || next > bytes.length || written.length === 0 || written.includes(0x2f)) {
      throw new Error('its tree object in Git is damaged');
    }
    const type = bytes.toString('latin1', at, space).padStart(6, '0').slice(0, 2);
    const kind = KINDS.get(type) ?? 'file';
    nodes.set(written.toString('utf8'), {
      kind,
      id: bytes.toString('hex', end + 1, next),
      isNamed: isUtf8(written),
    });
    at = next;
  }
  return nodes;
}

/** By the first two octal digits of a mode of six. */
const KINDS: ReadonlyMap<string, Node['kind']> = new Map([
  ['04', 'directory'],
  ['12', 'link'],
  ['16', 'submodule'],
]);
