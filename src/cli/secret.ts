// Owns `charter secret generate` and `charter secret hash`: secrets that are made and hashed without standing in a
// command line, a history or a log. Never repeats what it was given.

import { randomBytes } from 'node:crypto';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import { formatGeneratedSecret } from '../model/generated-secret.ts';
import { secretStrength } from '../model/secret-strength.ts';
import { hashWithArgon2id } from '../oauth/secret.ts';
import { MAX_SECRET_BYTES } from '../reconcile/secrets.ts';
import { nearest } from '../spec/nearest.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readStream } from './read-stream.ts';
import type { Terminal } from './terminal.ts';

/** Prints a new secret and nothing else. Throws Failure `usage` when it was given anything. */
export function generateSecret(given: readonly string[], terminal: Terminal): ExitCode {
  if (given.length > 0) throw new Failure('usage', 'charter secret generate takes no argument and no option.');
  terminal.out(`${formatGeneratedSecret(randomBytes(32))}\n`);
  return EXIT.done;
}

/** Standard input, which on a terminal is a person. */
type Input = Readable & { readonly isTTY?: boolean };

/**
 * Reads a secret and prints its Argon2id hash. Throws Failure `usage` when it was given as an argument, and
 * `secret_invalid` when it will not do.
 */
export async function hashSecret(given: readonly string[], input: Input, terminal: Terminal): Promise<ExitCode> {
  if (given.length > 0) {
    throw new Failure(
      'usage',
      'charter secret hash takes no argument: what stands in a command line is in the history of the shell, and every ' +
        'process of this machine can read it. If that was a secret, take a new one. Give it on stdin, or call ' +
        'charter secret hash alone and type it.',
    );
  }
  const secret = input.isTTY === true ? await ask(input, terminal) : await readAll(input);
  const fault = faultOf(secret);
  if (fault !== undefined) throw new Failure('secret_invalid', fault);
  if (secretStrength(secret) === 'weak') {
    terminal.err(
      'warning: who gets the hash can guess a secret of less than 128 bits. charter secret generate makes one.\n',
    );
  }
  terminal.out(`${await hashWithArgon2id(secret)}\n`);
  terminal.err('In the spec, in quotes because of its commas: secret: { hash: "…" }\n');
  return EXIT.done;
}

/** `charter secret` with anything but its two commands, of which a secret may be one: nothing of it is repeated. */
export function refuseSecret(given: readonly string[]): never {
  const near = given[0] === undefined ? undefined : nearest(given[0], ['generate', 'hash']);
  const meant = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new Failure(
    'usage',
    `charter secret is followed by generate or hash.${meant} (charter secret --help tells more)`,
  );
}

/** Control characters, and the mark that some editors and shells put before text: no client would send them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSENDABLE = /[\u0000-\u001f\u007f-\u009f\ufeff]/;

/** Why a secret will not do; undefined when it will. Never tells more of it. */
function faultOf(secret: string): string | undefined {
  if (secret === '') return 'The secret is empty. Give it on stdin: printf %s "$SECRET" | charter secret hash';
  if (/[\r\n]/.test(secret))
    return 'The secret has several lines; only one newline at its end is taken for none of it.';
  if (UNSENDABLE.test(secret))
    return 'The secret has a control character or a byte order mark, which no client would send.';
  if (secretStrength(secret) === 'too-short') {
    return 'The secret is so short that it is tried out in no time. Take another: charter secret generate';
  }
  return undefined;
}

async function readAll(input: Readable): Promise<string> {
  const content = await readStream(input, MAX_SECRET_BYTES);
  if (!content.ok) {
    throw new Failure('secret_invalid', `What came on stdin is longer than ${MAX_SECRET_BYTES} bytes: no secret is.`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.bytes);
    return text.replace(/\r?\n$/, '');
  } catch (error) {
    throw new Failure('secret_invalid', 'What came on stdin is not UTF-8 text.', { cause: error });
  }
}

/** Asks twice, as nobody sees what is typed. */
async function ask(input: Readable, terminal: Terminal): Promise<string> {
  // readline echoes into its output; this one shows nothing, and the questions go past it.
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silence, terminal: true, historySize: 0 });
  try {
    const first = await question(lines, 'Secret (not shown): ', terminal);
    const second = await question(lines, 'Again: ', terminal);
    if (first === second) return first;
    throw new Failure('secret_invalid', 'The two are not the same. Nothing was hashed.');
  } finally {
    lines.close();
  }
}

function question(lines: Interface, text: string, terminal: Terminal): Promise<string> {
  return new Promise((resolve, reject) => {
    terminal.err(text);
    const stop = (): void => {
      terminal.err('\n');
      reject(new Failure('secret_invalid', 'Nothing was hashed.'));
    };
    // Ctrl-C and Ctrl-D: readline has taken the terminal, so that they come here.
    lines.once('SIGINT', stop);
    lines.once('close', stop);
    lines.question('', (answer) => {
      lines.off('SIGINT', stop);
      lines.off('close', stop);
      terminal.err('\n');
      resolve(answer);
    });
  });
}
