// Owns finding the values that `{env}` and `{file}` name, and judging whether they will do. Values live in the answer
// only: never in State, a digest, a diagnostic or a log. Never checks or hashes one.

import { createHmac } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Address, compareText } from '../model/address.ts';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import { differences } from '../model/differences.ts';
import { periodOf } from '../model/duration.ts';
import { editTable } from '../model/edited-table.ts';
import type { Entity, SecretReference } from '../model/entity.ts';
import type { Origins } from '../model/origin.ts';
import { secretStrength } from '../model/secret-strength.ts';
import { authenticatesWithMac, secretsWithin } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { slotOf, verifierKey } from '../model/verifier.ts';
import { readBounded } from './bounded.ts';
import { secretProblem, weakSecret } from './problems.ts';
import { systemReason } from './system-reason.ts';
import { isBelow } from './walk.ts';

/** Where values are looked for. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute: the spec's root, to which `{file}` is relative where there is no `secretsDir`. */
  readonly root: string;
  /** Real paths of the spec's directories. */
  readonly boundaries: readonly string[];
  readonly secretsDir?: string | undefined;
  /** By verifierKey what the store can check already: one of these may be missing here. */
  readonly stored?: ReadonlySet<string>;
  /** Of who asks again and again with one environment: what will be found again. */
  readonly lasting?: LastingValues;
}

/** Kept by who asks again and again: what was found last, of which only what may be otherwise by now is looked at again. */
export interface LastingValues {
  last?: {
    readonly state: State;
    readonly values: SecretValues;
    /** What has something to be said of it, or a secret that lies in a file, begins or ends: nothing of these lasts. */
    readonly passing: ReadonlySet<Address>;
  };
}

/** By owner, an application or a user, and slot (slotOf). `{hash}` is no value and not in here, and neither is a secret that is over. */
export type SecretValues = ReadonlyMap<Address, ReadonlyMap<string, string>>;

/** A value with whose it is. */
export interface Held {
  readonly address: Address;
  readonly slot: string;
  readonly value: string;
}

export function* eachValue(values: SecretValues): IterableIterator<Held> {
  for (const [address, slots] of values) for (const [slot, value] of slots) yield { address, slot, value };
}

export interface ResolvedSecrets {
  readonly values: SecretValues;
  /** Why there is no value that will do: nothing is applied. */
  readonly problems: readonly Diagnostic[];
  /** What could be better. */
  readonly warnings: readonly Diagnostic[];
  /** Absolute paths that were read or should have been: to be watched like the spec. */
  readonly files: readonly string[];
}

/** Longer than any secret that is typed, generated or derived; a key store put here by mistake is longer. */
export const MAX_SECRET_BYTES = 64 * 1024;

/** RFC 7518 3.2: a key of HS256 is at least as long as its hash. */
const FEWEST_KEY_BYTES = 32;

/**
 * Resolves the secrets of every application and the passwords of every user of a State: those that count at `now`
 * (milliseconds since the epoch) and those that are to come. A secret that is over is nobody's any more, and its variable or file may be gone.
 */
export async function resolveSecrets(
  state: State,
  origins: Origins,
  sources: SecretSources,
  now: number,
): Promise<ResolvedSecrets> {
  const known = sources.lasting?.last;
  const before = known?.values ?? (new Map() as SecretValues);
  const edits = new Map<Address, ReadonlyMap<string, string> | undefined>();
  const passing = new Set<Address>();
  const problems: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const files = new Set<string>();
  const boundaries = [...sources.boundaries];
  if (sources.secretsDir !== undefined) {
    // A directory that is missing holds no file, and each file in it says so.
    boundaries.push(await realpath(sources.secretsDir).catch(() => resolve(sources.secretsDir ?? '')));
  }
  for (const [address, entity] of known === undefined ? state : toLookAt(known, state)) {
    if (entity === undefined) {
      if (before.has(address)) edits.set(address, undefined);
      continue;
    }
    const found = new Map<string, string>();
    let isLasting = lasts(entity);
    const isKey = entity.kind === 'application' && authenticatesWithMac(entity);
    for (const { slot, secret, pointer } of wanted(entity, now)) {
      if ('file' in secret) files.add(pathOf(secret.file, sources));
      const kind = isKey ? 'key' : entity.kind === 'user' ? 'password' : 'secret';
      const lookup = await lookUp(secret, sources, boundaries, kind);
      isLasting &&= lookup.ok && !lookup.weak;
      // Of stored entities the place is parsed when it is asked for: only where there is something to tell of it.
      const range = () => origins.get(address)?.(pointer);
      if (!lookup.ok) {
        // What is stored checks a secret that is sent, and no MAC.
        if (lookup.kind === 'missing' && !isKey && sources.stored?.has(verifierKey({ address, slot }))) continue;
        problems.push(secretProblem(lookup, secret, address, range()));
        continue;
      }
      found.set(slot, lookup.value);
      if (lookup.weak) warnings.push(weakSecret(lookup, secret, address, range()));
    }
    // What says the same stays the same: whoever has seen these values has nothing to look at.
    if (!areEqual(found, before.get(address))) edits.set(address, found.size === 0 ? undefined : found);
    if (!isLasting) passing.add(address);
  }
  const values = editTable(before, edits);
  if (sources.lasting !== undefined) sources.lasting.last = { state, values, passing };
  return { values, problems: sortDiagnostics(problems), warnings: sortDiagnostics(warnings), files: [...files] };
}

/** In address order: what is another entity than then, or gone, and what does not last. */
function toLookAt(
  { state: before, passing }: NonNullable<LastingValues['last']>,
  state: State,
): Iterable<readonly [Address, Entity | undefined]> {
  const addresses = new Set(passing);
  for (const [address] of differences(before, state)) addresses.add(address);
  return [...addresses].sort(compareText).map((address) => [address, state.get(address)] as const);
}

function areEqual(found: ReadonlyMap<string, string>, known: ReadonlyMap<string, string> = new Map()): boolean {
  return found.size === known.size && [...found].every(([slot, value]) => known.get(slot) === value);
}

/** Whether what is found of an entity's secrets is so at any time: the environment of a process never changes. */
function lasts(entity: Entity): boolean {
  const placed = secretsWithin(entity);
  const ends = (entity.kind === 'application' || entity.kind === 'user') && entity.expires !== undefined;
  return placed.every(({ secret }) => !ends && 'env' in secret && isUnbounded(secret));
}

function isUnbounded(written: Parameters<typeof periodOf>[0]): boolean {
  return written.not_before === undefined && written.expires === undefined;
}

interface Wanted {
  readonly slot: string;
  readonly secret: ValueReference;
  /** Of the reference in its entity. */
  readonly pointer: string;
}

/** What has a value somewhere. */
type ValueReference = Exclude<SecretReference, { readonly hash: string }>;

/** Each slot once: the same reference under two periods is one value. */
function* wanted(entity: Entity, now: number): Iterable<Wanted> {
  const placed = secretsWithin(entity);
  // Nobody can present a secret of an application, or be a user, that has ended.
  const expires = entity.kind === 'application' || entity.kind === 'user' ? entity.expires : undefined;
  if (placed.length === 0 || now >= periodOf({ ...(expires && { expires }) }).end) return;
  const slots = new Set<string>();
  for (const { pointer, secret } of placed) {
    const slot = slotOf(secret);
    if (slot === undefined || 'hash' in secret || slots.has(slot) || now >= periodOf(secret).end) continue;
    slots.add(slot);
    yield { slot, secret, pointer: `${pointer}/${'env' in secret ? 'env' : 'file'}` };
  }
}

/**
 * A digest of what was resolved, keyed with bytes of this process: tells whether anything changed, and nothing else.
 */
export function digestSecrets(secrets: ResolvedSecrets, key: Uint8Array): string {
  const known = digested.get(secrets.values);
  if (known?.key === key && secrets.problems.length === 0) return known.digest;
  const digest = digestAll(secrets, key);
  if (secrets.problems.length === 0) digested.set(secrets.values, { key, digest });
  return digest;
}

/** Of values without a problem. They seldom change from one edit of a spec to the next. */
const digested = new WeakMap<SecretValues, { readonly key: Uint8Array; readonly digest: string }>();

function digestAll(secrets: ResolvedSecrets, key: Uint8Array): string {
  const mac = createHmac('sha256', key);
  let text = '';
  for (const [address, values] of inOrder(secrets.values)) {
    for (const [slot, value] of inOrder(values)) {
      text += `${address}\0${slot}\0${Buffer.byteLength(value)}\0${value}\0`;
    }
    if (text.length < DIGESTED_AT_ONCE) continue;
    mac.update(text);
    text = '';
  }
  mac.update(text);
  for (const problem of secrets.problems) mac.update(`${problem.code}\0${problem.address ?? ''}\0${problem.detail}\0`);
  return mac.digest('hex');
}

/** Characters: a call costs as much as several values do. */
const DIGESTED_AT_ONCE = 32_768;

function inOrder<K extends string, V>(map: ReadonlyMap<K, V>): readonly (readonly [K, V])[] {
  const entries = [...map];
  return entries.length < 2 ? entries : entries.sort(([a], [b]) => compareText(a, b));
}

/** Why there is no value that will do. `at` is the path that was looked at. */
export type SecretFailure = {
  readonly ok: false;
  readonly kind: 'missing' | 'outside' | 'unreadable' | 'empty' | 'too-short' | 'short-key';
  readonly at?: string;
  readonly reason?: string;
};

type Found = { readonly ok: true; readonly value: string; readonly at?: string };
type Lookup = Found | SecretFailure;

async function lookUp(
  secret: ValueReference,
  sources: SecretSources,
  boundaries: readonly string[],
  kind: 'key' | 'password' | 'secret',
): Promise<(Found & { readonly weak: boolean }) | SecretFailure> {
  const lookup = 'env' in secret ? fromEnvironment(secret.env, sources) : await fromFile(secret, sources, boundaries);
  if (!lookup.ok) return lookup;
  const where = lookup.at === undefined ? {} : { at: lookup.at };
  const strength = secretStrength(lookup.value, kind === 'password' ? 'password' : 'secret');
  if (strength === 'too-short') return { ok: false, kind: 'too-short', ...where };
  if (kind === 'key' && Buffer.byteLength(lookup.value) < FEWEST_KEY_BYTES)
    return { ok: false, kind: 'short-key', ...where };
  return { ...lookup, weak: strength === 'weak' };
}

function fromEnvironment(name: string, { env }: SecretSources): Lookup {
  const written = env[name];
  if (written === undefined) return { ok: false, kind: 'missing' };
  const value = withoutNewline(written);
  return value === '' ? { ok: false, kind: 'empty' } : { ok: true, value };
}

async function fromFile(
  { file }: { readonly file: string },
  sources: SecretSources,
  boundaries: readonly string[],
): Promise<Lookup> {
  const path = pathOf(file, sources);
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? { ok: false, kind: 'missing', at: path }
      : { ok: false, kind: 'unreadable', at: path, reason: systemReason(error) };
  }
  if (!boundaries.some((boundary) => isBelow(real, boundary))) return { ok: false, kind: 'outside', at: real };
  const content = await readBounded(real, MAX_SECRET_BYTES);
  if (!content.ok) {
    const reason = content.kind === 'too-large' ? `it is larger than ${MAX_SECRET_BYTES} bytes` : content.reason;
    return { ok: false, kind: 'unreadable', at: path, reason };
  }
  try {
    const value = withoutNewline(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content.bytes));
    return value === '' ? { ok: false, kind: 'empty', at: path } : { ok: true, value, at: path };
  } catch {
    return { ok: false, kind: 'unreadable', at: path, reason: 'it is not UTF-8 text' };
  }
}

/** The newline that editors and `echo` add is no part of a secret; a second one would be somebody's intention. */
function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function pathOf(file: string, { root, secretsDir }: SecretSources): string {
  return resolve(secretsDir ?? root, file);
}
