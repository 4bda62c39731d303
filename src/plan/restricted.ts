// Owns when access to what is restricted is gained: now, later, or for longer. Never approves it.

import { type Address, type ApplicationAddress, nameOf, qualifiedName, type UserAddress } from '../model/address.ts';
import { count } from '../model/count.ts';
import type { UserEntity } from '../model/entity.ts';
import type { Networks } from '../model/network.ts';
import { selecting } from '../model/selection.ts';
import { entityAt, type State } from '../model/state.ts';
import { speakNetworks } from './access-words.ts';
import { groupBy } from './group.ts';
import { userOf } from './holding.ts';
import { formerNames } from './moves.ts';
import type { Naming } from './naming.ts';
import { speakInstant, speakPeriod } from './period-words.ts';
import { speakFor, speakFunctions } from './permitted-words.ts';
import type { AccessChange, Risk, UsersTold } from './plan.ts';
import { contentOf } from './plan-digest.ts';
import { type Judged, risk } from './risk.ts';
import { escapeControls } from './style.ts';

/**
 * By what is applied and by what will be, the entity and the client_id that resource servers know it by: no change can take
 * the mark away, or give its name to something without one, and let somebody in.
 */
export function restrictedAccess({ before, after, changes, access, permissions }: Judged): readonly Risk[] {
  const was = formerNames(changes);
  const isMarked = (state: State, address: Address) => entityAt(state, 'application', address)?.restricted === true;
  const isRestricted = (address: Address) => isMarked(before, was.get(address) ?? address) || isMarked(after, address);
  const names = new Set([before, after].flatMap(restrictedClientIds));
  const grants = access.filter(
    ({ effect, audience, held }) =>
      effect === 'grant' && audience !== undefined && (isRestricted(held.application) || names.has(audience)),
  );
  // Who may do more through it has gained access as well, to what its functions are for.
  const permitted = groupBy(
    permissions.filter(({ effect, client }) => effect === 'grant' && isRestricted(client)),
    ({ client }) => client,
  );
  const granted = groupBy(grants, ({ held }) => held.application);
  return [...new Set([...granted.keys(), ...permitted.keys()])].map((application) => {
    const [some, more] = [granted.get(application) ?? [], permitted.get(application) ?? []];
    const audience = entityAt(after, 'application', application)?.client_id;
    const who = some.map(({ client, client_id, held, from, users }): Who => {
      const user = userOf(held.chain);
      const entity = user && entityAt(after, 'user', user);
      return { client, client_id, user, entity, from, until: held.until, users, networks: held.networks };
    });
    const name = qualifiedName(application);
    return risk(
      'restricted',
      name,
      // By all names, and for how long: who is called so later is somebody else, and not approved.
      [
        ...who.map(({ client, client_id, user, entity, from, until, users, networks }) => [
          audience ?? null,
          client,
          client_id,
          user ?? null,
          entity?.sub ?? null,
          // Of a user what is written: it stays the same when that instant has passed.
          (user === undefined ? from : entity?.not_before) ?? null,
          until ?? null,
          ...(users === undefined ? [] : [users.users]),
          ...(networks === undefined ? [] : [{ networks }]),
        ]),
        ...more.map((one) => ({ permission: contentOf(one) })),
      ],
      {
        summary: `${name}${identified(nameOf(application), 'client_id', audience)} is restricted, and ${[...(some.length === 0 ? [] : [speakGain(some)]), ...(more.length === 0 ? [] : ['more may be done through it'])].join(', and ')}`,
        items: [
          ...who.map((one) => ({ address: one.client, text: speakWho(one) })),
          ...more.map((one) => ({
            address: one.client,
            text: `${speakFunctions(one, QUALIFIED)} ${speakFor(one, QUALIFIED)}`,
          })),
        ],
      },
    );
  });
}

/** A risk is told apart from the plan, so every name with its site. */
const QUALIFIED: Naming = { name: (address) => escapeControls(qualifiedName(address)) };

interface Who {
  readonly client: ApplicationAddress;
  readonly client_id: string;
  readonly user: UserAddress | undefined;
  readonly entity: UserEntity | undefined;
  /** Milliseconds since the epoch. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly users: UsersTold | undefined;
  readonly networks: readonly Networks[] | undefined;
}

/** All that an approval is bound to: identifiers where they are not the names. */
function speakWho({ client, client_id, user, entity, from, until, users, networks }: Who): string {
  const instant = (at: number | undefined) => (at === undefined ? undefined : speakInstant(at));
  const period = speakPeriod({
    not_before: user === undefined ? instant(from) : entity?.not_before,
    expires: instant(until),
  });
  const where = networks === undefined ? '' : ` ${speakNetworks(networks)}`;
  if (users !== undefined) {
    const through = users.through === undefined ? '' : ` of ${qualifiedName(users.through)}`;
    const some = users.users.length === 1 ? users.users.map(qualifiedName).join() : count(users.users.length, 'user');
    return `${identified(nameOf(client), 'client_id', client_id)} for ${some}${through} ${period}${where}`.trim();
  }
  const as =
    user === undefined ? 'itself' : `${qualifiedName(user)}${identified(qualifiedName(user), 'sub', entity?.sub)}`;
  return `${identified(nameOf(client), 'client_id', client_id)} as ${as} ${period}${where}`.trim();
}

/** Empty where the identifier is the name. */
function identified(name: string, kind: string, identifier: string | undefined): string {
  return identifier === undefined || identifier === name ? '' : ` (${kind} ${identifier})`;
}

function speakGain(grants: readonly AccessChange[]): string {
  const users = new Set(grants.flatMap((change) => change.users?.users ?? []));
  const clients = grants.filter((change) => change.users === undefined).length;
  const who = [
    ...(clients === 0 ? [] : [clients === 1 ? 'a client' : count(clients, 'client')]),
    ...(users.size === 0 ? [] : [users.size === 1 ? 'a user' : count(users.size, 'user')]),
  ].join(' and ');
  const isOne = clients + users.size === 1;
  const isLonger = grants.every(({ otherwise }) => otherwise !== undefined);
  const isFarther = isLonger && grants.every(({ held, otherwise }) => held.networks !== otherwise?.networks);
  if (isFarther) return `${who} ${isOne ? 'has' : 'have'} access to it from more addresses`;
  if (isLonger) return `${who} ${isOne ? 'has' : 'have'} access to it for longer`;
  return `${who} ${isOne ? 'gains' : 'gain'} access to it`;
}

function restrictedClientIds(state: State): readonly string[] {
  return [...restrictedOnes(state).values()].map(({ client_id }) => client_id);
}

const restrictedOnes = selecting(['application'], ({ restricted }) => restricted === true);
