// Owns `charter status`: what the running server of a store says; without one, what the store says.
// Never changes anything.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { Failure } from '../model/failure.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { escapeLines } from './harmless.ts';
import { type ServerStatus, statusLines } from './serve/status-body.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface StatusOptions {
  readonly store?: string;
  readonly json?: boolean;
}

export async function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const path = storePath(options.store, terminal.env);
  try {
    const answer = (await requestOperator(operatorSocketPath(path, terminal.env), '/status')) as ServerStatus;
    terminal.out(options.json === true ? `${JSON.stringify(answer, null, 2)}\n` : escapeLines(statusLines(answer)));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'server_absent') return storeStatus(path, options, terminal, undefined);
    if (error.code === 'server_unreachable') return storeStatus(path, options, terminal, error.message);
    throw error;
  }
}

/**
 * The newest revision of the store; `obstacle` is why it cannot be told whether a server runs, where it cannot. Throws
 * Failure `store_unavailable` when there is no store either.
 */
async function storeStatus(
  path: string,
  { json }: StatusOptions,
  terminal: Terminal,
  obstacle: string | undefined,
): Promise<ExitCode> {
  const running = obstacle === undefined ? false : null;
  const store = await openSqliteStore(path, { readOnly: true, mustExist: true }).catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === 'store_unavailable')) throw error;
    throw new Failure('store_unavailable', `No server is running for ${path}. ${error.message}`, { cause: error });
  });
  try {
    const [newest] = await store.revisions(1);
    if (json === true) {
      const { generation, digest, appliedAt, commit, author } = newest ?? {};
      const applied_at = appliedAt === undefined ? undefined : new Date(appliedAt).toISOString();
      terminal.out(
        `${JSON.stringify({ running, obstacle, store: store.path, generation: generation ?? 0, digest, applied_at, commit, author }, null, 2)}\n`,
      );
    } else {
      terminal.out(
        obstacle === undefined
          ? `No server is running for ${escapeLines(store.path)}.\n`
          : `Whether a server is running for ${escapeLines(store.path)} cannot be told: ${obstacle}\n`,
      );
      terminal.out(
        newest === undefined
          ? 'Nothing was ever applied to the store.\n'
          : `The store is at generation ${newest.generation}, applied ${new Date(newest.appliedAt).toISOString()}.\n`,
      );
    }
    return EXIT.done;
  } finally {
    await store.close();
  }
}
