// Owns which directories an overlay is: a name means overlays/NAME below the spec, anything with a separator a directory.
// Never reads a file.

import { join, relative, resolve, sep } from 'node:path';
import { compareText } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from '../spec/catalogue.ts';
import { nearest } from '../spec/nearest.ts';
import { DISK, type FileTree, reasonAgainstDirectory } from './file-tree.ts';
import { fromObstacle } from './problems.ts';
import { isBelow, pathIn, specRoot } from './walk.ts';

/** One overlay as it was found. `argument` is what the command line calls it. */
export interface FoundOverlay {
  readonly argument: string;
  /** Absolute; a name may be in several directories of the spec. */
  readonly directories: readonly string[];
  readonly problems: readonly Diagnostic[];
}

/** Whether an overlay is given by a path; otherwise its directories are below those of the spec. */
export function isPath(overlay: string): boolean {
  return overlay === '.' || overlay === '..' || overlay.includes('/') || overlay.includes(sep);
}

/** The directories that a spec with overlays is read from, as they are written: where Git and a watcher look. */
export function directoriesOf(directories: readonly string[], overlays: readonly string[] = []): readonly string[] {
  // Those that are named are below the spec.
  return [...directories, ...overlays.filter(isPath)];
}

/** The absolute paths at which an overlay may be. */
export function placesOf(overlay: string, directories: readonly string[]): readonly string[] {
  if (isPath(overlay)) return [resolve(overlay)];
  return directories.map((directory) => resolve(directory, 'overlays', overlay));
}

/** Finds an overlay. `boundaries` are the real paths of the spec's directories: one that is named stays below them. */
export async function findOverlay(
  argument: string,
  directories: readonly string[],
  boundaries: readonly string[],
  tree: FileTree = DISK,
): Promise<FoundOverlay> {
  if (isPath(argument)) {
    const reason = await reasonAgainstDirectory(tree, resolve(argument));
    if (reason === undefined) return { argument, directories: [resolve(argument)], problems: [] };
    const problem = missing(`${argument}: ${reason}`, 'Check the path that --overlay was given.');
    return { argument, directories: [], problems: [problem] };
  }
  const found: string[] = [];
  const problems: Diagnostic[] = [];
  for (const path of placesOf(argument, directories)) {
    if ((await reasonAgainstDirectory(tree, path)) !== undefined) continue;
    const real = await tree.realpath(path);
    if (boundaries.some((boundary) => isBelow(real, boundary))) found.push(path);
    else problems.push(fromObstacle({ path: pathIn(specRoot(directories), path), kind: 'outside', reason: real }));
  }
  if (found.length === 0 && problems.length === 0) problems.push(await unknownName(argument, directories, tree));
  return { argument, directories: found, problems };
}

/** No file below the overlay, and no other reason for it. */
export function emptyOverlay({ argument, directories }: FoundOverlay): Diagnostic {
  return report('overlay.empty', {
    detail: `there is no *.yaml or *.yml file in the overlay ${argument}`,
    help: `Write one below ${directories.join(' or ')}, or leave the option out.`,
  });
}

/** A file of the overlay is one of the spec, by its path. */
export function overlayInSpec({ argument }: FoundOverlay, path: string): Diagnostic {
  return report('overlay.part-of-spec', {
    detail: `${path} is a file of the spec and of the overlay ${argument}`,
    help: 'Move the overlay below overlays/ in the directory of the spec, or out of it.',
  });
}

function missing(detail: string, help: string): Diagnostic {
  return report('overlay.missing', { detail, help });
}

async function unknownName(name: string, directories: readonly string[], tree: FileTree): Promise<Diagnostic> {
  const places = directories.map((directory) => join(directory, 'overlays', name));
  const known = [
    ...new Set((await Promise.all(directories.map((directory) => overlaysIn(directory, tree)))).flat()),
  ].sort(compareText);
  const near = nearest(name, known);
  const help = [
    near === undefined ? undefined : `Did you mean ${near}?`,
    known.length === 0 ? 'The spec has no overlays.' : `Overlays: ${known.join(', ')}.`,
    (await reasonAgainstDirectory(tree, resolve(name))) === undefined
      ? `For the directory ${relative('', resolve(name))} write --overlay ./${name}`
      : undefined,
  ];
  return missing(
    `there is no directory ${places.join(' or ')}`,
    help.filter((sentence) => sentence !== undefined).join(' '),
  );
}

/** The names of the overlays below a directory of the spec. */
async function overlaysIn(directory: string, tree: FileTree): Promise<readonly string[]> {
  const path = resolve(directory, 'overlays');
  try {
    const entries = await tree.list(await tree.realpath(path));
    const names = entries.map(({ name }) => name).filter((name) => !name.startsWith('.'));
    const reasons = await Promise.all(names.map((name) => reasonAgainstDirectory(tree, join(path, name))));
    return names.filter((_, position) => reasons[position] === undefined);
  } catch {
    // Without overlays there is none to name.
    return [];
  }
}
