// Owns who applied something where no commit says whose it is: what the environment says of who acts. Never asks the system.

import type { CommitInfo } from '../reconcile/git.ts';

/** Who started the CI job, else whose shell it is. */
const NAMES = ['GITHUB_ACTOR', 'GITLAB_USER_LOGIN', 'USER', 'LOGNAME', 'USERNAME'] as const;

type CommitOf = (directories: readonly string[]) => Promise<CommitInfo>;

/** With who acts where the spec is no commit; nobody where the environment does not say. */
export function orActor(commitOf: CommitOf, env: Readonly<Record<string, string | undefined>>): CommitOf {
  const actor = NAMES.map((name) => env[name]?.trim()).find((text) => text !== undefined && text !== '');
  return async (directories) => {
    const found = await commitOf(directories);
    return found.author !== undefined || actor === undefined ? found : { ...found, author: actor };
  };
}
