// Owns how two values of one field are compared for what their change means: as lists, switches, amounts, instants or
// choices. Each rule is data, so that what a plan says and what is documented cannot differ. Never knows a field.

import { canonicalJson } from '../model/digest.ts';
import { parseDuration, parseInstant } from '../model/duration.ts';
import { scopeValues } from '../model/settings.ts';

/** What a change does to those who rest on what is there. */
export type Meaning =
  /** Somebody may do more, or for longer. */
  | 'widening'
  /** Somebody may do less, or not for as long. */
  | 'narrowing'
  /** Something protects less than before. */
  | 'weakening'
  /** Who works with it today has to change something. */
  | 'breaking'
  | 'neutral';

/** All but `neutral`, which is what a change is that has none of them. */
type Effect = Exclude<Meaning, 'neutral'>;
type Effects = readonly Effect[];

/** One way in which a field can change, in words, and what that means. */
export interface Case {
  readonly when: string;
  readonly means: Effects;
}

/** What else decides about a change of one field. All of it may be unknown. */
export interface Beside {
  /** Milliseconds since the epoch: what ended before that counts for nothing on either side. */
  readonly now?: number | undefined;
  /** The whole of what each side has beside the field: the metadata that a member of it is part of. */
  readonly siblings?: readonly [before: unknown, after: unknown] | undefined;
}

/** What the changes of one field mean. Both are given the value of each side, undefined where none is written. */
export interface Rule {
  readonly cases: readonly Case[];
  readonly judge: (before: unknown, after: unknown, beside: Beside) => Effects;
  /** Whether both sides say the same in two ways, so that nothing comes of the change; false where that is not known. */
  readonly isSame: (before: unknown, after: unknown, beside: Beside) => boolean;
}

/** The same whatever the change is. */
export function always(...means: Effects): Rule {
  return { cases: [{ when: 'changed', means }], judge: () => means, isSame: () => false };
}

/** A key that an entity may leave to another one: without it, what holds is not known here. */
export function inherited(rule: Rule): Rule {
  const isWritten = (side: unknown) => side !== undefined;
  return { ...rule, isSame: (...sides) => sides.slice(0, 2).every(isWritten) && rule.isSame(...sides) };
}

/** On or off. */
export function flag({ initial, on, off }: { initial: boolean; on: Effects; off: Effects }): Rule {
  const isSame = (before: unknown, after: unknown) => (before ?? initial) === (after ?? initial);
  return {
    isSame,
    cases: [
      { when: 'off', means: off },
      { when: 'on', means: on },
    ],
    judge: (before, after) => (isSame(before, after) ? [] : (after ?? initial) === true ? on : off),
  };
}

/** More or less of something that `read` makes a number of; a side that it cannot read is no change. */
export function amount({
  read,
  words,
  more,
  less,
}: {
  /** Given undefined where nothing is written: answers what holds then. */
  read: (written: unknown, now: number | undefined) => number | undefined;
  words: readonly [more: string, less: string];
  more: Effects;
  less: Effects;
}): Rule {
  return {
    cases: [
      { when: words[0], means: more },
      { when: words[1], means: less },
    ],
    judge: (before, after, { now }) => {
      const [was, is] = [read(before, now), read(after, now)];
      return was === undefined || is === undefined || was === is ? [] : is > was ? more : less;
    },
    isSame: (before, after, { now }) => {
      const was = read(before, now);
      return was !== undefined && was === read(after, now);
    },
  };
}

/** How long something lives, as a duration; `initial` in seconds, where none is written. */
export function lifetime(initial: number): Rule {
  return amount({
    read: (written) => (written === undefined ? initial : parseDuration(String(written))),
    words: ['longer', 'shorter'],
    more: ['widening'],
    less: ['narrowing'],
  });
}

/** The instant at which something ends: never where none is written. All that have passed are one. */
export const END: Rule = amount({
  read: (written, now = Number.NEGATIVE_INFINITY) => {
    const end = written === undefined ? Number.POSITIVE_INFINITY : parseInstant(String(written));
    return end === undefined ? undefined : Math.max(end, now);
  },
  words: ['later or no more', 'sooner'],
  more: ['widening'],
  less: ['narrowing'],
});

/** The instant from which something counts: always where none is written, as when it has passed. */
export const BEGINNING: Rule = amount({
  read: (written, now = Number.NEGATIVE_INFINITY) => {
    const begin = written === undefined ? Number.NEGATIVE_INFINITY : parseInstant(String(written));
    return begin !== undefined && begin <= now ? Number.NEGATIVE_INFINITY : begin;
  },
  words: ['later', 'sooner or no more'],
  more: ['narrowing'],
  less: ['widening'],
});

/** A key that is not written, among the values of a choice. */
export const UNWRITTEN = 'not written';

/** From one of these values, or any, to one of those, or any. */
interface Step {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly means: Effects;
}

/** One value of several. A step of `only` counts alone; else every change is `changed`, and each step that fits besides. */
export function choice({
  initial = UNWRITTEN,
  only = [],
  changed = [],
  steps = [],
}: {
  /** What holds where nothing is written. */
  initial?: string;
  only?: readonly Step[];
  changed?: Effects;
  steps?: readonly Step[];
}): Rule {
  const fits = ({ from, to }: Step, was: string, is: string) =>
    (from?.includes(was) ?? true) && (to?.includes(is) ?? true);
  const told = ({ from, to }: Step) => `${from?.join(' or ') ?? 'any'} → ${to?.join(' or ') ?? 'any other'}`;
  const others = only.length > 0 ? 'every other change' : 'changed';
  const chosen = (written: unknown) => String(written ?? initial);
  return {
    isSame: (before, after) => chosen(before) === chosen(after),
    cases: [
      ...only.map((step) => ({ when: told(step), means: step.means })),
      ...(changed.length === 0 ? [] : [{ when: others, means: changed }]),
      ...steps.map((step) => ({ when: `${changed.length === 0 ? '' : 'also '}${told(step)}`, means: step.means })),
    ],
    judge: (before, after) => {
      const [was, is] = [chosen(before), chosen(after)];
      if (was === is) return [];
      const alone = only.find((step) => fits(step, was, is));
      if (alone !== undefined) return alone.means;
      return [...changed, ...steps.flatMap((step) => (fits(step, was, is) ? step.means : []))];
    },
  };
}

interface ListMeanings {
  readonly added: Effects;
  readonly removed: Effects;
  /** What the list has where none is written, by what stands beside it, as far as that is known. */
  readonly initial?: (siblings: unknown) => readonly string[];
  /** Items that mean more than others when they are added. */
  readonly special?: { readonly items: readonly string[]; readonly added: Effects };
  /** Whether an item may have an end of its own. */
  readonly ending?: true;
  /** Of a list that stands for everything when it is empty: its first item, and its last. */
  readonly whenEmptyIsAll?: { readonly first: Effects; readonly last: Effects };
  /** Whether others of the list say the same as an item already. */
  readonly isCovered?: (item: string, others: readonly string[]) => boolean;
}

/** What joins and what leaves; the order of a list means nothing. A text is read as its words. */
export function list(meanings: ListMeanings): Rule {
  const { added, removed, initial = () => [], special, ending, whenEmptyIsAll: all, isCovered } = meanings;
  const cases: Case[] = [
    ...(all === undefined ? [] : [{ when: 'the first added', means: all.first }]),
    { when: 'added', means: added },
    ...(special === undefined ? [] : [{ when: `${special.items.join(' or ')} added`, means: special.added }]),
    { when: 'removed', means: removed },
    ...(all === undefined ? [] : [{ when: 'the last removed', means: all.last }]),
    ...(ending === undefined ? [] : END.cases.map(({ when, means }) => ({ when: `ends ${when}`, means }))),
  ];
  const sidesOf = (before: unknown, after: unknown, { now, siblings }: Beside): readonly [Items, Items] => [
    itemsOf(before ?? initial(siblings?.[0]), now),
    itemsOf(after ?? initial(siblings?.[1]), now),
  ];
  return {
    cases,
    judge: (before, after, beside) => {
      const [was, is] = sidesOf(before, after, beside);
      if (all !== undefined && was.size === 0) return is.size === 0 ? [] : all.first;
      if (all !== undefined && is.size === 0) return all.last;
      const missing = (from: Items, to: Items) =>
        [...from.keys()].filter((key) => !to.has(key) && isCovered?.(key, [...to.keys()]) !== true);
      const joined = missing(is, was);
      return [
        ...(joined.length > 0 ? added : []),
        ...(special !== undefined && joined.some((key) => special.items.includes(key)) ? special.added : []),
        ...(missing(was, is).length > 0 ? removed : []),
        ...[...is].flatMap(([key, end]) => (was.has(key) ? END.judge(was.get(key), end, beside) : [])),
      ];
    },
    // The order of a list may mean something to who reads it.
    isSame: (before, after, beside) => {
      const [was, is] = sidesOf(before, after, beside);
      const keys = [...is.keys()];
      return (
        was.size === is.size &&
        [...was].every(([key, end], position) => key === keys[position] && END.isSame(end, is.get(key), beside))
      );
    },
  };
}

/** The end of each item, by what it is. */
type Items = ReadonlyMap<string, unknown>;

/** Without those that have ended. */
function itemsOf(value: unknown, now = Number.NEGATIVE_INFINITY): Items {
  const items: readonly unknown[] = typeof value === 'string' ? scopeValues(value) : Array.isArray(value) ? value : [];
  return new Map(
    items.flatMap((item) => {
      if (typeof item !== 'object' || item === null) return [[String(item), undefined] as const];
      const { expires, ...what } = item as { readonly [member: string]: unknown };
      const end = expires === undefined ? undefined : parseInstant(String(expires));
      if (end !== undefined && end <= now) return [];
      return [[String(what.to ?? what.uri ?? canonicalJson(what)), expires] as const];
    }),
  );
}

/** Several rules for one value, each for a part of it. */
export function both(...rules: readonly Rule[]): Rule {
  return {
    cases: rules.flatMap(({ cases }) => cases),
    judge: (before, after, beside) => rules.flatMap(({ judge }) => judge(before, after, beside)),
    isSame: (before, after, beside) => rules.every(({ isSame }) => isSame(before, after, beside)),
  };
}

/** A rule for one member of a value that is judged as a whole. */
export function part(name: string, rule: Rule): Rule {
  const of = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? (value as { readonly [member: string]: unknown })[name] : undefined;
  return {
    cases: rule.cases.map(({ when, means }) => ({ when: `${name} ${when}`, means })),
    judge: (before, after, beside) => rule.judge(of(before), of(after), beside),
    isSame: (before, after, beside) => rule.isSame(of(before), of(after), beside),
  };
}

/** What is there or not, and of which another value says nothing. */
export function presence({ came, gone }: { came: Effects; gone: Effects }): Rule {
  return {
    cases: [
      { when: 'written', means: came },
      { when: 'removed', means: gone },
      { when: 'changed', means: [] },
    ],
    judge: (before, after) => (before === undefined ? came : after === undefined ? gone : []),
    isSame: () => false,
  };
}
