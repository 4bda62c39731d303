// Owns which repository a file is in, as its own tools name it. Best effort: a file in none simply has no top. Never asks
// Git, and never reads more than what says that there is a repository.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The top of the work tree that holds a real path; of a submodule that of the repository which it is part of, whose pull
 * request it is. Undefined where there is none.
 */
export function repositoryTop(path: string): string | undefined {
  let inner: string | undefined;
  for (let at = path; ; at = dirname(at)) {
    const found = kindAt(join(at, '.git'));
    if (found === 'repository') return at;
    if (found === 'submodule') inner ??= at;
    if (dirname(at) === at) return inner;
  }
}

/** What a `.git` says: a linked work tree and a submodule have a file that leads to the rest (gitrepository-layout(5)). */
function kindAt(path: string): 'repository' | 'submodule' | undefined {
  try {
    if (statSync(path).isDirectory()) return existsSync(join(path, 'HEAD')) ? 'repository' : undefined;
    const [, named] = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
    if (named === undefined) return undefined;
    return /\.git[\\/](?:worktrees[\\/][^\\/]+[\\/])?modules[\\/]/.test(named) ? 'submodule' : 'repository';
  } catch {
    return undefined;
  }
}
