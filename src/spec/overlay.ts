// Owns laying the documents of one overlay over those below it, as trees: an overlay's document is partial, so this
// comes before any schema. Every value keeps the span of the file that wrote it. Never changes a tree: it makes new ones.

import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import type { Document } from './document.ts';
import type { Suggestions } from './nearest.ts';
import {
  addressOfUnit,
  addsUp,
  isUnitKey,
  placesOf,
  type Unit,
  unitsOf,
  unitTwice,
  unitWords,
} from './overlay-unit.ts';
import { isNull, type Merging, meantOr, mergeEntry, type Replacement, withoutNulls } from './overlay-value.ts';
import { type Entry, type MapNode, rangeOf, spanOfEntry } from './tree.ts';

export interface Layered {
  /** Those below with what the overlay writes in them, then what only the overlay has, in the overlay's order. */
  readonly documents: readonly Document[];
  readonly problems: readonly Diagnostic[];
  /** The values that the overlay wrote in the place of others. */
  readonly replacements: readonly Replacement[];
}

export interface OverlayOptions {
  readonly suggestions: Suggestions;
  /** Names may be missing below that no document could be read for: nothing is told to be missing there. */
  readonly incomplete: boolean;
}

/**
 * Lays an overlay over documents, which may themselves be the result of another one. Two documents of the overlay that
 * write the same are told, and the first one holds.
 */
export function layOver(below: readonly Document[], overlay: readonly Document[], options: OverlayOptions): Layered {
  const layering = new Layering(below, options);
  const added = overlay.flatMap((document) => layering.lay(document) ?? []);
  return {
    documents: [...layering.changed(), ...added],
    problems: layering.merging.problems,
    replacements: layering.merging.replacements,
  };
}

/** Where something is written below. */
interface Holder {
  readonly document: Document;
  readonly entry: Entry;
}

/** `entry` is what stands at the path from now on; undefined for nothing. */
interface Edit {
  readonly path: readonly string[];
  readonly entry: Entry | undefined;
}

interface Edits {
  readonly list: Edit[];
  /** The documents of the overlay that they come from. */
  readonly writers: Set<Document>;
}

class Layering {
  readonly merging: Merging;
  readonly #below: readonly Document[];
  /** By identity: units, and the maps that hold some. */
  readonly #holders = new Map<string, Holder[]>();
  /** By identity of such a map: what it holds in all documents together, by name. */
  readonly #names = new Map<string, Map<string, Entry>>();
  readonly #sites = new Map<string, Entry>();
  /** By identity: what this overlay wrote already, and the first thing that it wrote below a map. */
  readonly #written = new Map<string, Entry>();
  readonly #writtenBelow = new Map<string, Entry>();
  readonly #newSites = new Set<string>();
  readonly #edits = new Map<Document, Edits>();

  constructor(below: readonly Document[], options: OverlayOptions) {
    this.merging = { ...options, problems: [], replacements: [] };
    this.#below = below;
    for (const document of below) this.#index(document);
  }

  #index(document: Document): void {
    const site = siteOf(document);
    if (site === undefined) return;
    const written = document.root.entries.get('site');
    if (written !== undefined && !this.#sites.has(site)) this.#sites.set(site, written);
    for (const { path, entry } of placesOf(document)) {
      const id = identityOf(document, site, path);
      const holders = this.#holders.get(id);
      if (holders === undefined) this.#holders.set(id, [{ document, entry }]);
      else holders.push({ document, entry });
      const parent = identityOf(document, site, path.slice(0, -1));
      const names = this.#names.get(parent);
      if (names === undefined) this.#names.set(parent, new Map([[entry.key, entry]]));
      else if (!names.has(entry.key)) names.set(entry.key, entry);
    }
  }

  /** Lays one document over those below. Answers what of it none of them has. */
  lay(document: Document): Document | undefined {
    const site = siteOf(document);
    const added = { ...document, ...(this.merging.incomplete ? { partial: true } : {}) };
    // A site without a usable name: its schema fault is told.
    if (site === undefined) return added;
    const isNewSite = document.kind === 'site' && !this.#sites.has(site);
    if (isNewSite) this.#tellNewSite(document, site);
    const edits: Edit[] = [];
    for (const unit of unitsOf(document)) {
      const entry = this.#layUnit({ document, site, isNewSite }, unit);
      if (entry !== undefined) edits.push({ path: unit.path, entry });
    }
    if (edits.length === 0 && !isNewSite) return undefined;
    const name = document.root.entries.get('site');
    const root = { ...document.root, entries: new Map(name === undefined ? [] : [['site', name]]) };
    return { ...added, root: edited(root, edits, document.root) };
  }

  /** Answers what is to be added of a unit: nothing where it went into a document below, or says nothing. */
  #layUnit(at: { document: Document; site: string; isNewSite: boolean }, unit: Unit): Entry | undefined {
    const { document, site, isNewSite } = at;
    const { path, entry, isHolder } = unit;
    // What the language does not have is told by the schema, at the overlay's place.
    if (!isUnitKey(document.kind, path[0] ?? '')) return entry;
    if (addsUp(document.kind, path[0] ?? '') && !isNull(entry.value)) return entry;
    const id = identityOf(document, site, path);
    const holders = this.#holders.get(id) ?? [];
    if (isHolder && !isNull(entry.value)) {
      // An empty map says nothing; neither does one of a name that the schema must know. Anything else is its fault.
      return entry.value.type === 'map' && holders.length > 0 ? undefined : entry;
    }
    const earlier = this.#claim(document, site, unit, id);
    if (earlier !== undefined) {
      this.merging.problems.push(unitTwice(document, site, path, entry, earlier));
      return undefined;
    }
    if (isNull(entry.value)) {
      this.#remove(document, site, unit, holders);
      return undefined;
    }
    const [holder] = holders;
    if (holder === undefined) {
      if (!isNewSite) this.#tellOnlyHere(document, site, unit);
      return withoutNulls(entry, path, this.merging);
    }
    this.#edit(holder.document, document, { path, entry: mergeEntry(holder.entry, entry, path, this.merging) });
    return undefined;
  }

  /** Notes that this overlay writes a unit. Answers where it did so before. */
  #claim(document: Document, site: string, { path, entry }: Unit, id: string): Entry | undefined {
    const above = path.slice(1).map((_, length) => identityOf(document, site, path.slice(0, length + 1)));
    const earlier = [id, ...above].map((one) => this.#written.get(one)).find((found) => found !== undefined);
    if (earlier !== undefined) return earlier;
    const inside = this.#writtenBelow.get(id);
    if (inside !== undefined) return inside;
    this.#written.set(id, entry);
    for (const one of above) if (!this.#writtenBelow.has(one)) this.#writtenBelow.set(one, entry);
    return undefined;
  }

  #remove(by: Document, site: string, unit: Unit, holders: readonly Holder[]): void {
    if (holders.length === 0) {
      this.#tellNothingRemoved(by, site, unit);
      return;
    }
    // What two documents below declare stays, so that they are told.
    if (!unit.isHolder && !addsUp(by.kind, unit.path[0] ?? '') && holders.length > 1) return;
    for (const { document } of holders) this.#edit(document, by, { path: unit.path, entry: undefined });
  }

  #edit(document: Document, by: Document, edit: Edit): void {
    const edits = this.#edits.get(document) ?? { list: [], writers: new Set() };
    this.#edits.set(document, edits);
    edits.list.push(edit);
    edits.writers.add(by);
  }

  /** The documents below, with what was laid over them. */
  changed(): Document[] {
    return this.#below.flatMap((document) => {
      const edits = this.#edits.get(document);
      if (edits === undefined) return [document];
      const traps = [document, ...edits.writers].flatMap((one) => one.traps);
      const root = edited(document.root, edits.list);
      // A tests document of which an overlay removed the tests is none any more.
      return document.kind === 'tests' && !root.entries.has('tests') ? [] : [{ ...document, root, traps }];
    });
  }

  #tellNewSite(document: Document, site: string): void {
    const entry = document.root.entries.get('site');
    if (this.merging.incomplete || entry === undefined || this.#newSites.has(site)) return;
    this.#newSites.add(site);
    // A site is named by a value, not by a key.
    const named = (written: Entry): Entry => ({ ...written, key: String(site), keySpan: written.value.span });
    const names = new Map([...this.#sites].map(([name, written]) => [name, named(written)] as const));
    this.merging.problems.push(
      report('overlay.entity-only-here', {
        detail: `no file below this overlay is of site ${site}`,
        range: rangeOf(spanOfEntry(entry)),
        address: `site:${site}`,
        ...meantOr(ALONE, named(entry), names, this.merging.suggestions),
      }),
    );
  }

  #tellOnlyHere(document: Document, site: string, { path, entry }: Unit): void {
    const address = addressOfUnit(document, site, path);
    // The server's place is known, and what lacks in it is told by its schema.
    if (this.merging.incomplete || address === undefined || address === 'server') return;
    this.merging.problems.push(
      report('overlay.entity-only-here', {
        detail: `no file below this overlay has the ${unitWords(document, site, path)}`,
        range: rangeOf(entry.keySpan),
        address,
        ...meantOr(ALONE, entry, this.#namesBeside(document, site, path), this.merging.suggestions),
      }),
    );
  }

  #tellNothingRemoved(document: Document, site: string, { path, entry }: Unit): void {
    if (this.merging.incomplete) return;
    const isEntity = path.length === 2 && addressOfUnit(document, site, path) !== undefined;
    this.merging.problems.push(
      report('overlay.nothing-removed', {
        detail: `this removes ${isEntity ? 'the ' : ''}${unitWords(document, site, path)}, and no file below this overlay has it`,
        range: rangeOf(entry.keySpan),
        ...meantOr(
          isEntity ? `Remove the line. To add one without keys, write ${entry.key}: {}` : 'Remove the line.',
          entry,
          this.#namesBeside(document, site, path),
          this.merging.suggestions,
        ),
      }),
    );
  }

  #namesBeside(document: Document, site: string, path: readonly string[]): ReadonlyMap<string, Entry> {
    return this.#names.get(identityOf(document, site, path.slice(0, -1))) ?? new Map();
  }
}

const ALONE = 'Declare it in the spec itself, unless it is meant for this environment alone.';

/** The site of a document, empty for one of no site; undefined where it has no usable name. */
function siteOf({ kind, root }: Document): string | undefined {
  if (kind !== 'site') return '';
  const value = root.entries.get('site')?.value;
  return value?.type === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;
}

/** The same for the same thing of the same site, whichever document writes it. */
function identityOf({ kind }: Document, site: string, path: readonly string[]): string {
  return [kind, site, ...path].join('\n');
}

/** A map with edits made in it, each at a path of its own. A map that is missing on the way is that of `source`. */
function edited(map: MapNode, edits: readonly Edit[], source?: MapNode, depth = 0): MapNode {
  const entries = new Map(map.entries);
  const inside = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = edit.path[depth] ?? '';
    const list = inside.get(key);
    if (edit.path.length > depth + 1) {
      if (list === undefined) inside.set(key, [edit]);
      else list.push(edit);
    } else if (edit.entry === undefined) {
      entries.delete(key);
    } else {
      entries.set(key, edit.entry);
    }
  }
  for (const [key, list] of inside) {
    const written = source?.entries.get(key);
    const entry = entries.get(key) ?? written;
    if (entry?.value.type !== 'map') continue;
    const value: MapNode = entries.has(key) ? entry.value : { ...entry.value, entries: new Map() };
    const from = written?.value.type === 'map' ? written.value : undefined;
    entries.set(key, { ...entry, value: edited(value, list, from, depth + 1) });
  }
  return { ...map, entries };
}
