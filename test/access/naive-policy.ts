// Owns a second, naive reading of what both algorithms of SEMANTICS have in common: groups (U-26, U-29), the built-in group,
// authorization policies (U-60…U-64) and access rules (N-46, X-13). Imports src/model alone, and cares for clearness only.

import { type Address, nameOf, siteOf } from '../../src/model/address.ts';
import { distinguishedName } from '../../src/model/distinguished-name.ts';
import type { AccessRules, GroupEntity, Link, UserEntity } from '../../src/model/entity.ts';
import { inBlocks } from '../../src/model/network.ts';
import { parsePolicyValue, RESERVED_CLAIMS } from '../../src/model/policy-value.ts';
import type { State } from '../../src/model/state.ts';

/** Who asks, as far as policies and rules look at it. */
export interface NaiveSubject {
  readonly client: Address;
  readonly user: Address;
  readonly grant_type: string;
  readonly method: string;
}

export type NaiveAttributes = { readonly [name: string]: string | readonly string[] };

/** Where the links lead that have not ended. */
export function holding(links: readonly Link[] | undefined, now: number): readonly Address[] {
  return (links ?? []).filter((link) => !hasEnded(link, now)).map(({ to }) => to);
}

export function hasEnded({ expires }: { readonly expires?: string }, now: number): boolean {
  return expires !== undefined && now >= Date.parse(expires);
}

/** Every group that a user is in: the built-in one of its site, and those that have it or one of these as a member. */
export function groupsOf(state: State, user: Address, now: number): ReadonlySet<Address> {
  const groups = [...state].filter((entry): entry is [Address, GroupEntity] => entry[1].kind === 'group');
  const inside = new Set<Address>([user, `group:${siteOf(user)}/everyone`]);
  // As often as there are groups: no chain of memberships is longer.
  for (let round = 0; round < groups.length; round++) {
    for (const [at, { members }] of groups) if (holding(members, now).some((to) => inside.has(to))) inside.add(at);
  }
  inside.delete(user);
  return inside;
}

/** U-26 of a user: those of its groups that list no method, or this one. Nobody lists one of the built-in group. */
export function countingGroups(state: State, user: Address, method: string, now: number): ReadonlySet<Address> {
  const counts = (group: Address) => {
    const entity = state.get(group);
    const methods = (entity?.kind === 'group' ? entity.methods : undefined) ?? [];
    return methods.length === 0 || methods.includes(method);
  };
  return new Set([...groupsOf(state, user, now)].filter(counts));
}

/** What is released to an application; `denied` where a constraint does not hold, undefined where it has no policy. */
export function naivePolicy(
  state: State,
  application: Address,
  subject: NaiveSubject,
  requested: ReadonlySet<string>,
  now: number,
): NaiveAttributes | 'denied' | undefined {
  const entity = state.get(application);
  const policyAt = entity?.kind === 'application' ? entity.policy : undefined;
  if (policyAt === undefined) return undefined;
  const policy = state.get(policyAt);
  const user = state.get(subject.user);
  if (policy?.kind !== 'policy' || user?.kind !== 'user') return 'denied';

  // U-61 and U-65.
  const groups = countingGroups(state, subject.user, subject.method, now);
  const applied = (policy.items ?? []).filter(({ name, group, scopes = [] }) => {
    if (RESERVED_CLAIMS.includes(name)) return false;
    if (group !== undefined && !groups.has(group)) return false;
    return scopes.length === 0 || scopes.some((scope) => requested.has(scope));
  });
  // U-62.
  const valuesOf = (name: string) => {
    const all = applied
      .filter((item) => item.name === name)
      .flatMap((item) => valuesBy(state, item.value, user, subject));
    return [...new Set(all.filter((value) => value !== ''))];
  };
  // U-63.
  if ((policy.required ?? []).some((name) => valuesOf(name).length === 0)) return 'denied';
  if ((policy.single_value ?? []).some((name) => valuesOf(name).length > 1)) return 'denied';
  // U-64.
  const attributes: Record<string, string | readonly string[]> = {};
  for (const { name } of applied) {
    const values = valuesOf(name);
    if (values.length === 0) continue;
    attributes[name] = policy.single_value?.includes(name) ? (values[0] as string) : values;
  }
  return attributes;
}

function valuesBy(state: State, written: string, user: UserEntity, subject: NaiveSubject): readonly string[] {
  const value = parsePolicyValue(written);
  if (value === undefined) return [];
  if (value.from === 'text') return [value.text];
  if (value.from === 'user') {
    const written = user.attributes?.[value.attribute];
    const told = typeof written === 'string' ? [written] : Array.isArray(written) ? (written as string[]) : [];
    return value.binary ? told.map((text) => Buffer.from(text, 'utf8').toString('base64')) : told;
  }
  const server = state.get('server');
  const base_dn = server?.kind === 'server' ? server.directory?.base_dn : undefined;
  const about: Record<string, string> = {
    grant_type: subject.grant_type,
    issuer: nameOf(subject.client),
    issuer_dn: distinguishedName(subject.client, base_dn),
    dn: distinguishedName(subject.user, base_dn),
    ldap: `ldap:///${base_dn ?? ''}`,
  };
  return [about[value.attribute] ?? []].flat();
}

/** N-46 for a user who logged in; without `subject` X-13: rules about anything but the address are not there. */
export function naiveRules(
  state: State,
  rules: AccessRules | undefined,
  subject: NaiveSubject | undefined,
  ip: string | undefined,
  now: number,
): boolean {
  if (rules === undefined) return true;
  const written = 'all' in rules ? rules.all : rules.any;
  const looked = written.filter((rule) => subject !== undefined || 'ip' in rule);
  if (looked.length === 0) return true;
  const holds = looked.map((rule) => {
    if ('ip' in rule) return ip === undefined || inBlocks(ip, rule.ip);
    if (subject === undefined) return false;
    if ('method' in rule) return rule.method === subject.method;
    return countingGroups(state, subject.user, subject.method, now).has(rule.group);
  });
  return 'all' in rules ? holds.every(Boolean) : holds.some(Boolean);
}
