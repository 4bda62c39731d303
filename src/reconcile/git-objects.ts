// Owns reading objects of a Git repository by their ids: one process for all of them, and no lock. Never knows paths,
// and never holds more of an object than it was asked for.

import { spawn } from 'node:child_process';
import { Failure } from '../model/failure.ts';
import { gitArguments, gitEnvironment, gitWords } from './git-command.ts';
import { systemReason } from './system-reason.ts';

export type GitObject =
  | { readonly ok: true; readonly bytes: Buffer }
  /** `missing`: the repository has no object of this id and type. */
  | { readonly ok: false; readonly kind: 'missing' | 'too-large' };

export interface GitObjects {
  /** The content of an object, by its id or an expression like `<id>^{tree}`. Throws Failure `base_unreadable` once Git gave up. */
  read(id: string, type: 'blob' | 'tree', limit: number): Promise<GitObject>;
  /** Ends the process and waits for its end. */
  close(): Promise<void>;
}

/** How long Git may say nothing: a partial clone fetches what it lacks. */
const SILENCE_MS = 60_000;

interface Request {
  readonly type: string;
  readonly limit: number;
  readonly resolve: (object: GitObject) => void;
  readonly reject: (failure: Failure) => void;
}

/** What of an answer has arrived: its first line, then so many bytes and a line break. */
interface Arriving {
  header: Buffer;
  body: { readonly kept: Buffer[] | undefined; readonly type: string; left: number } | undefined;
}

/** Starts `git cat-file --batch` in the repository that holds the directory. */
export function openGitObjects(directory: string, silenceMs = SILENCE_MS): GitObjects {
  const child = spawn('git', gitArguments(directory, ['cat-file', '--batch']), {
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const requests: Request[] = [];
  const arriving: Arriving = { header: Buffer.alloc(0), body: undefined };
  let failed: Failure | undefined;
  let stderr = '';
  let silence: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      fail(gitWords(stderr) || `it ended with ${signal ?? `exit code ${code}`}`);
      resolve();
    });
    child.once('error', (error) => {
      fail(systemReason(error));
      resolve();
    });
  });
  // Its end is told by `close`.
  child.stdin.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < 4096) stderr += chunk.toString('utf8');
  });
  child.stdout.on('data', (chunk: Buffer) => {
    watchSilence();
    take(chunk);
    if (requests.length === 0) clearTimeout(silence);
  });

  function watchSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(() => {
      fail(`it said nothing for ${silenceMs / 1000} s`);
      child.kill();
    }, silenceMs);
  }

  function fail(reason: string): void {
    clearTimeout(silence);
    failed ??= new Failure('base_unreadable', `Git stopped while its objects were read: ${reason}.`);
    for (const request of requests.splice(0)) request.reject(failed);
  }

  function take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = arriving.body === undefined ? takeHeader(rest) : takeBody(rest, arriving.body);
  }

  /** `<id> <type> <size>`, or `<id> missing`. */
  function takeHeader(chunk: Buffer): Buffer {
    const end = chunk.indexOf(LINE_BREAK);
    arriving.header = Buffer.concat([arriving.header, end < 0 ? chunk : chunk.subarray(0, end)]);
    if (end < 0) return NOTHING;
    const [, type = '', size] = arriving.header.toString('utf8').split(' ');
    arriving.header = NOTHING;
    if (size === undefined) requests.shift()?.resolve({ ok: false, kind: 'missing' });
    else {
      const request = requests[0];
      const isWanted = request?.type === type && Number(size) <= request.limit;
      arriving.body = { kept: isWanted ? [] : undefined, type, left: Number(size) + 1 };
    }
    return chunk.subarray(end + 1);
  }

  /** What is too large, or of another type, passes by without being kept. */
  function takeBody(chunk: Buffer, body: NonNullable<Arriving['body']>): Buffer {
    const part = chunk.subarray(0, body.left);
    body.kept?.push(part);
    body.left -= part.length;
    if (body.left > 0) return NOTHING;
    arriving.body = undefined;
    const request = requests.shift();
    if (body.kept !== undefined) request?.resolve({ ok: true, bytes: Buffer.concat(body.kept).subarray(0, -1) });
    else request?.resolve({ ok: false, kind: request.type === body.type ? 'too-large' : 'missing' });
    return chunk.subarray(part.length);
  }

  return {
    read(id, type, limit) {
      if (failed !== undefined) return Promise.reject(failed);
      return new Promise((resolve, reject) => {
        requests.push({ type, limit, resolve, reject });
        if (requests.length === 1) watchSilence();
        child.stdin.write(`${id}\n`);
      });
    },
    async close() {
      clearTimeout(silence);
      child.stdin.end();
      if (requests.length > 0) child.kill();
      await ended;
    },
  };
}

const LINE_BREAK = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);
