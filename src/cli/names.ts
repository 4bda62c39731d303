// Owns how things are named and counted in one line. Never longer than a person reads.

import { type Address, qualifiedName } from '../model/address.ts';

export { count } from '../model/count.ts';

const MOST = 5;

/** `Example/Client1, Example/Batch1 and 3 more`. */
export function qualifiedNames(addresses: readonly Address[]): string {
  return someNames(addresses.map(qualifiedName));
}

/** The same of names. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST).join(', ');
  return names.length > MOST ? `${shown} and ${names.length - MOST} more` : shown;
}
