// Owns what who makes a plan knows of it besides: for which instant it was made, which moves it could not follow, and whom
// clients with changed secrets reach. Never decides what a plan does.

import { indexState } from '../access/access-index.ts';
import { reachClientCredentials } from '../access/client-credentials.ts';
import type { Address, ApplicationAddress } from '../model/address.ts';
import type { Move } from '../model/move.ts';
import { entitiesOf, type State } from '../model/state.ts';
import { type Misnamed, misnamedMoves } from './misnamed.ts';
import type { Change, Plan } from './plan.ts';
import { type TakenMove, takenMoves } from './taken-moves.ts';

/** All of it may be unknown, of a plan that was read, say: then a text says less. */
export interface Circumstances {
  /** Milliseconds since the epoch: what has ended by then counts for nothing. */
  readonly now?: number;
  /** By the address of what is new instead of moved. */
  readonly misnamed?: ReadonlyMap<Address, Misnamed>;
  /** By the former address of what is deleted instead of moved. */
  readonly taken?: ReadonlyMap<Address, Pick<TakenMove, 'move' | 'former'>>;
  /** By client whose secret is another one: the applications marked `restricted` that it reaches after the plan. */
  readonly restricted?: ReadonlyMap<Address, readonly ApplicationAddress[]>;
}

/** Of a plan that leads to a State, for an instant in milliseconds since the epoch. */
export function circumstancesOf(
  plan: Pick<Plan, 'changes' | 'unchanged'>,
  { state, moves }: { readonly state: State; readonly moves: readonly Move[] },
  now: number,
): Circumstances {
  return {
    now,
    misnamed: misnamedMoves(plan, moves),
    taken: takenMoves(plan.changes, state, moves),
    restricted: restrictedReach(plan.changes, state, now),
  };
}

/** Looks at nothing where no secret changed, or nothing is restricted: to index a State takes long. */
function restrictedReach(
  changes: readonly Change[],
  after: State,
  now: number,
): ReadonlyMap<Address, readonly ApplicationAddress[]> {
  const clients = changes.flatMap((change) =>
    'paths' in change &&
    change.after.kind === 'application' &&
    change.paths.some(({ pointer }) => isCredential(pointer))
      ? [change.address as ApplicationAddress]
      : [],
  );
  if (clients.length === 0) return new Map();
  const marked = new Set(
    [...entitiesOf(after, 'application')].flatMap(([address, { restricted }]) =>
      restricted === true ? [address] : [],
    ),
  );
  if (marked.size === 0) return new Map();
  const index = indexState(after);
  return new Map(
    clients.map((client) => {
      const reached = reachClientCredentials(index, client, now).filter(
        ({ application, granted }) => granted && application !== client && marked.has(application),
      );
      return [client, reached.map(({ application }) => application)] as const;
    }),
  );
}

/** Whether a pointer leads to what a client proves itself by: a secret that is written, its keys, or the name in its certificate. */
function isCredential(pointer: string): boolean {
  return (
    isSecret(pointer) || isOfCertificate(pointer) || pointer === '/metadata/jwks' || pointer === '/metadata/jwks_uri'
  );
}

/** Whether a pointer leads to what says which certificate is the client's. */
export function isOfCertificate(pointer: string): boolean {
  return pointer === '/certificate_authority' || pointer.startsWith('/metadata/tls_client_auth_');
}

export function isSecret(pointer: string): boolean {
  return pointer === '/secret' || pointer === '/secrets';
}
