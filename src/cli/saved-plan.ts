// Owns a saved plan as something to be applied: read, compared with what it would do now, and why it cannot be applied.
// Never touches a store.

import { type Address, kindOf, qualifiedName } from '../model/address.ts';
import type { Approval } from '../model/approval.ts';
import { digestEntity } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import type { State } from '../model/state.ts';
import { planFromJson, type ReadDocument } from '../plan/json.ts';
import type { PlanJson } from '../plan/json-types.ts';
import { isEmptyPlan, type StoreBase } from '../plan/plan.ts';
import type { ReadPlan } from '../plan/read-plan.ts';
import { isPlan } from '../plan/saved-plan.ts';
import type { Incomplete } from '../plan/saved-plan-complete.ts';
import type { Planned } from '../reconcile/plan-against.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { readPlanFile } from './plan-file.ts';

export interface Saved {
  readonly path: string;
  /** What it is called in a sentence. */
  readonly name: string;
  readonly document: PlanJson;
  readonly read: ReadDocument;
  readonly base: StoreBase;
  /** Beside those of the document. */
  readonly approvals: readonly Approval[];
}

/** Throws Failure `plan_not_applicable` for a document that holds no plan against a store. */
export async function readSaved(path: string): Promise<Omit<Saved, 'approvals'>> {
  const name = path === '-' ? 'The plan on stdin' : escapeControls(path);
  const document = await readPlanFile(path, process.stdin);
  if (!isPlan(document)) {
    throw new Failure(
      'plan_not_applicable',
      `${name} says why no plan was made, and holds none. ${path === '-' ? 'charter show' : `charter show ${name}`} tells it.`,
    );
  }
  const read = planFromJson(document);
  const { base } = read.plan;
  if (base.kind === 'store') return { path, name, document, read, base };
  throw new Failure(
    'plan_not_applicable',
    `${name} compares with ${escapeControls(base.kind === 'ref' ? base.ref : base.path)}, which is no store, so there is ` +
      'nothing to apply it to. Plan against the store: charter plan DIR --out FILE',
  );
}

export function isBase(
  { generation, digest }: StoreBase,
  found: Pick<StoreBase, 'generation' | 'digest'> | undefined,
): boolean {
  if (found === undefined) return generation === 0;
  return generation === found.generation && digest === found.digest;
}

/**
 * Whether what is applied is what was reviewed: the same changes of the same entities, with the same gains and losses of
 * access. Rebased it may also be that nothing is left to do.
 */
export function isSame({ read: { plan } }: Saved, { plan: made }: Planned, isRebased: boolean): boolean {
  if (made.digest === plan.digest && (isRebased || made.resultDigest === plan.resultDigest)) return true;
  return isRebased && isEmptyPlan(made);
}

/** The entities that a plan changes and that are not any more what it found. */
export function changedSince({ changes }: Pick<ReadPlan, 'changes'>, state: State): readonly Address[] {
  return changes.flatMap((change) => {
    const address = change.action === 'move' ? change.from : change.address;
    const found = state.get(address);
    const known = change.action === 'create' ? undefined : change.before.digest;
    return (found === undefined ? undefined : digestEntity(found)) === known ? [] : [address];
  });
}

export function incomplete(
  name: string,
  missing: readonly Incomplete[],
  { directories, isValid }: { readonly directories: readonly string[]; readonly isValid: boolean },
): Failure {
  const [first] = missing;
  if (first === undefined) throw new Error('nothing is missing');
  const entity = `${kindOf(first.address)} ${escapeControls(qualifiedName(first.address))}`;
  const at = `${entity} (${escapeControls(first.pointers.join(', '))})`;
  switch (first.reason) {
    case 'hash-missing': {
      const place = directories.join() === '.' ? 'the current directory' : escapeControls(directories.join(' and '));
      const spec = isValid ? `the spec in ${place}` : `${place}, which holds no valid spec`;
      return new Failure(
        'plan_invalid',
        `${name} holds no written hash, and that of ${at} is neither in the store nor in ${spec}. ` +
          'Nothing was written. Give the spec that the plan was made of: --dir DIR',
      );
    }
    case 'member-unknown':
      return new Failure(
        'plan_invalid',
        `${name} was written by a newer Charter: this one does not know ${at}. Plan again with this one, or apply with that.`,
      );
    case 'digest-differs':
      return new Failure(
        'plan_invalid',
        `${name} was damaged: ${entity} is not what its digest stands for. Plan again.`,
      );
  }
}
