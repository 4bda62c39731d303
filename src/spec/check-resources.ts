// Owns what the rules of resources come to (SEMANTICS N-52), and which resources cover the same. Never decides who may use one.

import { nameOf, type ResourceAddress, resourceAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { type BearerRule, PROTOCOL_SCOPES, type ResourceEntity } from '../model/entity.ts';
import { ownPathAt } from '../model/own-paths.ts';
import { bearerRulesOf, scopeValues } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { type DiagnosticCode, report } from './catalogue.ts';
import { type AudienceOptions, checkScope, knownNames, wordsOf } from './check-audiences.ts';
import { bound, rangeIn } from './entities.ts';
import type { Declarations } from './merge.ts';
import { entryOf, itemsOf } from './tree.ts';

export function checkResources(
  declarations: Declarations,
  all: Bound,
  options: AudienceOptions,
  problems: Diagnostic[],
): void {
  if (declarations.resources.size === 0) return;
  const known = knownNames(declarations, options);
  for (const [name, { entry }] of declarations.resources) {
    const address = resourceAddress(name);
    const resource = all.entities.get(address);
    if (resource?.kind !== 'resource') continue;
    const written = itemsOf(entryOf(entry.value, 'access_rules')?.value);
    for (const rule of written) {
      for (const word of wordsOf(entryOf(rule, 'scopes')?.value)) checkScope(word, false, known, problems);
    }
    // A rule that names something unknown is left out of the entity, so that the places of the others are not known.
    if (written.length === resource.access_rules.length) checkRules(all, address, resource, problems);
  }
  checkCoverage(all, problems);
}

function checkRules(all: Bound, address: ResourceAddress, resource: ResourceEntity, problems: Diagnostic[]): void {
  const tell = (code: DiagnosticCode, pointer: string, detail: string, help: string, earlier?: string) => {
    const related =
      earlier === undefined ? [] : [{ message: 'it is written here first', range: rangeIn(all, address, earlier) }];
    problems.push(report(code, { detail, help, range: rangeIn(all, address, pointer), address, related }));
  };
  const rules = bearerRulesOf(resource);
  if (rules.length === 0) {
    tell(
      'resource.no-token-rule',
      '/access_rules',
      `nothing lets a token through to ${nameOf(address)}`,
      'Add a rule such as { client: Site/Name, scopes: [SCOPE] } or { audience: Site/Name }.',
    );
  }
  const first = new Map<string, string>();
  for (const { rule, pointer } of rules) {
    const { client, audience } = rule;
    const key = `${client} ${audience}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, pointer);
    else {
      tell(
        'resource.rule-twice',
        pointer,
        `${nameOf(address)} has a rule for ${ruleWords(rule)} already`,
        'Keep one of the two.',
        earlier,
      );
    }
    tellNotHeld(all, rule, (position, detail, help) =>
      tell('resource.scope-not-held', `${pointer}/scopes/${position}`, detail, help),
    );
  }
}

function ruleWords({ client, audience }: BearerRule): string {
  return [
    client === undefined ? 'tokens' : `tokens of ${nameOf(client)}`,
    ...(audience === undefined ? [] : [`for ${nameOf(audience)}`]),
  ].join(' ');
}

/** N-52: a token holds nothing that its client may not ask for. */
function tellNotHeld(
  all: Bound,
  { client, scopes = [] }: BearerRule,
  tell: (position: number, detail: string, help: string) => void,
): void {
  const application = client === undefined ? undefined : all.entities.get(client);
  if (client === undefined || application?.kind !== 'application') return;
  const { client_id, metadata } = application;
  const held: readonly string[] = [
    ...scopeValues(metadata?.scope),
    ...(metadata?.aud ?? []),
    ...PROTOCOL_SCOPES,
    client_id,
  ];
  scopes.forEach((scope, position) => {
    if (held.includes(scope)) return;
    tell(
      position,
      `${nameOf(client)} may not ask for ${scope}, so no token of it ever holds it`,
      `Add ${scope} to metadata.scope of ${nameOf(client)}, or remove it here.`,
    );
  });
}

/** Which resources cover what another one covers as closely, and which cover what this server answers itself. */
function checkCoverage(all: Bound, problems: Diagnostic[]): void {
  const server = all.entities.get('server');
  const issuer = server?.kind === 'server' && URL.canParse(server.issuer) ? server.issuer : undefined;
  const places = new Map<string, (readonly [ResourceAddress, ResourceEntity])[]>();
  for (const [address, resource] of bound(all, 'resource')) {
    const { host, path, methods } = resource;
    const place = `${host ?? ''} ${path}${methods === undefined ? '' : ' '}`;
    const others = places.get(place) ?? [];
    places.set(place, others);
    const twin = others.find(
      ([, other]) => other.methods === undefined || other.methods.some((one) => methods?.includes(one)),
    );
    others.push([address, resource]);
    if (twin !== undefined) problems.push(ambiguous(all, address, resource, twin));
    if (issuer !== undefined) tellShadow(all, issuer, address, resource, problems);
  }
}

function ambiguous(
  all: Bound,
  address: ResourceAddress,
  { host, path, methods }: ResourceEntity,
  [twin, other]: readonly [ResourceAddress, ResourceEntity],
): Diagnostic {
  const shared = methods?.filter((one) => other.methods?.includes(one)) ?? [];
  return report('resource.ambiguous', {
    detail: `${nameOf(twin)} covers ${[...shared, `${host ?? ''}${path}`].join(' ')}${host === undefined ? ' at every host' : ''} too, and nothing tells them apart`,
    help: 'Put them together, or give them other methods, another path or another host.',
    range: rangeIn(all, address, '/path'),
    address,
    related: [{ message: 'the other one is here', range: rangeIn(all, twin, '/path') }],
  });
}

/**
 * A resource of the issuer's host; and one of every host where the built-in proxy serves it. One of every host about which
 * another proxy asks says nothing of this server's.
 */
function tellShadow(
  all: Bound,
  issuer: string,
  address: ResourceAddress,
  { host, path, upstream }: ResourceEntity,
  problems: Diagnostic[],
): void {
  const { hostname } = new URL(issuer);
  if (host === undefined ? upstream === undefined : host !== hostname) return;
  const covered = ownPathAt(issuer, path);
  if (covered === undefined) return;
  problems.push(
    report('resource.shadows', {
      detail: `${nameOf(address)} covers ${covered} at ${hostname}, which this server answers itself`,
      help:
        host === undefined
          ? 'Write the host that the resource is for, or a path that covers nothing of this server.'
          : 'Give the resource a host of its own, or a path that covers nothing of this server.',
      range: rangeIn(all, address, '/path'),
      address,
    }),
  );
}
