// Owns that plans may follow each other without the store being read in between: nothing else has written to it since all
// of its rows were seen to be right. Runs between BEGIN and COMMIT of its caller. Never writes.

import { digestBody } from '../model/digest.ts';
import { Failure } from '../model/failure.ts';
import { type ApplySteps, BREATH } from './apply-steps.ts';
import type { WriteStatements } from './sql.ts';

/** By connection, its data version when all rows were right. What it writes itself leaves that as it is. */
const rightAt = new WeakMap<WriteStatements, number | undefined>();

/** Throws Failure `stale_plan` where another connection has written anything since the rows were checked. Checks them where nobody did yet. */
export function requireAlone(steps: ApplySteps): void {
  const { path, write } = steps;
  const known = rightAt.get(write);
  if (known === undefined) {
    checkRows(steps);
    return;
  }
  if (write.dataVersion.get() === known) return;
  throw new Failure(
    'stale_plan',
    `Something else has written to the store ${path} since the plan was made. Nothing was written. Plan again and apply that.`,
  );
}

/**
 * Checks that each row's digest is that of its body; together they have the digest that the plan promised. Throws Failure
 * `stale_plan` where something else has written over one since the plan was made.
 */
export function checkRows({ path, write, breathe }: ApplySteps): void {
  for (let after = '', rows = write.entitiesAfter.all(after, BREATH); rows.length > 0; ) {
    for (const { address, digest, body } of rows) {
      after = address;
      if (digestBody(body) === digest) continue;
      throw new Failure(
        'stale_plan',
        `Something other than Charter has changed ${address} in the store ${path} since the plan was made. Nothing was written. Plan again and apply that.`,
      );
    }
    breathe();
    rows = write.entitiesAfter.all(after, BREATH);
  }
  rightAt.set(write, write.dataVersion.get());
}
