// Owns the monorepo of a story: a bare repository with the example of four teams on main, and clones in which people work
// under their own names. Never says what they write.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { charter, type Finished, REPOSITORY, type Workspace } from './charter.ts';

/** A clone, and who works in it. */
export interface Clone {
  readonly directory: string;
  git(...argv: string[]): string;
  /** A branch from the main of the origin, as it is now. */
  branch(name: string): void;
  /** Replaces a text that must be there. */
  edit(path: string, from: string | RegExp, to: string): void;
  write(path: string, text: string): void;
  /** Commits all that is there to the branch; the commit. */
  commit(message: string): string;
  /** Merges the branch into main as a review does, pushes that, and checks main out; the merge commit. */
  merge(branch: string): string;
  /** Runs charter here. */
  charter(...argv: string[]): Promise<Finished>;
  /** Plans the clone, with its JSON: `plan` is that. */
  plan(...argv: string[]): Promise<Planned>;
}

export interface Planned extends Finished {
  // biome-ignore lint/suspicious/noExplicitAny: the document has its own schema and tests
  readonly plan: any;
}

export interface Teams {
  clone(name: string, author: string): Clone;
}

/** Puts the example into a new repository at `<root>/origin.git`, with the issuer of the workspace. */
export function createTeams(workspace: Workspace, env: Readonly<Record<string, string>>): Teams {
  const origin = join(workspace.root, 'origin.git');
  const home = join(workspace.root, 'home');
  mkdirSync(home);
  // Nobody's settings but those of the clone.
  const own = { PATH: process.env.PATH ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (directory: string, ...argv: string[]): string =>
    execFileSync('git', argv, { cwd: directory, env: own, encoding: 'utf8', stdio: 'pipe' }).trim();
  git(workspace.root, 'init', '--quiet', '--bare', '--initial-branch=main', origin);

  function clone(name: string, author: string): Clone {
    const directory = join(workspace.root, name);
    git(workspace.root, 'clone', '--quiet', origin, directory);
    git(directory, 'config', 'user.name', author);
    git(directory, 'config', 'user.email', `${author.toLowerCase().replace(' ', '.')}@example.com`);
    const here = (...argv: string[]) => git(directory, ...argv);
    const run = (...argv: string[]) => charter(argv, { env: { ...env, HOME: home }, cwd: directory });
    const made: Clone = {
      directory,
      git: here,
      branch(branch) {
        here('fetch', '--quiet', 'origin');
        here('checkout', '--quiet', '--no-track', '-B', branch, 'origin/main');
        here('branch', '--force', 'main', 'origin/main');
      },
      edit(path, from, to) {
        const before = readFileSync(join(directory, path), 'utf8');
        const after = before.replace(from, to);
        if (after === before) throw new Error(`${path} has no ${from}`);
        writeFileSync(join(directory, path), after);
      },
      write(path, text) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      },
      commit(message) {
        here('add', '--all');
        here('commit', '--quiet', '-m', message);
        return here('rev-parse', 'HEAD');
      },
      merge(branch) {
        here('fetch', '--quiet', 'origin');
        here('checkout', '--quiet', '-B', 'main', 'origin/main');
        here('merge', '--quiet', '--no-ff', '-m', `Merge ${branch}`, branch);
        here('push', '--quiet', 'origin', 'main');
        return here('rev-parse', 'HEAD');
      },
      charter: run,
      async plan(...argv) {
        const file = join(workspace.root, 'plan-of-a-branch.json');
        rmSync(file, { force: true });
        const done = await run('plan', '.', ...argv, '--json', file);
        return { ...done, plan: JSON.parse(readFileSync(file, 'utf8')) };
      },
    };
    return made;
  }

  const first = clone('first', 'Root');
  cpSync(join(REPOSITORY, 'examples/monorepo'), first.directory, { recursive: true });
  first.edit('server.yaml', 'http://localhost:8080', workspace.issuer);
  first.commit('The four teams');
  first.git('push', '--quiet', 'origin', 'HEAD:main');
  return { clone };
}
