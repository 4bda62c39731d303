// Owns `charter tokens revoke`: what was issued ends, and what was ended is told. The server of the store does it where one runs, as it can
// tell clients that sessions have ended. Never ends what was not named.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { Failure } from '../model/failure.ts';
import { escapeControls } from '../plan/style.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type RevokeBody, type RevokeOptions, revokeIssued } from './issued.ts';
import { openStoreLate } from './late-store.ts';
import { count, someNames } from './names.ts';
import { storeOption, storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';
import { readStanding, speakOwners, tellUnlisted } from './token-owners.ts';

export interface RevokeTokensOptions extends RevokeOptions {
  readonly store?: string;
}

export async function revokeTokens(options: RevokeTokensOptions, terminal: Terminal): Promise<ExitCode> {
  const path = storePath(options.store, terminal.env);
  const { store: _, ...asked } = options;
  const byServer = await revokeAtServer(asked, path, terminal);
  terminal.out(tell(byServer ?? (await revokeInStore(asked, path)), byServer !== undefined));
  return EXIT.done;
}

/** Undefined where no server did it. */
async function revokeAtServer(asked: RevokeOptions, path: string, terminal: Terminal): Promise<RevokeBody | undefined> {
  try {
    return (await requestOperator(operatorSocketPath(path, terminal.env), '/tokens/revoke', asked)) as RevokeBody;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'server_absent') return undefined;
    if (error.code !== 'server_unreachable') throw error;
    terminal.err(`The running server could not be asked, so it is done in the store: ${error.message}\n`);
    return undefined;
  }
}

async function revokeInStore(asked: RevokeOptions, path: string): Promise<RevokeBody> {
  const store = await openStoreLate(path, { mustExist: true });
  try {
    const lists = `charter tokens list${storeOption(path)}`;
    return await revokeIssued(asked, {
      standing: await readStanding(store),
      grants: store,
      begin: store.openForWriting,
      lists,
    });
  } finally {
    await store.close();
  }
}

const OFFLINE =
  'What came from it is refused from now on. Who checks JWTs without asking takes those until they end by themselves.\n';

function tell(body: RevokeBody, isByServer: boolean): string {
  const { of = {}, ended, ids = [], told = [], not_told = [], not_listed } = body;
  if (ended === undefined) {
    const lines = ids.map((id) => `Ended ${escapeControls(id)}.\n`).join('');
    return ids.length === 0 ? 'All of it had ended meanwhile.\n' : `${lines}${OFFLINE}`;
  }
  const unlisted = not_listed === undefined ? '' : tellUnlisted(not_listed);
  const counts = speakEnded(ended);
  if (counts.length === 0) return `There was nothing of ${speakOwners(of)} to end.\n${unlisted}`;
  const names = (clients: readonly string[]) => escapeControls(someNames(clients));
  return [
    `Ended of ${speakOwners(of)}:\n`,
    ...counts.map((text) => `  ${text}\n`),
    ...(ended.grants > 0 ? [OFFLINE] : []),
    ...(told.length === 0 ? [] : [`Told by the server that the sessions have ended: ${names(told)}.\n`]),
    ...(not_told.length === 0
      ? []
      : [
          `Not told that the sessions have ended: ${names(not_told)} (backchannel_logout_uri).`,
          isByServer ? '\n' : ' No notices were sent: that takes a server of this store that runs.\n',
        ]),
    unlisted,
  ].join('');
}

function speakEnded({ sessions, consents, codes, grants, access_tokens }: NonNullable<RevokeBody['ended']>): string[] {
  return [
    sessions > 0 && count(sessions, 'session'),
    consents > 0 && count(consents, 'remembered consent'),
    codes > 0 && `${count(codes, 'code')} that ${codes === 1 ? 'was' : 'were'} not redeemed`,
    grants > 0 && `${count(grants, 'grant')}, with every token that came from ${grants === 1 ? 'it' : 'them'}`,
    access_tokens > 0 && count(access_tokens, 'opaque access token'),
  ].filter((text) => text !== false);
}
