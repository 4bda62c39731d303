// Owns `moved:` entries → moves between addresses, and what something that was moved is called now. Never decides which
// moves a plan follows, and never tells what is wrong with one (check-moves.ts).

import { type Address, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Move } from '../model/move.ts';
import { formatPlace } from '../model/origin.ts';
import { MoveChecks } from './check-moves.ts';
import { type Declarations, declarationAt } from './merge.ts';
import { addressAs, kindsOfEntries, kindsOfSite, type ResolvedMove, readEntries } from './move-entry.ts';
import { checkMoveIdentities } from './move-identity.ts';
import type { Suggestions } from './nearest.ts';
import { rangeOf, spanOfItem } from './tree.ts';

interface MoveOptions {
  /** Names may be missing that no document could be read for: nothing is told to be missing. */
  readonly incomplete: boolean;
  readonly suggestions: Suggestions;
}

/** Resolves the entries of a spec, and tells of those that cannot mean anything. */
export function resolveMoves(declarations: Declarations, options: MoveOptions, problems: Diagnostic[]): Moves {
  const entries = readEntries(declarations.moved);
  const kinds = kindsOfEntries(declarations, entries);
  const checks = new MoveChecks({ declarations, kinds, ...options }, problems);
  const resolved = entries.flatMap((entry): ResolvedMove[] => {
    if (!checks.isOfOneKind(entry)) return [];
    const [known, ...others] = kinds.of(entry);
    // With any kind it can still be seen whether it stands in a chain, or in a circle.
    const kind = known ?? kindsOfSite(entry.site)[0];
    if (kind === undefined || others.length > 0) return [];
    const range = rangeOf(spanOfItem(entry.node));
    const [from, to] = [addressAs(kind, entry.from), addressAs(kind, entry.to)];
    return [{ from, to, range, entry, guessed: known === undefined }];
  });
  const moves = checks.together(resolved);
  const identities = options.incomplete ? undefined : checkMoveIdentities(declarations, moves, problems);
  return new Moves(moves, identities ?? new Map(), (address) => declarationAt(declarations, address) !== undefined);
}

/** What became of something that was moved. */
interface Moved {
  /** What it is called now: something that is declared. */
  readonly to: Address;
  /** What it was and is, and where that is written: `group Readers was moved to Viewers (a.yaml:7:5)`. */
  readonly words: string;
}

export class Moves {
  /** In the order of their places. */
  readonly list: readonly Move[];
  /** Of what was moved and does not write it, and was told to: the client_id or sub that it is to keep. */
  readonly identities: ReadonlyMap<Address, string>;
  /** By a former name: the entry with the newest one. */
  readonly #last: ReadonlyMap<Address, ResolvedMove>;
  readonly #isDeclared: (address: Address) => boolean;

  constructor(
    moves: readonly ResolvedMove[],
    identities: ReadonlyMap<Address, string>,
    isDeclared: (address: Address) => boolean,
  ) {
    this.identities = identities;
    this.list = moves.map(({ from, to, range }) => ({ from, to, range }));
    this.#last = lastOfEach(moves);
    this.#isDeclared = isDeclared;
  }

  /** Of an address by which nothing is declared; undefined where no entry tells. */
  of(address: Address): Moved | undefined {
    const last = this.#last.get(address);
    if (last === undefined || !this.#isDeclared(last.to)) return undefined;
    const { to, range } = last;
    const named = siteOf(to) === siteOf(address) ? nameOf : qualifiedName;
    return { to, words: `${kindOf(to)} ${named(address)} was moved to ${named(to)} (${formatPlace(range)})` };
  }

  /** Of the application that was called so, with or without its site. */
  ofApplication(name: string): Moved | undefined {
    const found = this.list.find(
      ({ from }) => kindOf(from) === 'application' && (nameOf(from) === name || qualifiedName(from) === name),
    );
    return found === undefined ? undefined : this.of(found.from);
  }
}

/** Where each chain ends. There is no circle among the moves. */
function lastOfEach(moves: readonly ResolvedMove[]): ReadonlyMap<Address, ResolvedMove> {
  const byFrom = new Map(moves.map((move) => [move.from, move]));
  const last = new Map<Address, ResolvedMove>();
  for (const move of moves) {
    const way: ResolvedMove[] = [];
    let at: ResolvedMove | undefined = move;
    for (; at !== undefined && !last.has(at.from); at = byFrom.get(at.to)) way.push(at);
    const end = at === undefined ? way.at(-1) : last.get(at.from);
    if (end !== undefined) for (const { from } of way) last.set(from, end);
  }
  return last;
}
