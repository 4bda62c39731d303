// Owns where the store is when nobody says it. Never opens it.

/** `--store`, else `CHARTER_STORE`, else `./charter.db`. */
export function storePath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return option ?? (env.CHARTER_STORE || 'charter.db');
}
