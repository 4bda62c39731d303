// Owns which directories an overlay is: a name means overlays/NAME below the spec, anything with a separator a directory.
// Never reads a file.

import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { compareText } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from '../spec/catalogue.ts';
import { nearest } from '../spec/nearest.ts';
import { fromObstacle } from './problems.ts';
import { systemReason } from './system-reason.ts';
import { isBelow, pathIn, specRoot } from './walk.ts';

/** One overlay as it was found. `argument` is what the command line calls it. */
export interface FoundOverlay {
  readonly argument: string;
  /** Absolute; a name may be in several directories of the spec. */
  readonly directories: readonly string[];
  readonly problems: readonly Diagnostic[];
}

/** Whether an overlay is given by a path; otherwise its directories are below those of the spec. */
function isPath(overlay: string): boolean {
  return overlay === '.' || overlay === '..' || overlay.includes('/') || overlay.includes(sep);
}

/** The directories that a spec with overlays is read from, as they are written: where Git and a watcher look. */
export function directoriesOf(directories: readonly string[], overlays: readonly string[] = []): readonly string[] {
  // Those that are named are below the spec.
  return [...directories, ...overlays.filter(isPath)];
}

/** Finds an overlay. `boundaries` are the real paths of the spec's directories: one that is named stays below them. */
export async function findOverlay(
  argument: string,
  directories: readonly string[],
  boundaries: readonly string[],
): Promise<FoundOverlay> {
  if (isPath(argument)) {
    const reason = await reasonAgainst(argument);
    if (reason === undefined) return { argument, directories: [resolve(argument)], problems: [] };
    const problem = missing(`${argument}: ${reason}`, 'Check the path that --overlay was given.');
    return { argument, directories: [], problems: [problem] };
  }
  const found: string[] = [];
  const problems: Diagnostic[] = [];
  for (const directory of directories) {
    const path = resolve(directory, 'overlays', argument);
    if ((await reasonAgainst(path)) !== undefined) continue;
    const real = await realpath(path);
    if (boundaries.some((boundary) => isBelow(real, boundary))) found.push(path);
    else problems.push(fromObstacle({ path: pathIn(specRoot(directories), path), kind: 'outside', reason: real }));
  }
  if (found.length === 0 && problems.length === 0) problems.push(await unknownName(argument, directories));
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

async function unknownName(name: string, directories: readonly string[]): Promise<Diagnostic> {
  const places = directories.map((directory) => join(directory, 'overlays', name));
  const known = [...new Set((await Promise.all(directories.map(overlaysIn))).flat())].sort(compareText);
  const near = nearest(name, known);
  const help = [
    near === undefined ? undefined : `Did you mean ${near}?`,
    known.length === 0 ? 'The spec has no overlays.' : `Overlays: ${known.join(', ')}.`,
    (await reasonAgainst(name)) === undefined
      ? `For the directory ${relative('', resolve(name))} write --overlay ./${name}`
      : undefined,
  ];
  return missing(
    `there is no directory ${places.join(' or ')}`,
    help.filter((sentence) => sentence !== undefined).join(' '),
  );
}

/** The names of the overlays below a directory of the spec. */
async function overlaysIn(directory: string): Promise<readonly string[]> {
  const path = resolve(directory, 'overlays');
  try {
    const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
    const reasons = await Promise.all(names.map((name) => reasonAgainst(join(path, name))));
    return names.filter((_, position) => reasons[position] === undefined);
  } catch {
    // Without overlays there is none to name.
    return [];
  }
}

/** Why a path is no directory, undefined when it is one. */
async function reasonAgainst(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : 'it is not a directory';
  } catch (error) {
    return systemReason(error);
  }
}
