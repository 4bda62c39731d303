// Owns what is said of a move that is not followed: of something that was never there, or to the name of something else.
// Never finds that out: it takes what is applied.

import { type Address, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Move } from '../model/move.ts';
import { report } from './catalogue.ts';

/** What may have been meant, and the member that was written after the wrong name. */
interface Guess {
  readonly meant: Address | undefined;
  readonly identity: { readonly key: string; readonly value: string } | undefined;
}

/** What is said of a move when what the plan begins with has neither of its names. */
export function unknownMove({ from, to, range }: Move, { meant, identity }: Partial<Guess> = {}): Diagnostic {
  const detail = `nothing was called ${kindOf(from)} ${qualifiedName(from)} before, nor ${qualifiedName(to)}: this entry is not followed`;
  return report('moved.unknown', { detail, help: helpFor({ from, to }, { meant, identity }), range, address: to });
}

/**
 * What is said of a move when its new name is that of something else: of `former`, which goes on as that, or of what had
 * the name before.
 */
export function takenMove(
  { from, to, range }: Move,
  { former, identity }: { readonly former: Address | undefined } & Pick<Guess, 'identity'>,
): Diagnostic {
  const name = qualifiedName(to);
  const why =
    former === undefined ? `${name} was there before as well` : `${name} is what was ${qualifiedName(former)}`;
  const detail = `${kindOf(to)} ${why}: this entry is not followed, and ${qualifiedName(from)} is deleted`;
  const steps =
    former === undefined
      ? `Rename in two steps: first an apply in which ${nameOf(to)} is gone or has another name, then this one; or give`
      : 'Give';
  const written = identity === undefined ? '' : ` and ${identity.key}: ${identity.value} at ${nameOf(to)}`;
  const help = `${steps} ${nameOf(from)} another name. If it is to be deleted, remove the entry${written}.`;
  return report('moved.taken', { detail, help, range, address: to });
}

function helpFor({ from, to }: Pick<Move, 'from' | 'to'>, { meant, identity }: Guess): string {
  const written =
    identity === undefined ? '' : ` Correct ${identity.key}: ${identity.value} at ${nameOf(to)} with it, or remove it.`;
  if (meant === undefined) {
    return `Correct from, if ${nameOf(to)} was called otherwise; remove the entry, if it is new.${written}`;
  }
  const name = siteOf(meant) === siteOf(from) ? nameOf(meant) : qualifiedName(meant);
  return `Did you mean "${name}"? As it stands, ${name} is deleted and ${nameOf(to)} is new.${written}`;
}
