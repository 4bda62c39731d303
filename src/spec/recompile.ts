// Owns what becomes of a compile without errors when files change: which sites it concerns, and whether it can be known
// without all others. Never builds them (site-edit.ts). Nothing is ever said that a compile of all files would not say:
// where that is not sure, nothing is done, and all files are compiled.

import type { Asked, Compilation, Sound } from './compilation.ts';
import { CompiledFile, referencesIn } from './compiled-site.ts';
import type { KeptDocuments } from './kept-documents.ts';
import { editSites } from './site-edit.ts';
import type { SourceFile } from './source.ts';

/**
 * What a compile of all files would answer, or undefined where that is not known without one. `last` is of these files then;
 * else nothing of it has changed.
 */
export function recompile(
  last: Compilation,
  files: readonly SourceFile[],
  asked: Asked,
  kept: KeptDocuments,
): Sound | undefined {
  last.learn();
  if (!isAskedAlike(last, asked)) return undefined;
  const { before, changed } = changesOf(last, files);
  if (before.length === 0 && changed.length === 0) {
    last.outcome = { ...last.outcome, asked };
    return last.outcome.checked;
  }
  // A value of an overlay may stand in any document, or may have stood there.
  const known = [...last.files.values()].map(({ file }) => file);
  if ([...files, ...known].some(({ overlay }) => overlay !== undefined)) return undefined;
  const after = changed.flatMap((file) => readFile(file, kept) ?? []);
  if (after.length < changed.length) return undefined;
  const names = linkedSites(last, before, after);
  if (names === undefined) return undefined;
  const filesNow = new Map(last.files);
  for (const { file } of before) filesNow.delete(file.path);
  for (const compiled of after) filesNow.set(compiled.file.path, compiled);
  return editSites(last, {
    names,
    files: filesNow,
    changed: after,
    asked,
    findSecrets: (file) => kept.secretsIn(file),
    places: kept.places,
  });
}

/** Whether it is asked for the same, at a time at which all holds that did. */
function isAskedAlike(last: Compilation, { secretsDir, overlays, now }: Asked): boolean {
  const { asked } = last.outcome;
  if (asked.secretsDir !== secretsDir || asked.overlays.join('\n') !== overlays.join('\n')) return false;
  if (asked.now === now) return true;
  if (asked.now === undefined || now === undefined) return false;
  const [from, to] = [Math.min(asked.now, now), Math.max(asked.now, now)];
  for (const at of last.instants()) if (from <= at && at <= to) return false;
  return true;
}

/** The files that are gone or were otherwise, and those that are new or are otherwise now. */
function changesOf(
  last: Compilation,
  files: readonly SourceFile[],
): { readonly before: readonly CompiledFile[]; readonly changed: readonly SourceFile[] } {
  const changed: SourceFile[] = [];
  const same = new Set<string>();
  for (const file of files) {
    const known = last.files.get(file.path)?.file;
    if (known !== undefined && known.overlay === file.overlay && known.text === file.text) same.add(file.path);
    else changed.push(file);
  }
  const before =
    same.size === last.files.size ? [] : [...last.files.values()].filter((one) => !same.has(one.file.path));
  return { before, changed };
}

/** A file as a compile leaves it; undefined where something of it cannot be read. */
function readFile(file: SourceFile, kept: KeptDocuments): CompiledFile | undefined {
  const documents = kept.documentsOf(file);
  if (documents === undefined || documents.some((one) => one.incomplete)) return undefined;
  return new CompiledFile(file, documents, kept);
}

/**
 * The sites of the files that changed, with all that lead to them or that they lead to, before or now; undefined where a
 * document of no site is concerned, which is one of all sites.
 */
function linkedSites(
  last: Compilation,
  before: readonly CompiledFile[],
  after: readonly CompiledFile[],
): ReadonlySet<string> | undefined {
  const sites = new Set<string>();
  for (const file of [...before, ...after]) {
    if (file.isShared) return undefined;
    for (const site of file.sites) sites.add(site);
  }
  const values = after.flatMap((file) => file.documents().map(({ value }) => value));
  for (const site of referencesIn(values, last).names) sites.add(site);
  // It grows while it is read.
  for (const site of sites) {
    for (const other of last.linkedWith(site)) sites.add(other);
    for (const path of last.sites.get(site)?.files ?? []) {
      const file = last.files.get(path);
      if (file === undefined || file.isShared) return undefined;
      for (const other of file.sites) sites.add(other);
    }
  }
  return sites;
}
