// Owns how an invariant ends: what nobody may obtain, and who may all the same. Never decides access itself.

import { type AccessIndex, siteNameOf } from '../access/access-index.ts';
import { usersInReach } from '../access/reach.ts';
import { type Invariant, isLike, type Wanted } from '../model/access-test.ts';
import { type ApplicationAddress, qualifiedName, type UserAddress } from '../model/address.ts';
import { count } from '../model/count.ts';
import { type ApplicationEntity, PROTOCOL_SCOPES } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { entitiesOf } from '../model/state.ts';
import type { TestProblem } from './test-problem.ts';
import { type Concerned, type Found, firstWay, grantsOf, isShorter, type Obtained, speakWay } from './token-ways.ts';

/** Clients that are told of by name. */
const MOST_TOLD = 5;

/**
 * What somebody may obtain that nobody should, now or at any later instant: of each client the shortest way, the shortest of all first. `only` looks at
 * some of them alone.
 */
export function judgeNever(
  never: Invariant,
  index: AccessIndex,
  now: number,
  only?: Concerned,
): readonly TestProblem[] {
  const every = () => [...entitiesOf(index.state, 'application')].map(([address]) => address as ApplicationAddress);
  const found = [...(only?.clients ?? every())].flatMap((client) => {
    const application = index.application(client);
    const isMeant = application !== undefined && fitsClient(never, client, application);
    const way = isMeant ? shortestWay(never, index, client, { now, users: only?.users }) : undefined;
    return way === undefined ? [] : [way];
  });
  const byLength = [...found].sort((a, b) => a.chain.length - b.chain.length);
  const told = byLength.slice(0, MOST_TOLD).map((way) => ({
    text: `${qualifiedName(way.client)} may obtain ${way.what}, ${speakWay(way)}`,
    chain: way.chain,
  }));
  const more = byLength.length - told.length;
  return more > 0 ? [...told, { text: `… and ${count(more, 'more client')}`, chain: [] }] : told;
}

function fitsClient(
  { client_type, client, site }: Invariant,
  address: ApplicationAddress,
  application: ApplicationEntity,
): boolean {
  const type = application.metadata?.token_endpoint_auth_method === 'none' ? 'public' : 'confidential';
  if (client_type !== undefined && client_type !== type) return false;
  if (site !== undefined && siteNameOf(address) !== site) return false;
  return client === undefined || fitsName(client, address, application.client_id);
}

function fitsName(wanted: Wanted<ApplicationAddress>, address: ApplicationAddress, client_id: string): boolean {
  if ('is' in wanted) return wanted.is === address;
  return isLike(client_id, wanted.like) || isLike(qualifiedName(address), wanted.like);
}

/** The shortest way by which a client obtains what nobody should, of the first user of each grant who can. */
function shortestWay(
  never: Invariant,
  index: AccessIndex,
  client: ApplicationAddress,
  { now, users: only }: { readonly now: number; readonly users: ReadonlySet<UserAddress> | undefined },
): Found | undefined {
  const wanted = wantedOf(never, index, client);
  const grants = wanted.length === 0 ? [] : grantsOf(index.application(client), never.grant_type);
  const named = never.user === undefined ? undefined : [never.user];
  let best: Found | undefined;
  for (const grant_type of grants) {
    const users = usersOf(grant_type, named, () => [...(only ?? usersInReach(index, client))]);
    for (const one of wanted) {
      const found = firstWay({ client, grant_type }, users, one, index, now, true);
      if (found !== undefined && !isShorter(best, found)) best = found;
    }
  }
  return best;
}

/** By client_credentials no user acts, so that what is said of one is about none. */
function usersOf(
  grant_type: string,
  named: readonly UserAddress[] | undefined,
  all: () => readonly UserAddress[],
): readonly (UserAddress | undefined)[] {
  if (GRANT_TYPES_WITH_USER.includes(grant_type)) return named ?? all();
  return named === undefined ? [undefined] : [];
}

/** What a client might obtain against an invariant. */
function wantedOf(never: Invariant, index: AccessIndex, client: ApplicationAddress): readonly Obtained[] {
  const own = index.application(client)?.client_id ?? '';
  const { audiences: listed, scopes, standard } = index.allowList(client);
  const reachable = new Map([...listed, [own, client]]);
  const { audience: about, scope: like } = never;
  const audiences =
    about === undefined
      ? [undefined]
      : [...reachable].flatMap(([value, address]) => (fitsName(about, address, value) ? [value] : []));
  const values =
    like === undefined
      ? [undefined]
      : [...new Set([...reachable.keys(), ...scopes, ...standard, ...PROTOCOL_SCOPES])].filter((value) =>
          isLike(value, like),
        );
  return audiences.flatMap((audience) => values.map((scope) => ({ audience, scope })));
}
