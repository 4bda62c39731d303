// Owns what commands say to the server that serves a store, where one runs. Never starts one.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { type Address, compareText } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { authenticatesWithMac, secretsWithin } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { qualifiedNames } from './names.ts';
import type { ServerStatus } from './serve/status-body.ts';
import { storeOption } from './store-path.ts';
import type { Terminal } from './terminal.ts';

/** Whose secrets changed their value by what was applied, and where they are declared. */
export interface Renewed {
  readonly state: State;
  readonly secrets: readonly Address[];
}

/** Has it look at the store now, and tells what it serves then. Without a server there is nothing to tell. */
export async function tellServer(store: string, terminal: Terminal, renewed?: Renewed): Promise<void> {
  try {
    const status = (await requestOperator(operatorSocketPath(store, terminal.env), '/reload', {})) as ServerStatus;
    terminal.err(`The running server (process ${status.pid}) serves generation ${status.generation}.\n`);
    tellHeld(status, store, terminal);
    tellStaleEnvironment(renewed, terminal);
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

/** A process has the environment that it was started with: what is stored counts now, and at its next start what it finds there. */
function tellStaleEnvironment(renewed: Renewed | undefined, terminal: Terminal): void {
  if (renewed === undefined) return;
  const fromVariables = renewed.secrets.flatMap((address) => {
    const entity = renewed.state.get(address);
    if (entity === undefined) return [];
    const signs = entity.kind === 'application' && authenticatesWithMac(entity);
    return secretsWithin(entity).flatMap(({ secret }) =>
      'env' in secret ? [{ name: secret.env, address, signs }] : [],
    );
  });
  if (fromVariables.length === 0) return;
  const names = [...new Set(fromVariables.map(({ name }) => name))].sort(compareText).join(', ');
  terminal.err(
    `It has the environment that it was started with. Set ${names} there too before its next start, which brings in what it finds.\n`,
  );
  const signing = [...new Set(fromVariables.filter(({ signs }) => signs).map(({ address }) => address))];
  if (signing.length === 0) return;
  terminal.err(`Restart it for ${qualifiedNames(signing)}: what a client signs is checked with the value itself.\n`);
}

function tellHeld({ held = [] }: Partial<ServerStatus>, store: string, terminal: Terminal): void {
  if (held.length === 0) return;
  const lines = held.map((text) => `  charter approve ${text}${storeOption(store)}\n`).join('');
  terminal.err(`Its spec is held until the risks of it are approved:\n${lines}`);
}
