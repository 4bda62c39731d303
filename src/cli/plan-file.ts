// Owns how a command gets a plan that was saved: from a file or stdin, bounded in size. Never shows it and never applies it.

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { Failure } from '../model/failure.ts';
import type { PlanDocument } from '../plan/json-types.ts';
import { readPlanDocument } from '../plan/saved-plan.ts';
import { systemReason } from '../reconcile/system-reason.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { isMistyped } from './files-out.ts';
import { readStream } from './read-stream.ts';

/** Reads stdin. */
const STDIN = '-';

/** A plan of a million entities; a text of twice as much is none that the engine can hold. */
const MAX_PLAN_BYTES = 256 << 20;

/**
 * The document in a file, or on stdin for `-`. Throws Failure `usage` for a path at which there is no file, `plan_invalid`
 * for a file that cannot be read or is no plan.
 */
export async function readPlanFile(path: string, stdin: Readable): Promise<PlanDocument> {
  const name = path === STDIN ? 'What came on stdin' : escapeControls(path);
  const text = path === STDIN ? await textOf(stdin, name) : await fileText(path, name);
  const read = readPlanDocument(text);
  if (read.ok) return read.document;
  throw new Failure('plan_invalid', `${name} cannot be read as a plan. ${read.problem.message}`);
}

async function fileText(path: string, name: string): Promise<string> {
  if (path === '') throw new Failure('usage', 'The file of the plan is empty: is a variable not set?');
  try {
    return await textOf(createReadStream(path), name);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const what = `${name} cannot be read: ${systemReason(error)}.`;
    throw new Failure(isMistyped(error) ? 'usage' : 'plan_invalid', what, { cause: error });
  }
}

async function textOf(input: Readable, name: string): Promise<string> {
  const content = await readStream(input, MAX_PLAN_BYTES);
  if (!content.ok) {
    throw new Failure('plan_invalid', `${name} is larger than ${MAX_PLAN_BYTES >> 20} MiB: no plan is.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content.bytes);
  } catch (error) {
    throw new Failure('plan_invalid', `${name} is no UTF-8 text, and so no plan.`, { cause: error });
  }
}
