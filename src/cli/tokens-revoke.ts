// Owns `charter tokens revoke`: what was issued ends, and what was ended is told. Never ends what was not named.

import { Failure } from '../model/failure.ts';
import { endConnections } from '../oauth/connections.ts';
import type { Ended, Owners } from '../oauth/issued-port.ts';
import type { Standing } from '../oauth/snapshot.ts';
import { escapeControls } from '../plan/style.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type LateStore, openStoreLate } from './late-store.ts';
import { count, qualifiedNames } from './names.ts';
import { storeOption, storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';
import { type OwnerOptions, readOwners, readStanding, speakOwners, tellUnlisted, unlistedOf } from './token-owners.ts';

export interface RevokeTokensOptions extends OwnerOptions {
  readonly id?: readonly string[];
  readonly store?: string;
}

export async function revokeTokens(options: RevokeTokensOptions, terminal: Terminal): Promise<ExitCode> {
  const { id, user, client } = options;
  if (id === undefined && user === undefined && client === undefined) {
    throw new Failure('usage', 'Say whose tokens end: --user NAME, --client NAME, both, or --id ID of single ones.');
  }
  const path = storePath(options.store, terminal.env);
  const store = await openStoreLate(path, { mustExist: true });
  try {
    if (id !== undefined) {
      terminal.out(await revokeById([...new Set(id)], store, path));
      return EXIT.done;
    }
    const standing = await readStanding(store);
    const owners = readOwners(options, standing);
    await store.openForWriting();
    terminal.out(tellEnded(await endConnections(owners, store), owners, standing));
    terminal.out(tellUnlisted(unlistedOf(owners, standing)));
    return EXIT.done;
  } finally {
    await store.close();
  }
}

/** All or none of them. */
async function revokeById(ids: readonly string[], store: LateStore, path: string): Promise<string> {
  for (const id of ids) {
    if ((await store.findIssued(id)) !== undefined) continue;
    throw new Failure(
      'grant_unknown',
      `Nothing has the id ${escapeControls(id)}: charter tokens list${storeOption(path)} lists what has one. Nothing was ended.`,
    );
  }
  await store.openForWriting();
  const ended = await store.endIssuedById(ids);
  const lines = ended.map((id) => `Ended ${escapeControls(id)}.\n`).join('');
  return ended.length === 0 ? 'All of it had ended meanwhile.\n' : `${lines}${OFFLINE}`;
}

const OFFLINE =
  'What came from it is refused from now on. Who checks JWTs without asking takes those until they end by themselves.\n';

function tellEnded(ended: Ended, owners: Owners, { index }: Standing): string {
  const { sessions, consents, codes, grants, accessTokens, clients } = ended;
  const counts = [
    sessions > 0 && count(sessions, 'session'),
    consents > 0 && count(consents, 'remembered consent'),
    codes > 0 && `${count(codes, 'code')} that ${codes === 1 ? 'was' : 'were'} not redeemed`,
    grants > 0 && `${count(grants, 'grant')}, with every token that came from ${grants === 1 ? 'it' : 'them'}`,
    accessTokens > 0 && count(accessTokens, 'opaque access token'),
  ].filter((text) => text !== false);
  if (counts.length === 0) return `There was nothing of ${speakOwners(owners)} to end.\n`;
  // A logout at this server tells them; here nobody is at hand who could.
  const untold = clients.filter((client) => index.application(client)?.metadata?.backchannel_logout_uri !== undefined);
  return [
    `Ended of ${speakOwners(owners)}:\n`,
    ...counts.map((text) => `  ${text}\n`),
    ...(grants > 0 ? [OFFLINE] : []),
    ...(untold.length === 0
      ? []
      : [
          `Not told that the sessions have ended: ${escapeControls(qualifiedNames(untold))} (backchannel_logout_uri).\n`,
        ]),
  ].join('');
}
