// Owns the secrets of applications, and passwords of users → the references that State holds. Never reads a secret, and never asks for the time:
// whether one is usable at every moment is check-moments.ts's.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, Secret, SecretReference } from '../model/entity.ts';
import { phcFault } from '../model/phc.ts';
import { slotOf } from '../model/verifier.ts';
import { neverActive, pick } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { SiteApplication, SiteSecret } from './documents.gen.ts';
import { type Entry, entryOf, itemsOf, rangeOf, spanOfEntry, spanOfItem } from './tree.ts';

interface At {
  readonly problems: Diagnostic[];
  readonly secretsDir: boolean;
  /** The directories of overlays, relative to the root. */
  readonly overlays: readonly string[];
  readonly address: Address;
}

export function bindSecrets(
  { secret, secrets }: Pick<NonNullable<SiteApplication>, 'secret' | 'secrets'>,
  entries: ReadonlyMap<string, Entry>,
  at: At,
): Pick<ApplicationEntity, 'secret' | 'secrets'> {
  const one = entries.get('secret');
  const several = entries.get('secrets');
  if (one !== undefined && several !== undefined) {
    at.problems.push(
      report('secret.two-forms', {
        detail: 'secret and secrets are both written',
        help: 'Move the one under secret: into the list, and remove secret:.',
        range: rangeOf(several.keySpan),
        address: at.address,
        related: [{ message: 'secret is written here', range: rangeOf(one.keySpan) }],
      }),
    );
  }
  if (several !== undefined && secrets !== undefined) return { secrets: bindList(secrets, several, at) };
  const reference = one === undefined || secret === undefined ? undefined : resolveSecret(secret, one, at);
  return reference === undefined ? {} : { secret: reference };
}

/** Where the password of a user is found. */
export function bindPassword(
  written: SiteSecret | undefined,
  entry: Entry | undefined,
  at: At,
): { readonly password?: SecretReference } {
  const password = written === undefined || entry === undefined ? undefined : resolveSecret(written, entry, at);
  return password === undefined ? {} : { password };
}

function bindList(
  written: NonNullable<NonNullable<SiteApplication>['secrets']>,
  list: Entry,
  at: At,
): readonly Secret[] {
  const known = new Map<string, Entry['keySpan']>();
  return itemsOf(list.value).flatMap((node, position) => {
    const value = written[position];
    if (value === undefined || node.type !== 'map') return [];
    neverActive('secret', node.entries, at.problems);
    const reference = resolveSecret(value, { ...list, value: node }, at);
    if (reference === undefined) return [];
    const slot = slotOf(reference) ?? ('hash' in reference ? reference.hash : '');
    const first = known.get(slot);
    known.set(slot, first ?? spanOfItem(node));
    if (first === undefined) return [{ ...reference, ...pick(value, ['not_before', 'expires']) }];
    at.problems.push(
      report('value.duplicate', {
        detail: 'the same place of a secret is in this list already',
        help: 'Remove one of the two; a new secret needs a place of its own.',
        range: rangeOf(spanOfItem(node)),
        address: at.address,
        related: [{ message: 'it was listed here first', range: rangeOf(first) }],
      }),
    );
    return [];
  });
}

/** The reference as State holds it; undefined for one that cannot be used (told). */
function resolveSecret(secret: SiteSecret, entry: Entry, at: At): SecretReference | undefined {
  const { env, file, hash } = secret;
  if (env !== undefined) return { env };
  if (hash !== undefined) {
    const fault = phcFault(hash);
    if (fault === undefined) return { hash };
    at.problems.push(
      report('secret.invalid', {
        detail: `this hash cannot be checked: ${fault}`,
        help: 'Write an Argon2id hash with sensible parameters, such as m=19456,t=2,p=1.',
        range: rangeOf(spanOfEntry(entryOf(entry.value, 'hash') ?? entry)),
        address: at.address,
      }),
    );
    return undefined;
  }
  if (file === undefined) return undefined;
  const written = entryOf(entry.value, 'file') ?? entry;
  const from = written.keySpan.source.path;
  const path = resolvePath(at.secretsDir ? '' : from, file, at.overlays);
  if (path !== undefined) return { file: path };
  const root = at.secretsDir ? '--secrets-dir' : 'the spec';
  at.problems.push(
    report('secret.outside', {
      detail: `${JSON.stringify(file)} does not lead to a file below ${root}`,
      help: at.secretsDir
        ? 'Write the path relative to --secrets-dir, without leading / and without .. that climbs out.'
        : 'Write the path relative to this file, without leading / and without .. that climbs out; for files elsewhere give --secrets-dir.',
      range: rangeOf(spanOfEntry(written)),
      address: at.address,
    }),
  );
  return undefined;
}

/**
 * A relative path from the directory of a file, in normal form; undefined when it names no file, or leaves the root or,
 * of a file of an overlay that lies elsewhere, that overlay.
 */
function resolvePath(fromFile: string, path: string, overlays: readonly string[]): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
  const parts = fromFile.split('/').slice(0, -1);
  // What an overlay names that lies outside the spec stays below the overlay.
  const overlay = fromFile.startsWith('../') ? overlays.find((one) => fromFile.startsWith(`${one}/`)) : undefined;
  const least = overlay?.split('/').length ?? 0;
  const last = path.split('/').at(-1);
  if (last === '' || last === '.' || last === '..') return undefined;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length <= least) return undefined;
    else parts.pop();
  }
  return parts.join('/');
}
