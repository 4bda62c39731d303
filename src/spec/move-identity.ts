// Owns what a move would change about the identity that clients and tokens know: client_id and sub default to the name.
// Never reads a move's entry.

import { type Address, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import { report } from './catalogue.ts';
import { addKey, plainOrQuoted } from './edit-text.ts';
import { type Declaration, type Declarations, declarationAt } from './merge.ts';
import type { ResolvedMove } from './move-entry.ts';
import { entryOf, rangeOf } from './tree.ts';

/**
 * Tells of what was moved and does not write the identity that it had by its first name (DESIGN 3). Answers that identity
 * of each that was told.
 */
export function checkMoveIdentities(
  declarations: Declarations,
  moves: readonly ResolvedMove[],
  problems: Diagnostic[],
): ReadonlyMap<Address, string> {
  const identities = new Map<Address, string>();
  const byTo = new Map(moves.map((move) => [move.to, move]));
  const byFrom = new Set(moves.map(({ from }) => from));
  for (const move of moves) {
    const declaration = declarationAt(declarations, move.to);
    if (declaration === undefined || byFrom.has(move.to)) continue;
    const way = [move];
    for (let at = byTo.get(move.from); at !== undefined; at = byTo.get(at.from)) way.push(at);
    const told = changedIdentity(way.reverse(), declaration);
    if (told === undefined) continue;
    problems.push(told.problem);
    identities.set(move.to, told.was);
  }
  return identities;
}

/** `way` is the chain of moves, the first one first. */
function changedIdentity(
  way: readonly ResolvedMove[],
  declaration: Declaration<unknown>,
): { readonly was: string; readonly problem: Diagnostic } | undefined {
  const [first, last] = [way[0], way.at(-1)];
  const key = first === undefined ? undefined : KEYS[kindOf(first.to)];
  if (first === undefined || last === undefined || key === undefined || !declaration.sound) return undefined;
  if (entryOf(declaration.entry.value, key) !== undefined) return undefined;
  const [was, is] = [identityOf(first.from), identityOf(last.to)];
  if (was === is) return undefined;
  const from = siteOf(first.from) === siteOf(last.to) ? nameOf(first.from) : qualifiedName(first.from);
  const written = plainOrQuoted(was);
  const edit = addKey(declaration.entry, key, written);
  const lost = key === 'client_id' ? 'its clients and tokens' : 'its tokens';
  const problem = report('moved.identity', {
    detail: `${nameOf(last.to)} was ${from}; without ${key} it would be known as ${is}, and ${lost} as ${was} would end`,
    help: `Write at ${nameOf(last.to)} (${formatPlace(rangeOf(declaration.entry.keySpan))}):\n  ${key}: ${written}`,
    range: rangeOf(declaration.entry.keySpan),
    address: last.to,
    related: way.map(({ range, to }) => ({ message: `it became ${nameOf(to)} here`, range })),
    fixes: edit === undefined ? [] : [{ title: `Write ${key}: ${written}`, edits: [edit] }],
  });
  return { was, problem };
}

const KEYS: Readonly<Partial<Record<ReturnType<typeof kindOf>, 'client_id' | 'sub'>>> = {
  application: 'client_id',
  user: 'sub',
};

/** Where none is written (entity.ts). */
function identityOf(address: Address): string {
  return kindOf(address) === 'application' ? nameOf(address) : qualifiedName(address);
}
