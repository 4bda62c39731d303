// Owns single values that a schema cannot judge or that State holds in another form: periods, the ends of links, keys.
// Never a secret (bind-secrets.ts) nor metadata (bind-metadata.ts).

import type { Diagnostic } from '../model/diagnostic.ts';
import { parseInstant } from '../model/duration.ts';
import type { AddressClaim, ApplicationTokenSettings, TokenSettings, UserEntity } from '../model/entity.ts';
import { report } from './catalogue.ts';
import { OWN_KEY_PREFIX } from './convert.ts';
import type { SiteTokens } from './documents.gen.ts';
import type { WrittenEnd } from './links.ts';
import { type Entry, entryOf, itemsOf, type Node, rangeOf, spanOfEntry, spanOfItem } from './tree.ts';

/** Some keys of a written value, by name: those that begin with x- and those that are not written stay behind. */
export function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): { [P in K]: T[P] } {
  const picked: Partial<T> = {};
  for (const key of keys) if (value[key] !== undefined) picked[key] = value[key];
  return picked as { [P in K]: T[P] };
}

/** Of the server or an application: what both may say. */
export function tokenSettings(tokens: Pick<SiteTokens, keyof TokenSettings>): TokenSettings {
  return pick(tokens, ['format', 'typ', 'alg', 'access_ttl', 'code_ttl']);
}

export function applicationTokenSettings(tokens: SiteTokens): ApplicationTokenSettings {
  const { refresh } = tokens;
  return {
    ...tokenSettings(tokens),
    ...(refresh === undefined ? {} : { refresh: pick(refresh, REFRESH_KEYS) }),
    ...pick(tokens, ['id_token_claims']),
  };
}

const REFRESH_KEYS = [
  ...(['enabled', 'type', 'ttl', 'idle', 'grace'] as const),
  ...(['for_client_credentials', 'require_live_session'] as const),
] as const;

/** Tells of what has two dates that, when both are good, leave no time between them. */
export function neverActive(
  what: 'user' | 'secret',
  entries: ReadonlyMap<string, Entry>,
  problems: Diagnostic[],
): void {
  const begins = entries.get('not_before');
  const ends = entries.get('expires');
  const start = instantOf(begins);
  const end = instantOf(ends);
  if (begins === undefined || ends === undefined || start === undefined || end === undefined || start < end) return;
  problems.push(
    report(what === 'user' ? 'user.never-active' : 'secret.never-usable', {
      detail: 'expires is not after not_before',
      help: 'Correct one of the two dates.',
      range: rangeOf(spanOfEntry(ends)),
      related: [{ message: 'not_before is written here', range: rangeOf(spanOfEntry(begins)) }],
    }),
  );
}

/** A link as the item of a list, or the value of impersonates, writes it. */
export function linkEnd(node: Node): WrittenEnd {
  const entry = entryOf(node, 'expires');
  const text = entry?.value.type === 'scalar' ? entry.value.value : undefined;
  return { span: spanOfItem(node), expires: typeof text === 'string' ? text : undefined };
}

function instantOf(entry: Entry | undefined): number | undefined {
  const text = entry?.value.type === 'scalar' ? entry.value.value : undefined;
  return typeof text === 'string' ? parseInstant(text) : undefined;
}

/** The attributes of a user: each a text, several, or an address in its parts. A number, true and false are the text that is written (SEMANTICS U-64). */
export function attributeValues(entry: Entry | undefined): NonNullable<UserEntity['attributes']> {
  const written = entry?.value.type === 'map' ? [...entry.value.entries] : [];
  return Object.fromEntries(written.map(([name, { value }]) => [name, attributeValue(value)]));
}

function attributeValue(value: Node): string | readonly string[] | AddressClaim {
  if (value.type === 'list') return value.items.map(textOf);
  if (value.type !== 'map') return textOf(value);
  const parts = [...value.entries].filter(([name]) => !name.startsWith(OWN_KEY_PREFIX));
  return Object.fromEntries(parts.map(([name, part]) => [name, textOf(part.value)]));
}

/** The text of a scalar; of one that YAML reads as something else, as it is written. */
function textOf(node: Node): string {
  if (node.type !== 'scalar') return '';
  const { value, anchored, span } = node;
  if (typeof value === 'string') return value;
  const { source, start, end } = anchored ?? span;
  return source.text.slice(start, end);
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
