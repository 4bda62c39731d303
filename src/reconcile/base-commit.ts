// Owns reading a commit of the spec's own repository as the base of a plan. Never reads the checkout or the index, and
// needs no lock of them.

import { realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { digestState } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_STATE } from '../model/state.ts';
import type { Note } from '../plan/notes.ts';
import { escapeControls } from '../spec/frame-line.ts';
import {
  absentOverlay,
  type BaseOptions,
  type BaseRead,
  type ComparedBase,
  compileBase,
  isAbsence,
  type Quote,
} from './base.ts';
import type { FileTree } from './file-tree.ts';
import { type GitObjects, openGitObjects } from './git-objects.ts';
import { commitNamed, isPartOf, repositoryOf } from './git-repository.ts';
import { type GitTree, openGitTree } from './git-tree.ts';
import { isPath, placesOf } from './overlays.ts';
import { readSpec, type SpecReading } from './read.ts';
import { systemReason } from './system-reason.ts';
import { isBelow, specRoot } from './walk.ts';

export interface CommitOptions extends BaseOptions {
  /**
   * Where the spec is in the commit, which is read instead of the directories: from the top of the repository, or from the
   * working directory where it begins with a dot, as Git reads `REV:PATH`.
   */
  readonly path?: string | undefined;
}

/**
 * Reads and compiles what the directories, which exist, held in the commit that a revision names. What is not there yet
 * is told in a note: of directories nothing, of an overlay the spec without it. A path that was given has to be there.
 * Throws Failures `usage` and `base_unreadable`.
 */
export async function readCommitBase(
  ref: string,
  directories: readonly string[],
  options: CommitOptions,
): Promise<BaseRead> {
  const { top, isShallow } = await repositoryOf(directories, ref);
  const { commit, said } = await commitNamed({ top, isShallow }, ref);
  const { path } = options;
  const asked = path === undefined ? directories : [await placeInCommit(path, { top, ref })];
  const objects = openGitObjects(top);
  try {
    const tree = await treeOf(objects, { commit, top }, path === undefined ? directories : [], options.overlays);
    const there = await split(asked, (directory) => [resolve(directory)], tree);
    // Of no directory there is no overlay either.
    const laid = await split(
      there.found.length === 0 ? [] : (options.overlays ?? []),
      (overlay) => placesOf(overlay, there.found),
      tree,
    );
    // Paths mean the same on both sides only from the same root.
    const root = specRoot(asked);
    const reading = await readSpec(there.found, { overlays: laid.found, tree, root });

    const inBase = (quote: Quote) => `${quote(ref)} (${commit.slice(0, SHORT)})`;
    const isNew = isEmpty(reading);
    if (isNew && path !== undefined) throw nothingAt(path, ref, commit);
    const absent = there.absent.map((one) => ({
      isCaution: true,
      say: (quote: Quote) => `${quote(one)} is not in ${inBase(quote)}: everything in it counts as new.`,
    }));
    const notes: readonly Note[] = [
      ...(said === '' ? [] : [{ isCaution: false, say: (quote: Quote) => `Git says: ${quote(said)}` }]),
      ...(isNew ? [emptyBase(directories, ref, inBase)] : absent),
      ...laid.absent.map((one) => absentOverlay(one, inBase)),
      ...[...tree.submodules].map((one) => ({
        isCaution: false,
        say: (quote: Quote) => `${quote(one)} is a submodule in ${inBase(quote)}: its files are not compared.`,
      })),
    ];
    const given = path === undefined ? ref : `${ref}:${path}`;
    const describe = (digest: string): ComparedBase => ({ kind: 'ref', ref: given, commit, digest });
    if (isNew) {
      const base = { base: describe(digestState(EMPTY_STATE)), state: EMPTY_STATE, origins: new Map(), tests: [] };
      return { ok: true, base, notes };
    }
    const shownAs = (file: string): string => {
      const inside = tree.pathOf(join(root, file));
      return inside === undefined ? file : `${ref}:${inside}`;
    };
    return await compileBase(reading, options, { describe, shownAs, notes });
  } finally {
    await objects.close();
  }
}

/** As Git shortens a commit. */
const SHORT = 7;

/** Nothing is compared: who reads the plan alone would take it for one without a risk. */
function emptyBase(directories: readonly string[], ref: string, inBase: (quote: Quote) => string): Note {
  const say = (quote: Quote): string => {
    const where = directories.map(quote).join(', ');
    return (
      `The base ${inBase(quote)} has no spec at ${where}: everything counts as new and no risk is judged. ` +
      `Where the spec was elsewhere then, name that directory of the commit: ${quote(`--against ref:${ref}:PATH`)}.`
    );
  };
  return { isCaution: true, say };
}

function nothingAt(path: string, ref: string, commit: string): Failure {
  return new Failure(
    'usage',
    escapeControls(
      `--against ref:${ref}:${path} compares with the spec at ${path} of ${commit.slice(0, SHORT)}, and no *.yaml or *.yml ` +
        `file is there. A path counts from the top of the repository: git ls-tree -r --name-only ${commit.slice(0, SHORT)} ` +
        'lists them.',
    ),
  );
}

/** The absolute path at which the work tree would have it. Throws Failure `usage` for one outside the repository. */
async function placeInCommit(
  path: string,
  { top, ref }: { readonly top: string; readonly ref: string },
): Promise<string> {
  const isRelative = /^\.\.?(\/|$)/.test(path);
  const place = isRelative ? resolve(await realpath('.'), path) : join(top, path);
  if (!isAbsolute(path) && isBelow(place, top)) return place;
  throw new Failure(
    'usage',
    escapeControls(
      `--against ref:${ref}:${path}: a path in a commit counts from the top of the repository, ${top}, without a / before it, ` +
        'or from the current directory where it begins with ./ or ../.',
    ),
  );
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
    if (isAbsence(error)) return false;
    throw new Failure('base_unreadable', `${escapeControls(path)} cannot be read from Git: ${systemReason(error)}.`);
  }
}

/** Whether there is no file of the spec, and no other reason for it than that there was none. */
function isEmpty({ files, problems }: SpecReading): boolean {
  return files.every(({ overlay }) => overlay !== undefined) && problems.every(({ code }) => code === 'spec.empty');
}
