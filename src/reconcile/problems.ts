// Owns what the author of a spec is told about files and secrets that cannot be had. Never reads one, and never puts
// a secret's value into words.

import { type Address, kindOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { SecretReference } from '../model/entity.ts';
import type { SourceRange } from '../model/origin.ts';
import { FEWEST_BITS } from '../model/secret-strength.ts';
import { report } from '../spec/catalogue.ts';
import { hidePatterns } from '../spec/secret-text.ts';
import { MAX_FILE_BYTES } from '../spec/source.ts';
import type { Content } from './bounded.ts';
import type { SecretFailure } from './secrets.ts';
import type { Obstacle } from './walk.ts';

/** No file of the spec in any of the directories, and no other reason for it. */
export function emptySpec(directories: readonly string[]): Diagnostic {
  return report('spec.empty', {
    detail: `there is no *.yaml or *.yml file below ${directories.join(', ')}`,
    help: 'Name the directory that holds the spec. An empty spec is never read as "delete everything".',
  });
}

export function fromObstacle({ path, kind, reason }: Obstacle): Diagnostic {
  switch (kind) {
    case 'missing-directory':
      return report('spec.directory-missing', {
        detail: `${path}: ${reason}`,
        help: 'Check the path that the command was given.',
      });
    case 'outside':
      return report('file.outside', {
        detail: `this link leads to ${reason}`,
        help: 'Put the file into the spec, or link to one that is in it.',
        range: beginningOf(path),
      });
    case 'unreadable':
      return report('file.unreadable', {
        detail: reason,
        help: 'As long as one file is unknown, nothing of the spec is used. Mend the file, or remove it.',
        range: beginningOf(path),
      });
  }
}

/** A file that was found and whose content is no text of a spec. `ok` content is bytes that are not UTF-8. */
export function fromContent(path: string, content: Content): Diagnostic {
  const range = beginningOf(path);
  if (content.ok) {
    return report('file.not-utf8', {
      detail: 'its bytes are not UTF-8 text',
      help: 'Convert it, for example: iconv -f ISO-8859-1 -t UTF-8',
      range,
    });
  }
  if (content.kind === 'too-large') {
    return report('file.too-large', {
      detail: `it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`,
      help: 'Split it: any number of files may add to one site.',
      range,
    });
  }
  return fromObstacle({ path, kind: 'unreadable', reason: content.reason });
}

/** A file whose content Git LFS has, and that was not fetched. */
export function lfsPointer(path: string): Diagnostic {
  return report('file.lfs-pointer', {
    detail: 'Git LFS holds its content: this is only the pointer',
    help:
      'Fetch it: git lfs pull\n' +
      'plan --against ref: reads what Git itself holds, so take *.yaml and *.yml out of .gitattributes: a spec is text to review.',
    range: beginningOf(path),
  });
}

/** A secret without a value that will do. `range` is where the reference was written. */
export function secretProblem(
  { kind, at, reason }: SecretFailure,
  secret: SecretReference,
  address: Address,
  range: SourceRange | undefined,
): Diagnostic {
  const told = { address, range };
  const variable = 'env' in secret ? hidePatterns(secret.env) : undefined;
  switch (kind) {
    case 'missing':
      return variable === undefined
        ? report('secret.missing', {
            ...told,
            detail: `the file ${at} does not exist`,
            help: 'Put the file there, or say with --secrets-dir where the files of secrets are.',
          })
        : report('secret.missing', {
            ...told,
            detail: `the environment variable ${variable} is not set`,
            help: `Set ${variable} where charter runs. validate and plan need no secret; apply and serve do.`,
          });
    case 'empty':
      return report('secret.empty', {
        ...told,
        detail: `${holder(secret, at)} is empty`,
        help: `An empty ${kindOf(address) === 'user' ? 'password' : 'secret'} is one that anybody can present. Give it a value.`,
      });
    case 'too-short':
      return report('secret.too-short', {
        ...told,
        detail: `${holder(secret, at)} holds a value that is tried out in no time`,
        help: kindOf(address) === 'user' ? CHOOSE : GENERATE,
      });
    case 'short-key':
      return report('secret.short-key', {
        ...told,
        detail: `${holder(secret, at)} holds less than the 32 bytes that a key of HS256 has`,
        help: GENERATE,
      });
    case 'outside':
      return report('secret.outside', {
        ...told,
        detail: `this file is ${at}, which is neither below the spec nor below --secrets-dir`,
        help: 'Put the file below the spec, or give the directory that holds it with --secrets-dir.',
      });
    case 'unreadable':
      return report('secret.unreadable', {
        ...told,
        detail: `the file ${at}: ${reason}`,
        help: 'Check the file, its owner and its mode, for the user that charter runs as.',
      });
  }
}

/** A secret that could be guessed by who gets hold of its hash, or has the time. */
export function weakSecret(
  { at }: { readonly at?: string },
  secret: SecretReference,
  address: Address,
  range: SourceRange | undefined,
): Diagnostic {
  const isPassword = kindOf(address) === 'user';
  return report('secret.weak', {
    address,
    range,
    detail: `${holder(secret, at)} holds a value of less than ${FEWEST_BITS[isPassword ? 'password' : 'secret']} bits`,
    help: isPassword ? CHOOSE : GENERATE,
  });
}

const GENERATE = 'Take one that nobody guesses, and give it to the client:\n  charter secret generate';

const CHOOSE = 'Take a longer password, such as several words that chance has chosen, and give it to the user.';

/** Never the value, not even where it stands in the place of a name: where it is. `at` is the path of a file. */
function holder(secret: SecretReference, at: string | undefined): string {
  return 'env' in secret ? `the environment variable ${hidePatterns(secret.env)}` : `the file ${at}`;
}

/** The place of what is wrong with a file as a whole. */
function beginningOf(file: string): SourceRange {
  const start = { line: 1, column: 1, offset: 0 };
  return { file, start, end: start };
}
