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
  const found = await Promise.all(directories.map(commitOfOne));
  const [first] = found;
  return first !== undefined && found.every((one) => one?.commit === first.commit) ? first : {};
}

async function commitOfOne(directory: string): Promise<CommitInfo | undefined> {
  // Only asks `git` where there is a repository: starting a process for nothing costs a reload 10 ms.
  if ((await gitDirectoryOf(resolve(directory))) === undefined) return undefined;
  try {
    const changed = await git(directory, ['status', '--porcelain', '--', ':(glob)**/*.yaml', ':(glob)**/*.yml']);
    if (changed !== '') return undefined;
    const [commit, author] = (await git(directory, ['log', '-1', '--format=%H%n%an <%ae>'])).split('\n');
    return {
      ...(commit === undefined || commit === '' ? {} : { commit }),
      ...(author === undefined || author === '' ? {} : { author }),
    };
  } catch {
    return undefined;
  }
}

/**
 * The commit of the directories when it is an ancestor of another one; undefined when it is not, and when Git cannot tell
 * (another repository, a shallow clone, work that is not committed).
 */
export async function olderCommitOf(
  directories: readonly string[],
  other: string,
  /** Instead of that which the directories show. */
  shown?: string,
): Promise<string | undefined> {
  const commit = shown ?? (await commitOf(directories)).commit;
  const [directory] = directories;
  if (commit === undefined || directory === undefined || commit === other) return undefined;
  // What is no commit might be read as an option.
  if (![commit, other].every((name) => /^[0-9a-f]{40,64}$/.test(name))) return undefined;
  try {
    await git(directory, ['merge-base', '--is-ancestor', commit, other]);
    return commit;
  } catch {
    return undefined;
  }
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
