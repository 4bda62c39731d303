// Owns `charter graph`: the access of a spec as a picture, in a format that something else shows. Never decides access, and
// never shows it itself.

import { basename, resolve } from 'node:path';
import { type AccessIndex, indexState } from '../access/access-index.ts';
import { graphOf } from '../explain/graph.ts';
import { type Asker, answerOf, answersOf, type GraphAnswer } from '../explain/graph-answer.ts';
import { renderDot } from '../explain/graph-dot.ts';
import { highlightOf } from '../explain/graph-highlight.ts';
import { renderMermaid } from '../explain/graph-mermaid.ts';
import { renderPage } from '../explain/graph-page.ts';
import { selectClients } from '../explain/graph-select.ts';
import { findClient, findTarget, findUser, type NamedTarget } from '../explain/names.ts';
import { pictureOf } from '../explain/picture.ts';
import { type Address, type ApplicationAddress, scopeAddress } from '../model/address.ts';
import { Failure } from '../model/failure.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { directoriesOf } from '../reconcile/overlays.ts';
import { type AskedOptions, readAsked } from './asked-state.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { writeOutput } from './files-out.ts';
import { loadLayout } from './graphviz.ts';
import { refuseOverwriting } from './outputs.ts';
import { tellRefusal } from './problem.ts';
import { specWords } from './spec-input.ts';
import { found } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

export interface GraphOptions extends Omit<AskedOptions, 'json'> {
  readonly format: 'mermaid' | 'dot' | 'html';
  readonly out?: string;
  readonly full?: boolean;
  /** What the one client asks for. */
  readonly ask?: string;
  /** The user who logs in at the client, where that is what is asked. */
  readonly user?: string;
}

export async function graph(names: readonly string[], options: GraphOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.ask === undefined && options.user !== undefined) {
    throw new Failure('usage', '--user says for whom --ask is asked. Write --ask NAME too, or leave --user out.');
  }
  if (options.ask !== undefined && names.length !== 1) {
    throw new Failure('usage', '--ask is about one client. Write charter graph CLIENT --ask NAME');
  }
  const { dir = ['.'], overlay, out } = options;
  refuseOverwriting(out === undefined ? {} : { out }, {
    store: options.store,
    directories: directoriesOf(dir, overlay),
  });
  const read = await readAsked(options, terminal);
  if (!read.ok) return tellRefusal(read.refusal, terminal);
  const { index, origins = new Map(), now, generation } = read.world;
  const spec = specWords(
    dir.map((one) => basename(resolve(one))),
    options,
  );
  const title = generation === undefined ? spec : `generation ${generation}`;
  const text = await graphText({ state: index.state, origins, names, title, now }, options);
  if (options.out === undefined) terminal.out(text);
  else await writeOutput('--out', options.out, text);
  return EXIT.done;
}

/** What a graph is made of. `now` in milliseconds since the epoch: what has ended by then is drawn as ended. */
export interface GraphInput {
  readonly state: State;
  readonly origins: Origins;
  /** Clients; all of the State where there are none. */
  readonly names: readonly string[];
  readonly title: string;
  readonly now: number;
}

/** The picture in its format: equal input gives equal text. Throws Failure `usage` for a name that stands for nothing. */
export async function graphText(
  { state, origins, names, title, now }: GraphInput,
  options: Pick<GraphOptions, 'format' | 'full' | 'ask' | 'user'>,
): Promise<string> {
  const index = indexState(state);
  const clients = names.map((name) => found(findClient(state, name)));
  const [first] = clients;
  const asked = first === undefined || options.ask === undefined ? undefined : ask(index, state, first, options, now);
  const whole = graphOf(state, index, now);
  const alone = new Set<Address>([...clients, ...(asked === undefined ? [] : addressesOf(asked))]);
  const users = new Set(clients.filter((one) => userGrantOf(index, one) !== undefined));
  const shown = clients.length === 0 ? whole : selectClients(whole, clients, users, [...alone]);
  const picture = pictureOf(shown, alone, options.full === true ? Number.POSITIVE_INFINITY : undefined);
  const highlight = asked === undefined ? undefined : highlightOf(picture, asked);
  switch (options.format) {
    case 'mermaid':
      return renderMermaid(picture, highlight);
    case 'dot':
      return renderDot(picture, highlight);
    case 'html':
      return renderPage(
        picture,
        { title: [title, ...names].join(' '), origins, answers: answersOf(shown, index, now), asked },
        await loadLayout(),
      );
  }
}

function ask(
  index: AccessIndex,
  state: State,
  client: ApplicationAddress,
  options: Pick<GraphOptions, 'ask' | 'user'>,
  now: number,
): GraphAnswer {
  const target = addressOf(found(findTarget(state, options.ask ?? '')));
  const user = options.user === undefined ? undefined : found(findUser(state, options.user));
  const grants = index.application(client)?.metadata?.grant_types ?? [];
  const userGrant = userGrantOf(index, client);
  if (user === undefined && userGrant !== undefined && !grants.includes('client_credentials')) {
    throw new Failure('usage', `${client.slice('application:'.length)} acts for users only. Say for whom: --user NAME`);
  }
  const grant_type = user === undefined ? 'client_credentials' : (userGrant ?? 'authorization_code');
  const asker: Asker = { client, user, grant_type };
  return answerOf(index, asker, target, now);
}

function addressOf(target: NamedTarget): Address {
  return 'scope' in target ? scopeAddress(target.scope) : target.audience;
}

function userGrantOf(index: AccessIndex, client: Address): string | undefined {
  const grants = index.application(client as ApplicationAddress)?.metadata?.grant_types ?? [];
  return grants.find((grant) => GRANT_TYPES_WITH_USER.includes(grant));
}

/** All that an answer goes through: it is drawn by itself, whatever else is drawn as one. */
function addressesOf({ asker, target, steps, refusal }: GraphAnswer): readonly Address[] {
  const missing = refusal?.missing?.address;
  const all = [asker.client, asker.user, target, missing, ...steps.flatMap(({ from, to }) => [from, to])];
  return all.filter((one) => one !== undefined);
}
