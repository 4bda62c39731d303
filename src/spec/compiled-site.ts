// Owns what a spec has to know of one site where another one changes: what it declares, by which names that count
// everywhere, which sites it names, and when something of it begins or ends. Never judges any of it.

import { type Address, siteOf } from '../model/address.ts';
import { certificateOfUser } from '../model/certificate-name.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { parseInstant } from '../model/duration.ts';
import type { Entity } from '../model/entity.ts';
import { identitiesOf } from './check-identities.ts';
import type { KeptDocuments } from './kept-documents.ts';
import type { SourceFile } from './source.ts';
import { usesOf } from './uses.ts';
import type { Validated } from './validate.ts';

export class CompiledFile {
  readonly file: SourceFile;
  /** What was found in reading it as YAML. */
  readonly problems: readonly Diagnostic[];
  /** The sites whose documents it has. */
  readonly sites: ReadonlySet<string>;
  /** Whether it has a document of no site: that counts for all of them. */
  readonly isShared: boolean;
  readonly #kept: KeptDocuments;
  #documents: readonly Validated[] | undefined;

  constructor(file: SourceFile, documents: readonly Validated[], kept: KeptDocuments) {
    const sites = documents.map(siteOfDocument);
    const named = sites.filter((site) => site !== undefined);
    this.file = file;
    this.problems = kept.parse(file).diagnostics;
    this.sites = new Set(named);
    this.isShared = named.length < sites.length;
    this.#kept = kept;
    this.#documents = documents;
  }

  documents(): readonly Validated[] {
    this.#documents ??= this.#kept.documentsOf(this.file) ?? [];
    return this.#documents;
  }

  /** Documents of no site are needed whichever site is built. */
  letGo(): void {
    if (!this.isShared) this.#documents = undefined;
  }
}

/** Undefined for a document of no site, and for one of a site without a usable name. */
function siteOfDocument({ document, value }: Validated): string | undefined {
  const { site } = value as { readonly site?: unknown };
  return document.kind === 'site' && typeof site === 'string' ? site : undefined;
}

/** What counts in the whole spec, by text: who is called what, and who names what. */
export const TALLIED = [
  ...(['clientIds', 'foldedClientIds', 'subjects', 'identities', 'certificates', 'uses', 'attributes'] as const),
] as const;
export type Tallied = (typeof TALLIED)[number];

export interface CompiledSite extends Readonly<Record<Tallied, readonly string[]>> {
  readonly addresses: readonly Address[];
  /** The paths of its files. */
  readonly files: readonly string[];
  /** The other sites that its documents may refer to. */
  readonly names: ReadonlySet<string>;
  readonly instants: readonly number[];
}

/** Whose names texts may be. */
export interface KnownNames {
  /** The site of the application with a client_id. */
  ownerOf(clientId: string): string | undefined;
  isSite(name: string): boolean;
}

/** The sites of some files, with what was built of them. */
export function compiledSites(
  files: Iterable<CompiledFile>,
  entities: Iterable<readonly [Address, Entity]>,
  known: KnownNames,
): ReadonlyMap<string, CompiledSite> {
  const written = new Map<string, { readonly files: Set<string>; readonly values: unknown[] }>();
  for (const compiled of files) {
    for (const validated of compiled.documents()) {
      const site = siteOfDocument(validated);
      if (site === undefined) continue;
      const of = written.get(site) ?? { files: new Set(), values: [] };
      written.set(site, of);
      of.files.add(compiled.file.path);
      of.values.push(validated.value);
    }
  }
  const built = bySite(entities);
  return new Map(
    [...written].map(([site, { files: paths, values }]) => {
      const { names, instants } = referencesIn(values, known);
      names.delete(site);
      return [site, { ...namesOf(built.get(site) ?? []), files: [...paths], names, instants }];
    }),
  );
}

/** The entities of each site, its own among them. */
function bySite(entities: Iterable<readonly [Address, Entity]>): Map<string, (readonly [Address, Entity])[]> {
  const sites = new Map<string, (readonly [Address, Entity])[]>();
  for (const entry of entities) {
    const site = siteOf(entry[0]);
    if (site === undefined) continue;
    const known = sites.get(site);
    if (known === undefined) sites.set(site, [entry]);
    else known.push(entry);
  }
  return sites;
}

/** What is declared, and by which names. Uses and attributes are there once, what users are known by as often as they are. */
function namesOf(entities: readonly (readonly [Address, Entity])[]): Record<Tallied, string[]> & {
  readonly addresses: Address[];
} {
  const names = {
    addresses: entities.map(([address]) => address),
    clientIds: [],
    foldedClientIds: [],
    subjects: [],
    identities: [],
    certificates: [],
    uses: [],
    attributes: [],
  } as Record<Tallied, string[]> & { addresses: Address[] };
  const uses = new Set<string>();
  const attributes = new Set<string>();
  for (const [address, entity] of entities) {
    for (const use of usesOf(entity)) uses.add(use);
    if (entity.kind === 'application') {
      names.clientIds.push(entity.client_id);
      names.foldedClientIds.push(entity.client_id.toLowerCase());
    } else if (entity.kind === 'user') {
      names.subjects.push(entity.sub);
      names.identities.push(...identitiesOf(address, entity));
      const certificate = certificateOfUser(entity);
      // Of whichever authority.
      if (certificate !== undefined) names.certificates.push(`${certificate.form}\n${certificate.value}`);
      for (const name of Object.keys(entity.attributes ?? {})) attributes.add(name);
    }
  }
  names.uses.push(...uses);
  names.attributes.push(...attributes);
  return names;
}

/** The sites that values may refer to, and the instants in them. */
export function referencesIn(
  values: Iterable<unknown>,
  known: KnownNames,
): { readonly names: Set<string>; readonly instants: readonly number[] } {
  const { texts, instants } = textsIn(values);
  const names = new Set<string>();
  for (const text of texts) for (const site of sitesNamed(text, known)) names.add(site);
  return { names, instants };
}

/** All texts in values, and the instants at which something begins or ends. */
export function textsIn(values: Iterable<unknown>): {
  readonly texts: ReadonlySet<string>;
  readonly instants: readonly number[];
} {
  const texts = new Set<string>();
  const instants: number[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value);
    else if (Array.isArray(value)) for (const item of value) walk(item);
    else if (typeof value === 'object' && value !== null) {
      for (const key in value) {
        const member = (value as { readonly [key: string]: unknown })[key];
        const ends = key === 'expires' || key === 'not_before';
        const at = ends && typeof member === 'string' ? parseInstant(member) : undefined;
        if (at !== undefined) instants.push(at);
        walk(member);
      }
    }
  };
  for (const value of values) walk(value);
  return { texts, instants };
}

/**
 * The sites that a text may refer to: by a client_id, alone or among the values of a scope, or as Site/Name. More than are
 * meant, and never one less.
 */
function* sitesNamed(text: string, known: KnownNames): Generator<string> {
  const owner = known.ownerOf(text);
  if (owner !== undefined) yield owner;
  const slash = text.indexOf('/');
  if (slash > 0) {
    const site = text.slice(text.lastIndexOf(':', slash) + 1, slash);
    if (known.isSite(site)) yield site;
  }
  if (!text.includes(' ')) return;
  for (const word of text.split(' ')) {
    const named = known.ownerOf(word);
    if (named !== undefined) yield named;
  }
}
