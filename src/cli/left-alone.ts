// Owns what is said of a spec that is in order and left alone all the same. Never decides that it is.

import type { Refusal } from '../reconcile/refusal.ts';

export type LeftAlone = Extract<Refusal, { reason: 'undone' | 'overtaken' }>;

export function isLeftAlone(refusal: Refusal): refusal is LeftAlone {
  return refusal.reason === 'undone' || refusal.reason === 'overtaken';
}

/** Why, and what brings it back: without a full stop, as it ends in a command. `store` names the store in it (storeOption). */
export function speakLeftAlone(refusal: LeftAlone, store: string): string {
  if (refusal.reason === 'undone') {
    return (
      `The spec is what generation ${refusal.undone.generation} rolled back. It is left alone until it changes, or: ` +
      `charter resume${store}`
    );
  }
  return (
    `Generation ${refusal.generation} was applied by another process since the spec was, and is served. The spec declares ` +
    `something else: it is left alone until it changes, or: charter apply DIR${store}`
  );
}
