// Owns what a picture tells of an entity beside its links. Never a secret, a hash, or an attribute of a user: a picture is
// passed around.

import { type Address, nameOf, qualifiedName, siteOf } from '../model/address.ts';
import type { AccessRule, ApplicationEntity, BearerRule, Entity } from '../model/entity.ts';
import { accessRulesOf, isCondition } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import { BOUND } from './via.ts';

type Fact = readonly [label: string, value: string];

/** In the order in which they are read. An entity that is not in the State is a built-in group. */
export function factsOf(state: State, address: Address, entity: Entity | undefined): readonly Fact[] {
  switch (entity?.kind) {
    case 'application':
      return applicationFacts(address, entity);
    case 'user':
      return [
        ...(entity.sub === qualifiedName(address) ? [] : [['sub', entity.sub] as const]),
        ...listed('methods', entity.methods),
        ...written('not before', entity.not_before),
        ...written('expires', entity.expires),
      ];
    case 'group':
      return listed('methods', entity.methods);
    case 'scope':
      return entity.descriptions.map(({ key, value }): Fact => [key, value]);
    case 'resource':
      return [
        ...written('host', entity.host),
        ['path', entity.path],
        ...listed('HTTP methods', entity.methods),
        ...written('upstream', entity.upstream),
        ...entity.access_rules.map((rule): Fact => ['rule', isCondition(rule) ? speakRule(rule) : speakBearer(rule)]),
      ];
    case 'role':
      return listed('functions', entity.functions);
    case undefined:
      return [['built in', `every user of the site ${siteOf(address) ?? ''} (${usersOf(state, siteOf(address))})`]];
    default:
      return [];
  }
}

function applicationFacts(address: Address, entity: ApplicationEntity): readonly Fact[] {
  const { metadata = {}, access_rules, policy } = entity;
  const rules = accessRulesOf(entity);
  const how = access_rules !== undefined && 'any' in access_rules ? ' or ' : ' and ';
  return [
    ...(entity.client_id === nameOf(address) ? [] : [['client_id', entity.client_id] as const]),
    ...listed('grants', metadata.grant_types),
    ...listed('methods', entity.methods),
    ...(rules.length === 0 ? [] : [['access rules', rules.map(speakRule).join(how)] as const]),
    ...written('policy', policy === undefined ? undefined : qualifiedName(policy)),
    ...listed('may call from', entity.client_ip_range),
    ...(entity.bind_token_ip === true ? [['tokens', BOUND] as const] : []),
    ...written('expires', entity.expires),
    ...(entity.restricted === true ? [['restricted', 'new access has to be approved'] as const] : []),
    ...(entity.protected === true ? [['protected', 'cannot be deleted'] as const] : []),
  ];
}

function speakRule(rule: AccessRule): string {
  if ('method' in rule) return `method ${rule.method}`;
  return 'group' in rule ? `group ${qualifiedName(rule.group)}` : `from ${rule.ip.join(', ')}`;
}

function speakBearer({ client, audience, scopes = [] }: BearerRule): string {
  return [
    'tokens',
    ...(client === undefined ? [] : [`of ${qualifiedName(client)}`]),
    ...(audience === undefined ? [] : [`for ${qualifiedName(audience)}`]),
    ...(scopes.length === 0 ? [] : [`with ${scopes.join(' ')}`]),
  ].join(' ');
}

function listed(label: string, values: readonly string[] | undefined): readonly Fact[] {
  return values === undefined || values.length === 0 ? [] : [[label, values.join(', ')]];
}

function written(label: string, value: string | undefined): readonly Fact[] {
  return value === undefined ? [] : [[label, value]];
}

function usersOf(state: State, site: string | undefined): number {
  let users = 0;
  for (const [address, { kind }] of state) if (kind === 'user' && siteOf(address) === site) users += 1;
  return users;
}
