// Owns what a policy may release about a user on one side of a plan, and where two sides differ in it: whatever scopes are
// asked for, by whichever method, now and later. Never asks whether the user reaches the application (released.ts does).

import type { AccessIndex } from '../access/access-index.ts';
import type { Membership } from '../access/membership.ts';
import {
  compareText,
  type GroupAddress,
  methodAddress,
  nameOf,
  type PolicyAddress,
  type UserAddress,
} from '../model/address.ts';
import type { PolicyItem, UserEntity } from '../model/entity.ts';
import {
  METHOD_ATTRIBUTES,
  type PolicyValue,
  parsePolicyValue,
  RESERVED_CLAIMS,
  valuesOfAttribute,
} from '../model/policy-value.ts';
import { sameValue } from '../model/same-value.ts';
import type { ComparedSide } from './compared.ts';
import type { ReleasedChange, ReleasedValue } from './plan.ts';

/** An item of a policy that can release something, by the names of the plan. */
export interface ReleasingItem {
  readonly name: string;
  readonly written: string;
  readonly value: PolicyValue;
  readonly group: GroupAddress | undefined;
  /** Of the group: undefined where it counts by every method. */
  readonly methods: readonly string[] | undefined;
  readonly scopes: readonly string[] | undefined;
}

/** A policy as one side has it; its items as they stand there, undefined where one releases nothing. */
export interface ReleasingPolicy {
  readonly address: PolicyAddress;
  readonly items: readonly (ReleasingItem | undefined)[];
}

/** What an item gives about a user. */
export interface Piece {
  readonly item: ReleasingItem;
  /** In the list of the policy. */
  readonly position: number;
  /** By which the user is in the group of the item. */
  readonly membership: Membership | undefined;
  /** Milliseconds since the epoch; infinite where it does not end. */
  readonly until: number;
  /** What is compared, and never told: they are the user's own. */
  readonly values: readonly string[];
}

/** What becomes of one claim about a user, and the piece of it that tells why: of a gain what is new, else what is gone. */
export interface Difference extends Pick<ReleasedChange, 'effect' | 'name' | 'before' | 'after'> {
  readonly piece: Piece;
  readonly isGain: boolean;
}

/** `called` as the plan calls it. A policy that is not there releases nothing. */
export function releasingPolicy(side: ComparedSide, called: PolicyAddress): ReleasingPolicy {
  const index = side.index();
  const items = index.policy(side.own(called))?.items ?? [];
  return { address: called, items: items.map((item) => releasingItem(side, index, item)) };
}

function releasingItem(side: ComparedSide, index: AccessIndex, item: PolicyItem): ReleasingItem | undefined {
  const { group: named, scopes = [], name, value: written } = item;
  const value = parsePolicyValue(written);
  const group = named === undefined ? undefined : index.group(named);
  if (value === undefined || RESERVED_CLAIMS.includes(name)) return undefined;
  if (named !== undefined && group === undefined) return undefined;
  const methods = (group?.methods ?? []).map((method) => nameOf(side.shared(methodAddress(method))));
  return {
    name,
    written,
    value,
    group: named && side.shared(named),
    methods: methods.length === 0 ? undefined : methods,
    scopes: scopes.length === 0 ? undefined : scopes,
  };
}

/** U-61 and U-62 of a user; `called` as the plan calls the user. `now` in milliseconds since the epoch. */
export function piecesOf(
  side: ComparedSide,
  { items }: ReleasingPolicy,
  called: UserAddress,
  now: number,
): readonly Piece[] {
  const index = side.index();
  const address = side.own(called);
  const user = index.user(address);
  if (user === undefined) return [];
  return items.flatMap((item, position): readonly Piece[] => {
    if (item === undefined) return [];
    const membership = item.group === undefined ? undefined : index.groupsOf(address).get(side.own(item.group));
    const until = membership?.end ?? Number.POSITIVE_INFINITY;
    if ((item.group !== undefined && membership === undefined) || now >= until) return [];
    const values = valuesOf(item.value, user);
    return values.length === 0 ? [] : [{ item, position, membership, until, values }];
  });
}

/** What a method says is told by its name: it is what things are called. */
function valuesOf(value: PolicyValue, user: UserEntity): readonly string[] {
  switch (value.from) {
    case 'text':
      return value.text === '' ? [] : [`text ${value.text}`];
    case 'user': {
      const told = valuesOfAttribute(user, value.attribute);
      return told.map((text) => `text ${value.binary ? Buffer.from(text).toString('base64') : text}`);
    }
    case 'method':
      return (METHOD_ATTRIBUTES as readonly string[]).includes(value.attribute) ? [`method ${value.attribute}`] : [];
  }
}

/** By claim. Two lists of pieces are alike where each gives all that the other gives, as long and by the same requests. */
export function differencesOf(before: readonly Piece[], after: readonly Piece[]): readonly Difference[] {
  const names = new Set([...before, ...after].map(({ item }) => item.name));
  return [...names].sort(compareText).flatMap((name): readonly Difference[] => {
    const [was, is] = [before, after].map((pieces) => pieces.filter(({ item }) => item.name === name));
    // Most of what a user has is as it was: that is seen for less.
    if (was === undefined || is === undefined || sameValue(was.map(givenBy), is.map(givenBy))) return [];
    const gained = firstBeyond(is, was);
    const piece = gained ?? firstBeyond(was, is);
    if (piece === undefined) return [];
    const effect = was.length === 0 ? 'add' : is.length === 0 ? 'remove' : 'change';
    return [{ effect, name, before: told(was), after: told(is), piece, isGain: gained !== undefined }];
  });
}

function givenBy({ item: { scopes, methods }, values, until }: Piece): unknown {
  return [scopes, methods, values, until];
}

/** The first that gives something which the others do not give, or not as long. */
function firstBeyond(pieces: readonly Piece[], others: readonly Piece[]): Piece | undefined {
  if (others.length === 0) return pieces[0];
  const given = spansOf(others);
  return pieces.find(({ item: { scopes, methods }, values, until }) =>
    combined(values, scopes, methods).some(([value, scope, method]) => {
      const ways: readonly Combined[] = [scope, null].flatMap((one) =>
        [method, null].map((other): Combined => [value, one, other]),
      );
      return Math.max(...ways.map((way) => given.get(keyOf(way)) ?? Number.NEGATIVE_INFINITY)) < until;
    }),
  );
}

/** Until when each value is given: where a scope is requested, or whatever is; by a method, or by any. */
function spansOf(pieces: readonly Piece[]): ReadonlyMap<string, number> {
  const spans = new Map<string, number>();
  for (const { item, values, until } of pieces) {
    for (const one of combined(values, item.scopes, item.methods)) {
      const key = keyOf(one);
      spans.set(key, Math.max(spans.get(key) ?? until, until));
    }
  }
  return spans;
}

type Combined = readonly [value: string, scope: string | null, method: string | null];

function combined(
  values: readonly string[],
  scopes: readonly (string | null)[] = [null],
  methods: readonly (string | null)[] = [null],
): readonly Combined[] {
  return values.flatMap((value) =>
    scopes.flatMap((scope) => methods.map((method): Combined => [value, scope, method])),
  );
}

function keyOf(one: Combined): string {
  return JSON.stringify(one);
}

/** As it is told: by what is written, each once. */
function told(pieces: readonly Piece[]): readonly ReleasedValue[] {
  const values = new Map<string, ReleasedValue>();
  for (const piece of pieces) {
    const value = toldValue(piece);
    values.set(JSON.stringify(value), value);
  }
  return [...values.values()];
}

export function toldValue({ item: { written, scopes, methods }, until }: Piece): ReleasedValue {
  return {
    value: written,
    ...(scopes === undefined ? {} : { scopes }),
    ...(methods === undefined ? {} : { methods }),
    ...(Number.isFinite(until) ? { until } : {}),
  };
}
