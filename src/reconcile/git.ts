// Owns what Git says about the spec's directory: whether it is busy with the work tree, and which commit it shows.
// Best effort: without Git there is simply nothing to say. Never writes.

import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { askGit } from './git-command.ts';

/** The commit that the spec's directory shows, as a revision records it. */
export interface CommitInfo {
  readonly commit?: string;
  readonly author?: string;
}

/** The commit that is checked out, and whether the spec is something else than it. */
export interface HeadInfo extends CommitInfo {
  readonly dirty?: true;
}

/** The existing `index.lock` of the repository that holds the directory: Git is writing the work tree. */
export async function gitLockOf(directory: string): Promise<string | undefined> {
  const gitDirectory = await gitDirectoryOf(resolve(directory));
  if (gitDirectory === undefined) return undefined;
  const lock = join(gitDirectory, 'index.lock');
  try {
    await access(lock);
    return lock;
  } catch {
    return undefined;
  }
}

/**
 * The commit of the repository that holds the directory, and its author. Only where the directory is as committed: a
 * revision must not name a commit that does not contain it.
 */
export async function commitOf(directories: readonly string[]): Promise<CommitInfo> {
  const { dirty, ...head } = await headOf(directories);
  return dirty === true ? {} : head;
}

/**
 * The commit of the first directory that a repository holds. The spec is something else where a file of it differs, is not
 * in the commit, or lies outside of that repository.
 */
export async function headOf(directories: readonly string[]): Promise<HeadInfo> {
  const found = await Promise.all(directories.map(headOfOne));
  const first = found.find((one) => one !== undefined);
  if (first === undefined) return {};
  const isWhole = found.every((one) => one?.commit === first.commit && one?.dirty !== true);
  return isWhole ? first : { ...first, dirty: true };
}

async function headOfOne(directory: string): Promise<HeadInfo | undefined> {
  // Only asks `git` where there is a repository: starting a process for nothing costs a reload 10 ms.
  if ((await gitDirectoryOf(resolve(directory))) === undefined) return undefined;
  try {
    const [commit, author] = (await git(directory, ['log', '-1', '--format=%H%n%an <%ae>'])).split('\n');
    if (commit === undefined || commit === '') return undefined;
    const changed = await git(directory, ['status', '--porcelain', '--', ':(glob)**/*.yaml', ':(glob)**/*.yml']);
    return {
      commit,
      ...(author === undefined || author === '' ? {} : { author }),
      ...(changed === '' ? {} : { dirty: true }),
    };
  } catch {
    return undefined;
  }
}

/**
 * The commit that is checked out where one of the directories is, when it is an ancestor of another one: whatever else is
 * not committed there, what came after it is missing. Undefined when there is none, and when Git cannot tell (another
 * repository, a shallow clone).
 */
export async function olderCommitOf(
  directories: readonly string[],
  other: string,
  /** Instead of those which the directories show. */
  shown?: string,
): Promise<string | undefined> {
  for (const directory of directories) {
    const commit = shown ?? (await headCommitOf(directory));
    if (commit !== undefined && (await isAncestor(directory, commit, other))) return commit;
  }
  return undefined;
}

async function headCommitOf(directory: string): Promise<string | undefined> {
  if ((await gitDirectoryOf(resolve(directory))) === undefined) return undefined;
  return await git(directory, ['rev-parse', '--verify', 'HEAD']).catch(() => undefined);
}

async function isAncestor(directory: string, commit: string, other: string): Promise<boolean> {
  // What is no commit might be read as an option.
  if (commit === other || ![commit, other].every((name) => /^[0-9a-f]{40,64}$/.test(name))) return false;
  return await git(directory, ['merge-base', '--is-ancestor', commit, other]).then(
    () => true,
    () => false,
  );
}

const ANSWER_MS = 2000;

/** Throws when Git refuses. */
async function git(directory: string, argv: readonly string[]): Promise<string> {
  const answer = await askGit(directory, argv, ANSWER_MS);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.stdout.trimEnd();
}

/** The `.git` directory; of a linked work tree the one that its `.git` file names. */
async function gitDirectoryOf(directory: string): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const candidate = join(at, '.git');
    try {
      if ((await stat(candidate)).isDirectory()) return candidate;
      const named = /^gitdir: (.+)$/m.exec(await readFile(candidate, 'utf8'))?.[1];
      return named === undefined ? undefined : resolve(at, named.trim());
    } catch {
      // Not here: look one directory higher.
    }
    if (dirname(at) === at) return undefined;
  }
}
