// Owns which single edits might move an obstacle out of the way, the least surprising first. Never says that one does:
// each is tried (edits.ts).

import type { AccessIndex } from '../access/access-index.ts';
import { usersInReach } from '../access/reach.ts';
import { type Address, nameOf, scopeAddress, siteAddress, siteOf } from '../model/address.ts';
import { methodServes } from '../model/grant-type.ts';
import { isStandardScope } from '../model/registered-scope.ts';
import { isEnabled } from '../model/settings.ts';
import { entitiesOf, entityAt } from '../model/state.ts';
import type { Obstacle } from './asking.ts';
import {
  add,
  addressCandidates,
  type Candidate,
  endedAt,
  listMethod,
  MOST,
  SURPRISE,
  type Wanted,
} from './candidate.ts';
import { groupCandidates, policyCandidates, ruleCandidates } from './gate-candidates.ts';
import { roleCandidates } from './role-candidates.ts';

export function candidatesFor(index: AccessIndex, obstacle: Obstacle, wanted: Wanted): readonly Candidate[] {
  const { missing } = obstacle;
  if (missing === undefined) return [];
  const ended = endedAt(index, missing.address, missing.pointer);
  const all = [...ended, ...byCode(index, obstacle, wanted, missing)];
  return all.sort((a, b) => a.surprise - b.surprise);
}

function byCode(
  index: AccessIndex,
  obstacle: Obstacle,
  wanted: Wanted,
  missing: NonNullable<Obstacle['missing']>,
): readonly Candidate[] {
  const { client } = wanted;
  switch (obstacle.code) {
    case 'GRANT_NOT_ALLOWED':
      return [add(client, '/metadata/grant_types', wanted.grant_type, SURPRISE.named)];
    case 'CLIENT_IP_NOT_ALLOWED':
      return addressCandidates(client, '/client_ip_range', wanted.ip);
    case 'SCOPE_NOT_ALLOWED':
      return namingCandidates(index, wanted);
    case 'METHOD_NOT_ON_APPLICATION':
    case 'METHOD_DISABLED':
    case 'METHOD_NOT_ON_SITE':
      return methodCandidates(index, obstacle, wanted, missing.address);
    case 'METHOD_NOT_ON_USER':
      return listMethod(index, missing.address, usableFor(index, wanted, obstacle), SURPRISE.method);
    case 'NO_IMPERSONATION':
      return impersonationCandidates(index, wanted);
    case 'METHOD_NOT_ON_GROUP':
    case 'NOT_IN_ALLOWED_GROUP':
      return groupCandidates(index, obstacle);
    case 'ACCESS_RULE_NOT_MET':
      return ruleCandidates(index, obstacle, wanted, missing.pointer);
    case 'ROLE_MISSING':
    case 'CUSTOMER_NOT_COVERED':
      return roleCandidates(index, obstacle);
    case 'POLICY_NOT_MET':
      return policyCandidates(index, obstacle);
    default:
      return [];
  }
}

/** `aud`, where it is written, names the audiences alone (U-22). */
function namingCandidates(index: AccessIndex, { client, stranger }: Wanted): readonly Candidate[] {
  if (stranger === undefined) return [];
  const isScope = isStandardScope(stranger) || entityAt(index.state, 'scope', scopeAddress(stranger)) !== undefined;
  if (!isScope && index.client(stranger) === undefined) return [];
  return [add(client, isScope ? '/metadata/scope' : index.allowList(client).pointer, stranger, SURPRISE.named)];
}

/** Of the client any method that serves the grant would do; of another application the one that the client has. */
function methodCandidates(
  index: AccessIndex,
  { about, code, method }: Obstacle,
  wanted: Wanted,
  missing: Address,
): readonly Candidate[] {
  const site = siteOf(about) ?? '';
  const isClient = about === wanted.client;
  const onSite = index.siteMethods(site);
  const some = isClient ? usableFor(index, wanted, undefined) : method === undefined ? [] : [method];
  const own = index.application(about)?.methods ?? [];
  const onApplication = listMethod(
    index,
    about,
    some.filter((name) => onSite.includes(name) && isOn(index, name)),
    SURPRISE.method,
  );
  const elsewhere = listMethod(
    index,
    about,
    some.filter((name) => !onSite.includes(name) && isOn(index, name)),
    SURPRISE.methodOnSite,
  );
  const toSite = (isClient ? own.filter((name) => servesGrant(index, name, wanted)) : some)
    .filter((name) => !onSite.includes(name))
    .map((name) => add(siteAddress(site), '/methods', name, SURPRISE.methodOnSite));
  if (code === 'METHOD_NOT_ON_SITE') return missing === siteAddress(site) ? [...toSite, ...onApplication] : [];
  return [...onApplication, ...(onApplication.length > 0 ? [] : elsewhere)];
}

function isOn(index: AccessIndex, name: string): boolean {
  const method = index.method(name);
  return method !== undefined && isEnabled(method);
}

function servesGrant(index: AccessIndex, name: string, { grant_type, method }: Wanted): boolean {
  const type = index.method(name)?.type;
  return type !== undefined && methodServes(type, grant_type) && (method === undefined || method === name);
}

/** The methods that may serve the grant, those that the client has first. */
function usableFor(index: AccessIndex, wanted: Wanted, obstacle: Obstacle | undefined): readonly string[] {
  const { client } = wanted;
  const own = (index.application(client)?.methods ?? []).filter(
    (name) => isOn(index, name) && index.siteMethods(siteOf(client) ?? '').includes(name),
  );
  const all = [...entitiesOf(index.state, 'method')].map(([address]) => nameOf(address));
  const first = obstacle?.method === undefined ? [] : [obstacle.method];
  const names = obstacle === undefined ? [...own, ...all] : [...first, ...own];
  return [...new Set(names)].filter((name) => servesGrant(index, name, wanted));
}

/** Users whom the audience lets in already come first, and those of the client's site before others. */
function impersonationCandidates(index: AccessIndex, { client, stranger }: Wanted): readonly Candidate[] {
  // The compiler allows one link: one that has ended is mended instead.
  if (index.impersonates(client) !== undefined) return [];
  const audiences = [...index.allowList(client).audiences].filter(
    ([value]) => stranger === undefined || value === stranger,
  );
  const inReach = audiences.flatMap(([, application]) => usersInReach(index, application).slice(0, MOST));
  const site = siteOf(client);
  const own = [...entitiesOf(index.state, 'user')].flatMap(([address]) => (siteOf(address) === site ? [address] : []));
  const users = [...new Set<Address>([...inReach, ...own])];
  const ranked = [...users.filter((user) => siteOf(user) === site), ...users.filter((user) => siteOf(user) !== site)];
  return ranked
    .slice(0, 2 * MOST)
    .map((user, position) => add(user, '/impersonated_by', { to: client }, SURPRISE.otherUser + position / (4 * MOST)));
}
