// Owns links written at either end → links on their giving end (DESIGN 1). Never resolves a name.

import {
  type Address,
  type ApplicationAddress,
  compareText,
  type GroupAddress,
  kindOf,
  nameOf,
  qualifiedName,
  siteOf,
  type UserAddress,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseInstant } from '../model/duration.ts';
import { formatPlace } from '../model/origin.ts';
import { report } from './catalogue.ts';
import { addKey, addToList } from './edit-text.ts';
import type { Declaration } from './merge.ts';
import { compareSpans, entryOf, rangeOf, type Span } from './tree.ts';

/** The keys of the giving end, which State keeps, and who takes there. */
export interface Relations {
  allowed_to: { giver: ApplicationAddress; taker: GroupAddress };
  members: { giver: GroupAddress; taker: UserAddress | GroupAddress };
  impersonated_by: { giver: UserAddress; taker: ApplicationAddress };
}
export type Relation = keyof Relations;

export interface PlacedLink<To extends Address = Address> {
  readonly to: To;
  readonly span: Span;
  /** The end that either end writes, if any does, and where. */
  readonly expires: string | undefined;
  readonly endSpan: Span;
}

/** The user that an application names, or that names it, and where. */
export type Impersonation = Pick<PlacedLink<UserAddress>, 'to' | 'span'>;

/** A link as one of its ends writes it: the item, and the end that it gives. */
export interface WrittenEnd {
  readonly span: Span;
  readonly expires: string | undefined;
}

interface Written {
  readonly to: Address;
  giving: WrittenEnd | undefined;
  taking: WrittenEnd | undefined;
}

export class Links {
  readonly #written: Readonly<Record<Relation, Map<Address, Map<Address, Written>>>> = {
    allowed_to: new Map(),
    members: new Map(),
    impersonated_by: new Map(),
  };

  /** As of the last link that was added or taken out. */
  #impersonations: ReadonlyMap<ApplicationAddress, readonly Impersonation[]> | undefined;

  /** Notes one link as one end writes it. An end that writes it again with another end is told: which would hold? */
  add<R extends Relation>(
    relation: R,
    giver: Relations[R]['giver'],
    taker: Relations[R]['taker'],
    end: 'giving' | 'taking',
    written: WrittenEnd,
    problems: Diagnostic[],
  ): void {
    this.#impersonations = undefined;
    const ofGiver = this.#written[relation].get(giver) ?? new Map<Address, Written>();
    this.#written[relation].set(giver, ofGiver);
    const link = ofGiver.get(taker) ?? { to: taker, giving: undefined, taking: undefined };
    ofGiver.set(taker, link);
    const earlier = link[end];
    if (earlier === undefined) link[end] = written;
    else if (earlier.expires !== written.expires)
      problems.push(writtenAgain(written, earlier, end === 'giving' ? taker : giver));
  }

  /** Tells of links to which their two ends give different ends: nobody could say which of them holds. */
  refuseDifferentEnds(problems: Diagnostic[]): void {
    for (const relation of Object.keys(this.#written) as Relation[]) {
      for (const [giver, links] of this.#written[relation]) {
        for (const [taker, { giving, taking }] of links) {
          if (giving?.expires === undefined || taking?.expires === undefined) continue;
          const [first, second] = [parseInstant(giving.expires), parseInstant(taking.expires)];
          if (first === undefined || second === undefined || first === second) continue;
          problems.push(
            report('link.ends-differ', {
              detail: `${qualifiedName(giver)} lets this end at ${giving.expires}, and here it is ${taking.expires}`,
              help: 'Write the same date at both ends, or expires at one of them only.',
              range: rangeOf(taking.span),
              address: taker,
              related: [{ message: 'the other end writes it here', range: rangeOf(giving.span) }],
            }),
          );
        }
      }
    }
  }

  /** Takes out the links across sites that only the taking end writes, and tells of each. */
  refuseTaken(declared: (address: Address) => Declaration<unknown> | undefined, problems: Diagnostic[]): void {
    this.#impersonations = undefined;
    for (const relation of Object.keys(this.#written) as Relation[]) {
      for (const [giver, links] of this.#written[relation]) {
        for (const [taker, { giving, taking }] of links) {
          if (giving !== undefined || taking === undefined || siteOf(giver) === siteOf(taker)) continue;
          links.delete(taker);
          const declaration = declared(giver);
          // What an entity gives that failed its schema is not known.
          if (declaration?.sound === true) problems.push(notGiven(relation, giver, taker, taking.span, declaration));
        }
      }
    }
  }

  /** The links of a giving end, sorted by address. The place is the giving end's where that was written. */
  of(relation: Relation, giver: Address): readonly PlacedLink[] {
    const placed: PlacedLink[] = [];
    for (const { to, giving, taking } of this.#written[relation].get(giver)?.values() ?? []) {
      const written = giving ?? taking;
      if (written === undefined) continue;
      const ending = giving?.expires === undefined && taking?.expires !== undefined ? taking : written;
      placed.push({ to, span: written.span, expires: ending.expires, endSpan: ending.span });
    }
    return placed.length < 2 ? placed : placed.sort((a, b) => compareText(a.to, b.to));
  }

  /** The users of every application that acts as one, with each place at which that is written, in source order. */
  impersonations(): ReadonlyMap<ApplicationAddress, readonly Impersonation[]> {
    this.#impersonations ??= this.#findImpersonations();
    return this.#impersonations;
  }

  #findImpersonations(): ReadonlyMap<ApplicationAddress, readonly Impersonation[]> {
    const users = new Map<ApplicationAddress, Impersonation[]>();
    for (const [user, links] of this.#written.impersonated_by) {
      for (const { to, giving, taking } of links.values()) {
        const of = users.get(to as ApplicationAddress) ?? [];
        users.set(to as ApplicationAddress, of);
        const written = taking ?? giving;
        if (written !== undefined) of.push({ to: user as UserAddress, span: written.span });
      }
    }
    for (const of of users.values()) of.sort((a, b) => compareSpans(a.span, b.span));
    return users;
  }
}

/** An application impersonates at most one user (SEMANTICS U-30): tells of each that has more. */
export function refuseConflicts(links: Links, problems: Diagnostic[]): void {
  for (const [application, users] of links.impersonations()) {
    const [first, second] = users;
    if (first === undefined || second === undefined) continue;
    problems.push(
      report('link.conflict', {
        detail: `${qualifiedName(application)} impersonates ${qualifiedName(first.to)} already, and here ${qualifiedName(second.to)}`,
        help: 'Keep one of them; a second user needs a second application.',
        range: rangeOf(second.span),
        address: application,
        related: users
          .filter((user) => user !== second)
          .map(({ to, span }) => ({ message: `it impersonates ${qualifiedName(to)} here`, range: rangeOf(span) })),
      }),
    );
  }
}

function writtenAgain(written: WrittenEnd, earlier: WrittenEnd, to: Address): Diagnostic {
  return report('value.duplicate', {
    detail: `${qualifiedName(to)} is in this list already, with another end`,
    help: 'Remove one of the two.',
    range: rangeOf(written.span),
    related: [{ message: 'it was listed here first', range: rangeOf(earlier.span) }],
  });
}

function notGiven(
  relation: Relation,
  giver: Address,
  taker: Address,
  taking: Span,
  declaration: Declaration<unknown>,
): Diagnostic {
  const member = `${relation === 'members' && kindOf(taker) === 'group' ? 'group:' : ''}${qualifiedName(taker)}`;
  const list = entryOf(declaration.entry.value, relation);
  const place = formatPlace(rangeOf(list?.keySpan ?? declaration.entry.keySpan));
  const who = `${kindOf(giver)} ${nameOf(giver)} of site ${siteOf(giver)}`;
  const fix = list === undefined ? addKey(declaration.entry, relation, `[${member}]`) : addToList(list.value, member);
  return report('link.not-given', {
    detail: `${who} does not give this to ${qualifiedName(taker)}`,
    help:
      list === undefined
        ? `The team of site ${siteOf(giver)} writes, at ${nameOf(giver)} (${place}):\n  ${relation}: [${member}]`
        : `The team of site ${siteOf(giver)} adds ${member} to ${relation} of ${nameOf(giver)} (${place}).`,
    range: rangeOf(taking),
    address: taker,
    related: [{ message: `${nameOf(giver)} is declared here`, range: rangeOf(declaration.entry.keySpan) }],
    fixes:
      fix === undefined ? [] : [{ title: `Add ${member} to ${relation} of ${qualifiedName(giver)}`, edits: [fix] }],
  });
}
