// Owns reading a commit of the spec's own repository as the base of a plan. Never reads the checkout or the index, and
// needs no lock of them.

import { join, resolve } from 'node:path';
import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE } from '../model/state.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { type BaseOptions, type BaseRead, type ComparedBase, compileBase } from './base.ts';
import type { FileTree } from './file-tree.ts';
import { type GitObjects, openGitObjects } from './git-objects.ts';
import { commitNamed, isPartOf, repositoryOf } from './git-repository.ts';
import { type GitTree, openGitTree } from './git-tree.ts';
import { isPath, placesOf } from './overlays.ts';
import { readSpec, type SpecReading } from './read.ts';
import { systemReason } from './system-reason.ts';
import { specRoot } from './walk.ts';

/**
 * Reads and compiles what the directories, which exist, held in the commit that a revision names. What is not there yet
 * is told in a note: of directories nothing, of an overlay the spec without it. Throws Failures `usage` and
 * `base_unreadable`.
 */
export async function readCommitBase(
  ref: string,
  directories: readonly string[],
  options: BaseOptions,
): Promise<BaseRead> {
  const { top, isShallow } = await repositoryOf(directories, ref);
  const { commit, said } = await commitNamed({ top, isShallow }, ref);
  const objects = openGitObjects(top);
  try {
    const tree = await treeOf(objects, { commit, top }, directories, options.overlays);
    const there = await split(directories, (directory) => [resolve(directory)], tree);
    // Of no directory there is no overlay either.
    const asked = there.found.length === 0 ? [] : (options.overlays ?? []);
    const laid = await split(asked, (overlay) => placesOf(overlay, there.found), tree);
    // Paths mean the same on both sides only from the same root.
    const root = specRoot(directories);
    const reading = await readSpec(there.found, { overlays: laid.found, tree, root });

    const name = `${escapeControls(ref)} (${commit.slice(0, 7)})`;
    const notes = [
      ...(said === '' ? [] : [`git: ${said}`]),
      ...there.absent.map((one) => `${escapeControls(one)} is not in ${name}: ${newIn(there)} is new`),
      ...(there.found.length > 0 && isEmpty(reading)
        ? [`${escapeControls(there.found.join(', '))} has no *.yaml or *.yml file in ${name}: everything is new`]
        : []),
      ...laid.absent.map(
        (one) => `the overlay ${escapeControls(one)} is not in ${name}: compared with the spec without it`,
      ),
      ...[...tree.submodules].map(
        (one) => `${escapeControls(one)} is a submodule in ${name}: its files are not compared`,
      ),
    ];
    const describe = (digest: string): ComparedBase => ({ kind: 'ref', ref, commit, digest });
    if (isEmpty(reading)) {
      const base = { base: describe(digestState(EMPTY_STATE)), state: EMPTY_STATE, origins: new Map() };
      return { ok: true, base, notes };
    }
    const shownAs = (file: string): string => {
      const path = tree.pathOf(join(root, file));
      return path === undefined ? file : `${ref}:${path}`;
    };
    return await compileBase(reading, options, { describe, shownAs, notes });
  } finally {
    await objects.close();
  }
}

/** The commit in the place of the work tree. An overlay beside the repository is the same as that of the spec. */
async function treeOf(
  objects: GitObjects,
  { commit, top }: { readonly commit: string; readonly top: string },
  directories: readonly string[],
  overlays: readonly string[] = [],
): Promise<GitTree> {
  const named = directories.map((directory) => resolve(directory));
  const onDisk: string[] = [];
  for (const path of overlays.filter(isPath)) ((await isPartOf(top, path)) ? named : onDisk).push(resolve(path));
  return await openGitTree(objects, { commit, top, named, onDisk });
}

interface Split {
  readonly found: readonly string[];
  readonly absent: readonly string[];
}

/** Which of them are a directory in at least one of their places. Throws Failure `base_unreadable`. */
async function split(
  named: readonly string[],
  placesOfOne: (one: string) => readonly string[],
  tree: FileTree,
): Promise<Split> {
  const found: string[] = [];
  const absent: string[] = [];
  for (const one of named) {
    const there = await Promise.all(placesOfOne(one).map((place) => isDirectory(tree, place)));
    (there.includes(true) ? found : absent).push(one);
  }
  return { found, absent };
}

/** Only what is certainly not there counts as new: what cannot be read may have been anything. */
async function isDirectory(tree: FileTree, path: string): Promise<boolean> {
  try {
    return (await tree.kindOf(await tree.realpath(path))) === 'directory';
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw new Failure('base_unreadable', `${escapeControls(path)} cannot be read from Git: ${systemReason(error)}.`);
  }
}

function newIn({ found }: Split): string {
  return found.length === 0 ? 'everything' : 'everything in it';
}

/** Whether there is no file of the spec, and no other reason for it than that there was none. */
function isEmpty({ files, problems }: SpecReading): boolean {
  return files.every(({ overlay }) => overlay !== undefined) && problems.every(({ code }) => code === 'spec.empty');
}
