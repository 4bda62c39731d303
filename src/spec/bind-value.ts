// Owns single values that a schema cannot judge or that State holds in another form: secrets' places, dates, addresses.
// Never reads a secret.

import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseInstant } from '../model/duration.ts';
import type { SecretReference, TokenSettings } from '../model/entity.ts';
import { isAddressBlock } from '../model/network.ts';
import { phcFault } from '../model/phc.ts';
import { report } from './catalogue.ts';
import type { SiteSecret, SiteTokens } from './documents.gen.ts';
import { type Entry, entryOf, itemsOf, rangeOf, spanOfEntry } from './tree.ts';

/** Some keys of a written value, by name: those that begin with x- and those that are not written stay behind. */
export function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): { [P in K]: T[P] } {
  const picked: Partial<T> = {};
  for (const key of keys) if (value[key] !== undefined) picked[key] = value[key];
  return picked as { [P in K]: T[P] };
}

export function tokenSettings(tokens: SiteTokens): TokenSettings {
  return pick(tokens, ['format', 'typ', 'alg', 'access_ttl']);
}

/** Tells of an entry whose text is no date. */
export function instant(entry: Entry | undefined, problems: Diagnostic[]): void {
  if (entry?.value.type !== 'scalar' || instantOf(entry) !== undefined) return;
  const written = String(entry.value.value);
  const lacksZone = parseInstant(`${written}Z`) !== undefined;
  problems.push(
    report('date.invalid', {
      detail: lacksZone
        ? `${JSON.stringify(written)} does not say in which zone`
        : `${JSON.stringify(entry.value.value)} is no date, or a day that does not exist`,
      help: lacksZone
        ? `Add the zone: ${written}Z is UTC, ${written}+02:00 two hours ahead of it.`
        : 'Write 2027-01-31, which is its first instant in UTC, or 2027-01-31T17:00:00Z.',
      range: rangeOf(spanOfEntry(entry)),
    }),
  );
}

/** Tells of a user whose two dates, when both are good, leave no time between them. */
export function activeSpan(entries: ReadonlyMap<string, Entry>, problems: Diagnostic[]): void {
  const begins = entries.get('not_before');
  const ends = entries.get('expires');
  const start = instantOf(begins);
  const end = instantOf(ends);
  if (begins === undefined || ends === undefined || start === undefined || end === undefined || start < end) return;
  problems.push(
    report('user.never-active', {
      detail: 'expires is not after not_before',
      help: 'Correct one of the two dates.',
      range: rangeOf(spanOfEntry(ends)),
      related: [{ message: 'not_before is written here', range: rangeOf(spanOfEntry(begins)) }],
    }),
  );
}

function instantOf(entry: Entry | undefined): number | undefined {
  const text = entry?.value.type === 'scalar' ? entry.value.value : undefined;
  return typeof text === 'string' ? parseInstant(text) : undefined;
}

/** Tells of each item of a list that is neither an address nor a block. */
export function addressBlocks(entry: Entry | undefined, problems: Diagnostic[]): void {
  for (const item of itemsOf(entry?.value)) {
    if (item.type !== 'scalar' || typeof item.value !== 'string' || isAddressBlock(item.value)) continue;
    problems.push(
      report('address.invalid', {
        detail: `${JSON.stringify(item.value)} is no IP address and no CIDR block`,
        help: 'Write, for example, 192.168.1.0/24, 203.0.113.7 or 2001:db8::/32.',
        range: rangeOf(item.span),
      }),
    );
  }
}

/** Tells of a key that two descriptions of one scope have: the page could not choose. */
export function descriptionKeys(scope: Entry, problems: Diagnostic[]): void {
  const known = new Map<unknown, Entry>();
  for (const item of itemsOf(entryOf(scope.value, 'descriptions')?.value)) {
    const key = entryOf(item, 'key');
    if (key?.value.type !== 'scalar') continue;
    const first = known.get(key.value.value);
    if (first === undefined) {
      known.set(key.value.value, key);
      continue;
    }
    problems.push(
      report('value.duplicate', {
        detail: `a description with the key ${JSON.stringify(key.value.value)} is in this list already`,
        help: 'Give each description a key of its own.',
        range: rangeOf(spanOfEntry(key)),
        related: [{ message: 'the key was used here first', range: rangeOf(spanOfEntry(first)) }],
      }),
    );
  }
}

/** The secret as State holds it: the path of a file is relative to the root, or to the secrets directory. */
export function resolveSecret(
  secret: SiteSecret,
  entry: Entry,
  at: { readonly problems: Diagnostic[]; readonly secretsDir: boolean; readonly address: Address },
): { secret?: SecretReference } {
  const { env, file, hash } = secret;
  if (env !== undefined) return { secret: { env } };
  if (hash !== undefined) {
    const fault = phcFault(hash);
    if (fault === undefined) return { secret: { hash } };
    at.problems.push(
      report('secret.invalid', {
        detail: `this hash cannot be checked: ${fault}`,
        help: 'Write an Argon2id hash with sensible parameters, such as m=19456,t=2,p=1.',
        range: rangeOf(spanOfEntry(entryOf(entry.value, 'hash') ?? entry)),
        address: at.address,
      }),
    );
    return {};
  }
  if (file === undefined) return {};
  const written = entryOf(entry.value, 'file') ?? entry;
  const from = written.keySpan.source.path;
  const path = resolvePath(at.secretsDir ? '' : from, file);
  if (path !== undefined) return { secret: { file: path } };
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
  return {};
}

/** A relative path from the directory of a file, in normal form; undefined when it leaves the root or names no file. */
function resolvePath(fromFile: string, path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
  const parts = fromFile.split('/').slice(0, -1);
  const last = path.split('/').at(-1);
  if (last === '' || last === '.' || last === '..') return undefined;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
