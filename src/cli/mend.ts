// Owns `validate --fix`: mends the files of a spec on disk. Never writes a file that is not as it was read, nor one
// outside the spec.

import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import { readBounded } from '../reconcile/bounded.ts';
import { type Compile, compileReading, loadSpec } from '../reconcile/load.ts';
import type { SpecReading } from '../reconcile/read.ts';
import { unsettled } from '../reconcile/read.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { isBelow } from '../reconcile/walk.ts';
import { compile } from '../spec/compile.ts';
import { mend } from '../spec/fix.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { KeptDocuments } from '../spec/kept-documents.ts';
import { MAX_FILE_BYTES, type SourceFile } from '../spec/source.ts';
import { writeWhole } from './files-out.ts';
import { count } from './names.ts';
import type { SpecOptions } from './spec-input.ts';

export interface MendedFiles {
  readonly fixed: readonly Diagnostic[];
  /** What was done, a line each, with a line break at its end. */
  readonly report: string;
  /** Why something was not done, likewise; empty when all was. */
  readonly troubles: string;
  /** Whether a file that should have been mended is as it was. */
  readonly isUnwritten: boolean;
}

/** Throws Failure `spec_unsettled`. */
export async function mendFiles(directories: readonly string[], options: SpecOptions): Promise<MendedFiles> {
  const { secretsDir, overlay: overlays } = options;
  // Each trial changes few files: the others are parsed once.
  const kept = new KeptDocuments();
  const compileKept: Compile = (files, given) => compile(files, { ...given, kept });
  const { reading } = await loadSpec(directories, { compile: compileKept, secretsDir, overlays });
  if (!reading.settled) throw unsettled();
  const diagnose = async (files: readonly SourceFile[]) =>
    (await compileReading({ ...reading, files }, { compile: compileKept, secretsDir })).diagnostics;
  const mended = await mend(reading.files, diagnose);

  const before = new Map(reading.files.map((file) => [file.path, file.text]));
  const unwritten = new Map<string, string>();
  for (const { path, text } of mended.files) {
    const old = before.get(path);
    if (old === undefined || old === text) continue;
    const reason = await replaceFile(reading, { path, text: old }, text);
    if (reason !== undefined) unwritten.set(path, reason);
  }
  const fixed = mended.fixed.filter(({ fixes }) => !fixes?.[0]?.edits.some(({ range }) => unwritten.has(range.file)));
  const troubles = [
    ...[...unwritten].map(([path, reason]) => `error: ${escapeControls(path)} is not mended: ${reason}.`),
    ...mended.refused.map((one) => `not fixed ${toldOf(one)}: another problem would take its place`),
  ];
  const lines = fixed.map((one) => `fixed ${toldOf(one)}`);
  const none = troubles.length === 0 ? 'Nothing to fix.' : 'Nothing was fixed.';
  const total = fixed.length === 0 ? none : `${count(fixed.length, 'problem')} fixed.`;
  return {
    fixed,
    report: [...lines, total].map((line) => `${line}\n`).join(''),
    troubles: troubles.map((line) => `${line}\n`).join(''),
    isUnwritten: unwritten.size > 0,
  };
}

/** `charter.yaml:3:5 Write methods (key.unknown)`. */
function toldOf({ code, range, fixes }: Diagnostic): string {
  const place = range === undefined ? '' : `${formatPlace(range)} `;
  return escapeControls(`${place}${fixes?.[0]?.title ?? ''} (${code})`);
}

/** Writes `text` into a file that was read as `old`. Undefined when it was written, else why not, in words. */
export async function replaceFile(
  reading: Pick<SpecReading, 'root' | 'boundaries'>,
  old: SourceFile,
  text: string,
): Promise<string | undefined> {
  try {
    const real = await realpath(resolve(reading.root, old.path));
    if (!reading.boundaries.some((boundary) => isBelow(real, boundary))) return 'it is not below the spec any more';
    const content = await readBounded(real, MAX_FILE_BYTES);
    if (!content.ok) return content.kind === 'unreadable' ? content.reason : 'it is too large now';
    const bytes = Buffer.from(content.bytes);
    const mark = MARKS.find((one) => bytes.equals(Buffer.from(one + old.text)));
    if (mark === undefined) return 'it has changed since it was read; run the command again';
    await writeWhole(real, mark + text);
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}

/** A byte order mark is no part of what was read, and stays. */
const MARKS = ['', '\uFEFF'];
