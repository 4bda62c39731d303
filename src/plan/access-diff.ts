// Owns the access half of a plan: which client gains or loses which audience by client_credentials, and the link that
// caused it. Never decides access itself: both sides are asked of src/access, at one instant.

import { type AccessIndex, indexState } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import { decide } from '../access/decide.ts';
import type { AudienceAnswer } from '../access/decision.ts';
import { type ApplicationAddress, compareText } from '../model/address.ts';
import type { Origins } from '../model/origin.ts';
import { entitiesOf, type State } from '../model/state.ts';
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

/** Members that no answer about client_credentials rests on; one that is not listed here counts as one that does. */
const NO_ACCESS: Readonly<Record<string, readonly string[]>> = {
  application: ['/secret', '/tokens', '/metadata/client_name', '/audience_mode', '/client_ip_range'],
  user: ['/sub', '/attributes'],
};

/**
 * Every audience that a client gains or loses, sorted by client, audience and effect. `now` in milliseconds since the
 * epoch: an end that passes by itself is no change. A client is known by its address: one that is renamed by another
 * client_id keeps its access to others, and an audience that another application takes over is lost and gained.
 */
export function diffAccess(input: AccessDiffInput, now: number): readonly AccessChange[] {
  if (!input.changes.some(touchesAccess)) return [];
  const before = indexState(input.before);
  const after = indexState(input.after);
  const clients = new Set<ApplicationAddress>();
  for (const state of [input.before, input.after]) {
    for (const [address] of entitiesOf(state, 'application')) clients.add(address as ApplicationAddress);
  }
  return [...clients].flatMap((client) => diffClient(input, before, after, client, now)).sort(compareAccessChanges);
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

function touchesAccess(change: Change): boolean {
  const kind = change.action === 'delete' ? change.before.kind : change.after.kind;
  if (kind === 'server' || kind === 'scope') return false;
  if (change.action !== 'update') return true;
  const without = NO_ACCESS[kind] ?? [];
  return change.paths.some(({ pointer }) => !without.some((at) => pointer === at || pointer.startsWith(`${at}/`)));
}

function diffClient(
  input: AccessDiffInput,
  before: AccessIndex,
  after: AccessIndex,
  client: ApplicationAddress,
  now: number,
): AccessChange[] {
  const had = grantsOf(before, client, now);
  const has = grantsOf(after, client, now);
  const gained = [...has].filter(([key]) => !had.has(key));
  const lost = [...had].filter(([key]) => !has.has(key));
  return [
    ...gained.map(([, held]) => {
      const other = refusalOf(before, client, held, now);
      return accessChange('grant', client, after, held, other, input);
    }),
    ...lost.map(([, held]) => {
      const other = refusalOf(after, client, held, now);
      return accessChange('revoke', client, before, held, other, input);
    }),
  ];
}

function accessChange(
  effect: AccessChange['effect'],
  client: ApplicationAddress,
  side: AccessIndex,
  held: Granted,
  other: Refused | undefined,
  input: AccessDiffInput,
): AccessChange {
  return {
    effect,
    client,
    client_id: side.application(client)?.client_id ?? '',
    audience: held.audience,
    held,
    other,
    cause: causeOf({ effect, client, held, other }, input),
  };
}

/** The audiences that a client holds, keyed by identifier and application, so that neither can change unseen. */
function grantsOf(index: AccessIndex, client: ApplicationAddress, now: number): Map<string, Granted> {
  const grants = new Map<string, Granted>();
  for (const answer of reachClientCredentials(index, client, now)) {
    if (answer.granted) grants.set(`${answer.application} ${answer.audience}`, answer);
  }
  return grants;
}

/**
 * Why the side that lacks an audience lacks it; undefined when the client or the application is not there, or is known
 * there by another identifier.
 */
function refusalOf(lacking: AccessIndex, client: ApplicationAddress, held: Granted, now: number): Refused | undefined {
  if (lacking.application(client) === undefined) return undefined;
  if (lacking.application(held.application)?.client_id !== held.audience) return undefined;
  const answer = reachClientCredentials(lacking, client, now).find(
    ({ application }) => application === held.application,
  );
  if (answer !== undefined) return answer.granted ? undefined : answer;
  // The client does not list it: what would it be told that asked for it all the same?
  const told = decide(lacking, { grant_type: 'client_credentials', client, scope: [held.audience] }, now);
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
