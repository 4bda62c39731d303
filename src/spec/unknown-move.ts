// Owns what is said of a move of something that was never applied. Never finds that out: it takes a store.

import { kindOf, nameOf, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Move } from '../model/move.ts';
import { report } from './catalogue.ts';

/** What is said of a move when the applied State has neither of its names. */
export function unknownMove({ from, to, range }: Move): Diagnostic {
  return report('moved.unknown', {
    detail: `no ${kindOf(from)} ${qualifiedName(from)} was ever applied, nor ${qualifiedName(to)}`,
    help: `Correct from, if ${nameOf(to)} was called otherwise; remove the entry, if it is new.`,
    range,
    address: to,
  });
}
