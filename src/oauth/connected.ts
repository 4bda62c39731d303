// Owns the page on which a user sees what applications were given, and takes it back (SEMANTICS N-63). Never logs anybody in:
// that begins at an application.

import type { ApplicationAddress, UserAddress } from '../model/address.ts';
import { descriptionKey, pageUrl } from './brand.ts';
import { type Connection, connectionOf, endConnections } from './connections.ts';
import type { Answer, Context, Endpoint, EndpointRequest } from './endpoint.ts';
import { NO_STORE } from './error.ts';
import { readForm } from './form.ts';
import { browserOf, checkForm, formTag } from './form-protection.ts';
import { defineEndpoint, type Note } from './handling.ts';
import type { Page, ShownConnection } from './page.ts';
import { type FoundSession, findSession, noteSessionUse } from './session.ts';
import { shownClient, shownScopes } from './shown.ts';
import { usernameOf } from './user-lookup.ts';

/** The checkbox of an application; its value is the client_id. */
const REMOVE = 'remove';

/** More than anybody looks through, and fewer than a form may have fields. */
const MOST_SHOWN = 100;
/** Rows that are looked at for one page, the newest: a client that acts as a user by itself may have any number. */
const MOST_READ = 1000;

/** Serves the page, and the form of it. */
export const connectedEndpoint: Endpoint = defineEndpoint('connected', async (asked, context, note) => {
  const found = await findSession(asked, context);
  if (found === undefined) {
    note({ outcome: 'nobody is signed in' });
    return { status: 200, headers: NO_STORE, body: undefined, page: { kind: 'not-signed-in' } };
  }
  note({ outcome: 'connected page', user: found.session.user });
  await noteSessionUse(found, context);
  const removed = asked.method === 'POST' ? await remove(asked, found, context, note) : [];
  return connectedPage(asked, found, removed, context);
});

/** Ends what the user chose; answers how the applications are called. */
async function remove(
  asked: EndpointRequest,
  { hash, session: { user } }: FoundSession,
  context: Context,
  note: Note,
): Promise<readonly string[]> {
  const isChosen = ([name]: (typeof asked.form)[number]) => name === REMOVE;
  const form = readForm(asked.form.filter((pair) => !isChosen(pair)));
  checkForm(asked, { purpose: 'connected', subject: hash, tag: form.get('form') }, context);
  const { index } = context.snapshot;
  const clients = asked.form.filter(isChosen).flatMap(([, client_id]) => index.client(client_id) ?? []);
  const names: string[] = [];
  for (const client of new Set(clients)) {
    await endConnections({ user, client }, context.grants);
    const application = index.application(client);
    if (application !== undefined) names.push(shownClient({ client, application }, []).name);
  }
  note({ outcome: 'removed', removed: [...new Set(clients)] });
  return names;
}

async function connectedPage(
  asked: EndpointRequest,
  { hash, session: { user } }: FoundSession,
  removed: readonly string[],
  context: Context,
): Promise<Answer> {
  const browser = browserOf(asked, context);
  const { byClient, isCut } = await readConnections(user, context);
  const page: Page = {
    kind: 'connected',
    action: pageUrl(asked, context.snapshot, 'connected'),
    fields: { form: formTag(browser, 'connected', hash) },
    user: usernameOf(user),
    connections: [...byClient].flatMap(([client, rows]) => shownConnection(client, rows, asked, context) ?? []),
    isCut,
    removed,
  };
  return { status: 200, headers: NO_STORE, body: undefined, page, cookies: browser.cookies };
}

/** By application: who has logged in to it on three devices has it once. */
async function readConnections(
  user: UserAddress,
  context: Context,
): Promise<{ readonly byClient: ReadonlyMap<ApplicationAddress, readonly Connection[]>; readonly isCut: boolean }> {
  const byClient = new Map<ApplicationAddress, Connection[]>();
  const page = { now: Math.floor(context.now / 1000), limit: MOST_READ };
  const read = await context.grants.issuedTo({ user }, page);
  for (const issued of read) {
    const connection = await connectionOf(issued, context);
    if (connection === undefined) continue;
    const { client } = issued.record;
    const rows = byClient.get(client);
    if (rows !== undefined) rows.push(connection);
    else if (byClient.size < MOST_SHOWN) byClient.set(client, [connection]);
    else return { byClient, isCut: true };
  }
  return { byClient, isCut: read.length === MOST_READ };
}

function shownConnection(
  client: ApplicationAddress,
  rows: readonly Connection[],
  asked: EndpointRequest,
  { snapshot }: Context,
): ShownConnection | undefined {
  const application = snapshot.index.application(client);
  if (application === undefined) return undefined;
  const scopes = [...new Set(rows.flatMap(({ issued }) => issued.record.scopes))];
  return {
    client_id: application.client_id,
    name: shownClient({ client, application }, []).name,
    since: Math.min(...rows.map(({ issued }) => issued.record.issued_at)),
    refreshes: rows.some(({ refreshes }) => refreshes),
    scopes: shownScopes(scopes, snapshot, descriptionKey(application.consent ?? {}, asked)),
    offline: scopes.includes('offline_access'),
  };
}
