// Owns where in the files as they are now a reader is led for something that a plan tells: what was removed stands in no
// file any more. Never renders a place.

import type { Place } from '../access/decision.ts';
import { type Address, siteAddress, siteOf } from '../model/address.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import type { AccessChange } from './plan.ts';

/** The place itself where its entity is there; of one that is gone its site, else the server; undefined without any. */
export function presentRange({ address, pointer }: Place, afterOrigins: Origins): SourceRange | undefined {
  return afterOrigins.get(address)?.(pointer) ?? nearest(address, afterOrigins);
}

/** Where an access change was caused: of a link that left a list, the list. What stands where it was is another one. */
export function presentCause({ held, effect, cause }: AccessChange, afterOrigins: Origins): SourceRange | undefined {
  const { address, pointer } = cause.place;
  const wasHeld = held.chain.some(({ at }) => at.address === address && at.pointer === pointer);
  const isGone = effect === 'revoke' && wasHeld;
  return presentRange({ address, pointer: isGone ? pointer.replace(/\/\d+$/, '') : pointer }, afterOrigins);
}

function nearest(address: Address, afterOrigins: Origins): SourceRange | undefined {
  const site = siteOf(address);
  const owner = site === undefined ? undefined : afterOrigins.get(siteAddress(site));
  return (owner ?? afterOrigins.get('server'))?.('');
}
