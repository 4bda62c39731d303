// Owns the access half of a plan: which client gains or loses which audience by client_credentials, and the link that
// caused it. Never decides access itself: both sides are asked of src/access, at one instant.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer } from '../access/decision.ts';
import { type ApplicationAddress, compareText } from '../model/address.ts';
import type { Origins } from '../model/origin.ts';
import type { State } from '../model/state.ts';
import { affectedClients } from './affected.ts';
import { causeOf } from './cause.ts';
import type { AccessChange, Change } from './plan.ts';

export interface AccessDiffInput {
  readonly before: State;
  readonly after: State;
  readonly beforeOrigins: Origins;
  readonly afterOrigins: Origins;
  /** `diffStates(before, after)`: where nothing of access changed, nothing is asked. */
  readonly changes: readonly Change[];
}

type Granted = Extract<AudienceAnswer, { granted: true }>;
type Refused = Extract<AudienceAnswer, { granted: false }>;

/**
 * Every audience that a client gains or loses, sorted by client, audience and effect. `now` in milliseconds since the
 * epoch: an end that passes by itself is no change. A client is known by its address: one that is renamed by another
 * client_id keeps its access to others, and an audience that another application takes over is lost and gained.
 */
export function diffAccess(input: AccessDiffInput, now: number): readonly AccessChange[] {
  const clients = affectedClients(input.before, input.after, input.changes);
  if (clients.size === 0) return [];
  const before = indexState(input.before);
  const after = indexState(input.after);
  return [...clients]
    .flatMap((client) => diffClient(input, sideOf(before, client, now), sideOf(after, client, now), client))
    .sort(compareAccessChanges);
}

/** The total order of access changes: client, audience, effect (a grant before a revoke). */
export function compareAccessChanges(a: AccessChange, b: AccessChange): number {
  return (
    compareText(a.client, b.client) ||
    compareText(a.audience, b.audience) ||
    compareText(a.effect, b.effect) ||
    compareText(a.held.application, b.held.application)
  );
}

/** One client in one State. */
interface Side {
  readonly index: AccessIndex;
  readonly now: number;
  readonly answers: readonly AudienceAnswer[];
  /** Keyed by application and identifier, so that neither can change unseen. */
  readonly granted: ReadonlyMap<string, Granted>;
}

function sideOf(index: AccessIndex, client: ApplicationAddress, now: number): Side {
  const answers = reachClientCredentials(index, client, now);
  const granted = new Map<string, Granted>();
  for (const answer of answers) if (answer.granted) granted.set(`${answer.application} ${answer.audience}`, answer);
  return { index, now, answers, granted };
}

function diffClient(input: AccessDiffInput, before: Side, after: Side, client: ApplicationAddress): AccessChange[] {
  const changes: AccessChange[] = [];
  for (const [effect, lacking, holding] of [['grant', before, after] as const, ['revoke', after, before] as const]) {
    const client_id = holding.index.application(client)?.client_id ?? '';
    for (const [key, held] of holding.granted) {
      if (lacking.granted.has(key)) continue;
      const other = refusalOf(lacking, client, held);
      const cause = causeOf({ effect, client, held, other }, input);
      changes.push({ effect, client, client_id, audience: held.audience, held, other, cause });
    }
  }
  return changes;
}

/**
 * Why the side that lacks an audience lacks it; undefined when the client or the application is not there, or is known
 * there by another identifier.
 */
function refusalOf(lacking: Side, client: ApplicationAddress, held: Granted): Refused | undefined {
  const { index, now } = lacking;
  if (index.application(client) === undefined) return undefined;
  if (index.application(held.application)?.client_id !== held.audience) return undefined;
  const answer = lacking.answers.find(({ application }) => application === held.application);
  if (answer !== undefined) return answer.granted ? undefined : answer;
  // The client does not list it: what would it be told that asked for it all the same?
  const told = decide(index, { grant_type: 'client_credentials', client, scope: [held.audience] }, now);
  if (told.allowed) return undefined;
  return {
    audience: held.audience,
    application: held.application,
    granted: false,
    chain: [],
    code: told.code,
    missing: told.missing ?? { address: client, pointer: '' },
  };
}
