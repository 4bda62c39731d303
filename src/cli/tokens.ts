// Owns `charter tokens list`: what was issued to whom and still counts. Never a token or its hash, and never changes anything.

import { escapeControls, wrap } from '../plan/style.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { listIssued, type RowBody } from './issued.ts';
import { printJson } from './outputs.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';
import {
  namesOfOwners,
  type OwnerOptions,
  readOwners,
  readStanding,
  speakOwners,
  tellUnlisted,
} from './token-owners.ts';

export interface ListTokensOptions extends OwnerOptions {
  readonly limit: number;
  readonly store?: string;
  readonly json?: boolean;
}

export async function listTokens(options: ListTokensOptions, terminal: Terminal): Promise<ExitCode> {
  const store = await openSqliteStore(storePath(options.store, terminal.env), { readOnly: true, mustExist: true });
  try {
    const standing = await readStanding(store);
    const body = await listIssued(options, { standing, grants: store, now: Date.now() });
    if (options.json === true) {
      terminal.out(printJson(body));
      return EXIT.done;
    }
    const whose = speakOwners(namesOfOwners(readOwners(options, standing)));
    if (body.connections.length === 0)
      terminal.out(`Nothing is alive that was issued${whose === '' ? '' : ` to ${whose}`}.\n`);
    terminal.out(body.connections.map(tellRow).join(''));
    if (body.more)
      terminal.out(`There is more than ${options.limit}: --limit lists more, --user and --client list less.\n`);
    terminal.out(tellUnlisted(body.not_listed));
    return EXIT.done;
  } finally {
    await store.close();
  }
}

const INDENT = '    ';
const WIDTH = 96;

function tellRow({ id, client, user, type, since, last_token, ends, scopes, audiences, bound_ip }: RowBody): string {
  const whose = user === undefined ? 'as itself' : `for ${user}`;
  const last = last_token === undefined ? '' : `, last token ${last_token}`;
  const parts = [
    `since ${since}${last}, ends ${ends}`,
    `scopes: ${scopes.join(' ') || 'none'}`,
    `audiences: ${audiences.join(' ') || 'none'}`,
    ...(bound_ip === undefined ? [] : [`only for requests from ${bound_ip}`]),
  ];
  const lines = [
    `${id}  ${client} ${whose}  ${type}`,
    ...parts.flatMap((text) => wrap(text, WIDTH)).map((line) => `${INDENT}${line}`),
  ];
  return lines.map((line) => `${escapeControls(line)}\n`).join('');
}
