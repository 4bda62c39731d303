// Owns reading a spec as one consistent set: the last I/O before the pure core. What cannot be read becomes a
// diagnostic, never an exception. Never parses.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from '../model/diagnostic.ts';
import { Failure } from '../model/failure.ts';
import { MAX_FILE_BYTES, type SourceFile } from '../spec/source.ts';
import type { Content } from './bounded.ts';
import type { Remember } from './file-memory.ts';
import { DISK, type FileTree } from './file-tree.ts';
import { gitLockOf } from './git.ts';
import { directoriesOf, emptyOverlay, findOverlay, overlayInSpec } from './overlays.ts';
import { emptySpec, fromContent, fromObstacle, lfsPointer } from './problems.ts';
import { type FoundFile, findFiles, pathIn, specRoot } from './walk.ts';

export interface ReadOptions {
  /** The overlays of the spec in order: names, or paths of directories. */
  readonly overlays?: readonly string[] | undefined;
  /** Milliseconds in which nothing may change for the set to count as whole. */
  readonly settleMs?: number;
  /** How often it is read before it counts as never settling. */
  readonly maxRounds?: number;
  /** Milliseconds to wait for Git to finish with the work tree; 0 does not look, as a commit hook holds the lock itself. */
  readonly gitLockMs?: number;
  readonly signal?: AbortSignal;
  /** What was read a while before and is likely to be still so: where it is, that was the first of the two readings. */
  readonly earlier?: EarlyReading | undefined;
  /** Told what was read first: most often it stands. It is read again when this resolves. Must not reject. */
  readonly onFirst?: (reading: Reading) => void | Promise<void>;
  /** Where the files come from; the disk when it is not said. */
  readonly tree?: FileTree;
  /** Of who reads a spec again and again (file-memory.ts). */
  readonly remember?: Remember<FileText>;
  /** What paths are relative to, where it is not the root of these directories. */
  readonly root?: string;
}

/** A spec as it was on disk at one moment. */
export interface SpecReading {
  /** Absolute: what the paths of `files` and of secret files are relative to. */
  readonly root: string;
  /** The directories of the overlays, relative to the root; undefined where no overlay was asked for. */
  readonly overlays: readonly string[] | undefined;
  /** Real paths that secret files have to stay below. */
  readonly boundaries: readonly string[];
  /** Sorted by path, those of the spec itself first, then overlay by overlay. */
  readonly files: readonly SourceFile[];
  readonly problems: readonly Diagnostic[];
  /** SHA-256 over paths, contents and problems, in hex: equal digests are equal readings. */
  readonly digest: string;
  /** False when it went on changing: then the set may be half of an edit and is only good for showing. */
  readonly settled: boolean;
  /** The lock file of Git that was still there after the wait. */
  readonly gitLock: string | undefined;
}

/** One reading, of which nobody knows yet whether it stands. */
export interface EarlyReading {
  readonly reading: Reading;
  /** When it had come to its end, by `performance.now()`. */
  readonly at: number;
}

/** Reads the spec once, ahead of `readSpec`; undefined while Git works on it. */
export async function readAhead(
  directories: readonly string[],
  options: ReadOptions = {},
): Promise<EarlyReading | undefined> {
  if ((await findGitLock(directoriesOf(directories, options.overlays))) !== undefined) return undefined;
  const reading = await readOnce(directories, options);
  return { reading, at: performance.now() };
}

/**
 * Reads the spec below the directories. Reads it again until two readings in a row, `settleMs` apart, are equal, so that
 * a checkout, a `..data` swap or an editor that writes several files is never seen half done.
 */
export async function readSpec(directories: readonly string[], options: ReadOptions = {}): Promise<SpecReading> {
  const { gitLockMs = 0, signal } = options;
  const all = directoriesOf(directories, options.overlays);
  const end = performance.now() + gitLockMs;
  for (;;) {
    if (gitLockMs > 0) await awaitGitLock(all, end, signal);
    const reading = await readSettled(() => readOnce(directories, options), options);
    // Git may have begun after the first look: then this may be the work tree of no commit.
    const gitLock = gitLockMs > 0 ? await findGitLock(all) : undefined;
    if (gitLock === undefined || performance.now() >= end) return { ...reading, gitLock };
  }
}

async function readSettled(
  read: () => Promise<Reading>,
  { settleMs = 25, maxRounds = 40, signal, tree = DISK, earlier, onFirst }: ReadOptions,
): Promise<Omit<SpecReading, 'gitLock'>> {
  const isApart = earlier !== undefined && performance.now() - earlier.at >= settleMs;
  let reading = await read();
  if (isApart && earlier.reading.digest === reading.digest) return { ...reading, settled: true };
  if (!tree.changes) return { ...reading, settled: true };
  await onFirst?.(reading);
  for (let round = 1; round < maxRounds; round += 1) {
    await pause(settleMs, signal);
    const again = await read();
    if (again.digest === reading.digest) return { ...again, settled: true };
    reading = again;
  }
  return { ...reading, settled: false };
}

/** What keeps changing may be half of an edit: it is shown to nobody and applied by nobody. */
export function unsettled(): Failure {
  return new Failure(
    'spec_unsettled',
    'The spec goes on changing while it is read, so no consistent set of files can be had. Something writes to it without pause.',
  );
}

/** What a file holds, or why it holds no text. */
export type FileText = { readonly digest: string } & (
  | { readonly text: string; readonly failure?: never }
  | { readonly text: undefined; readonly failure: Content }
);

/** As it was read once: it may be half of an edit. */
export type Reading = Omit<SpecReading, 'settled' | 'gitLock'>;

async function readOnce(
  directories: readonly string[],
  { overlays, tree = DISK, remember = (_, read) => read(), root = specRoot(directories) }: ReadOptions,
): Promise<Reading> {
  const found = await findFiles(directories, { root, boundaries: [] }, tree);
  const files: SourceFile[] = [];
  const problems: Diagnostic[] = found.obstacles.map(fromObstacle);
  const hash = createHash('sha256');
  const take = async (listed: readonly FoundFile[], layer: { readonly overlay?: number }): Promise<void> => {
    const read = (real: string) => remember(real, async () => textOf(await tree.read(real, MAX_FILE_BYTES)));
    for await (const [{ path }, { text, digest, failure }] of eachOf(listed, read)) {
      hash.update(`${layer.overlay ?? 'spec'}\0${path}\0${digest}\0`);
      if (text === undefined) problems.push(fromContent(path, failure));
      else if (text.startsWith(LFS_POINTER)) problems.push(lfsPointer(path));
      else files.push({ path, text, ...layer });
    }
  };
  await take(found.files, {});
  if (found.files.length === 0 && problems.length === 0) problems.push(emptySpec(directories));

  const ofSpec = new Set(found.files.map(({ real }) => real));
  const laid: string[] = [];
  const boundaries = [...found.boundaries];
  for (const [overlay, argument] of (overlays ?? []).entries()) {
    const one = await findOverlay(argument, directories, found.boundaries, tree);
    const own = await findFiles(one.directories, { root, boundaries: found.boundaries }, tree);
    laid.push(...one.directories.map((directory) => pathIn(root, directory)));
    boundaries.push(...own.boundaries.filter((boundary) => !boundaries.includes(boundary)));
    problems.push(...one.problems, ...own.obstacles.map(fromObstacle));
    const shared = own.files.find(({ real }) => ofSpec.has(real));
    if (shared !== undefined) problems.push(overlayInSpec(one, shared.path));
    else if (own.files.length + own.obstacles.length + one.problems.length === 0) problems.push(emptyOverlay(one));
    else await take(own.files, { overlay });
  }
  for (const problem of problems) hash.update(`${problem.code}\0${problem.range?.file ?? ''}\0${problem.detail}\0`);
  return {
    root,
    overlays: overlays === undefined || overlays.length === 0 ? undefined : laid,
    boundaries,
    files,
    problems,
    digest: hash.digest('hex'),
  };
}

/** Files that are looked at at once: a server at work has its event loop turn slowly, and reading one takes five turns of it. */
const AT_ONCE = 64;

/** What the files hold, in their order. */
async function* eachOf(
  files: readonly FoundFile[],
  read: (real: string) => Promise<FileText>,
): AsyncGenerator<readonly [FoundFile, FileText]> {
  for (let from = 0; from < files.length; from += AT_ONCE) {
    yield* await Promise.all(
      files.slice(from, from + AT_ONCE).map(async (file) => [file, await read(file.real)] as const),
    );
  }
}

/** How a file of Git LFS begins while Git has only its place (git-lfs/docs/spec.md). */
const LFS_POINTER = 'version https://git-lfs';

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(content: Content): FileText {
  if (!content.ok) return { text: undefined, digest: content.kind, failure: content };
  const digest = createHash('sha256').update(content.bytes).digest('hex');
  try {
    return { text: decoder.decode(content.bytes), digest };
  } catch {
    return { text: undefined, digest, failure: content };
  }
}

async function awaitGitLock(
  directories: readonly string[],
  end: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  while ((await findGitLock(directories)) !== undefined && performance.now() < end) await pause(20, signal);
}

async function findGitLock(directories: readonly string[]): Promise<string | undefined> {
  const locks = await Promise.all(directories.map(gitLockOf));
  return locks.find((lock) => lock !== undefined);
}

/** Throws an AbortError when the signal comes. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
