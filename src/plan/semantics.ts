// Owns what a change means to those who rest on what is there (DESIGN 3): looks up the rule of its field. Texts, JSON and
// docs/changes.md ask here. Never declares a rule (fields.ts does) and never compares access (access-diff.ts does).

import type { Kind } from '../model/address.ts';
import type { Renames } from '../model/move.ts';
import { escapeToken } from '../model/pointer.ts';
import { always, type Beside, type Meaning, type Rule } from './change-rules.ts';
import { FIELDS, type Field, TOLD_ELSEWHERE } from './fields.ts';
import { followLinks } from './follow-links.ts';
import { isObject, member, tokensOf, valueAt } from './paths.ts';
import type { PathChange } from './plan.ts';

/** How each meaning is said of a change, in the order in which they are told, and what it says. */
export const MEANING_WORDS = {
  widening: { said: 'widens', explanation: 'somebody may do more than before, or for longer' },
  narrowing: { said: 'narrows', explanation: 'somebody may do less than before, or not for as long' },
  weakening: { said: 'weakens', explanation: 'something protects less than before' },
  breaking: {
    said: 'breaks clients',
    explanation: 'a client, or a server that checks its tokens, works on only once it is changed too',
  },
  neutral: { said: '', explanation: 'none of these' },
} as const satisfies Record<Meaning, { readonly said: string; readonly explanation: string }>;

const ORDER = Object.keys(MEANING_WORDS) as readonly Meaning[];

/** The kinds of entities, in the order in which a spec is read. */
export const CHANGE_KINDS = Object.keys(FIELDS) as readonly Kind[];

/** What is known beside a change of one member; what is not leaves the engine's defaults to decide. */
export interface About {
  /** What the plan moves: links that only follow it are no change. */
  readonly renames?: Renames;
  /** The whole entity on each side. */
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  /** Milliseconds since the epoch for which the plan was made: what had ended by then counts for nothing. */
  readonly now?: number | undefined;
}

/**
 * What the change of one member of an entity means, in the order of their words, each once; `neutral` alone where it
 * means none of the others.
 */
export function meaningsOf(kind: Kind, path: PathChange, about: About = {}): readonly Meaning[] {
  const found: readonly Meaning[] = rulesFor(kind, path, about).flatMap(({ rule, sides, beside }) =>
    rule.judge(...sides, beside),
  );
  return found.length === 0 ? ['neutral'] : ORDER.filter((meaning) => found.includes(meaning));
}

/**
 * `no effect: the default`: why nothing comes of a change, where that is certain; empty where something may, and of links
 * that follow a move, which the change itself says.
 */
export function speakNoEffect(kind: Kind, path: PathChange, about: About = {}): string {
  if (followLinks(path, about.renames ?? new Map()) !== path) return '';
  const rules = rulesFor(kind, path, about);
  const isSame = (now: number | undefined) =>
    rules.every(({ rule, sides, beside }) => rule.isSame(...sides, { ...beside, now }));
  if (isSame(undefined)) {
    const isDefault = path.before === undefined || path.after === undefined;
    return isDefault ? 'no effect: the default' : 'no effect';
  }
  return isSame(about.now) ? 'no effect: in the past' : '';
}

/** One key of a kind: its cases in words, or, where no entity has it, under what its change is told. */
export interface DescribedField {
  readonly field: string;
  readonly cases: readonly { readonly when: string; readonly means: string }[];
  readonly elsewhere?: string;
}

/** What docs/changes.md is made of. */
export function describeChanges(kind: Kind): readonly DescribedField[] {
  const own = Object.entries(FIELDS[kind]).flatMap(([name, field]) =>
    rulesOf(name, field).map(([path, { cases }]) => ({
      field: path,
      cases: cases.map(({ when, means }) => ({ when, means: speakMeanings(means) || 'nothing' })),
    })),
  );
  const others = Object.entries(TOLD_ELSEWHERE[kind] ?? {});
  return [...own, ...others.map(([field, elsewhere]) => ({ field, cases: [], elsewhere }))];
}

/** `widens, breaks clients`; empty where nothing is to be told. */
export function speakMeanings(meanings: readonly Meaning[]): string {
  return meanings
    .map((meaning) => MEANING_WORDS[meaning].said)
    .filter((said) => said !== '')
    .join(', ');
}

function rulesOf(name: string, field: Field): readonly (readonly [path: string, rule: Rule])[] {
  if (!('members' in field)) return [[name, field]];
  return Object.entries(field.members).map(([member, rule]) => [`${name}.${member}`, rule]);
}

type Fields = { readonly [name: string]: Field };

/** A rule with what it is to judge. */
interface Applied {
  readonly rule: Rule;
  readonly sides: readonly [before: unknown, after: unknown];
  readonly beside: Beside;
}

function rulesFor(
  kind: Kind,
  path: PathChange,
  { renames = new Map(), before, after, now }: About,
): readonly Applied[] {
  const followed = followLinks(path, renames);
  const beside = (pointer: string): Beside => ({
    now,
    siblings:
      before === undefined || after === undefined
        ? undefined
        : [valueAt(before, pointer) ?? {}, valueAt(after, pointer) ?? {}],
  });
  return rulesBelow(FIELDS[kind], tokensOf(path.pointer), [followed.before, followed.after], beside);
}

/** A pointer may stop above the fields (all of `metadata` came) or lead into the value of one (`/safety/deletes`). */
function rulesBelow(
  fields: Fields,
  [name, ...rest]: readonly string[],
  [before, after]: Applied['sides'],
  beside: (pointer: string) => Beside,
  parent = '',
): readonly Applied[] {
  const field = name === undefined ? undefined : fieldNamed(fields, name);
  if (name === undefined || field === undefined) return [UNKNOWN];
  if ('judge' in field) {
    return [{ rule: field, sides: [within(before, rest), within(after, rest)], beside: beside(parent) }];
  }
  const pointer = `${parent}/${escapeToken(name)}`;
  if (rest.length > 0) return rulesBelow(field.members, rest, [before, after], beside, pointer);
  const names = new Set([before, after].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  return [...names].flatMap((one) =>
    rulesBelow(field.members, [one], [memberOf(before, one), memberOf(after, one)], beside, pointer),
  );
}

/** Of a member that no rule knows: nothing is said of it. */
const UNKNOWN: Applied = { rule: always(), sides: [undefined, undefined], beside: {} };

/** By its own name, else as one in a language, else as any. */
function fieldNamed(fields: Fields, name: string): Field | undefined {
  const names = [name, `${name.split('#')[0]}#*`, '*'];
  const known = names.find((one) => Object.hasOwn(fields, one));
  return known === undefined ? undefined : fields[known];
}

/** The value of a field of which only a part is given. */
function within(part: unknown, path: readonly string[]): unknown {
  return part === undefined ? undefined : path.reduceRight((value, name) => ({ [name]: value }), part);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? member(value, name) : undefined;
}
