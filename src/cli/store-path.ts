// Owns where the store is when nobody says it, and how a command that is suggested names it. Never opens it.

import { resolve } from 'node:path';
import { escapeControls } from '../spec/frame-line.ts';
import { shellWord } from './shell-word.ts';

const DEFAULT = 'charter.db';

/** `--store`, else `CHARTER_STORE`, else `./charter.db`; absolute, so that every message names the same file. */
export function storePath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  return resolve(option ?? (env.CHARTER_STORE || DEFAULT));
}

/**
 * ` --store PATH`, at the end of a command that is suggested; empty for the store that a command takes by itself. That of
 * `CHARTER_STORE` is named: who copies the line may have another environment.
 */
export function storeOption(path: string): string {
  return path === resolve(DEFAULT) ? '' : ` --store ${escapeControls(shellWord(path))}`;
}
