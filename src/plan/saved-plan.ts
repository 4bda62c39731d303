// Owns reading a plan document from text: whether it is one, whole, and true to itself. What it says is believed only as
// far as its digests go; who applies it judges tests, risks and approvals anew. Never reads a file.

import { digestEntity } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { FORMAT_VERSION, planFromJson, planToJson, type ReadDocument } from './json.ts';
import type { PlanDocument, PlanJson } from './json-types.ts';
import { escapeToken, sameValue } from './paths.ts';
import { digestPlan } from './plan-digest.ts';
import { sensitiveMembers } from './public-entity.ts';
import type { ReadEntity } from './read-plan.ts';
import { shapeFault } from './saved-plan-shape.ts';
import { cut, escapeControls } from './style.ts';

export interface PlanProblem {
  readonly code: 'not-json' | 'not-a-plan' | 'other-version' | 'wrong-shape' | 'damaged';
  /** Sentences about "it", the document: what is wrong, and what to do. */
  readonly message: string;
}

export type ReadPlanDocument =
  | { readonly ok: true; readonly document: PlanDocument }
  | { readonly ok: false; readonly problem: PlanProblem };

/** More than any plan has: a claim of a token may be nested, and what is deeper is none. */
const DEEPEST = 100;

/** The document in a text. What is not in order with it is told as the first thing that is not. */
export function readPlanDocument(text: string): ReadPlanDocument {
  const parsed = parse(text);
  if ('problem' in parsed) return { ok: false, problem: parsed.problem };
  const { value } = parsed;
  const problem = versionProblem(value) ?? shapeProblem(value);
  if (problem !== undefined) return { ok: false, problem };
  const document = value as PlanDocument;
  const fault = isPlan(document) ? falsehood(document, planFromJson(document)) : undefined;
  if (fault === undefined) return { ok: true, document };
  const message = `Its content does not match its digest (${fault}): it was edited or damaged after it was written. Plan again.`;
  return { ok: false, problem: { code: 'damaged', message } };
}

/** Whether a document is a plan, and not why there is none. */
export function isPlan(document: PlanDocument): document is PlanJson {
  return 'resource_changes' in document;
}

function parse(text: string): { readonly value: object } | { readonly problem: PlanProblem } {
  const json = text.replace(/^\uFEFF/, '').trim();
  const fault = (message: string) => ({ problem: { code: 'not-json', message } as const });
  if (json === '') return fault('It is empty.');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return fault(isCut(json, error) ? 'It ends in the middle: it was cut off. Plan again.' : 'It is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: noPlan('no object') };
  return isDeeper(value, DEEPEST) ? { problem: noPlan(`nested more than ${DEEPEST} deep`) } : { value };
}

/** Whether the parser met the end. Its own words are not repeated: they quote the text, which may be anything. */
function isCut(json: string, error: unknown): boolean {
  const words = error instanceof Error ? error.message : '';
  if (!json.startsWith('{')) return false;
  return /^(Unexpected end|Unterminated)/.test(words) || Number(/position (\d+)/.exec(words)?.[1]) >= json.length;
}

function noPlan(why: string): PlanProblem {
  return {
    code: 'not-a-plan',
    message: `It is none of Charter: ${why}. charter plan --out FILE writes one.`,
  };
}

function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((member) => isDeeper(member, limit - 1));
}

function versionProblem(value: object): PlanProblem | undefined {
  const { format_version: version, engine_version: engine } = value as Partial<Record<string, unknown>>;
  if (typeof version !== 'string') return noPlan('it has no format_version');
  const [major] = FORMAT_VERSION.split('.');
  if (version.split('.')[0] === major) return undefined;
  const wrote = typeof engine === 'string' ? ` Charter ${shown(engine)} wrote it.` : '';
  return {
    code: 'other-version',
    message: `Its format_version is ${shown(version)}, and this version of Charter reads ${major}.x.${wrote}`,
  };
}

function shapeProblem(value: object): PlanProblem | undefined {
  const isPlanned = 'resource_changes' in value;
  const marks = isPlanned ? ['base', 'digest', 'result_digest'] : ['outcome'];
  if (!marks.some((mark) => mark in value)) return noPlan(`it has none of ${marks.join(', ')}`);
  const fault = shapeFault(value, isPlanned ? 'plan' : 'refusal');
  if (fault === undefined) return undefined;
  return {
    code: 'wrong-shape',
    message: `It does not fit the schema: ${fault}. charter schema --kind plan prints it.`,
  };
}

/** JSON pointer, or the name, of the first thing that the document says otherwise in another place; undefined for none. */
function falsehood(document: PlanJson, read: ReadDocument): string | undefined {
  const { plan } = read;
  for (const [position, change] of plan.changes.entries()) {
    const pointer = `/resource_changes/${position}/change`;
    if (change.action !== 'create' && !isTrue(change.before)) return `${pointer}/before`;
    if (change.action !== 'delete' && !isTrue(change.after)) return `${pointer}/after`;
  }
  if (digestPlan(plan.changes, plan.access) !== plan.digest) return '/digest';
  const written = planToJson(plan, read.places, read.outcome, read.context);
  // A document need not have them.
  const origins = Object.entries(document.origins ?? {}).flatMap(([address, origin]) => {
    return difference(written.origins?.[address] ?? null, origin, `/origins/${escapeToken(address)}`) ?? [];
  });
  return origins[0] ?? difference(written, document, '');
}

/** Of an entity with hashes that are not shown only who has them can tell: completeChanges does. */
function isTrue({ shown: entity, digest }: ReadEntity): boolean {
  const isWhole = Object.keys(sensitiveMembers(entity)).length === 0;
  return !isWhole || digestEntity(entity as Entity) === digest;
}

/** What another minor version may say otherwise, and what the document need not have at all. */
const UNCOMPARED: ReadonlySet<string> = new Set(['format_version', 'meanings', 'origins']);

/** JSON pointer of the first member that the document has otherwise than it would be written from what it says. */
function difference(written: unknown, found: unknown, pointer: string): string | undefined {
  if (typeof written !== 'object' || written === null || typeof found !== 'object' || found === null) {
    return sameValue(written, found) ? undefined : pointer;
  }
  if (Array.isArray(written) && Array.isArray(found) && written.length !== found.length) return pointer;
  for (const [name, member] of Object.entries(written)) {
    if (UNCOMPARED.has(name)) continue;
    const other = (found as { readonly [name: string]: unknown })[name];
    const inner = difference(member, other, `${pointer}/${escapeToken(name)}`);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function shown(text: string): string {
  return escapeControls(cut(text, 20));
}
