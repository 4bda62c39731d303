// Owns the Unix socket of the operator's surface: where it is, whether it can be taken, and asking something over it.
// Never listens itself and never knows what is answered.

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync, type Stats, unlinkSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../model/failure.ts';

/** Systems cut longer socket paths silently (at 104 or 108 bytes). */
const PATH_BYTES = 100;
const ANSWER_MILLISECONDS = 5000;
/** What a large spec takes to compile, and more. */
const PASS_MILLISECONDS = 120_000;

/**
 * `<real path of the store>.sock`; where that is too long or the store is no file, `charter-<16 hex of its SHA-256>.sock`
 * in `$XDG_RUNTIME_DIR`, else in `<tmpdir>/charter-<uid>`. The server and `charter status` find it by this one rule.
 * The store need not exist.
 */
export function operatorSocketPath(storePath: string, env: NodeJS.ProcessEnv): string {
  const store = isFile(storePath) ? realPath(storePath) : storePath;
  const beside = `${store}.sock`;
  if (isFile(storePath) && Buffer.byteLength(beside) <= PATH_BYTES) return beside;
  const name = `charter-${createHash('sha256').update(store).digest('hex').slice(0, 16)}.sock`;
  const runtime = env.XDG_RUNTIME_DIR;
  // The base directory specification tells to ignore a path that is not absolute.
  const inRuntime = runtime !== undefined && isAbsolute(runtime) ? join(runtime, name) : undefined;
  if (inRuntime !== undefined && Buffer.byteLength(inRuntime) <= PATH_BYTES) return inRuntime;
  return join(ownDirectory(), name);
}

/**
 * Makes the path free for a new socket: makes the directory below the temporary one, removes a socket that nobody
 * listens on. Answers undefined, or why the path cannot be had, as a sentence.
 */
export async function makeWayFor(path: string): Promise<string | undefined> {
  if (dirname(path) === ownDirectory()) {
    const refused = makeOwnDirectory();
    if (refused !== undefined) return refused;
  }
  const found = statOf(path);
  if (found === undefined) return undefined;
  if (!found.isSocket()) return `${path} exists and is no socket.`;
  const answer = await knock(path);
  if (answer === 'answers') return `${path} is served by another process.`;
  if (answer !== 'ENOENT' && answer !== 'ECONNREFUSED') return `${path} exists and cannot be opened (${answer}).`;
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return `${path} is stale and cannot be removed (${codeOf(error)}).`;
  }
  return undefined;
}

/**
 * Asks the server behind the socket and answers the JSON object that it sends. Throws Failure `server_absent` when nobody
 * listens there, `server_unreachable` when what is there or answers is no Charter, and what the server itself says is wrong with
 * what it was asked.
 */
export async function requestOperator(
  socketPath: string,
  path: string,
  /** What is sent: then it is a POST, and a pass may be awaited. */
  body?: object,
): Promise<object> {
  const found = statOf(socketPath);
  const user = process.getuid?.();
  if (found !== undefined && user !== undefined && user !== 0 && found.uid !== user) {
    throw new Failure('server_unreachable', `${socketPath} belongs to another user, so its answers are not trusted.`);
  }
  return new Promise((resolve, reject) => {
    const unreachable = (why: string, cause?: unknown) =>
      reject(new Failure('server_unreachable', `${socketPath}: ${why}`, { cause }));
    const absent = (cause: unknown) =>
      reject(new Failure('server_absent', `${socketPath}: no server is running for this store.`, { cause }));
    const asked = request(
      {
        socketPath,
        path,
        host: 'localhost',
        agent: false,
        timeout: body === undefined ? ANSWER_MILLISECONDS : PASS_MILLISECONDS,
        ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' } }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => unreachable('the answer broke off.', error));
        response.on('end', () => {
          const answer = parseObject(Buffer.concat(chunks).toString('utf8'));
          const refused = failureIn(answer);
          if (response.statusCode !== 200 && refused !== undefined) reject(refused);
          else if (response.statusCode !== 200) unreachable(`${path} was answered with status ${response.statusCode}.`);
          else if (answer === undefined) unreachable(`${path} was answered with something that is no JSON object.`);
          else resolve(answer);
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', (error) => {
      const code = codeOf(error);
      // A file that refuses and is a socket is what a server left behind that was killed.
      if (code === 'ENOENT' || (code === 'ECONNREFUSED' && found?.isSocket() === true)) absent(error);
      else
        unreachable(found?.isSocket() === false ? 'it is no socket.' : `no answer (${code ?? error.message}).`, error);
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What who asked can mend, in the words of the server. */
function failureIn(answer: object | undefined): Failure | undefined {
  const { error, error_description } = (answer ?? {}) as {
    readonly error?: unknown;
    readonly error_description?: unknown;
  };
  if ((error !== 'usage' && error !== 'grant_unknown') || typeof error_description !== 'string') return undefined;
  return new Failure(error, error_description);
}

/** A store that is a URL (PostgreSQL) or lives in memory is no file. */
function isFile(storePath: string): boolean {
  return storePath !== ':memory:' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(storePath);
}

/** With symbolic links resolved, so that every name of a store leads to one socket. Of a store to be, its directory's. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const absolute = resolve(path);
    const directory = dirname(absolute);
    return directory === absolute ? absolute : join(realPath(directory), basename(absolute));
  }
}

function ownDirectory(): string {
  return join(tmpdir(), `charter-${process.getuid?.() ?? 0}`);
}

/** The temporary directory is everyone's: what stands there under our name must be ours, and ours alone. */
function makeOwnDirectory(): string | undefined {
  const path = ownDirectory();
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') return `${path} cannot be made (${codeOf(error)}).`;
  }
  const found = statOf(path);
  const user = process.getuid?.();
  if (found === undefined || !found.isDirectory() || (user !== undefined && found.uid !== user)) {
    return `${path} is not a directory of this user.`;
  }
  return (found.mode & 0o077) === 0 ? undefined : `${path} is open to other users; its mode must be 0700.`;
}

/** Whether somebody listens: `answers`, or the code of the error. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const told = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MILLISECONDS, () => told('answers'));
    socket.once('connect', () => told('answers'));
    socket.once('error', (error) => told(codeOf(error) ?? error.message));
  });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
