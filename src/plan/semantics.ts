// Owns what a change means to those who rest on what is there (DESIGN 3): looks up the rule of its field. Texts, JSON and
// docs/changes.md ask here. Never declares a rule (fields.ts does) and never compares access (access-diff.ts does).

import type { Kind } from '../model/address.ts';
import type { Renames } from '../model/move.ts';
import type { Meaning, Rule } from './change-rules.ts';
import { FIELDS, type Field, TOLD_ELSEWHERE } from './fields.ts';
import { followLinks } from './follow-links.ts';
import { isObject, member, tokensOf } from './paths.ts';
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

/**
 * What the change of one member of an entity means, in the order of their words, each once; `neutral` alone where it
 * means none of the others. Links that only follow a move are no change.
 */
export function meaningsOf(kind: Kind, path: PathChange, renames: Renames = new Map()): readonly Meaning[] {
  const { pointer, before, after } = followLinks(path, renames);
  const found = judge(FIELDS[kind], tokensOf(pointer), before, after);
  return found.length === 0 ? ['neutral'] : ORDER.filter((meaning) => found.includes(meaning));
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

/** A pointer may stop above the fields (all of `metadata` came) or lead into the value of one (`/safety/deletes`). */
function judge(
  fields: Fields,
  [name, ...rest]: readonly string[],
  before: unknown,
  after: unknown,
): readonly Meaning[] {
  const field = name === undefined ? undefined : fieldNamed(fields, name);
  if (field === undefined) return [];
  if ('judge' in field) return field.judge(within(before, rest), within(after, rest));
  if (rest.length > 0) return judge(field.members, rest, before, after);
  const names = new Set([before, after].flatMap((side) => (isObject(side) ? Object.keys(side) : [])));
  return [...names].flatMap((one) => judge(field.members, [one], memberOf(before, one), memberOf(after, one)));
}

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
