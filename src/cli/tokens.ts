// Owns `charter tokens list`: what was issued to whom and still counts. Never a token or its hash, and never changes anything.

import { qualifiedName } from '../model/address.ts';
import { formatInstant } from '../model/duration.ts';
import { type Connection, connectionsOf, typeOf } from '../oauth/connections.ts';
import { escapeControls, wrap } from '../plan/style.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { printJson } from './outputs.ts';
import { storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';
import { type OwnerOptions, readOwners, readStanding, speakOwners, tellUnlisted, unlistedOf } from './token-owners.ts';

export interface ListTokensOptions extends OwnerOptions {
  readonly limit: number;
  readonly store?: string;
  readonly json?: boolean;
}

export async function listTokens(options: ListTokensOptions, terminal: Terminal): Promise<ExitCode> {
  const store = await openSqliteStore(storePath(options.store, terminal.env), { readOnly: true, mustExist: true });
  try {
    const snapshot = await readStanding(store);
    const owners = readOwners(options, snapshot);
    const connections: Connection[] = [];
    let isMore = false;
    for await (const connection of connectionsOf(owners, { snapshot, grants: store, now: Date.now() })) {
      isMore = connections.length === options.limit;
      if (isMore) break;
      connections.push(connection);
    }
    const unlisted = unlistedOf(owners, snapshot);
    if (options.json === true) {
      const { clients, longest } = unlisted;
      const not_listed = { clients: clients.map(qualifiedName), longest_seconds: longest };
      terminal.out(printJson({ connections: connections.map(connectionToJson), more: isMore, not_listed }));
      return EXIT.done;
    }
    const whose = speakOwners(owners);
    if (connections.length === 0)
      terminal.out(`Nothing is alive that was issued${whose === '' ? '' : ` to ${whose}`}.\n`);
    terminal.out(connections.map(tellConnection).join(''));
    if (isMore)
      terminal.out(`There is more than ${options.limit}: --limit lists more, --user and --client list less.\n`);
    terminal.out(tellUnlisted(unlisted));
    return EXIT.done;
  } finally {
    await store.close();
  }
}

const INDENT = '    ';
const WIDTH = 96;

function tellConnection(connection: Connection): string {
  const { issued, ends } = connection;
  const { record, grant, lastIssued } = issued;
  const whose = record.user === undefined ? 'as itself' : `for ${qualifiedName(record.user)}`;
  const last = grant === undefined ? '' : `, last token ${instant(lastIssued)}`;
  const parts = [
    `since ${instant(record.issued_at)}${last}, ends ${instant(ends)}`,
    `scopes: ${record.scopes.join(' ') || 'none'}`,
    `audiences: ${record.audiences.join(' ') || 'none'}`,
  ];
  const head = `${record.id}  ${qualifiedName(record.client)} ${whose}  ${typeOf(connection)}`;
  const lines = [head, ...parts.flatMap((text) => wrap(text, WIDTH)).map((line) => `${INDENT}${line}`)];
  return lines.map((line) => `${escapeControls(line)}\n`).join('');
}

function connectionToJson(connection: Connection): object {
  const { issued, ends } = connection;
  const { record, grant, lastIssued } = issued;
  return {
    id: record.id,
    kind: grant === undefined ? 'access_token' : 'grant',
    client: qualifiedName(record.client),
    client_id: record.client_id,
    ...(record.user === undefined ? {} : { user: qualifiedName(record.user) }),
    type: typeOf(connection),
    ...(grant === undefined ? {} : { grant_type: grant.grant_type }),
    since: instant(record.issued_at),
    ...(grant === undefined ? {} : { last_token: instant(lastIssued) }),
    ends: instant(ends),
    scopes: record.scopes,
    audiences: record.audiences,
  };
}

/** Of seconds. */
function instant(seconds: number): string {
  return formatInstant(seconds * 1000);
}
