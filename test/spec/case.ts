// Owns reading the cases below cases/: files whose bad lines carry the code that must appear there.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from '../../src/spec/source.ts';

const CASES = new URL('cases/', import.meta.url).pathname;
const BASE = readFileSync(new URL('base.yaml', import.meta.url), 'utf8');

export interface Case {
  readonly name: string;
  readonly files: readonly SourceFile[];
  /** `severity code file:line`, sorted; `nowhere` for a diagnostic without a place. */
  readonly expected: readonly string[];
}

/**
 * A case is one file, or a directory of several; what stands below overlays/NAME/ of one is an overlay, in the order of
 * their names. `# error: code` at the end of a line expects it there (several codes
 * with commas between), `# error below: code` on the next line, `# error nowhere: code` without a place. A case without
 * a server of its own gets base.yaml.
 */
export function readCases(): readonly Case[] {
  return readdirSync(CASES)
    .sort()
    .map((name) => {
      const path = join(CASES, name);
      const files = statSync(path).isDirectory()
        ? layered(
            readdirSync(path, { recursive: true, encoding: 'utf8' })
              .filter((file) => file.endsWith('.yaml'))
              .map((file) => ({ path: file, text: readFileSync(join(path, file), 'utf8') })),
          )
        : [{ path: name, text: readFileSync(path, 'utf8') }];
      const isAlone = files.some(({ text }) => /^server:|^# no base$/m.test(text));
      return {
        name,
        files: isAlone ? files : [...files, { path: 'zz-base.yaml', text: BASE }],
        expected: files.flatMap(expectedOf).sort(),
      };
    });
}

function layered(files: readonly SourceFile[]): readonly SourceFile[] {
  const nameOf = (path: string) => /^overlays\/([^/]+)\//.exec(path)?.[1];
  const names = [...new Set(files.flatMap(({ path }) => nameOf(path) ?? []))].sort();
  return files.map((file) => {
    const overlay = names.indexOf(nameOf(file.path) ?? '');
    return overlay < 0 ? file : { ...file, overlay };
  });
}

function expectedOf({ path, text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, position) =>
    [...line.matchAll(/# (error|warning)( below| nowhere)?: ([a-z0-9., -]+)/g)].flatMap((match) => {
      const [, severity, where, codes = ''] = match;
      const place = where === ' nowhere' ? 'nowhere' : `${path}:${position + (where === ' below' ? 2 : 1)}`;
      return codes.split(',').map((code) => `${severity} ${code.trim()} ${place}`);
    }),
  );
}
