// Owns `charter explain`. Never decides: it reads names, asks, and tells.

import { explain as explainClient } from '../explain/explain.ts';
import { explainResource } from '../explain/explain-resource.ts';
import { resourceLines } from '../explain/explain-resource-text.ts';
import { explainLines } from '../explain/explain-text.ts';
import type { ExplainQuestion } from '../explain/nameable.ts';
import { findClient, findGrant, findMethod, findResource, findScopes, findUser } from '../explain/names.ts';
import { type ApplicationAddress, qualifiedName } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { isAddress } from '../model/network.ts';
import { entitiesOf, entityAt, type State } from '../model/state.ts';
import type { AskedOptions } from './asked-state.ts';
import type { ExitCode } from './exit-code.ts';
import { answerQuestion, found } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

/** A question about one client, as it is typed. */
export interface ClientOptions extends AskedOptions {
  readonly grant?: string;
  readonly scope?: readonly string[];
  readonly user?: string;
  readonly method?: string;
  readonly ip?: string;
}

export interface ExplainOptions extends ClientOptions {
  readonly resource?: string;
}

export async function explain(client: string, options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  return await answerQuestion(options, terminal, ({ world, naming, isPresent }) => {
    const asked = readQuestion(world.index.state, client, options);
    if (options.resource !== undefined) {
      const explanation = explainResource(world, asked, found(findResource(world.index.state, options.resource)));
      return { told: { kind: 'resource', explanation }, lines: (telling) => resourceLines(explanation, telling) };
    }
    const explanation = explainClient(world, asked, naming, { withEdits: isPresent });
    return { told: { kind: 'explain', explanation }, lines: (telling) => explainLines(explanation, telling) };
  });
}

/** Throws Failure `usage` for what names nothing, and for what does not go together. */
export function readQuestion(state: State, client: string, options: ClientOptions): ExplainQuestion {
  const { grant, scope, user, method } = options;
  const asked: ExplainQuestion = {
    client: found(findClient(state, client)),
    grant_type: grant === undefined ? undefined : found(findGrant(state, grant)),
    scope: scope === undefined ? undefined : readScopes(state, scope),
    user: user === undefined ? undefined : found(findUser(state, user)),
    method: method === undefined ? undefined : found(findMethod(state, method)),
    ip: readIp(options.ip),
  };
  const isOfUser = asked.grant_type === undefined || GRANT_TYPES_WITH_USER.includes(asked.grant_type);
  const unused = asked.user !== undefined ? '--user' : asked.method !== undefined ? '--method' : undefined;
  if (!isOfUser && unused !== undefined) {
    throw new Failure(
      'usage',
      `By ${asked.grant_type} no user lets the client act, so ${unused} would mean nothing. Leave one of the two out.`,
    );
  }
  if (asked.grant_type === undefined && unused !== undefined) refuseWithoutUsers(state, asked.client, unused);
  return asked;
}

/** A client that has no grant of a user is not asked about one: it acts as itself, or as the user whom it impersonates. */
function refuseWithoutUsers(state: State, client: ApplicationAddress, unused: string): void {
  const grants = entityAt(state, 'application', client)?.metadata?.grant_types ?? [];
  if (!grants.includes('client_credentials') || grants.some((grant) => GRANT_TYPES_WITH_USER.includes(grant))) return;
  const [acts] = [...entitiesOf(state, 'user')].flatMap(([address, { impersonated_by = [] }]) =>
    impersonated_by.some(({ to }) => to === client) ? [address] : [],
  );
  const name = qualifiedName(client);
  const as = acts === undefined ? 'as itself' : `as ${qualifiedName(acts)}, whom it impersonates`;
  throw new Failure(
    'usage',
    `${name} has the grant client_credentials alone: nobody logs in to it, and it acts ${as}. Leave ${unused} out; charter what-can user:NAME tells what a user can.`,
  );
}

/** A scope without a value is none (RFC 6749 3.3). */
function readScopes(state: State, scope: readonly string[]): readonly string[] {
  const values = found(findScopes(state, scope));
  if (values.length === 0) throw new Failure('usage', '--scope is empty: is a variable not set?');
  return values;
}

export function readIp(ip: string | undefined): string | undefined {
  if (ip === undefined || isAddress(ip)) return ip;
  throw new Failure('usage', `--ip ${ip} is no IP address. Write 192.0.2.7 or 2001:db8::7.`);
}
