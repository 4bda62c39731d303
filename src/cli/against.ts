// Owns what `charter plan` is asked to compare with: how --against is read. Never reads a base (compare.ts does).

import { InvalidArgumentError } from 'commander';
import { Failure } from '../model/failure.ts';
import { nearest } from '../spec/nearest.ts';

export type Against = { readonly kind: 'store' } | AgainstSpec;

/** A base that is a spec itself: a commit of Git, or another directory. */
export type AgainstSpec =
  /** `path` is where the spec is in the commit, where that is not where the directories are. */
  | { readonly kind: 'ref'; readonly ref: string; readonly path?: string }
  | { readonly kind: 'dir'; readonly path: string };

export const AGAINST =
  'what to compare with: store, ref:REVISION (the same directories in a commit of Git), ref:REVISION:PATH (that directory ' +
  'of the commit), or dir:PATH (another directory); of all but a store the plan cannot be applied (default: store)';

const KINDS = ['store', 'ref', 'dir'];
const FORMS = 'Write store, ref:main or dir:PATH.';

/** `--against`. Throws what commander tells as wrong usage. */
export function readAgainst(text: string, before: Against | undefined): Against {
  if (before !== undefined) throw new InvalidArgumentError('A plan begins with one base: give --against once.');
  const [, kind = '', value] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (text === '') throw new InvalidArgumentError(`It is empty: is a variable not set? ${FORMS}`);
  if (kind === 'store' && value === undefined) return { kind };
  if (kind === 'store') throw new InvalidArgumentError('Which store it is, --store says. Write --against store.');
  if (kind !== 'ref' && kind !== 'dir') throw new InvalidArgumentError(unknownKind(text, kind, value));
  if (value === undefined || value === '') {
    const what = kind === 'ref' ? 'revision' : 'directory';
    throw new InvalidArgumentError(`It names no ${what}: is a variable not set? ${FORMS}`);
  }
  if (kind === 'dir') return { kind, path: value };
  const { ref, path } = splitRef(value);
  if (path === '') {
    throw new InvalidArgumentError(
      'It names no path behind the revision: is a variable not set? For the top of the repository write ref:REVISION:./ there.',
    );
  }
  return { kind, ref: readRef(ref), ...(path === undefined ? {} : { path }) };
}

/** As Git splits `REV:PATH`: at the first colon that is in no braces, unless the text begins with it (`:/words`). */
function splitRef(text: string): { readonly ref: string; readonly path: string | undefined } {
  const [, ref, path] = /^((?:[^:{]|\{[^}]*\})+):(.*)$/s.exec(text) ?? [];
  return ref === undefined ? { ref: text, path: undefined } : { ref, path };
}

function unknownKind(text: string, kind: string, value: string | undefined): string {
  const near = nearest(kind, KINDS);
  if (near !== undefined) {
    const meant = near === 'store' ? near : `${near}:${value ?? (near === 'ref' ? 'main' : 'PATH')}`;
    return `Did you mean ${meant}? ${FORMS}`;
  }
  return value === undefined ? `For a branch or a commit write ref:${text}, for a directory dir:${text}.` : FORMS;
}

function readRef(ref: string): string {
  if (ref.startsWith('-')) throw new InvalidArgumentError('A revision of Git does not begin with "-".');
  // Two dots are in no name of a branch or a tag; behind a colon and in braces they may be.
  const [, from, dots, to] = /^([^:{]*?)(\.{2,3})([^:{]*)$/.exec(ref) ?? [];
  if (dots === undefined) return ref;
  throw new InvalidArgumentError(
    'That is a range, and a plan begins with one commit. For the commit where both went apart write ' +
      `--against "ref:$(git merge-base ${from || 'HEAD'} ${to || 'HEAD'})".`,
  );
}

/** Throws Failure `usage`: a store that is not looked at is none that somebody meant. */
export function refuseStoreBeside(against: Against, store: string | undefined): void {
  if (against.kind === 'store' || store === undefined) return;
  throw new Failure(
    'usage',
    `--against ${against.kind}: looks at no store, so --store would mean nothing. Leave one of the two out.`,
  );
}

/** Throws Failure `usage`: what is saved to be applied begins with a store. */
export function refuseOut(against: Against, out: string | undefined): void {
  if (against.kind === 'store' || out === undefined) return;
  throw new Failure(
    'usage',
    `--out and --against ${against.kind}: exclude each other: only a plan against a store can be applied. ` +
      'For a plan that is to be read write --json FILE.',
  );
}
