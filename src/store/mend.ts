// Owns putting the entities back to what their newest revision recorded, where something else wrote over them. Runs
// between BEGIN and COMMIT of its caller. Never does more than its plan told.

import { digestEntries } from '../model/digest.ts';
import type { Entity } from '../model/entity.ts';
import { Failure } from '../model/failure.ts';
import type { Change } from '../plan/plan.ts';
import { type ApplySteps, BREATH, eachBreathing } from './apply-steps.ts';
import { deleteEntity } from './changes.ts';
import { contentOf, parseRow } from './content.ts';
import type { ApplyHead } from './protocol.ts';

/**
 * Takes the drift back and lets every row say what it holds. What something else had deleted counts from the generation of
 * this apply on, as it is not known any more since when it did. Throws Failure `stale_plan` when the drift is another one
 * by now.
 */
export function mend(steps: ApplySteps, { base }: ApplyHead, drift: readonly string[]): void {
  const { path, write } = steps;
  eachBreathing(steps, drift, (text) => {
    const change = JSON.parse(text) as Change;
    if (change.action === 'create') {
      if (write.entityBody.get(change.address) !== undefined) deleteEntity(steps, change.address);
      return;
    }
    if (change.action === 'move') throw new Error(`drift of ${change.address} as a move`);
    const { digest, body } = contentOf(change.before);
    write.restoreEntity.run(change.address, digest, base.generation + 1, body);
  });
  rewriteDigests(steps);
  if (digestEntries(write.entityDigests.all()) === base.digest) return;
  throw new Failure(
    'stale_plan',
    `The store ${path} was changed again by something other than Charter since the plan was made. ` +
      'Nothing was written. Plan again and apply that.',
  );
}

function rewriteDigests(steps: ApplySteps): void {
  const { path, write, breathe } = steps;
  for (let after = '', rows = write.entitiesAfter.all(after, BREATH); rows.length > 0; ) {
    for (const { address, digest, body } of rows) {
      after = address;
      const content = contentOf(parseRow<Entity>(path, address, body));
      if (content.digest !== digest || content.body !== body) {
        write.updateEntity.run(content.digest, content.body, address);
      }
    }
    breathe();
    rows = write.entitiesAfter.all(after, BREATH);
  }
}
