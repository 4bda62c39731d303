// Owns what a change of the rules of a resource means, and of the roles that somebody has. Never evaluates one for a token.

import { canonicalJson } from '../model/digest.ts';
import type { AccessRule, BearerRule, ResourceRule } from '../model/entity.ts';
import { isBlockWithin } from '../model/network.ts';
import { bearerRulesOf, isCondition } from '../model/settings.ts';
import { list, type Meaning, type Rule } from './change-rules.ts';

type Effects = readonly Exclude<Meaning, 'neutral'>[];

/** N-52, X-14: any rule about tokens is enough, and all conditions must hold. */
export const RESOURCE_RULES: Rule = {
  cases: [
    { when: 'a rule about tokens added, or a scope of one removed', means: ['widening'] },
    { when: 'a rule about tokens removed, or a scope of one added', means: ['narrowing'] },
    { when: 'a condition added, or addresses of one removed', means: ['narrowing'] },
    { when: 'a condition removed, or addresses of one added', means: ['widening'] },
  ],
  judge: (before, after) => {
    const [was, is] = [rulesIn(before), rulesIn(after)];
    const opens = is.bearers.some((rule) => !was.bearers.some((other) => isWithin(rule, other)));
    const closes = was.bearers.some((rule) => !is.bearers.some((other) => isWithin(rule, other)));
    const asksMore = !is.conditions.every((rule) => was.conditions.some((other) => implies(other, rule)));
    const asksLess = !was.conditions.every((rule) => is.conditions.some((other) => implies(other, rule)));
    const effects: Effects = [
      ...(opens || asksLess ? (['widening'] as const) : []),
      ...(closes || asksMore ? (['narrowing'] as const) : []),
    ];
    return effects;
  },
  // A name may be told to people, and the order may be read.
  isSame: () => false,
};

interface Rules {
  readonly bearers: readonly BearerRule[];
  readonly conditions: readonly AccessRule[];
}

function rulesIn(value: unknown): Rules {
  const access_rules: readonly ResourceRule[] = Array.isArray(value) ? value : [];
  return {
    bearers: bearerRulesOf({ access_rules }).map(({ rule }) => rule),
    conditions: access_rules.filter(isCondition),
  };
}

/** Whether every token that passes one rule passes the other. */
function isWithin(rule: BearerRule, other: BearerRule): boolean {
  return (
    (other.client === undefined || other.client === rule.client) &&
    (other.audience === undefined || other.audience === rule.audience) &&
    (other.scopes ?? []).every((scope) => rule.scopes?.includes(scope) === true)
  );
}

/** Whether one condition holds only where the other one does. */
function implies(rule: AccessRule, other: AccessRule): boolean {
  if ('ip' in rule && 'ip' in other) return rule.ip.every((block) => other.ip.some((one) => isBlockWithin(block, one)));
  return canonicalJson(rule) === canonicalJson(other);
}

/** a role that is granted for all customers is granted for each of them. */
export const ROLE_GRANTS: Rule = list({
  added: ['widening'],
  removed: ['narrowing'],
  ending: true,
  isCovered: (grant, others) => {
    const { role } = JSON.parse(grant) as { readonly role: string };
    return others.includes(canonicalJson({ role }));
  },
});

/** What stands in a URL or in a body is kept in more places than a header (RFC 6750 5.3). */
export const TOKEN_LOCATIONS: Rule = list({
  initial: () => ['header'],
  added: ['widening'],
  removed: ['breaking'],
  special: { items: ['body', 'query'], added: ['weakening'] },
});
