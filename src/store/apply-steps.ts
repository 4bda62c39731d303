// Owns what the parts of an apply share: the connections, the pauses, the rows that must be there. Never writes by itself.

import { changedByOthers } from './problem.ts';
import type { ReadStatements, WriteStatements } from './sql.ts';

export interface ApplySteps {
  /** Of file, for messages. */
  readonly path: string;
  readonly write: WriteStatements;
  /** Of the reading connection: the rows as they are committed. */
  readonly read: ReadStatements;
  /** Lets others read in between: called every few rows. */
  readonly breathe: () => void;
}

/** Rows between two breaths: a few milliseconds. */
export const BREATH = 128;

export function eachBreathing<T>({ breathe }: ApplySteps, items: Iterable<T>, run: (item: T) => void): void {
  let count = 0;
  for (const item of items) {
    if (++count % BREATH === 0) breathe();
    run(item);
  }
}

export function requireRow(path: string, changes: number, otherwise: string): void {
  if (changes !== 1) throw changedByOthers(path, otherwise);
}
