// Owns the warnings about links and entities without effect (DESIGN 1): they load, and mostly are a mistake.
// Never runs on a spec with errors: each of these rests on something being absent.

import {
  type Address,
  type ApplicationAddress,
  type GroupAddress,
  kindOf,
  methodAddress,
  nameOf,
  siteAddress,
  siteOf,
} from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity, GroupEntity } from '../model/entity.ts';
import { isEnabled, scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { type DiagnosticCode, report } from './catalogue.ts';
import type { Audiences } from './check-audiences.ts';
import { bound, rangeIn } from './entities.ts';

export function checkEffects(all: Bound, audiences: Audiences, problems: Diagnostic[]): void {
  const tell: Tell = (code, address, pointer, detail, help) => {
    problems.push(report(code, { detail, help, range: rangeIn(all, address, pointer), address }));
  };
  checkMethods(all, tell);
  checkCatalogues(all, tell, problems);
  checkImpersonation(all, tell);
  checkApplicationMethods(all, audiences, tell);
  checkGroups(all, tell);
  checkReach(all, audiences, tell);
}

type Tell = (code: DiagnosticCode, address: Address, pointer: string, detail: string, help: string) => void;

function checkMethods(all: Bound, tell: Tell): void {
  const used = new Set<string>();
  const elsewhere = sitesOfApplications(all);
  for (const [address, entity] of all.entities) {
    if (entity.kind !== 'application' && entity.kind !== 'group' && entity.kind !== 'user') continue;
    const site = siteOf(address) ?? '';
    // A user or group of this site works with a method of another one for that site's applications.
    const sites = [site, ...(elsewhere.get(address) ?? [])];
    (entity.methods ?? []).forEach((name, position) => {
      used.add(`${site}\n${name}`);
      if (sites.some((one) => siteMethods(all, one).includes(name))) return;
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

/** Methods and scopes of the catalogues that no site and no client names. */
function checkCatalogues(all: Bound, tell: Tell, problems: Diagnostic[]): void {
  const methods = new Set<string>();
  const scopes = new Set<string>();
  for (const entity of all.entities.values()) {
    if (entity.kind === 'site') for (const name of entity.methods ?? []) methods.add(name);
    if (entity.kind === 'application') for (const value of scopeValues(entity.metadata?.scope)) scopes.add(value);
  }
  for (const [address, { kind }] of all.entities) {
    const name = nameOf(address);
    if (kind === 'method' && !methods.has(name)) {
      problems.push(
        report('method.unused', {
          variant: 'catalogue',
          detail: `no site lists ${name}`,
          help: `Remove ${name}, or list it under methods: of a site.`,
          range: rangeIn(all, address, ''),
          address,
        }),
      );
    }
    if (kind === 'scope' && !scopes.has(name)) {
      tell(
        'scope.unused',
        address,
        '',
        `no client lists ${name}`,
        `Remove ${name}, or list it in metadata.scope of a client.`,
      );
    }
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

/** Clients with the grant, and servers with other methods only, for which no token is possible. */
function checkApplicationMethods(all: Bound, audiences: Audiences, tell: Tell): void {
  for (const [address, application] of bound(all, 'application')) {
    if (!isEnabled(application) || listsClientCredentials(all, application)) continue;
    const isClient = (application.metadata?.grant_types ?? []).includes('client_credentials');
    const isServer = audiences.has(address) && (application.methods ?? []).length > 0;
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

/** For users and groups: the sites of the applications that impersonate them or are open to them. */
function sitesOfApplications(all: Bound): ReadonlyMap<Address, ReadonlySet<string>> {
  const sites = new Map<Address, Set<string>>();
  const add = (address: Address, application: Address) => {
    const known = sites.get(address) ?? new Set();
    sites.set(address, known.add(siteOf(application) ?? ''));
  };
  for (const [user, { impersonated_by }] of bound(all, 'user'))
    for (const { to } of impersonated_by ?? []) add(user, to);
  for (const [application, { allowed_to }] of bound(all, 'application')) {
    for (const { to } of allowed_to ?? []) add(to, application);
  }
  return sites;
}

function checkGroups(all: Bound, tell: Tell): void {
  const opened = new Set<Address>();
  for (const [, application] of bound(all, 'application')) {
    for (const { to } of application.allowed_to ?? []) opened.add(to);
  }
  for (const [, group] of bound(all, 'group')) for (const { to } of group.members ?? []) opened.add(to);
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
        `no application is open to ${nameOf(address)}, and no group contains it`,
        `Name it in allowed_to of an application, or remove it.`,
      );
    }
  }
}

function checkReach(all: Bound, audiences: Audiences, tell: Tell): void {
  const impersonating = all.links.impersonations();
  const populated = populatedGroups(all);
  for (const [address, application] of bound(all, 'application')) {
    if (!isEnabled(application)) continue;
    const isNamed = audiences.has(address);
    // A client that acts as a user reaches others; it need not be reachable itself (SEMANTICS U-10).
    if (impersonating.has(address) && !isNamed) continue;
    const groups = (application.allowed_to ?? []).map(({ to }) => to);
    const actsAsItself = !isNamed && (application.metadata?.grant_types ?? []).includes('client_credentials');
    const reaches = (group: GroupAddress) =>
      listsClientCredentials(all, groupAt(all, group)) || (!actsAsItself && populated.has(group));
    if (groups.some(reaches)) continue;
    tell('application.unreachable', address, '/allowed_to', ...whyUnreachable(address, application, actsAsItself));
  }
}

function whyUnreachable(
  address: ApplicationAddress,
  application: ApplicationEntity,
  actsAsItself: boolean,
): [detail: string, help: string] {
  const name = nameOf(address);
  if ((application.allowed_to ?? []).length === 0) {
    return [`${name} is open to no group`, 'Write allowed_to with a group whose members may access it.'];
  }
  return actsAsItself
    ? [
        `${name} acts as itself, and no group that it is open to lists a method of type client_credentials`,
        'List the method at one of the groups of its allowed_to.',
      ]
    : [`nobody is in any group that ${name} is open to`, 'Add members to one of the groups of its allowed_to.'];
}

/** The groups with a user in them, directly or through groups. */
function populatedGroups(all: Bound): ReadonlySet<Address> {
  const populated = new Set<Address>();
  const containers = new Map<Address, Address[]>();
  const queue: Address[] = [];
  for (const [address, group] of bound(all, 'group')) {
    for (const { to } of group.members ?? []) {
      if (kindOf(to) === 'user') queue.push(address);
      else {
        const known = containers.get(to) ?? [];
        containers.set(to, known);
        known.push(address);
      }
    }
  }
  for (const group of queue) {
    if (populated.has(group)) continue;
    populated.add(group);
    for (const container of containers.get(group) ?? []) queue.push(container);
  }
  return populated;
}

function groupAt(all: Bound, address: GroupAddress): GroupEntity | undefined {
  const entity = all.entities.get(address);
  return entity?.kind === 'group' ? entity : undefined;
}

function listsClientCredentials(all: Bound, entity: Pick<GroupEntity, 'methods'> | undefined): boolean {
  return (entity?.methods ?? []).some((name) => isClientCredentials(all, name));
}

function isClientCredentials(all: Bound, name: string): boolean {
  const method = all.entities.get(methodAddress(name));
  return method?.kind === 'method' && method.type === 'client_credentials';
}

function siteMethods(all: Bound, site: string): readonly string[] {
  const entity = all.entities.get(siteAddress(site));
  return entity?.kind === 'site' ? (entity.methods ?? []) : [];
}
