// Owns what commands say to the server that serves a store, where one runs. Never starts one.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { Failure } from '../model/failure.ts';
import type { ServerStatus } from './serve/status-body.ts';
import { storeOption } from './store-path.ts';
import type { Terminal } from './terminal.ts';

/** Has it look at the store now, and tells what it serves then. Without a server there is nothing to tell. */
export async function tellServer(store: string, terminal: Terminal): Promise<void> {
  try {
    const status = (await requestOperator(operatorSocketPath(store, terminal.env), '/reload', {})) as ServerStatus;
    terminal.err(`The running server (process ${status.pid}) serves generation ${status.generation}.\n`);
    tellHeld(status, store, terminal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'server_absent') return;
    terminal.err(`The running server could not be told: ${error.message} It looks by itself within seconds.\n`);
  }
}

/** Tells what the server holds, where it holds something and can be asked. */
export async function tellWhatIsHeld(store: string, terminal: Terminal): Promise<void> {
  try {
    tellHeld(
      (await requestOperator(operatorSocketPath(store, terminal.env), '/status')) as ServerStatus,
      store,
      terminal,
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

function tellHeld({ held = [] }: Partial<ServerStatus>, store: string, terminal: Terminal): void {
  if (held.length === 0) return;
  const lines = held.map((text) => `  charter approve ${text}${storeOption(store)}\n`).join('');
  terminal.err(`Its spec is held until the risks of it are approved:\n${lines}`);
}
