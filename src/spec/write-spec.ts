// Owns State → YAML: the least that declares it, as `fmt` would leave it. The inverse of compile.ts. Never writes a file.

import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { type Address, compareText, kindOf, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type {
  AccessRule,
  ApplicationEntity,
  CustomerEntity,
  Entity,
  GroupEntity,
  Link,
  MethodEntity,
  PolicyEntity,
  ResourceEntity,
  ResourceRule,
  RoleEntity,
  RoleGrant,
  ScopeEntity,
  ServerEntity,
  SiteEntity,
  UserEntity,
} from '../model/entity.ts';
import { accessRulesOf, isCondition } from '../model/settings.ts';
import { entitiesOf, type State, serverOf } from '../model/state.ts';
import { format } from './format.ts';
import type { SourceFile } from './source.ts';
import type { Waiver } from './waivers.ts';

/** What is written for a waiver: an export knows that one was given, and not why. */
const WAIVED = 'waived in the spec that was exported';

/**
 * The files that declare a State, those of the server first. All stand side by side: files of secrets are named relative
 * to the directory that they are in. `waivers` are what the State needs to compile.
 */
export function writeSpec(state: State, waivers: readonly Waiver[] = []): readonly SourceFile[] {
  const sites = [...entitiesOf(state, 'site')].map(([address]) => nameOf(address)).sort(compareText);
  return [
    { path: 'server.yaml', text: print(serverDocument(state, waivers)) },
    ...sites.map((site) => ({ path: `site.${site}.yaml`, text: print(siteDocument(state, site)) })),
  ];
}

type Written = { readonly [key: string]: unknown };

function print(value: Written): string {
  // Words that are no text to an older YAML are quoted: other tools read the files too.
  const document = new Document(value, { schema: 'core', compat: 'yaml-1.1', aliasDuplicateObjects: false });
  layOut(document);
  const text = document.toString({ lineWidth: 0 });
  const formatted = format({ path: 'export.yaml', text });
  if (!formatted.ok) throw new Error(`an export cannot be formatted: ${JSON.stringify(formatted)}`);
  return formatted.text;
}

/** What a person would write in one line is one line, and each map of entities stands apart. */
function layOut(document: Document): void {
  visit(document, {
    Collection(_, node) {
      const items: readonly unknown[] = isMap(node) ? node.items.map(({ value }) => value) : node.items;
      if (items.every((item) => isScalar(item) && String(item.value).length <= LONGEST_WORD)) {
        node.flow = items.length <= MOST_WORDS && (isSeq(node) || items.length <= MOST_KEYS);
      }
    },
  });
  if (!isMap(document.contents)) return;
  for (const { key, value } of document.contents.items) {
    if (isScalar(key) && isMap(value) && value.flow !== true) key.spaceBefore = key.value !== 'server';
  }
}

const LONGEST_WORD = 40;
const MOST_WORDS = 8;
const MOST_KEYS = 3;

function serverDocument(state: State, waivers: readonly Waiver[]): Written {
  const server = serverOf(state);
  const allow = waivers.map(({ code, at }) => ({ code, ...(at === undefined ? {} : { at }), reason: WAIVED }));
  return withoutEmpty({
    ...(server === undefined
      ? {}
      : { server: { ...serverKeys(server), ...(allow.length > 0 ? { lint: { allow } } : {}) } }),
    methods: byName(entitiesOf(state, 'method'), methodKeys),
    scopes: byName(entitiesOf(state, 'scope'), scopeKeys),
    roles: byName(entitiesOf(state, 'role'), roleKeys),
    customers: byName(entitiesOf(state, 'customer'), customerKeys),
    resources: byName(entitiesOf(state, 'resource'), resourceKeys),
  });
}

function siteDocument(state: State, site: string): Written {
  const inSite = <E extends Entity>(entities: Iterable<readonly [Address, E]>) =>
    [...entities].filter(([address]) => siteOf(address) === site);
  const [own] = inSite(entitiesOf(state, 'site'));
  return {
    site,
    ...(own === undefined ? {} : siteKeys(own[1])),
    ...withoutEmpty({
      applications: byName(inSite(entitiesOf(state, 'application')), applicationKeys),
      groups: byName(inSite(entitiesOf(state, 'group')), groupKeys),
      users: byName(inSite(entitiesOf(state, 'user')), userKeys),
      policies: byName(inSite(entitiesOf(state, 'policy')), policyKeys),
    }),
  };
}

function byName<E extends Entity>(
  entities: Iterable<readonly [Address, E]>,
  keys: (entity: E, address: Address) => Written,
): Written {
  return Object.fromEntries([...entities].map(([address, entity]) => [nameOf(address), keys(entity, address)]));
}

function withoutEmpty(maps: Written): Written {
  return Object.fromEntries(
    Object.entries(maps).filter(([, map]) => typeof map !== 'object' || Object.keys(map ?? {}).length > 0),
  );
}

function serverKeys({ kind: _, ...keys }: ServerEntity): Written {
  return keys;
}

function methodKeys({ kind: _, ...keys }: MethodEntity): Written {
  return keys;
}

function scopeKeys({ kind: _, ...keys }: ScopeEntity): Written {
  return keys;
}

function roleKeys({ kind: _, roles, ...keys }: RoleEntity): Written {
  return { ...keys, ...(roles === undefined ? {} : { roles: roles.map(nameOf) }) };
}

function customerKeys({ parent }: CustomerEntity): Written {
  return parent === undefined ? {} : { parent: nameOf(parent) };
}

function resourceKeys({ kind: _, access_rules, ...keys }: ResourceEntity, address: Address): Written {
  return { ...keys, access_rules: access_rules.map((rule) => resourceRuleKeys(rule, address)) };
}

function resourceRuleKeys(rule: ResourceRule, from: Address): Written {
  if (isCondition(rule)) return ruleKeys(rule, from);
  const { client, audience } = rule;
  return {
    ...rule,
    ...(client === undefined ? {} : { client: nameFrom(client, from) }),
    ...(audience === undefined ? {} : { audience: nameFrom(audience, from) }),
  };
}

/** The short form where it is for all customers and has no end. */
function grantKeys({ role, customer, expires }: RoleGrant): unknown {
  if (customer === undefined && expires === undefined) return nameOf(role);
  return {
    role: nameOf(role),
    ...(customer === undefined ? {} : { customer: nameOf(customer) }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** The roles that somebody has. */
function rolesOf({ roles }: { readonly roles?: readonly RoleGrant[] }): Written {
  return roles === undefined ? {} : { roles: roles.map(grantKeys) };
}

function siteKeys({ kind: _, ...keys }: SiteEntity): Written {
  return keys;
}

function applicationKeys(application: ApplicationEntity, address: Address): Written {
  const { kind: _, client_id, allowed_to, access_rules, policy, customer, metadata, ...keys } = application;
  return {
    ...(client_id === nameOf(address) ? {} : { client_id }),
    ...keys,
    ...rolesOf(application),
    ...(customer === undefined ? {} : { customer: nameOf(customer) }),
    ...(allowed_to === undefined ? {} : { allowed_to: allowed_to.map((link) => linkTo(link, address)) }),
    ...(access_rules === undefined
      ? {}
      : {
          access_rules: {
            ['all' in access_rules ? 'all' : 'any']: accessRulesOf(application).map((rule) => ruleKeys(rule, address)),
          },
        }),
    ...(policy === undefined ? {} : { policy: nameFrom(policy, address) }),
    ...(metadata === undefined ? {} : { metadata: metadataKeys(metadata) }),
  };
}

function ruleKeys(rule: AccessRule, from: Address): Written {
  return 'group' in rule ? { group: nameFrom(rule.group, from) } : rule;
}

function policyKeys({ kind: _, items, ...keys }: PolicyEntity, address: Address): Written {
  return {
    ...keys,
    ...(items === undefined
      ? {}
      : {
          items: items.map(({ group, ...item }) => ({
            ...(group === undefined ? {} : { group: nameFrom(group, address) }),
            ...item,
          })),
        }),
  };
}

function metadataKeys({ redirect_uris, ...keys }: NonNullable<ApplicationEntity['metadata']>): Written {
  if (redirect_uris === undefined) return keys;
  return {
    ...keys,
    redirect_uris: redirect_uris.map(({ uri, expires }) => (expires === undefined ? uri : { uri, expires })),
  };
}

function groupKeys({ kind: _, members, ...keys }: GroupEntity, address: Address): Written {
  return {
    ...keys,
    ...rolesOf(keys),
    ...(members === undefined ? {} : { members: members.map((link) => member(link, address)) }),
  };
}

function userKeys({ kind: _, sub, impersonated_by, ...keys }: UserEntity, address: Address): Written {
  return {
    ...(sub === qualifiedName(address) ? {} : { sub }),
    ...keys,
    ...rolesOf(keys),
    ...(impersonated_by === undefined ? {} : { impersonated_by: impersonated_by.map((link) => linkTo(link, address)) }),
  };
}

/** The short form where the link has no end; a map under the kind of what it leads to where it has one. */
function linkTo({ to, expires }: Link, from: Address): unknown {
  const name = nameFrom(to, from);
  return expires === undefined ? name : { [kindOf(to)]: name, expires };
}

function member(link: Link, from: Address): unknown {
  if (link.expires !== undefined || kindOf(link.to) === 'user') return linkTo(link, from);
  return `group:${nameFrom(link.to, from)}`;
}

/** Bare in its own site. */
function nameFrom(address: Address, from: Address): string {
  return siteOf(address) === siteOf(from) ? nameOf(address) : qualifiedName(address);
}
