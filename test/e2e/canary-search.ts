// Owns holding all that commands say and write against canaries. Never plants one.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Canaries } from './canary.ts';
import { charter, type Workspace } from './charter.ts';

export interface Expected {
  readonly code?: number;
  /** What both streams together must hold, or nobody knows what was searched. */
  readonly shows: string | RegExp;
  readonly env?: Readonly<Record<string, string>>;
  /** Canaries beside those of the search. */
  readonly besides?: readonly Canaries[];
}

export interface Outputs {
  readonly argv: readonly string[];
  readonly path: (kind: string) => string;
  expectClean(shows: string | RegExp, besides?: readonly Canaries[]): void;
}

export interface Search {
  /** No canary stands in the text, and `shows` does. */
  expectClean(where: string, text: string | Buffer, shows: string | RegExp, besides?: readonly Canaries[]): void;
  /** Runs a command with CHARTER_DEBUG, which adds a stack to each error, and searches both its streams. */
  run(argv: readonly string[], expected: Expected): Promise<string>;
  /** What asks for outputs of these kinds, and for annotations. The kind `out` is a saved plan. */
  outputs(name: string, kinds?: readonly string[]): Outputs;
}

export function createSearch({ root }: Workspace, canaries: readonly Canaries[]): Search {
  const search: Search = {
    expectClean(where, text, shows, besides = []) {
      const isShown = typeof shows === 'string' ? text.includes(shows) : shows.test(text.toString());
      if (!isShown) throw new Error(`${where} does not show ${shows}:\n${text.toString().slice(0, 5000)}`);
      const found = [...canaries, ...besides].flatMap((some) => some.foundIn(text));
      expect(found, `canaries in ${where}`).toEqual([]);
    },
    async run(argv, { code = 0, shows, env, besides = [] }) {
      const done = await charter(argv, { env: { CHARTER_DEBUG: '1', ...env } });
      const said = done.stdout + done.stderr;
      expect(done.code, said).toBe(code);
      search.expectClean(`charter ${argv.join(' ')}`, said, shows, besides);
      return said;
    },
    outputs(name, kinds = ['json', 'md', 'sarif', 'junit']) {
      const path = (kind: string) => join(root, kind === 'out' ? `${name}.plan.json` : `${name}.${kind}`);
      return {
        argv: ['--github', ...kinds.flatMap((kind) => [`--${kind}`, path(kind)])],
        path,
        expectClean(shows, besides) {
          for (const kind of kinds) search.expectClean(path(kind), readFileSync(path(kind)), shows, besides);
        },
      };
    },
  };
  return search;
}

/** Commits a directory of the workspace, whose root is made a repository. */
export function commitDirectory({ root }: Workspace, directory: string): void {
  const git = (...argv: string[]) => execFileSync('git', ['-C', root, ...argv], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', directory);
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', directory);
}
