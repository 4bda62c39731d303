// Owns finding the values that `{env}` and `{file}` name. Values live in the answer only: never in State, a digest,
// a diagnostic or a log. Never checks or hashes one.

import { createHmac } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Address, compareText } from '../model/address.ts';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import type { SecretReference } from '../model/entity.ts';
import type { Origins, SourceRange } from '../model/origin.ts';
import { entitiesOf, type State } from '../model/state.ts';
import { readBounded } from './bounded.ts';
import { secretProblem } from './problems.ts';
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
}

export interface ResolvedSecrets {
  /** By application. `{hash}` is no value and not in here. */
  readonly values: ReadonlyMap<Address, string>;
  readonly problems: readonly Diagnostic[];
  /** Absolute paths that were read or should have been: to be watched like the spec. */
  readonly files: readonly string[];
}

/** Longer than any secret that is typed, generated or derived; a key store put here by mistake is longer. */
const MAX_SECRET_BYTES = 64 * 1024;

/** Resolves the secret of every application of a State. */
export async function resolveSecrets(state: State, origins: Origins, sources: SecretSources): Promise<ResolvedSecrets> {
  const values = new Map<Address, string>();
  const problems: Diagnostic[] = [];
  const files = new Set<string>();
  const boundaries = [...sources.boundaries];
  if (sources.secretsDir !== undefined) {
    // A directory that is missing holds no file, and each file in it says so.
    boundaries.push(await realpath(sources.secretsDir).catch(() => resolve(sources.secretsDir ?? '')));
  }
  for (const [address, { secret }] of entitiesOf(state, 'application')) {
    if (secret === undefined || 'hash' in secret) continue;
    if ('file' in secret) files.add(pathOf(secret.file, sources));
    const found = 'env' in secret ? fromEnvironment(secret.env, sources) : await fromFile(secret, sources, boundaries);
    if (found.ok) values.set(address, found.value);
    else problems.push(secretProblem(found, secret, address, placeOf(origins, address, secret)));
  }
  return { values, problems: sortDiagnostics(problems), files: [...files] };
}

/**
 * A digest of what was resolved, keyed with bytes of this process: tells whether anything changed, and nothing else.
 */
export function digestSecrets(secrets: ResolvedSecrets, key: Uint8Array): string {
  const mac = createHmac('sha256', key);
  for (const [address, value] of [...secrets.values].sort(([a], [b]) => compareText(a, b))) {
    mac.update(`${address}\0${Buffer.byteLength(value)}\0${value}\0`);
  }
  for (const problem of secrets.problems) mac.update(`${problem.code}\0${problem.address ?? ''}\0${problem.detail}\0`);
  return mac.digest('hex');
}

/** Why there is no value. `at` is the path that was looked at. */
export type SecretFailure = {
  readonly ok: false;
  readonly kind: 'missing' | 'outside' | 'unreadable' | 'empty';
  readonly at?: string;
  readonly reason?: string;
};

type Lookup = { readonly ok: true; readonly value: string } | SecretFailure;

function fromEnvironment(name: string, { env }: SecretSources): Lookup {
  const value = env[name];
  if (value === undefined) return { ok: false, kind: 'missing' };
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
    // The newline that editors and `echo` add is no part of a secret; a second one would be somebody's intention.
    const value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
      .decode(content.bytes)
      .replace(/\r?\n$/, '');
    return value === '' ? { ok: false, kind: 'empty', at: path } : { ok: true, value };
  } catch {
    return { ok: false, kind: 'unreadable', at: path, reason: 'it is not UTF-8 text' };
  }
}

function pathOf(file: string, { root, secretsDir }: SecretSources): string {
  return resolve(secretsDir ?? root, file);
}

function placeOf(origins: Origins, address: Address, secret: SecretReference): SourceRange | undefined {
  return origins.get(address)?.(`/secret/${Object.keys(secret)[0]}`);
}
