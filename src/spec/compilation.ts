// Owns what a compile without errors leaves for the next one: what it found in which file, and what sites know of each
// other. Never compiles, and never decides what an edit can change (recompile.ts).

import { nameOf, siteOf } from '../model/address.ts';
import { factsOf, readCertificates } from '../model/certificate.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { serverOf } from '../model/state.ts';
import type { CompiledSpec } from './compile.ts';
import {
  type CompiledFile,
  type CompiledSite,
  compiledSites,
  type KnownNames,
  referencesIn,
  TALLIED,
  type Tallied,
  textsIn,
} from './compiled-site.ts';
import { Tally } from './tally.ts';
import type { Found } from './tell.ts';
import { usesOf } from './uses.ts';

/** What a compile was asked beside the files. */
export interface Asked {
  readonly secretsDir: boolean;
  readonly overlays: readonly string[];
  readonly now: number | undefined;
}

/** A compile in which nothing is an error. */
export interface Sound {
  readonly ok: true;
  readonly value: CompiledSpec;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Outcome {
  readonly asked: Asked;
  readonly checked: Sound;
  readonly found: Found;
  /** Whether any document has tests. */
  readonly hasTests: boolean;
  /** Searches for names that may have been meant: at least as many as one compile of all files needs. */
  readonly searches: number;
}

/** How often texts are there from now on; of those that go or come. */
export type Counts = Readonly<Record<Tallied, ReadonlyMap<string, number>>>;

/** Some sites as they are from now on. */
export interface SitesAfter {
  /** Their names; one that is not among the sites is gone. */
  readonly names: ReadonlySet<string>;
  readonly sites: ReadonlyMap<string, CompiledSite>;
  readonly counts: Counts;
}

export class Compilation implements KnownNames {
  outcome: Outcome;
  files: ReadonlyMap<string, CompiledFile>;
  readonly sites = new Map<string, CompiledSite>();
  /** By resource of the catalogue: the sites that it names something of. */
  readonly resources = new Map<string, ReadonlySet<string>>();
  readonly #tallies = each(() => new Tally());
  /** By site: those whose documents may refer to it. */
  readonly #namedBy = new Map<string, Set<string>>();
  readonly #owners = new Map<string, string>();

  #hasLearned = false;

  constructor(outcome: Outcome, files: ReadonlyMap<string, CompiledFile>) {
    this.outcome = outcome;
    this.files = files;
  }

  /** What sites know of each other: for the next compile, so not before it, or before nobody waits. */
  learn(): void {
    if (this.#hasLearned) return;
    this.#hasLearned = true;
    const { state } = this.outcome.checked.value;
    for (const [address, entity] of state) {
      if (entity.kind === 'application') this.#owners.set(entity.client_id, siteOf(address) ?? '');
    }
    const sites = compiledSites(this.files.values(), state, {
      ownerOf: (clientId) => this.#owners.get(clientId),
      isSite: (name) => state.has(`site:${name}`),
    });
    this.takeSites({ names: new Set(), sites, counts: this.countsAfter(new Set(), sites) });
    for (const [address, entity] of state) {
      if (entity.kind === 'resource') this.resources.set(nameOf(address), referencesIn([entity], this).names);
      // Catalogues name each other.
      const { uses } = this.#tallies;
      if (siteOf(address) === undefined) uses.take(uses.after([], usesOf(entity)));
    }
  }

  /**
   * Lets go of the documents of sites: a site that is built again is unpacked again. Not where all documents are looked at
   * after each edit.
   */
  letGo(): boolean {
    const { hasTests, asked } = this.outcome;
    if (hasTests || asked.overlays.length > 0) return false;
    this.learn();
    for (const file of this.files.values()) file.letGo();
    return true;
  }

  ownerOf(clientId: string): string | undefined {
    return this.#owners.get(clientId);
  }

  isSite(name: string): boolean {
    return this.sites.has(name);
  }

  /** When something begins or ends, in documents of sites and in the certificates of the server. */
  *instants(): Generator<number> {
    for (const { instants } of this.sites.values()) yield* instants;
    for (const { pem } of Object.values(serverOf(this.outcome.checked.value.state)?.certificates?.authorities ?? {})) {
      for (const certificate of readCertificates(pem)) {
        if (certificate === undefined) continue;
        const { start, end } = factsOf(certificate);
        yield* [start, end];
      }
    }
  }

  tally(tallied: Tallied): Tally {
    return this.#tallies[tallied];
  }

  /** All that resources say: among it names without a site, which mean the one site that has them. */
  textsOfResources(): ReadonlySet<string> {
    if (this.resources.size === 0) return new Set();
    const shared = [...this.files.values()].flatMap((file) => (file.isShared ? file.documents() : []));
    return textsIn(shared.map(({ value }) => (value as { readonly resources?: unknown }).resources)).texts;
  }

  /** Sites that a site names, that name it, or that one resource names with it. */
  *linkedWith(site: string): Generator<string> {
    yield* this.sites.get(site)?.names ?? [];
    yield* this.#namedBy.get(site) ?? [];
    for (const sites of this.resources.values()) if (sites.has(site)) yield* sites;
  }

  /** How often texts would be there, were some sites others. */
  countsAfter(names: ReadonlySet<string>, sites: ReadonlyMap<string, CompiledSite>): Counts {
    const before = [...names].flatMap((site) => this.sites.get(site) ?? []);
    return each((tallied) => {
      const textsOf = (site: CompiledSite) => site[tallied];
      return this.#tallies[tallied].after(before.flatMap(textsOf), [...sites.values()].flatMap(textsOf));
    });
  }

  takeSites({ names, sites, counts }: SitesAfter): void {
    for (const site of names) {
      const known = this.sites.get(site);
      if (known === undefined) continue;
      for (const other of known.names) this.#namedBy.get(other)?.delete(site);
      for (const clientId of known.clientIds) this.#owners.delete(clientId);
      this.sites.delete(site);
    }
    for (const [site, compiled] of sites) {
      this.sites.set(site, compiled);
      for (const clientId of compiled.clientIds) this.#owners.set(clientId, site);
      for (const other of compiled.names) {
        const known = this.#namedBy.get(other);
        if (known === undefined) this.#namedBy.set(other, new Set([site]));
        else known.add(site);
      }
    }
    for (const tallied of TALLIED) this.#tallies[tallied].take(counts[tallied]);
  }
}

function each<V>(make: (tallied: Tallied) => V): Readonly<Record<Tallied, V>> {
  return {
    clientIds: make('clientIds'),
    foldedClientIds: make('foldedClientIds'),
    subjects: make('subjects'),
    identities: make('identities'),
    certificates: make('certificates'),
    uses: make('uses'),
    attributes: make('attributes'),
  };
}
