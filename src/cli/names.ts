// Owns how things are named and counted in one line. Never longer than a person reads.

import { type Address, qualifiedName } from '../model/address.ts';

export { count } from '../model/count.ts';

const MOST = 5;

/** `Example/Client1, Example/Batch1 and 3 more`. */
export function qualifiedNames(addresses: readonly Address[]): string {
  const shown = addresses.slice(0, MOST).map(qualifiedName).join(', ');
  return addresses.length > MOST ? `${shown} and ${addresses.length - MOST} more` : shown;
}
