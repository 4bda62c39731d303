// Owns parsed files on disk, from one command to the next: each by the digest of its text and of the program that parsed
// it, in a directory that nobody else can write or read. Never keeps a file in which anything was told, and never fails: what it
// cannot read or write is parsed.

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type PackedFile, packFile, unpackFile } from '../spec/pack.ts';
import type { ParsedFile } from '../spec/parse.ts';
import type { SourceFile } from '../spec/source.ts';

/** Raised whenever the same text may be parsed, or packed, into something else. */
const FORMAT = 1;
const DIGEST_BYTES = 32;
/** Over so many the oldest go, until a quarter is free. */
const MOST_BYTES = 256 * 1024 * 1024;

export interface DocumentCache {
  read(file: SourceFile): ParsedFile | undefined;
  keep(file: SourceFile, parsed: ParsedFile): void;
  /** After some were kept: bounds what is there. */
  bound(most?: number): void;
}

/** `$XDG_CACHE_HOME/charter`, else `~/.cache/charter`. */
export function cacheDirectory(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME: home } = env;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.cache'), 'charter');
}

/** The cache in a directory, which is made where it is missing; undefined where it cannot be this user's alone. */
export function openDocumentCache(directory: string, version: string): DocumentCache | undefined {
  if (!isOwn(directory)) return undefined;
  const { version: parser } = createRequire(import.meta.url)('yaml/package.json') as { readonly version: string };
  const program = `${FORMAT}\n${version}\n${parser}\n${process.version}\n`;
  const pathOf = ({ text }: SourceFile): string =>
    join(directory, createHash('sha256').update(program).update(text).digest('hex'));
  return {
    read(file) {
      const packed = attempt(() => unsealed(readFileSync(pathOf(file))));
      return packed === undefined ? undefined : attempt(() => unpackFile(packed, file));
    },
    keep(file, parsed) {
      // What is told of a file may quote it, and names its path.
      if (parsed.incomplete || parsed.diagnostics.length > 0) return;
      attempt(() => {
        const path = pathOf(file);
        const partial = `${path}.${process.pid}`;
        writeFileSync(partial, sealed(packFile(parsed)), { mode: 0o600 });
        renameSync(partial, path);
      });
    },
    bound(most = MOST_BYTES) {
      attempt(() => removeOldest(directory, most));
    },
  };
}

/** Whether a directory is there that nobody else may look into, let alone put something there. */
function isOwn(directory: string): boolean {
  return (
    attempt(() => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const found = lstatSync(directory);
      return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
    }) === true
  );
}

function sealed(packed: PackedFile): Buffer {
  const body = serialize(packed);
  return Buffer.concat([createHash('sha256').update(body).digest(), body]);
}

/** Undefined for what was not written whole. */
function unsealed(bytes: Buffer): PackedFile | undefined {
  const body = bytes.subarray(DIGEST_BYTES);
  const isWhole = createHash('sha256').update(body).digest().equals(bytes.subarray(0, DIGEST_BYTES));
  return isWhole ? (deserialize(body) as PackedFile) : undefined;
}

function removeOldest(directory: string, most: number): void {
  const files = readdirSync(directory).map((name) => {
    const path = join(directory, name);
    const { size, mtimeMs } = lstatSync(path);
    return { path, size, mtimeMs };
  });
  let size = files.reduce((sum, file) => sum + file.size, 0);
  if (size <= most) return;
  for (const file of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (size <= (most * 3) / 4) return;
    rmSync(file.path, { force: true });
    size -= file.size;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
