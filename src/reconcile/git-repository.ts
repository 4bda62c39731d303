// Owns which repository holds directories, which commit a revision names in it, and what an operator does when either
// cannot be told. Never reads what a commit holds.

import { access, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../model/failure.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { nearest } from '../spec/nearest.ts';
import { askGit, type GitAnswer } from './git-command.ts';
import { isBelow } from './walk.ts';

export interface Repository {
  /** The real path of its work tree; of a linked one, and of a submodule, of that. */
  readonly top: string;
  readonly isShallow: boolean;
}

const ANSWER_MS = 10_000;

/** The one repository that holds the directories, which exist. Throws Failures `base_unreadable` and `usage`. */
export async function repositoryOf(directories: readonly string[], ref: string): Promise<Repository> {
  const [first = '.', ...others] = directories;
  const answer = await askGit(resolve(first), ['rev-parse', '--show-toplevel', '--is-shallow-repository'], ANSWER_MS);
  if (!answer.ok) throw unreadable(answer, first, ref);
  const [, shown = '', shallow] = /^(.+)\n(\S+)\n$/s.exec(answer.stdout) ?? [];
  const top = await realpath(shown);
  if (!(await isPartOf(top, first))) {
    throw refuse('base_unreadable', `Git takes ${top} for the work tree of ${first}, which is not in it.`);
  }
  for (const other of others) {
    if (await isPartOf(top, other)) continue;
    throw refuse(
      'usage',
      `--against ref:${ref} compares with one commit, and ${other} is not in the repository of ${first}, ${top}. ` +
        'Name directories of one repository, or compare with a checkout: --against dir:PATH',
    );
  }
  return { top, isShallow: shallow === 'true' };
}

/** Whether the work tree holds the path itself, and no repository within it does, such as a submodule. */
export async function isPartOf(top: string, path: string): Promise<boolean> {
  const real = await realpath(path);
  if (!isBelow(real, top)) return false;
  for (let at = real; at !== top; at = dirname(at)) if (await exists(join(at, '.git'))) return false;
  return true;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function unreadable(answer: Extract<GitAnswer, { ok: false }>, directory: string, ref: string): Failure {
  const wanted = `--against ref:${ref}`;
  const instead = 'Or compare with --against dir:PATH, or with the store.';
  const dubious = /dubious ownership in repository at '(.+)'/.exec(answer.reason)?.[1];
  if (answer.absent) {
    return refuse('base_unreadable', `There is no program git, and ${wanted} reads with it. Install it. ${instead}`);
  }
  const said = `(git: ${answer.reason})`;
  if (dubious !== undefined) {
    return refuse(
      'base_unreadable',
      `Git refuses to read the repository of ${directory}, which belongs to another user ${said}. If you trust it: ` +
        `git config --global --add safe.directory '${dubious}'`,
    );
  }
  if (/not a git repository/i.test(answer.reason)) {
    return refuse(
      'base_unreadable',
      `${directory} is in no Git repository, so there is nothing that ${wanted} could name ${said}. Run it in a clone. ${instead}`,
    );
  }
  return refuse('base_unreadable', `Git cannot read the repository of ${directory} ${said}. ${instead}`);
}

export interface NamedCommit {
  readonly commit: string;
  /** What Git said beside, such as that the name is ambiguous. */
  readonly said: string;
}

/** The commit that a revision of gitrevisions(7) names. Throws Failure `usage` when it names none. */
export async function commitNamed(repository: Repository, ref: string): Promise<NamedCommit> {
  const { top } = repository;
  // What begins with a dash is no revision, and would be an option.
  const named = ref.startsWith('-') ? undefined : await verify(top, ref);
  if (named === undefined || !named.ok) throw await unknownCommit(repository, ref, named?.reason);
  // In a second step: `^{commit}` behind the text of `:/text` would be looked for too.
  const commit = await verify(top, `${named.stdout.trim()}^{commit}`);
  if (commit.ok) return { commit: commit.stdout.trim(), said: named.said };
  if (!ref.includes(':')) throw await unknownCommit(repository, ref, undefined);
  throw refuse(
    'usage',
    `--against ref:${ref} names something in a commit, and no commit. Name the commit alone: which directories of ` +
      'it are compared, the directories of the command say.',
  );
}

async function verify(top: string, revision: string): Promise<GitAnswer> {
  const answer = await askGit(top, ['rev-parse', '--verify', revision], ANSWER_MS);
  // `^main` is a revision too: all but that commit.
  if (!answer.ok || /^[0-9a-f]{40,64}\n$/.test(answer.stdout)) return answer;
  return { ok: false, absent: false, reason: '' };
}

async function unknownCommit(
  { top, isShallow }: Repository,
  ref: string,
  reason: string | undefined,
): Promise<Failure> {
  const listed = await askGit(top, ['for-each-ref', '--format=%(refname:short)'], ANSWER_MS);
  const names = listed.ok ? listed.stdout.split('\n').filter((name) => name !== '') : [];
  const near = names.find((name) => name.endsWith(`/${ref}`)) ?? nearest(ref, names);
  const told = reason === undefined || reason === '' || reason.startsWith('Needed a single') ? '' : ` (git: ${reason})`;
  const branch = ref.replace(/^origin\//, '');
  const fetch = PLAIN.test(branch)
    ? `git fetch --depth=1 origin ${branch}, then --against ref:FETCH_HEAD`
    : 'git fetch --unshallow';
  const advice = [
    ...(near === undefined ? [] : [`Did you mean ref:${near}?`]),
    isShallow
      ? `The clone is shallow: ${fetch}; or let the checkout fetch all (fetch-depth: 0 in GitHub Actions, GIT_DEPTH: 0 in GitLab CI).`
      : 'If only the remote has it, fetch it first: git fetch',
  ];
  return refuse('usage', `The repository ${top} has no commit "${ref}"${told}. ${advice.join(' ')}`);
}

/** The name of a branch, a tag or a commit, without a way from it to another. */
const PLAIN = /^[A-Za-z0-9_][\w./-]*$/;

/** What is quoted may hold anything. */
function refuse(code: 'usage' | 'base_unreadable', message: string): Failure {
  return new Failure(code, escapeControls(message));
}
