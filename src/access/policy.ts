// Owns authorization policies (SEMANTICS U-60…U-64): which values are released to an application about a user, and whether
// the policy's constraints hold. Never decides who may use which policy.

import type { ApplicationAddress, PolicyAddress, UserAddress } from '../model/address.ts';
import type { PolicyEntity, PolicyItem, UserEntity } from '../model/entity.ts';
import { escapeToken } from '../model/pointer.ts';
import { parsePolicyValue, RESERVED_CLAIMS, valuesOfAttribute } from '../model/policy-value.ts';
import type { AccessIndex } from './access-index.ts';
import type { Asker } from './asker.ts';
import type { Attributes, Place, Step } from './decision.ts';
import { chainOf, membershipStep } from './membership.ts';
import { type MethodAttributes, methodAttributes } from './method-attributes.ts';
import { countsFor } from './opening.ts';
import { failed, type Verdict } from './verdict.ts';

/** Whether a scope is requested. What is not asked for by name is the default that stands in its place (requested.ts). */
export type IsRequested = (scope: string) => boolean;

export type PolicyVerdict = Verdict & {
  readonly attributes: Attributes;
  /** When the first of the values is not released any more; infinite where none ends. The verdict may last longer. */
  readonly attributesEnd: number;
};

/**
 * Applies the policy of an application to who asks. Undefined where it has none, and where a client acts as itself: there is
 * nobody whose values could be looked at (U-05).
 */
export function judgePolicy(
  index: AccessIndex,
  address: ApplicationAddress,
  asker: Asker,
  isRequested: IsRequested,
  now: number,
): PolicyVerdict | undefined {
  const named = index.application(address)?.policy;
  const user = asker.user === undefined ? undefined : index.user(asker.user);
  if (named === undefined || asker.user === undefined || user === undefined) return undefined;
  const policy = index.policy(named);
  if (policy === undefined) {
    // The compiler refuses it. A constraint that nobody can read is none that holds.
    const verdict = failed('POLICY_NOT_MET', { address, pointer: '/policy' });
    return { ...verdict, attributes: {}, attributesEnd: Number.POSITIVE_INFINITY };
  }
  const subject: Subject = {
    address: asker.user,
    user,
    method: methodAttributes(index, asker),
  };
  const applied = appliedItems(index, policy, asker, isRequested, now);
  const values = valuesOf(applied, subject);
  const attributesEnd = firstEnd([...values.values()].flat().map(({ by }) => by));
  return {
    ...constraintsOf(named, policy, applied, values, subject),
    attributes: shapeOf(values, policy),
    attributesEnd,
  };
}

interface Subject {
  readonly address: UserAddress;
  readonly user: UserEntity;
  readonly method: MethodAttributes;
}

/** An item that counts for who asks, and the memberships by which it does. */
interface Applied {
  readonly item: PolicyItem;
  readonly position: number;
  readonly steps: readonly Step[];
  readonly end: number;
}

/** U-61: the subject is in the group, and no scope is listed or one of them is requested. */
function appliedItems(
  index: AccessIndex,
  { items = [] }: PolicyEntity,
  asker: Asker,
  isRequested: IsRequested,
  now: number,
): readonly Applied[] {
  return items.flatMap((item, position): readonly Applied[] => {
    const { group: named, scopes = [] } = item;
    // The compiler refuses it (U-65); what a token is, no policy says.
    if (RESERVED_CLAIMS.includes(item.name)) return [];
    if (scopes.length > 0 && !scopes.some(isRequested)) return [];
    if (named === undefined) return [{ item, position, steps: [], end: Number.POSITIVE_INFINITY }];
    const group = index.group(named);
    const membership = asker.groups?.get(named);
    if (group === undefined || membership === undefined || now >= membership.end || !countsFor(group, asker)) return [];
    return [{ item, position, steps: chainOf(membership).map(membershipStep), end: membership.end }];
  });
}

interface Valued {
  readonly value: string;
  /** Of several items that give it the one that does so longest, then the first. */
  readonly by: Applied;
}

/** The values of each name, each once, in the order of the items that give them: so it stays as it is until one ends. */
function valuesOf(applied: readonly Applied[], subject: Subject): ReadonlyMap<string, readonly Valued[]> {
  const values = new Map<string, Valued[]>();
  for (const by of applied) {
    const known = values.get(by.item.name) ?? [];
    for (const value of itemValues(by.item.value, subject)) {
      const at = known.findIndex((one) => one.value === value);
      const other = known[at];
      if (value === '' || (other !== undefined && other.by.end >= by.end)) continue;
      if (other !== undefined) known.splice(at, 1);
      known.push({ value, by });
    }
    if (known.length > 0) values.set(by.item.name, known);
  }
  return values;
}

function firstEnd(all: readonly Applied[]): number {
  return Math.min(...all.map(({ end }) => end), Number.POSITIVE_INFINITY);
}

function itemValues(written: string, { user, method }: Subject): readonly string[] {
  const value = parsePolicyValue(written);
  switch (value?.from) {
    case 'text':
      return [value.text];
    case 'user': {
      const told = valuesOfAttribute(user, value.attribute);
      return value.binary ? told.map(base64) : told;
    }
    case 'method': {
      const told = Object.entries(method).find(([name]) => name === value.attribute)?.[1];
      return told === undefined ? [] : [told];
    }
    default:
      return [];
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** U-64: a name that may have one value is a string, every other one a list. */
function shapeOf(values: ReadonlyMap<string, readonly Valued[]>, { single_value = [] }: PolicyEntity): Attributes {
  return Object.fromEntries(
    [...values].map(([name, all]) => {
      const told = all.map(({ value }) => value);
      return [name, single_value.includes(name) ? (told[0] ?? '') : told];
    }),
  );
}

/**
 * U-63: what is required has a value, and what is single has no second one. A constraint that fails may hold, or fail for
 * something else, as soon as any item ends.
 */
function constraintsOf(
  address: PolicyAddress,
  { required = [], single_value = [] }: PolicyEntity,
  applied: readonly Applied[],
  values: ReadonlyMap<string, readonly Valued[]>,
  subject: Subject,
): Verdict {
  for (const [position, name] of required.entries()) {
    if (values.has(name)) continue;
    const asked = applied.find(({ item }) => item.name === name && parsePolicyValue(item.value)?.from === 'user');
    return failed(
      'POLICY_NOT_MET',
      (asked && attributePlace(asked.item, subject)) ?? { address, pointer: `/required/${position}` },
      firstEnd(applied),
    );
  }
  for (const [position, name] of single_value.entries()) {
    const all = values.get(name) ?? [];
    if (all.length > 1) {
      const there = all.flatMap(({ value, by }) => [...by.steps, givenStep(address, by, value, subject)]);
      return failed('POLICY_NOT_MET', { address, pointer: `/single_value/${position}` }, firstEnd(applied), there);
    }
  }
  const giving = required.flatMap((name) => {
    const all = (values.get(name) ?? []).map(({ by }) => by);
    return all.length === 0 ? [] : [all.reduce((best, one) => (one.end > best.end ? one : best))];
  });
  return {
    passed: true,
    steps: giving.flatMap((by) => [...by.steps, valueStep(address, by, subject)]),
    end: firstEnd(giving),
  };
}

function attributePlace({ value: written }: PolicyItem, { address }: Subject): Place | undefined {
  const value = parsePolicyValue(written);
  return value?.from === 'user' ? { address, pointer: `/attributes/${escapeToken(value.attribute)}` } : undefined;
}

/** What gives a required value: the user's attribute, else the item itself. */
function valueStep(policy: PolicyAddress, { item, position }: Applied, subject: Subject): Step {
  const at = attributePlace(item, subject) ?? { address: policy, pointer: `/items/${position}` };
  return { relation: 'has_value', from: subject.address, to: policy, at };
}

/** One of several values, and the item that gives it. */
function givenStep(policy: PolicyAddress, { item, position }: Applied, text: string, { address }: Subject): Step {
  const at = { address: policy, pointer: `/items/${position}` };
  return { relation: 'has_value', from: address, to: policy, at, value: { name: item.name, text } };
}
