// Owns which tests of access a spec no longer makes as its base does: a plan proves less without them, and runs only those
// that are left. Never runs one, and never judges whether what it asserts now is weaker.

import { type AccessTest, renameIn } from '../model/access-test.ts';
import type { Address } from '../model/address.ts';
import { canonicalJson } from '../model/digest.ts';
import type { Renames } from '../model/move.ts';
import type { SourceRange } from '../model/origin.ts';

/** A test of the base that the spec has not. `was` is its place in the base. */
export type TestChange =
  | { readonly action: 'remove'; readonly name: string; readonly was: SourceRange }
  /** By its name it is there, and asks or expects something else. */
  | { readonly action: 'change'; readonly name: string; readonly was: SourceRange; readonly range: SourceRange };

/** In the order of the base. What is only called otherwise, or stands elsewhere, is the same test. */
export function diffTests(
  before: readonly AccessTest[],
  after: readonly AccessTest[],
  renames: Renames,
): readonly TestChange[] {
  const asserted = new Set(after.map((test) => contentOf(test)));
  const named = new Map(after.map((test) => [test.name, test]));
  return before.flatMap((test): readonly TestChange[] => {
    if (asserted.has(contentOf(test, renames))) return [];
    const { name, range: was } = test;
    const now = named.get(name);
    return [now === undefined ? { action: 'remove', name, was } : { action: 'change', name, was, range: now.range }];
  });
}

function contentOf({ assertion }: AccessTest, renames: Renames = new Map()): string {
  const renamed = <A extends Address>(address: A) => (renames.get(address) ?? address) as A;
  return canonicalJson(renames.size === 0 ? assertion : renameIn(assertion, renamed));
}
