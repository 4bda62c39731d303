// Owns where the store is when nobody says it. Never opens it.

import { resolve } from 'node:path';

/** `--store`, else `CHARTER_STORE`, else `./charter.db`; absolute, so that every message names the same file. */
export function storePath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return resolve(option ?? (env.CHARTER_STORE || 'charter.db'));
}
