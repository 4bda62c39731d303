// Owns a naive answer to what every application may be told of every user, asked for each scope, method and instant: the oracle of
// what a plan says is released. Imports src/model and the naive reading of policies, and cares for clearness only.

import { type Address, compareText, nameOf } from '../../src/model/address.ts';
import type { ApplicationEntity, UserEntity } from '../../src/model/entity.ts';
import { isEnabled } from '../../src/model/settings.ts';
import { createState, type State } from '../../src/model/state.ts';
import { groupsOf, hasEnded, naivePolicy } from '../access/naive-policy.ts';
import { instantsAfter } from '../model/written-instants.ts';

/** What may be told of users: by `APPLICATION CLAIM USER` each value with the request and the instant at which it is. */
export type NaiveReleases = ReadonlyMap<string, ReadonlySet<string>>;

type Called = (address: Address) => Address;

/** Nothing of a spec is called so: what holds for these holds for whatever else is asked for, or logs in. */
const ANY = 'anything.else';

export interface Asked {
  readonly instants: readonly number[];
  readonly scopes: readonly string[];
  /** By the names that `called` gives. */
  readonly methods: readonly string[];
}

export function naiveReleases(
  state: State,
  { instants, scopes, methods }: Asked,
  called: Called = (address) => address,
): NaiveReleases {
  const [now = 0] = instants;
  const free = withoutConstraints(state);
  const own = new Map([...state.keys()].map((address) => [called(address), nameOf(address)]));
  const releases = new Map<string, Set<string>>();
  for (const [application, entity] of state) {
    if (entity.kind !== 'application' || !isAlive(entity, now)) continue;
    for (const [user, other] of state) {
      if (other.kind !== 'user' || !isAlive(other, now) || !letsIn(state, entity, user, now)) continue;
      for (const instant of instants) {
        for (const scope of [ANY, ...scopes]) {
          for (const method of [ANY, ...methods]) {
            const known = own.get(`method:${method}`) ?? method;
            const subject = { client: application, user, grant_type: 'authorization_code', method: known };
            const told = naivePolicy(free, application, subject, new Set([scope]), instant);
            if (told === undefined || told === 'denied') continue;
            for (const [name, values] of Object.entries(told)) {
              const key = `${called(application)} ${name} ${called(user)}`;
              const all = releases.get(key) ?? new Set();
              for (const value of values) all.add([value, scope, method, instant].join(' '));
              releases.set(key, all);
            }
          }
        }
      }
    }
  }
  return releases;
}

/** `EFFECT APPLICATION CLAIM USER` of all that is not as it was, in order. */
export function naiveReleaseChanges(before: NaiveReleases, after: NaiveReleases): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys
    .flatMap((key) => {
      const [was, is] = [before.get(key), after.get(key)];
      if (was === undefined) return [`add ${key}`];
      if (is === undefined) return [`remove ${key}`];
      return was.size === is.size && [...was].every((one) => is.has(one)) ? [] : [`change ${key}`];
    })
    .sort(compareText);
}

/** `now`, and each later instant at which anything in the States may end. */
export function instantsOf(states: readonly State[], now: number): readonly number[] {
  const later = new Set(states.flatMap((state) => instantsAfter(state, now)));
  return [now, ...[...later].sort((a, b) => a - b)];
}

/** Constraints decide access, not what is released; and what a method says is told by its name. */
function withoutConstraints(state: State): State {
  return createState(
    [...state].map(([address, entity]) => {
      if (entity.kind !== 'policy') return [address, entity];
      const items = (entity.items ?? []).map((item) => {
        const [, name] = /^(?:method:|\$\{method(?:\.|\['))(\w+)/.exec(item.value) ?? [];
        return name === undefined ? item : { ...item, value: `text:what ${name} says` };
      });
      return [address, { kind: 'policy', items }];
    }),
  );
}

function isAlive(entity: ApplicationEntity | UserEntity, now: number): boolean {
  return isEnabled(entity) && !hasEnded(entity, now);
}

/** Whether the user is in one of the groups that open the application; or no group has to let anybody in. */
function letsIn(state: State, { allowed_to, access_rules }: ApplicationEntity, user: Address, now: number): boolean {
  const inside = groupsOf(state, user, now);
  if (allowed_to !== undefined) return allowed_to.some((link) => !hasEnded(link, now) && inside.has(link.to));
  if (access_rules === undefined) return false;
  if ('any' in access_rules) return access_rules.any.some((rule) => !('group' in rule) || inside.has(rule.group));
  const named = access_rules.all.flatMap((rule) => ('group' in rule ? [rule.group] : []));
  return named.length === 0 || named.some((group) => inside.has(group));
}
