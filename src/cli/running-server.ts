// Owns what commands say to the server that serves a store, where one runs. Never starts one.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { Failure } from '../model/failure.ts';
import type { ServerStatus } from './serve/status-body.ts';
import type { Terminal } from './terminal.ts';

/** Has it look at the store now, and tells what it serves then. Without a server there is nothing to tell. */
export async function tellServer(store: string, terminal: Terminal): Promise<void> {
  try {
    const status = (await requestOperator(operatorSocketPath(store, terminal.env), '/reload', {})) as ServerStatus;
    terminal.err(`The running server (process ${status.pid}) serves generation ${status.generation}.\n`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'server_absent') return;
    terminal.err(`The running server could not be told: ${error.message} It looks by itself within seconds.\n`);
  }
}
