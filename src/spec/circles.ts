// Owns circles among links of one kind: which things lead, step by step, back to themselves. Never says what is wrong with one.

import { type Address, compareText } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { SourceRange } from '../model/origin.ts';
import { type DiagnosticCode, report } from './catalogue.ts';

/** Where each thing leads. What leads nowhere need not stand in it. */
export type Ways<A extends Address> = ReadonlyMap<A, readonly A[]>;

/** One circle, the shortest one, for each set of things that lead to each other, in the order of their addresses. */
export function circlesAmong<A extends Address>(ways: Ways<A>): readonly (readonly A[])[] {
  const left = withoutTrees(ways);
  const told = new Set<A>();
  const circles: (readonly A[])[] = [];
  for (const start of [...left.keys()].sort(compareText)) {
    if (told.has(start)) continue;
    const circle = wayBack(start, left);
    if (circle === undefined) continue;
    for (const one of circle) told.add(one);
    circles.push(circle);
  }
  return circles;
}

/** Steps of a circle that are named; a longer one is no longer read. */
const MOST_SHOWN = 10;

interface CircleWords<A> {
  readonly code: DiagnosticCode;
  /** Between two steps: ` contains `. */
  readonly leads: string;
  readonly help: string;
  readonly nameOf: (one: A) => string;
  /** Where one leads to the next is written. */
  readonly placeOf: (from: A, to: A) => SourceRange;
  /** What is said at that place. */
  readonly step: (from: string, to: string) => string;
}

export function tellCircle<A extends Address>(circle: readonly A[], words: CircleWords<A>): Diagnostic {
  const { code, leads, help, nameOf, placeOf, step } = words;
  const steps = circle.map((from, position) => {
    const to = circle[(position + 1) % circle.length] ?? from;
    return { from, to, range: placeOf(from, to) };
  });
  const [first, ...others] = steps;
  const left = circle.length - MOST_SHOWN;
  return report(code, {
    detail: [
      ...circle.slice(0, MOST_SHOWN).map(nameOf),
      ...(left > 0 ? [`${left} more`] : []),
      ...(first === undefined ? [] : [nameOf(first.from)]),
    ].join(leads),
    help,
    range: first?.range,
    address: first?.from,
    related: others
      .slice(0, MOST_SHOWN)
      .map(({ from, to, range }) => ({ message: step(nameOf(from), nameOf(to)), range })),
  });
}

/** Without what no circle can be below, in linear time; mostly that is everything. */
function withoutTrees<A extends Address>(ways: Ways<A>): Map<A, readonly A[]> {
  const left = new Map([...ways].filter(([, tos]) => tos.length > 0));
  const sources = new Map<A, A[]>();
  const open = new Map<A, number>();
  for (const [from, tos] of left) {
    open.set(from, tos.length);
    for (const to of tos) {
      const known = sources.get(to) ?? [];
      sources.set(to, known);
      known.push(from);
    }
  }
  const done = [...sources.keys()].filter((one) => !left.has(one));
  for (const one of done) {
    left.delete(one);
    for (const source of sources.get(one) ?? []) {
      const others = (open.get(source) ?? 0) - 1;
      open.set(source, others);
      if (others === 0) done.push(source);
    }
  }
  return left;
}

/** The shortest way from one back to itself; breadth first, without recursion. */
function wayBack<A extends Address>(start: A, ways: Ways<A>): readonly A[] | undefined {
  const from = new Map<A, A>();
  const queue: A[] = [start];
  for (const one of queue) {
    for (const to of ways.get(one) ?? []) {
      if (to === start) {
        const way: A[] = [];
        for (let at: A | undefined = one; at !== undefined; at = from.get(at)) way.unshift(at);
        return way;
      }
      if (from.has(to)) continue;
      from.set(to, one);
      queue.push(to);
    }
  }
  return undefined;
}
