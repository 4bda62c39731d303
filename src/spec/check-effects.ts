// Owns the warnings about links and entities without effect (DESIGN 1): they load, and mostly are a mistake.
// Never runs on a spec with errors: each of these rests on something being absent.

import { type Address, type GroupAddress, kindOf, nameOf, siteAddress, siteOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { accessRulesOf, isEnabled } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { type DiagnosticCode, report } from './catalogue.ts';
import type { Audiences, Naming } from './check-audiences.ts';
import { checkConsent } from './check-consent.ts';
import { checkIdTokenClaims } from './check-id-token-claims.ts';
import { checkLogins } from './check-logins.ts';
import { checkPolicyEffects } from './check-policies.ts';
import { checkReach } from './check-reach.ts';
import { checkTokenIp } from './check-token-ip.ts';
import { bound, isClientCredentials, listsClientCredentials, rangeIn } from './entities.ts';
import { membersOf } from './group-members.ts';
import type { Suggestions } from './nearest.ts';

export interface EffectOptions {
  readonly suggestions: Suggestions;
  /** The attributes that users of the spec have. */
  readonly attributes: () => ReadonlySet<string>;
}

export function checkEffects(all: Bound, audiences: Audiences, options: EffectOptions, problems: Diagnostic[]): void {
  const tell: Tell = (code, address, pointer, detail, help) => {
    problems.push(report(code, { detail, help, range: rangeIn(all, address, pointer), address }));
  };
  checkMethods(all, tell);
  checkImpersonation(all, tell);
  checkApplicationMethods(all, audiences, tell);
  checkGroups(all, tell);
  checkReach(all, audiences, tell);
  checkLogins(all, tell);
  checkIdTokenClaims(all, tell);
  checkConsent(all, tell);
  checkTokenIp(all, tell);
  checkPolicyEffects(all, audiences, options, tell, problems);
}

/** Tells what is so at a pointer of an entity, and what to do about it. */
export type Tell = (code: DiagnosticCode, address: Address, pointer: string, detail: string, help: string) => void;

function checkMethods(all: Bound, tell: Tell): void {
  const used = new Set<string>();
  const elsewhere = sitesOfApplications(all);
  let throughGroups: ReadonlyMap<Address, ReadonlySet<string>> | undefined;
  for (const [address, entity] of all.entities) {
    if (entity.kind !== 'application' && entity.kind !== 'group' && entity.kind !== 'user') continue;
    const site = siteOf(address) ?? '';
    // A user or group of this site works with a method of another one for that site's applications.
    const sites = [site, ...(elsewhere.get(address) ?? [])];
    (entity.methods ?? []).forEach((name, position) => {
      used.add(`${site}\n${name}`);
      if (sites.some((one) => siteMethods(all, one).includes(name))) return;
      throughGroups ??= methodsThroughGroups(all);
      if (throughGroups.get(address)?.has(name) === true) return;
      tell(
        'method.not-on-site',
        address,
        `/methods/${position}`,
        `${name} is not among the methods of site ${site}`,
        `Add ${name} to methods: of the site, or remove it here.`,
      );
    });
  }
  for (const [address, entity] of all.entities) {
    if (entity.kind !== 'site') continue;
    (entity.methods ?? []).forEach((name, position) => {
      if (used.has(`${nameOf(address)}\n${name}`)) return;
      tell(
        'method.unused',
        address,
        `/methods/${position}`,
        `no application, group or user of site ${nameOf(address)} lists ${name}`,
        `Remove ${name}, or list it where it is meant to be used.`,
      );
    });
  }
}

/** A client that acts as a user needs a method that both list (SEMANTICS A.7). */
function checkImpersonation(all: Bound, tell: Tell): void {
  for (const [address, user] of bound(all, 'user')) {
    (user.impersonated_by ?? []).forEach(({ to }, position) => {
      const client = all.entities.get(to);
      if (client?.kind !== 'application' || !(client.metadata?.grant_types ?? []).includes('client_credentials'))
        return;
      const shared = (client.methods ?? []).filter((name) => isClientCredentials(all, name));
      // A client without such a method at all is told by application.no-method.
      if (shared.length === 0 || shared.some((name) => user.methods?.includes(name))) return;
      tell(
        'user.no-method',
        address,
        `/impersonated_by/${position}`,
        `${nameOf(to)} acts as ${nameOf(address)} by ${shared.join(' or ')}, which ${nameOf(address)} does not list`,
        `Add ${shared[0]} to methods: of ${nameOf(address)}.`,
      );
    });
  }
}

/** Clients with the grant, and servers of such clients with other methods only, for which no token is possible. */
function checkApplicationMethods(all: Bound, audiences: Audiences, tell: Tell): void {
  // Users of other clients come by the methods of their logins.
  const isOfClients = ({ client }: Naming) => {
    const entity = all.entities.get(client);
    return entity?.kind === 'application' && (entity.metadata?.grant_types ?? []).includes('client_credentials');
  };
  for (const [address, application] of bound(all, 'application')) {
    if (!isEnabled(application) || listsClientCredentials(all, application)) continue;
    const isClient = (application.metadata?.grant_types ?? []).includes('client_credentials');
    const isServer = (application.methods ?? []).length > 0 && (audiences.get(address) ?? []).some(isOfClients);
    if (!isClient && !isServer) continue;
    tell(
      'application.no-method',
      address,
      '/methods',
      `${nameOf(address)} ${isClient ? 'has the grant client_credentials' : 'is an audience of clients'}, and lists no method of type client_credentials`,
      'List a method of type client_credentials here: without one no token is possible (METHOD_NOT_ON_APPLICATION).',
    );
  }
}

/** For users and groups: the other sites of applications that impersonate them, or are open to them or ask for them. */
function sitesOfApplications(all: Bound): ReadonlyMap<Address, ReadonlySet<string>> {
  const sites = new Map<Address, Set<string>>();
  const add = (address: Address, application: Address) => {
    const site = siteOf(application) ?? '';
    if (site === siteOf(address)) return;
    const known = sites.get(address) ?? new Set();
    sites.set(address, known.add(site));
  };
  for (const [user, { impersonated_by }] of bound(all, 'user'))
    for (const { to } of impersonated_by ?? []) add(user, to);
  for (const [application, entity] of bound(all, 'application')) {
    for (const group of groupsOf(entity)) add(group, application);
  }
  return sites;
}

/** For users and groups: the methods by which a user can get into an application through a group, as its site has them. */
function methodsThroughGroups(all: Bound): ReadonlyMap<Address, ReadonlySet<string>> {
  const methods = new Map<Address, Set<string>>();
  const queue: (readonly [GroupAddress, string])[] = [];
  const add = (address: Address, method: string) => {
    const known = methods.get(address) ?? new Set();
    if (known.has(method)) return;
    methods.set(address, known.add(method));
    if (kindOf(address) === 'group') queue.push([address as GroupAddress, method]);
  };
  for (const [address, application] of bound(all, 'application')) {
    const onSite = siteMethods(all, siteOf(address) ?? '');
    const usable = (application.methods ?? []).filter((name) => onSite.includes(name));
    for (const group of groupsOf(application)) for (const name of usable) add(group, name);
  }
  const members = membersOf(all);
  // It grows while it is read, by each group at most as often as there are methods.
  for (const [group, name] of queue) for (const member of members(group)) add(member, name);
  return methods;
}

/** The groups that an application is open to, or asks for. */
function groupsOf(application: ApplicationEntity): readonly GroupAddress[] {
  const asked = accessRulesOf(application).flatMap((rule) => ('group' in rule ? [rule.group] : []));
  return [...(application.allowed_to ?? []).map(({ to }) => to), ...asked];
}

function checkGroups(all: Bound, tell: Tell): void {
  const opened = new Set<Address>();
  for (const [, application] of bound(all, 'application')) for (const to of groupsOf(application)) opened.add(to);
  for (const [, { items = [] }] of bound(all, 'policy')) {
    for (const { group } of items) if (group !== undefined) opened.add(group);
  }
  for (const [, { access_rules }] of bound(all, 'resource')) {
    for (const rule of access_rules) if ('group' in rule) opened.add(rule.group);
  }
  for (const [, group] of bound(all, 'group')) for (const { to } of group.members ?? []) opened.add(to);
  // What it gives its members it gives whether or not anything is open to it.
  for (const [address, { roles }] of bound(all, 'group')) if (roles !== undefined) opened.add(address);
  for (const [address, group] of bound(all, 'group')) {
    if ((group.members ?? []).length === 0 && !listsClientCredentials(all, group)) {
      tell(
        'group.empty',
        address,
        all.places.get(address)?.entries.has('members') === true ? '/members' : '',
        `nobody is in ${nameOf(address)}`,
        'Write members, or list a method of type client_credentials for clients that act as themselves.',
      );
    } else if (!opened.has(address)) {
      tell(
        'group.unused',
        address,
        '',
        `no application is open to ${nameOf(address)}, no group contains it, it gives no role, and no access rule and no policy names it`,
        `Name it in allowed_to of an application, or remove it.`,
      );
    }
  }
}

function siteMethods(all: Bound, site: string): readonly string[] {
  const entity = all.entities.get(siteAddress(site));
  return entity?.kind === 'site' ? (entity.methods ?? []) : [];
}
