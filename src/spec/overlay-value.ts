// Owns laying one value of an overlay over the one below: maps merge, anything else replaces, null removes. Never knows
// in which document a value stands.

import type { Diagnostic, RelatedPlace } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { quote } from './convert.ts';
import type { Suggestions } from './nearest.ts';
import { type Entry, type MapNode, type Node, rangeOf, type Span, spanOfEntry, wholeSpan } from './tree.ts';

/** A value of an overlay that took the place of another. */
export interface Replacement {
  /** Key and value, as the overlay wrote them. */
  readonly by: Span;
  readonly before: Entry;
}

export interface Merging {
  readonly problems: Diagnostic[];
  readonly replacements: Replacement[];
  readonly suggestions: Suggestions;
  /** Whether something may be missing below: then nothing is told to be missing. */
  readonly incomplete: boolean;
}

/** A null that was written, or a key with nothing behind it: both remove. */
export function isNull(node: Node): boolean {
  return node.type === 'scalar' && node.value === null;
}

/** An entry of the overlay laid over the one below. `path` is that of the entry in its document. */
export function mergeEntry(below: Entry, over: Entry, path: readonly string[], merging: Merging): Entry {
  if (below.value.type === 'map' && over.value.type === 'map' && !isOneValue(path)) {
    return { ...below, value: mergeMap(below.value, over, over.value, path, merging) };
  }
  merging.replacements.push({ by: wholeSpan(over), before: below });
  return withoutNulls(over, path, merging);
}

/** An entry that has nothing below it: what it removes is not there. */
export function withoutNulls(entry: Entry, path: readonly string[], merging: Merging): Entry {
  const { value } = entry;
  if (value.type !== 'map') return entry;
  // One value is replaced whole: null in it only says that it has no such key any more.
  if (isOneValue(path)) {
    const written = [...value.entries].filter(([, child]) => !isNull(child.value));
    return { ...entry, value: { ...value, entries: new Map(written) } };
  }
  const entries = new Map<string, Entry>();
  for (const [key, child] of value.entries) {
    if (isNull(child.value)) tellNothingRemoved(child, undefined, merging);
    else entries.set(key, withoutNulls(child, [...path, key], merging));
  }
  return { ...entry, value: { ...value, entries } };
}

function mergeMap(below: MapNode, entry: Entry, over: MapNode, path: readonly string[], merging: Merging): MapNode {
  const entries = new Map(below.entries);
  const removed = new Map(below.overlaid?.removed);
  for (const [key, child] of over.entries) {
    const known = below.entries.get(key);
    if (!isNull(child.value)) {
      const inside = [...path, key];
      entries.set(
        key,
        known === undefined ? withoutNulls(child, inside, merging) : mergeEntry(known, child, inside, merging),
      );
      removed.delete(key);
    } else if (known === undefined) {
      tellNothingRemoved(child, below, merging);
    } else {
      entries.delete(key);
      removed.set(key, child.keySpan);
    }
  }
  const stretches = [...(below.overlaid?.stretches ?? []), wholeSpan(entry)];
  return { ...below, entries, overlaid: { stretches, removed } };
}

/** Keys whose map names one thing: half of one and half of another would be a third that nobody wrote. */
const ONE_VALUE: Readonly<Record<string, readonly string[]>> = {
  applications: ['secret', 'impersonates', 'access_rules'],
  users: ['password', 'certificate'],
};

/** Whether a path leads to such a key, of an application, of a user, or of the defaults for them. */
function isOneValue(path: readonly string[]): boolean {
  const [kind, , key] = path[0] === 'defaults' ? [path[1], undefined, path[2]] : path;
  return path.length === 3 && ONE_VALUE[kind ?? '']?.includes(key ?? '') === true;
}

function tellNothingRemoved(entry: Entry, below: MapNode | undefined, merging: Merging): void {
  if (merging.incomplete) return;
  merging.problems.push(
    report('overlay.nothing-removed', {
      detail: `${quote(entry.key)} is removed here, and nothing below this overlay writes it`,
      range: rangeOf(entry.keySpan),
      ...meantOr('Remove the line.', entry, below?.entries ?? new Map(), merging.suggestions),
    }),
  );
}

/**
 * "Did you mean" for a name of an overlay: the nearest of those that stand below. Never with an edit: a name that only an
 * overlay has is legitimate, and another name would remove something else.
 */
export function meantOr(
  otherwise: string,
  entry: Entry,
  names: ReadonlyMap<string, Entry>,
  suggestions: Suggestions,
): Pick<Diagnostic, 'help' | 'related'> {
  const near = suggestions.nearest(entry.key, names.keys());
  const declared = near === undefined ? undefined : names.get(near);
  if (near === undefined || declared === undefined) return { help: otherwise };
  return {
    help: `Did you mean ${quote(near)}?`,
    related: [{ message: `${quote(near)} is written here`, range: rangeOf(declared.keySpan) }],
  };
}

/** Finds what an overlay's value took the place of. */
export class Replacements {
  readonly #byFile = new Map<string, Replacement[]>();

  constructor(replacements: readonly Replacement[]) {
    for (const replacement of replacements) {
      const { path } = replacement.by.source;
      const known = this.#byFile.get(path);
      if (known === undefined) this.#byFile.set(path, [replacement]);
      else known.push(replacement);
    }
    for (const list of this.#byFile.values()) list.sort((a, b) => a.by.start - b.by.start);
  }

  /** The diagnostic, and where the value stands that the overlay replaced: the fault may lie in the difference. */
  explain(diagnostic: Diagnostic): Diagnostic {
    const { range, related = [] } = diagnostic;
    if (range === undefined) return diagnostic;
    const list = this.#byFile.get(range.file) ?? [];
    // They lie side by side, so that only the last one that begins before the place can hold it.
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle]?.by.start ?? 0) <= range.start.offset) low = middle + 1;
      else high = middle;
    }
    const found = list[low - 1];
    if (found === undefined || range.start.offset >= found.by.end) return diagnostic;
    const place: RelatedPlace = {
      message: 'the overlay replaces what is written here',
      range: rangeOf(spanOfEntry(found.before)),
    };
    return { ...diagnostic, related: [...related, place] };
  }
}
