// Owns what policies and access rules come to: scopes that are nothing, attributes that nobody has, and what is written
// without effect. Never looks at one policy alone (bind-policy.ts does) and never evaluates one.

import { type Address, nameOf, qualifiedName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplicationEntity } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { parsePolicyValue } from '../model/policy-value.ts';
import { accessRulesOf, isEnabled } from '../model/settings.ts';
import type { Bound } from './bind.ts';
import { attributeSpan, slipFix } from './bind-policy.ts';
import { report } from './catalogue.ts';
import { type AudienceOptions, type Audiences, checkScope, knownNames, wordsOf } from './check-audiences.ts';
import type { EffectOptions, Tell } from './check-effects.ts';
import { bound } from './entities.ts';
import type { Declarations } from './merge.ts';
import { SharedPlaces } from './shared-places.ts';
import { entryOf, itemsOf, type Node, rangeOf } from './tree.ts';

/** U-61: what is asked for beside an item is a scope or a server application, as in metadata.scope. */
export function checkPolicyScopes(
  declarations: Declarations,
  all: Bound,
  options: AudienceOptions,
  problems: Diagnostic[],
): void {
  if (declarations.policies.size === 0) return;
  const known = knownNames(declarations, options);
  for (const [address] of bound(all, 'policy')) {
    for (const item of itemNodes(all, address)) {
      for (const word of wordsOf(entryOf(item, 'scopes')?.value)) checkScope(word, false, known, problems);
    }
  }
}

/** The warnings. Each rests on something being absent. */
export function checkPolicyEffects(
  all: Bound,
  audiences: Audiences,
  options: EffectOptions,
  tell: Tell,
  problems: Diagnostic[],
): void {
  checkUse(all, audiences, tell);
  checkAttributes(all, options, problems);
  checkRules(all, tell);
}

function checkUse(all: Bound, audiences: Audiences, tell: Tell): void {
  const used = new Set<Address>();
  const impersonating = all.links.impersonations();
  const shared = new SharedPlaces(all, tell);
  for (const [address, application] of bound(all, 'application')) {
    const { policy } = application;
    if (policy === undefined) continue;
    used.add(policy);
    const grants = application.metadata?.grant_types ?? [];
    const hasUser =
      audiences.has(address) ||
      hasUsers(application) ||
      (grants.includes('client_credentials') && impersonating.has(address));
    if (hasUser || !isEnabled(application)) shared.works(address, '/policy');
    else {
      shared.fails(
        'policy.no-effect',
        address,
        '/policy',
        grants.length === 0
          ? `${nameOf(address)} is no client, and no client names it as an audience`
          : `${nameOf(address)} acts as itself, so there is no user about whom something could be released`,
        'Remove policy, or let a client that acts for a user name the application in its metadata.',
      );
    }
  }
  shared.end();
  for (const [address] of bound(all, 'policy')) {
    if (used.has(address)) continue;
    tell(
      'policy.unused',
      address,
      '',
      `no application has the policy ${nameOf(address)}`,
      `Write policy: ${nameOf(address)} at an application, or remove it.`,
    );
  }
}

function checkAttributes(all: Bound, { suggestions, attributes }: EffectOptions, problems: Diagnostic[]): void {
  const policies = [...bound(all, 'policy')];
  if (policies.length === 0) return;
  const known = attributes();
  for (const [address] of policies) {
    for (const item of itemNodes(all, address)) {
      const value = entryOf(item, 'value')?.value;
      const parsed = value?.type === 'scalar' ? parsePolicyValue(String(value.value)) : undefined;
      if (value === undefined || parsed?.from !== 'user' || known.has(parsed.attribute)) continue;
      const near = suggestions.nearest(parsed.attribute, known);
      const span = attributeSpan(value, parsed.attribute);
      problems.push(
        report('attribute.unknown', {
          detail: `no user of the spec has an attribute "${parsed.attribute}", so the item releases nothing`,
          help:
            near === undefined ? 'Give it to users, under attributes:, or remove the item.' : `Did you mean "${near}"?`,
          range: rangeOf(span),
          address,
          fixes: slipFix(span, parsed.attribute, near),
        }),
      );
    }
  }
}

function checkRules(all: Bound, tell: Tell): void {
  const shared = new SharedPlaces(all, tell);
  for (const [address, application] of bound(all, 'application')) {
    const { access_rules, metadata } = application;
    if (access_rules === undefined) continue;
    const key = 'all' in access_rules ? 'all' : 'any';
    const byItself = (metadata?.grant_types ?? []).length > 0 && !hasUsers(application);
    accessRulesOf(application).forEach((rule, position) => {
      const pointer = `/access_rules/${key}/${position}`;
      if (byItself && isEnabled(application) && !('ip' in rule)) {
        shared.fails(
          'access-rule.no-effect',
          address,
          pointer,
          'no user logs in to a client of client_credentials, and of its access rules only those about addresses count',
          'Remove the rule, or write it at an application of a grant with a user.',
        );
      } else if ('method' in rule && hasUsers(application) && !(application.methods ?? []).includes(rule.method)) {
        shared.fails(
          'access-rule.no-effect',
          address,
          pointer,
          `${rule.method} is not among the methods of ${qualifiedName(address)}, so nobody logs in by it`,
          `Add ${rule.method} to methods: of ${nameOf(address)}, or name one of those here.`,
        );
      } else shared.works(address, pointer);
    });
  }
  shared.end();
}

function hasUsers({ metadata }: ApplicationEntity): boolean {
  return (metadata?.grant_types ?? []).some((grant) => GRANT_TYPES_WITH_USER.includes(grant));
}

/** The items as they are written. */
function itemNodes(all: Bound, policy: Address): readonly Node[] {
  return itemsOf(all.places.get(policy)?.entries.get('items')?.value);
}
