// Owns the access half of a plan: which client gains or loses which audience or scope by client_credentials, as whom, and
// the link that caused it. Never decides access itself: both sides are asked of src/access, at one instant.

import type { AccessIndex } from '../access/access-index.ts';
import { reachClientCredentials, scopesClientCredentials } from '../access/client-credentials.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer } from '../access/decision.ts';
import { type ApplicationAddress, scopeAddress } from '../model/address.ts';
import { affectedClients } from './affected.ts';
import { type CauseSides, causeOf } from './cause.ts';
import type { Compared, ComparedSide } from './compared.ts';
import { compareAccessChanges, userOf } from './holding.ts';
import type { AccessChange, Holding } from './plan.ts';
import { sharedAnswer, sharedPlace, sharedScope } from './shared-answer.ts';

type Granted = Extract<AudienceAnswer, { granted: true }>;
type Refused = Extract<AudienceAnswer, { granted: false }>;

/**
 * Every audience and scope that a client gains or loses, in their total order. `now` in milliseconds since the
 * epoch: an end that passes by itself is no change. A client is known by its address: one that is renamed by another
 * client_id keeps its access to others, and an audience that another application takes over is lost and gained. So is all that it
 * holds as another user than before: its tokens speak for somebody else.
 */
export function diffAccess(compared: Compared, now: number): readonly AccessChange[] {
  const { before, after, changes } = compared;
  const clients = affectedClients(compared);
  if (clients.size === 0) return [];
  const changed = new Map(changes.map((change) => [change.address, change]));
  const causes: CauseSides = { before, after, changed, now };
  return [...clients]
    .flatMap((client) => diffClient(reachOf(before, client, now), reachOf(after, client, now), client, causes))
    .sort(compareAccessChanges);
}

/** What a client holds on one side, with the answer that gives it. */
type Held = Holding & { readonly answer: Granted };

/** One client on one side, everything by the names of the plan. */
interface Reach {
  readonly side: ComparedSide;
  readonly index: AccessIndex;
  /** As its own side calls it. */
  readonly client: ApplicationAddress;
  readonly now: number;
  readonly answers: readonly AudienceAnswer[];
  /** Keyed by kind, application and identifier, so that none of them can change unseen. */
  readonly held: ReadonlyMap<string, Held>;
}

function reachOf(side: ComparedSide, called: ApplicationAddress, now: number): Reach {
  const index = side.index();
  const client = side.own(called);
  const told = reachClientCredentials(index, client, now);
  const scopes = scopesClientCredentials(index, client, told);
  const answers = told.map((answer) => sharedAnswer(answer, side));
  const held = new Map<string, Held>();
  for (const answer of answers) {
    if (answer.granted) held.set(`${answer.application} ${answer.audience}`, { audience: answer.audience, answer });
  }
  for (const { scope, asks, by } of scopes.map((one) => sharedScope(one, side))) {
    held.set(scopeAddress(scope), { scope, answer: { ...by, chain: [asks, ...by.chain] } });
  }
  return { side, index, client, now, answers, held };
}

function diffClient(before: Reach, after: Reach, client: ApplicationAddress, causes: CauseSides): AccessChange[] {
  const changes: AccessChange[] = [];
  for (const [effect, lacking, holding] of [['grant', before, after] as const, ['revoke', after, before] as const]) {
    const client_id = holding.index.application(holding.client)?.client_id ?? '';
    for (const [key, { answer: held, ...what }] of holding.held) {
      const instead = lacking.held.get(key)?.answer;
      if (instead !== undefined && userOf(instead.chain) === userOf(held.chain)) continue;
      const other = instead === undefined ? refusalOf(lacking, { ...what, answer: held }) : undefined;
      const uncaused = { ...what, effect, client, held, other };
      changes.push({
        ...uncaused,
        client_id,
        cause: causeOf({ ...uncaused, instead }, causes),
      });
    }
  }
  return changes;
}

/**
 * Why the side that lacks an audience or a scope lacks it; undefined when the client, the application or the scope is
 * not there, or the application is known there by another identifier.
 */
function refusalOf(lacking: Reach, held: Held): Refused | undefined {
  const { index, side, client } = lacking;
  if (index.application(client) === undefined) return undefined;
  const { answer, scope } = held;
  if (scope !== undefined && !index.allowList(client).scopes.includes(scope)) {
    return side.state.has(scopeAddress(scope)) ? refusalOfNaming(lacking, held) : undefined;
  }
  // A scope that is listed is held by any audience: what stands in the way is what stands in the way of that one.
  if (index.application(side.own(answer.application))?.client_id !== answer.audience) return undefined;
  const judged = lacking.answers.find(({ application }) => application === answer.application);
  if (judged !== undefined) return judged.granted ? undefined : judged;
  return refusalOfNaming(lacking, { audience: answer.audience, answer });
}

/** The client does not list it: what would it be told that asked for it all the same? */
function refusalOfNaming({ index, side, client, now }: Reach, { scope, audience, answer }: Held): Refused | undefined {
  const told = decide(index, { grant_type: 'client_credentials', client, scope: [scope ?? audience] }, now);
  if (told.allowed) return undefined;
  const naming = scope !== undefined && told.code === 'SCOPE_NOT_ALLOWED';
  const missing = naming ? { address: client, pointer: '/metadata/scope' } : told.missing;
  return {
    audience: answer.audience,
    application: answer.application,
    granted: false,
    chain: [],
    code: told.code,
    missing: sharedPlace(missing ?? { address: client, pointer: '' }, side),
    until: told.until,
  };
}
