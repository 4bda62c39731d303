// Owns the answer to `explain`: what a client gets by each of its grants, yes and no, with the links that give it or the
// first one that is missing. Never decides: each answer is one of the engine's.

import { isProtocolScope } from '../access/access-index.ts';
import type { Attributes, Question, Step } from '../access/decision.ts';
import { lastingLongest, namesScope } from '../access/held-scopes.ts';
import type { Address } from '../model/address.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import type { Naming } from '../plan/naming.ts';
import { type Answer, ask, isYes, type Obstacle, obstaclesOf } from './asking.ts';
import { type Help, smallestEdits } from './edits.ts';
import { explainUsers, type UsersAnswer } from './explain-users.ts';
import { laterYes } from './later.ts';
import { addressOf, type ExplainQuestion, namesOf } from './nameable.ts';
import type { World } from './world.ts';

/** One value that may stand in a request: an audience, a scope of the catalogue or of a protocol. */
export interface TargetAnswer {
  readonly value: string;
  /** Undefined for a scope of a protocol, and for what nothing is called by. */
  readonly address: Address | undefined;
  readonly granted: boolean;
  /** It is given where a request names nothing, and not where it is named alone: a policy looks at what else is asked for. */
  readonly onlyByDefault: boolean;
  /** Links that are there; of a yes all that it rests on. */
  readonly chain: readonly Step[];
  /** What the policy of the audience releases. */
  readonly attributes: Attributes | undefined;
  /** Milliseconds since the epoch at which a yes ends. */
  readonly until: number | undefined;
  /** Milliseconds since the epoch at which a no to a request for it alone becomes a yes by itself. */
  readonly from?: number | undefined;
  /** Of a no. */
  readonly obstacle: Obstacle | undefined;
}

export interface GrantAnswer {
  readonly kind: 'request';
  readonly question: Question;
  /** Of the very request: with its scope, or with none. */
  readonly answer: Answer;
  readonly granted: boolean;
  /** Milliseconds since the epoch at which a no becomes a yes by itself. */
  readonly from: number | undefined;
  readonly targets: readonly TargetAnswer[];
  /** Of a no to a request that names something, or of one that gets no token at all. */
  readonly help: Help | undefined;
}

export interface Explanation {
  readonly asked: ExplainQuestion;
  readonly client_id: string;
  readonly grants: readonly (GrantAnswer | UsersAnswer)[];
}

export interface ExplainOptions {
  /** Whether to look for edits: of a past State nothing can be edited any more. */
  readonly withEdits: boolean;
}

export function explain(world: World, asked: ExplainQuestion, naming: Naming, options: ExplainOptions): Explanation {
  const client_id = world.index.application(asked.client)?.client_id ?? '';
  const grants = grantsOf(world, asked).map((grant_type) =>
    GRANT_TYPES_WITH_USER.includes(grant_type) && asked.user === undefined
      ? explainUsers(world, { ...asked, grant_type })
      : explainRequest(world, { ...asked, grant_type }, naming, options),
  );
  return { asked, client_id, grants };
}

/** The client's own, as far as the question leaves them open; a refresh gives what the grant before it gave. */
export function grantsOf({ index }: World, { client, grant_type, user }: ExplainQuestion): readonly string[] {
  if (grant_type !== undefined) return [grant_type];
  const own = index.application(client)?.metadata?.grant_types ?? [];
  const asked = user === undefined ? own : own.filter((grant) => GRANT_TYPES_WITH_USER.includes(grant));
  const first = asked.filter((grant) => grant !== 'refresh_token');
  if (first.length > 0) return first;
  if (asked.length > 0) return asked;
  return [user === undefined ? 'client_credentials' : 'authorization_code'];
}

/** What one request is answered, and what is to be said of all that it may name. */
export function explainRequest(
  world: World,
  question: Question,
  naming: Naming,
  { withEdits }: ExplainOptions,
): GrantAnswer {
  const { index, now } = world;
  const answer = ask(index, question, now);
  const granted = isYes(answer, question);
  const targets =
    question.scope === undefined
      ? namesOf(world, question.client).map((value) => targetAlone(world, question, value, answer))
      : question.scope.map((value) => targetIn(world, question, value, answer));
  const isStuck = !granted && (question.scope !== undefined || targets.every((target) => !target.granted));
  const help = isStuck && withEdits ? smallestEdits(world, question, naming) : undefined;
  const from = granted ? undefined : laterYes(index, question, now)?.from;
  return { kind: 'request', question, answer, granted, from, targets, help };
}

/** What a request for one value alone is answered; `byDefault` is the answer to one that names nothing. */
export function targetAlone(world: World, question: Question, value: string, byDefault: Answer): TargetAnswer {
  const alone = { ...question, scope: [value] };
  const told = targetIn(world, alone, value, ask(world.index, alone, world.now));
  const { client_id } = world.index.application(question.client) ?? {};
  if (told.granted) return told;
  const later = laterYes(world.index, alone, world.now)?.from;
  const lacking = later === undefined ? told : { ...told, from: later };
  if (!byDefault.allowed) return lacking;
  const isThere = byDefault.scopes.includes(value) || (value === client_id && byDefault.audiences.includes(value));
  if (!isThere) return lacking;
  return { ...grantedIn(world, question, value, byDefault), onlyByDefault: true };
}

/** What the answer to a request says of one of its values. */
export function targetIn(world: World, question: Question, value: string, answer: Answer): TargetAnswer {
  const asked = { ...question, scope: [value] };
  if (isYes(answer, asked)) return grantedIn(world, question, value, answer);
  const [obstacle] = obstaclesOf(world.index, asked, answer);
  return {
    value,
    address: addressOf(world, value),
    granted: false,
    onlyByDefault: false,
    chain: obstacle?.chain ?? [],
    attributes: undefined,
    until: undefined,
    obstacle,
  };
}

function grantedIn(world: World, { client }: Question, value: string, { reasons }: Answer): TargetAnswer {
  const own = reasons.filter((reason) => reason.granted).find(({ audience }) => audience === value);
  // A scope comes with the token: the audience that lasts longest carries it.
  const by = own ?? lastingLongest(reasons);
  const address = addressOf(world, value);
  const isScope = own === undefined && address !== undefined && !isProtocolScope(value);
  const asks = isScope ? [namesScope(client, value)] : [];
  return {
    value,
    address,
    granted: true,
    onlyByDefault: false,
    chain: [...asks, ...(by?.chain ?? [])],
    attributes: own?.attributes,
    until: by?.until,
    obstacle: undefined,
  };
}
