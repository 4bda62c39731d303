// Owns which customers a grant for one counts for: that one and those below it (SEMANTICS A-11). Never knows who has a grant.

import type { CustomerAddress } from '../model/address.ts';
import { entityAt, type State } from '../model/state.ts';
import type { Step } from './decision.ts';

/**
 * The links from a customer up to the one that something was granted for; none where it was granted for all, or for that
 * customer itself. Undefined where it does not count.
 */
export function coverage(
  state: State,
  granted: CustomerAddress | undefined,
  customer: CustomerAddress,
): readonly Step[] | undefined {
  if (granted === undefined) return [];
  const steps: Step[] = [];
  // The compiler refuses circles; a State from elsewhere is walked once.
  const seen = new Set<CustomerAddress>();
  for (let at: CustomerAddress | undefined = customer; at !== undefined && !seen.has(at); ) {
    if (at === granted) return steps;
    seen.add(at);
    const parent: CustomerAddress | undefined = entityAt(state, 'customer', at)?.parent;
    if (parent !== undefined) {
      steps.push({ relation: 'below', from: at, to: parent, at: { address: at, pointer: '/parent' } });
    }
    at = parent;
  }
  return undefined;
}
