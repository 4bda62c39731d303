// Owns some sites of a spec built anew, and the rest of it left as it is. The sites are all that links lead to from any of
// them, so that building them with the catalogues says of them what building the whole spec would; what counts in all of
// it beside links is counted (compilation.ts). Never decides which sites those are (recompile.ts).

import { type Address, compareText, kindOf, nameOf, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { editTable } from '../model/edited-table.ts';
import type { Entity } from '../model/entity.ts';
import type { Move } from '../model/move.ts';
import type { Origin } from '../model/origin.ts';
import { sameValue } from '../model/same-value.ts';
import { editState } from '../model/state.ts';
import { bindTests } from './bind-tests.ts';
import { type Built, build } from './build.ts';
import { checkCatalogueUse } from './check-catalogue-use.ts';
import type { Asked, Compilation, Counts, SitesAfter, Sound } from './compilation.ts';
import { type CompiledFile, type CompiledSite, compiledSites, referencesIn } from './compiled-site.ts';
import { merge } from './merge.ts';
import { MAX_SEARCHES, Suggestions } from './nearest.ts';
import type { EntityPlaces } from './packed-places.ts';
import type { FindSecrets } from './redact.ts';
import { type Found, hasErrors, tellAll } from './tell.ts';
import type { Validated } from './validate.ts';
import { writtenSecrets } from './written-secrets.ts';

export interface SiteEdit {
  /** The sites that are built anew. */
  readonly names: ReadonlySet<string>;
  /** All files as they are now. */
  readonly files: ReadonlyMap<string, CompiledFile>;
  /** Those among them that are new or were otherwise: of these sites alone. */
  readonly changed: readonly CompiledFile[];
  readonly asked: Asked;
  readonly findSecrets: FindSecrets;
  readonly places: EntityPlaces;
}

/** What a compile of all files would answer, or undefined where it would tell an error, or where that is not known. */
export function editSites(last: Compilation, edit: SiteEdit): Sound | undefined {
  const { files, asked, findSecrets } = edit;
  const { outcome } = last;
  const suggestions = new Suggestions();
  const resources = new Set([...last.resources].flatMap(([name, sites]) => (meet(sites, edit.names) ? [name] : [])));
  const own = filesOf(last, edit);
  const problems = [
    ...own.flatMap((file) => file.problems),
    ...own.flatMap((file) => file.documents().flatMap(({ diagnostics }) => diagnostics)),
  ];
  const attributes = () => new Set(last.tally('attributes').keys());
  const built = build(
    documentsOf([...files.values()].filter(({ isShared }) => isShared).concat(own)).filter(isBuilt),
    { ...asked, incomplete: false, suggestions, part: { resources, attributes } },
    problems,
  );
  const searches = outcome.searches + suggestions.searches;
  if (!built.isWhole || searches >= MAX_SEARCHES) return undefined;
  const sites = sitesAfter(last, edit.names, own, built);
  if (sites === undefined || mayConcernOthers(last, sites)) return undefined;

  const value = {
    ...outcome.checked.value,
    ...entitiesAfter(last, sites, built, edit.places),
    moves: movesAfter(last, edit.names, built),
  };
  const hasTests = outcome.hasTests || built.declarations.tests.length > 0;
  const inTests: Diagnostic[] = [];
  const tests = hasTests
    ? bindTests(
        merge(documentsOf([...files.values()])),
        { entities: value.state },
        { incomplete: false, suggestions, moves: built.moves },
        inTests,
      )
    : [];
  const paths = new Set([...edit.names].flatMap((site) => last.sites.get(site)?.files ?? []));
  for (const { file } of own) paths.add(file.path);
  const isOwn = (told: Diagnostic) =>
    (told.range !== undefined && paths.has(told.range.file)) || isOfResources(told, resources);
  const inCatalogues: Diagnostic[] = [];
  const { uses } = sites.counts;
  checkCatalogueUse(built.bound, (one) => (uses.get(one) ?? Number(last.tally('uses').has(one))) > 0, inCatalogues);
  const inFiles = [...outcome.found.inFiles.filter((one) => !isOwn(one)), ...problems.filter(isOwn)];
  const found: Found = { inFiles, inCatalogues, inTests };

  const sources = [...files.values()].map(({ file }) => file);
  const { waivers, isWhole } = built;
  const diagnostics = tellAll(found, { files: sources, waivers, isWhole, replacements: [], findSecrets });
  const texts = edit.changed.map(({ file }) => file);
  if (hasErrors(diagnostics) || writtenSecrets(texts, []).length > 0) return undefined;

  const checked: Sound = { ok: true, value: { ...value, tests }, diagnostics };
  last.files = files;
  last.takeSites(sites);
  for (const name of resources) {
    const entity = built.bound.entities.get(`resource:${name}`);
    last.resources.set(name, referencesIn([entity], last).names);
  }
  last.outcome = { asked, checked, found, hasTests, searches };
  return checked;
}

/** The files of the sites, as they are now. */
function filesOf(last: Compilation, { names, files, changed }: SiteEdit): readonly CompiledFile[] {
  const paths = new Set(changed.map(({ file }) => file.path));
  for (const site of names) for (const path of last.sites.get(site)?.files ?? []) paths.add(path);
  return [...paths].flatMap((path) => files.get(path) ?? []).sort((a, b) => compareText(a.file.path, b.file.path));
}

/** In the order in which a compile of all files has them. */
function documentsOf(files: readonly CompiledFile[]): readonly Validated[] {
  const sorted = [...files].sort((a, b) => compareText(a.file.path, b.file.path));
  return sorted.flatMap((file) => file.documents());
}

/** Tests are about all sites. */
function isBuilt({ document }: Validated): boolean {
  return document.kind !== 'tests';
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of some) if (others.has(one)) return true;
  return false;
}

/** What is told of resources by what sites are, and not by what other resources are. */
function isOfResources({ code, address }: Diagnostic, resources: ReadonlySet<string>): boolean {
  if (code === 'resource.ambiguous' || code === 'resource.shadows') return false;
  return address?.startsWith('resource:') === true && resources.has(nameOf(address));
}

/** The sites as they are now; undefined where they have a name that is taken elsewhere, or lead to other sites now. */
function sitesAfter(
  last: Compilation,
  names: ReadonlySet<string>,
  own: readonly CompiledFile[],
  { bound }: Built,
): SitesAfter | undefined {
  const owners = new Map<string, string>();
  for (const [address, entity] of bound.entities) {
    if (entity.kind === 'application') owners.set(entity.client_id, siteOf(address) ?? '');
  }
  const sites = compiledSites(own, bound.entities, {
    ownerOf: (clientId) => owners.get(clientId) ?? last.ownerOf(clientId),
    isSite: (name) => bound.entities.has(`site:${name}`) || last.isSite(name),
  });
  for (const site of sites.values()) for (const name of site.names) if (!names.has(name)) return undefined;
  const counts = last.countsAfter(names, sites);
  return isTaken(last, sites, counts) ? undefined : { names, sites, counts };
}

function isTaken(last: Compilation, sites: ReadonlyMap<string, CompiledSite>, counts: Counts): boolean {
  const isThere = (tallied: 'identities' | 'foldedClientIds', text: string) =>
    (counts[tallied].get(text) ?? Number(last.tally(tallied).has(text))) > 0;
  for (const tallied of ['clientIds', 'subjects', 'certificates'] as const) {
    for (const count of counts[tallied].values()) if (count > 1) return true;
  }
  for (const { foldedClientIds, identities } of sites.values()) {
    if (foldedClientIds.some((text) => isThere('identities', text))) return true;
    if (identities.some((text) => isThere('foldedClientIds', text))) return true;
  }
  return false;
}

/** Whether what comes or goes says something of what is not built, though no link leads there. */
function mayConcernOthers(last: Compilation, { names, sites, counts }: SitesAfter): boolean {
  const { state, moves } = last.outcome.checked.value;
  // What was renamed may have been in a site that was gone until now.
  const isNew = (site: string) => !last.isSite(site);
  if (moves.length > 0 && [...names].some(isNew)) return true;
  // A resource may name by its bare name what one site alone has.
  const texts = last.textsOfResources();
  for (const { addresses } of sites.values()) {
    if (addresses.some((address) => texts.has(nameOf(address)) && !state.has(address))) return true;
  }
  // Policies are told of attributes that no user has.
  const hasChanged = [...counts.attributes].some(([name, count]) => count > 0 !== last.tally('attributes').has(name));
  return hasChanged && [state, ...[...sites.values()].map(addressesOf)].some(hasPolicy);
}

function addressesOf({ addresses }: CompiledSite): ReadonlyMap<Address, undefined> {
  return new Map(addresses.map((address) => [address, undefined]));
}

function hasPolicy(table: ReadonlyMap<Address, unknown>): boolean {
  for (const address of table.keys()) if (kindOf(address) === 'policy') return true;
  return false;
}

/** What is the same stays the same object, so that who has seen it need not look again. */
function entitiesAfter(last: Compilation, { names, sites }: SitesAfter, { bound }: Built, placesOf: EntityPlaces) {
  const { state, origins } = last.outcome.checked.value;
  const entities = new Map<Address, Entity | undefined>();
  const places = new Map<Address, Origin | undefined>();
  for (const name of names) {
    for (const address of last.sites.get(name)?.addresses ?? []) {
      entities.set(address, undefined);
      places.set(address, undefined);
    }
  }
  for (const { addresses } of sites.values()) {
    for (const address of addresses) {
      const entity = bound.entities.get(address);
      const placed = bound.places.get(address);
      if (entity === undefined || placed === undefined) continue;
      if (sameValue(state.get(address), entity)) entities.delete(address);
      else entities.set(address, entity);
      places.set(address, placesOf.originOf(placed));
    }
  }
  return { state: editState(state, entities), origins: editTable(origins, places) };
}

function movesAfter(last: Compilation, names: ReadonlySet<string>, { moves }: Built): readonly Move[] {
  const isOwn = ({ to }: Move) => names.has(siteOf(to) ?? '');
  return [...last.outcome.checked.value.moves.filter((move) => !isOwn(move)), ...moves.list.filter(isOwn)].sort(
    (a, b) =>
      compareText(a.range?.file ?? '', b.range?.file ?? '') ||
      (a.range?.start.offset ?? 0) - (b.range?.start.offset ?? 0),
  );
}
