// Owns what is wrong with entries of `moved:`, alone and together. Never looks at what a move does to an identity
// (move-identity.ts), nor at what is applied: the plan does.

import { type Address, kindOf, nameOf, qualifiedName, SITE_KINDS } from '../model/address.ts';
import type { Diagnostic, RelatedPlace } from '../model/diagnostic.ts';
import { formatPlace } from '../model/origin.ts';
import { report } from './catalogue.ts';
import { plainOrQuoted } from './edit-text.ts';
import { type Declaration, type Declarations, declarationAt, KEY_OF_KIND } from './merge.ts';
import {
  addressAs,
  kindsOfSite,
  type MovedKind,
  type MoveEntry,
  type MoveKinds,
  type ResolvedMove,
} from './move-entry.ts';
import { isSlip, type Suggestions } from './nearest.ts';
import { replace, withArticle } from './schema-fault.ts';
import { compareSpans, rangeOf } from './tree.ts';

interface Context {
  readonly declarations: Declarations;
  readonly kinds: MoveKinds;
  readonly incomplete: boolean;
  readonly suggestions: Suggestions;
}

interface Name {
  readonly site: string;
  readonly name: string;
}

/** Looks at the entries of a spec, each for itself first. */
export class MoveChecks {
  readonly #context: Context;
  readonly #problems: Diagnostic[];
  /** Names that entries go on from: what leads there is in a chain, and where that breaks is told there. */
  readonly #goneOnFrom = new Set<Address>();

  constructor(context: Context, problems: Diagnostic[]) {
    this.#context = context;
    this.#problems = problems;
  }

  /** Whether it is clear of which kind an entry is, and both names are of it; told where not. */
  isOfOneKind(entry: MoveEntry): boolean {
    const { from, to } = entry;
    const { kinds } = this.#context;
    const others = to.kind === undefined ? kinds.at(to) : [to.kind];
    const [other] = others;
    if (from.kind !== undefined && other !== undefined && !others.includes(from.kind)) {
      this.#tellAbout(entry, [from.kind, other], {
        code: 'moved.kinds-differ',
        detail: `${from.name} is moved as ${withArticle(from.kind)}, and ${to.name} is ${withArticle(other)}`,
        help: 'Name two of one kind, or remove the entry.',
      });
      return false;
    }
    const possible = kinds.of(entry);
    if (possible.length < 2) return true;
    this.#tellAbout(entry, possible, {
      code: 'moved.ambiguous',
      detail: `"${to.name}" is the name of ${listed(possible.map(withArticle), 'and')}`,
      help: `Write ${listed(
        possible.map((kind) => `to: ${kind}:${to.name}`),
        'or',
      )}.`,
    });
    return false;
  }

  /** Tells what is wrong between entries, and with names whose kind is known. Answers those of which nothing is. */
  together(moves: readonly ResolvedMove[]): readonly ResolvedMove[] {
    for (const { from } of moves) this.#goneOnFrom.add(from);
    return this.#unique(this.#withoutLoops(this.#unique(moves, 'from')), 'to').filter((move) => {
      const { from, to, entry, guessed } = move;
      const kinds = guessed ? kindsOfSite(entry.site) : [kindOf(to) as MovedKind];
      const kept = kinds.find((kind) => this.#at(kind, entry.from) !== undefined);
      const leadsOn = this.#goneOnFrom.has(to);
      if (declarationAt(this.#context.declarations, to) === undefined && !leadsOn) {
        if (this.#context.incomplete) return false;
        if (kept === undefined) this.#tellUnknown(entry, kinds);
        else this.#tellStillDeclared(entry, kept, false);
        return false;
      }
      if (declarationAt(this.#context.declarations, from) === undefined) return !guessed;
      this.#tellStillDeclared(entry, kindOf(from) as MovedKind, true);
      return false;
    });
  }

  /** The first entry of each `from`, or `to`; the others are told. */
  #unique(moves: readonly ResolvedMove[], key: 'from' | 'to'): readonly ResolvedMove[] {
    const first = new Map<Address, ResolvedMove>();
    return moves.filter((move) => {
      const earlier = first.get(move[key]);
      if (earlier === undefined) {
        first.set(move[key], move);
        return true;
      }
      const name = nameOf(move[key]);
      const [is, was] = [move, earlier].map((one) => nameOf(one[key === 'from' ? 'to' : 'from']));
      const before = key === 'from' ? `${name} was moved to ${was}` : `${was} was moved to ${name}`;
      const same = move.from === earlier.from && move.to === earlier.to;
      this.#problems.push(
        report(key === 'from' ? 'moved.from-twice' : 'moved.to-twice', {
          detail: `${before} already${same ? '' : `, and here it is ${is}`}`,
          help: same
            ? 'Remove one of the two.'
            : 'Remove one of the two. One thing that was renamed twice is a chain: { from: A, to: B }, { from: B, to: C }.',
          range: rangeOf(move.entry[key].span),
          address: move.to,
          related: [{ message: 'it is moved here first', range: earlier.range }],
        }),
      );
      return false;
    });
  }

  /** Each address is one `from` at most, so that from each entry one way leads on. */
  #withoutLoops(moves: readonly ResolvedMove[]): readonly ResolvedMove[] {
    const byFrom = new Map(moves.map((move) => [move.from, move]));
    const seen = new Set<ResolvedMove>();
    const looped = new Set<ResolvedMove>();
    for (const begin of moves) {
      const way: ResolvedMove[] = [];
      let at: ResolvedMove | undefined = begin;
      for (; at !== undefined && !seen.has(at); at = byFrom.get(at.to)) {
        seen.add(at);
        way.push(at);
      }
      const circle = at === undefined || !way.includes(at) ? [] : way.slice(way.indexOf(at));
      for (const move of circle) looped.add(move);
      if (circle.length > 0) this.#tellLoop(circle);
    }
    return moves.filter((move) => !looped.has(move));
  }

  #tellLoop(circle: readonly ResolvedMove[]): void {
    const begin = circle.reduce((a, b) => (compareSpans(b.entry.from.span, a.entry.from.span) < 0 ? b : a));
    const first = circle.indexOf(begin);
    const rest = [...circle.slice(first + 1), ...circle.slice(0, first)];
    const names = [begin.from, begin.to, ...rest.map(({ to }) => to)].map(qualifiedName);
    this.#problems.push(
      report('moved.loop', {
        detail: rest.length === 0 ? `${nameOf(begin.to)} is moved to itself` : `this leads round: ${names.join(' → ')}`,
        help:
          rest.length === 0
            ? 'Remove the entry.'
            : 'Remove the entries that were taken back. Two that exchange their names do so by a third name, in two applies.',
        range: begin.range,
        address: begin.to,
        related: rest.map(({ range }) => ({ message: 'it goes on here', range })),
      }),
    );
  }

  #tellUnknown({ site, from, to }: MoveEntry, kinds: readonly MovedKind[]): void {
    const { suggestions } = this.#context;
    const where = site === '' ? 'the catalogue' : `site ${site}`;
    const near = suggestions.nearest(to.name, this.#namesOf(kinds, site));
    const meant = near === undefined ? undefined : this.#first(kinds, { site, name: near });
    const elsewhere = this.#elsewhere(kinds, to.name);
    const text = plainOrQuoted(`${to.kind === undefined ? '' : `${to.kind}:`}${near}`);
    this.#problems.push(
      report('moved.not-declared', {
        detail: `no ${listed(kinds, 'or')} "${to.name}" in ${where}`,
        help:
          meant !== undefined
            ? `Did you mean "${near}" (${placeOf(meant)})?`
            : elsewhere !== undefined
              ? `Site ${elsewhere.site} has one (${placeOf(elsewhere)}): write the entry in a document of that site, with from: ${from.site}/${from.name}.`
              : `Declare it in ${where}, correct the name, or remove the entry.`,
        range: rangeOf(to.span),
        fixes: meant === undefined || !isSlip(to.text, text) ? [] : [replace(to.span, text, `Write ${text}`)],
      }),
    );
  }

  #tellStillDeclared({ site, from, to }: MoveEntry, kind: MovedKind, isThere: boolean): void {
    const declared = this.#at(kind, from);
    const name = from.site === site ? from.name : `${from.site}/${from.name}`;
    this.#problems.push(
      report('moved.still-declared', {
        detail: `${kind} ${name} is declared still, so nothing was renamed`,
        help: isThere
          ? 'Remove the declaration, or the entry.'
          : `Rename the declaration to ${to.name}, or remove the entry.`,
        range: rangeOf(from.span),
        address: addressAs(kind, from),
        related:
          declared === undefined ? [] : [{ message: 'it is declared here', range: rangeOf(declared.entry.keySpan) }],
      }),
    );
  }

  #tellAbout(
    { from, to }: MoveEntry,
    kinds: readonly MovedKind[],
    told: { readonly code: 'moved.kinds-differ' | 'moved.ambiguous'; readonly detail: string; readonly help: string },
  ): void {
    for (const kind of kinds) this.#goneOnFrom.add(addressAs(kind, from));
    const related = kinds.flatMap((kind): RelatedPlace[] => {
      const declared = this.#at(kind, to);
      return declared === undefined
        ? []
        : [{ message: `the ${kind} is declared here`, range: rangeOf(declared.entry.keySpan) }];
    });
    const { code, detail, help } = told;
    this.#problems.push(report(code, { detail, help, range: rangeOf(to.span), related }));
  }

  #at(kind: MovedKind, name: Name): Declaration<unknown> | undefined {
    return declarationAt(this.#context.declarations, addressAs(kind, name));
  }

  #first(kinds: readonly MovedKind[], name: Name): Declaration<unknown> | undefined {
    return kinds.map((kind) => this.#at(kind, name)).find((found) => found !== undefined);
  }

  /** What is declared by a name in another site. */
  #elsewhere(kinds: readonly MovedKind[], name: string): Declaration<unknown> | undefined {
    const inSites = kinds.filter((kind) => (SITE_KINDS as readonly MovedKind[]).includes(kind));
    if (inSites.length === 0) return undefined;
    for (const site of this.#context.declarations.sites.keys()) {
      const found = this.#first(inSites, { site, name });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  *#namesOf(kinds: readonly MovedKind[], site: string): Generator<string> {
    for (const kind of kinds) {
      for (const one of this.#context.declarations[KEY_OF_KIND[kind]].values()) if (one.site === site) yield one.name;
    }
  }
}

function placeOf({ entry }: Declaration<unknown>): string {
  return formatPlace(rangeOf(entry.keySpan));
}

/** `a, b or c`. */
function listed(words: readonly string[], last: 'or' | 'and'): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
