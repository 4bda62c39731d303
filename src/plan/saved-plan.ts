// Owns reading a plan document from text: whether it is one, whole, and as it was written. A checksum tells damage and no
// forgery: who applies it proves the entities (saved-plan-complete.ts) and judges the plan anew. Never reads a file.

import { digestEntity } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { escapeToken } from '../model/pointer.ts';
import { checksumOf, FORMAT_VERSION, planFromJson } from './json.ts';
import type { PlanDocument, PlanJson } from './json-types.ts';
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
  const damage = isPlan(document) ? damageOf(document) : undefined;
  return damage === undefined ? { ok: true, document } : { ok: false, problem: { code: 'damaged', message: damage } };
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
    return fault(
      isCut(json, error) ? 'It ends in the middle: it was cut off. Plan again.' : `It is no JSON. ${WRITES_ONE}`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: noPlan('no object') };
  return isDeeper(value, DEEPEST) ? { problem: noPlan(`nested more than ${DEEPEST} deep`) } : { value };
}

/** What a plan comes from. */
const WRITES_ONE = 'charter plan --out FILE writes one.';

/** Whether the parser met the end. Its own words are not repeated: they quote the text, which may be anything. */
function isCut(json: string, error: unknown): boolean {
  const words = error instanceof Error ? error.message : '';
  if (!json.startsWith('{')) return false;
  return /^(Unexpected end|Unterminated)/.test(words) || Number(/position (\d+)/.exec(words)?.[1]) >= json.length;
}

function noPlan(why: string): PlanProblem {
  return {
    code: 'not-a-plan',
    message: `It is none of Charter: ${why}. ${WRITES_ONE}`,
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
    message:
      `Its format_version is ${shown(version)}, and this version of Charter reads ${major}.x.${wrote} Read it with the ` +
      'version that wrote it, or plan again with this one.',
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

/** What of the document is not as it was written, in a sentence; undefined where all of it is. */
function damageOf(document: PlanJson): string | undefined {
  const { checksum, ...content } = document;
  if (checksumOf(content) !== checksum) {
    return 'It was edited or damaged after it was written: its checksum is not that of its content. Plan again.';
  }
  const untrue = untruth(document);
  return untrue === undefined
    ? undefined
    : `It is not what Charter writes: ${untrue} does not fit the rest of it. Plan again.`;
}

/** JSON pointer of the first member that only a document has which was made by something else, with a checksum of its own. */
function untruth(document: PlanJson): string | undefined {
  for (const [address, origin] of Object.entries(document.origins ?? {})) {
    if (!Object.hasOwn(origin, '')) return `/origins/${escapeToken(address)}`;
  }
  const { plan } = planFromJson(document);
  for (const [position, change] of plan.changes.entries()) {
    const pointer = `/resource_changes/${position}/change`;
    if (change.action !== 'create' && !isTrue(change.before)) return `${pointer}/before`;
    if (change.action !== 'delete' && !isTrue(change.after)) return `${pointer}/after`;
  }
  return digestPlan(plan) === plan.digest ? undefined : '/digest';
}

/** Of an entity with hashes that are not shown only who has them can tell: completeChanges does. */
function isTrue({ shown: entity, digest }: ReadEntity): boolean {
  const isWhole = Object.keys(sensitiveMembers(entity)).length === 0;
  return !isWhole || digestEntity(entity as Entity) === digest;
}

function shown(text: string): string {
  return escapeControls(cut(text, 20));
}
