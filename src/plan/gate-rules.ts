// Owns what a change of an application's gates means, of which each counts beside the other: `allowed_to` and
// `access_rules`; and of what a policy gives and asks for. Never evaluates one for a user.

import { canonicalJson } from '../model/digest.ts';
import type { AccessRule, AccessRules, ApplicationEntity, PolicyEntity, PolicyItem } from '../model/entity.ts';
import { GRANT_TYPES_WITH_USER } from '../model/grant-type.ts';
import { isBlockWithin } from '../model/network.ts';
import { accessRulesOf } from '../model/settings.ts';
import { list, type Meaning, type Rule } from './change-rules.ts';

type Effects = readonly Exclude<Meaning, 'neutral'>[];

const LINKED = list({ added: ['widening'], removed: ['narrowing'], ending: true });

/** N-46: where no group is written, rules alone let users in; where nothing is written, nobody gets in. */
export const ALLOWED_TO: Rule = {
  cases: [
    ...LINKED.cases,
    { when: 'also written where `access_rules` or `required_role` alone let users in', means: ['narrowing'] },
    { when: 'also no more written, so that one of those alone lets users in', means: ['widening'] },
  ],
  judge: (before, after, beside) => {
    const [was, is] = applications(beside.siblings);
    return [
      ...LINKED.judge(before, after, beside),
      ...(before === undefined && isOpenByRules(was) ? (['narrowing'] as const) : []),
      ...(after === undefined && isOpenByRules(is) ? (['widening'] as const) : []),
    ];
  },
  isSame: (before, after, beside) => {
    const [was, is] = applications(beside.siblings);
    const isWrittenAnew = (before === undefined && isOpenByRules(was)) || (after === undefined && isOpenByRules(is));
    return !isWrittenAnew && LINKED.isSame(before, after, beside);
  },
};

type Application = Partial<ApplicationEntity>;

/** Of what stands beside a key of an application, as far as that is known. */
function applications(siblings: readonly [unknown, unknown] | undefined): readonly [Application, Application] {
  const [was, is] = siblings ?? [{}, {}];
  return [was as Application, is as Application];
}

/** Whether other gates decide alone who gets in, which they do where users log in to the application. */
function isOpenByRules(application: Application): boolean {
  const { access_rules, required_role, allowed_to } = application;
  const isGated = access_rules !== undefined || required_role !== undefined;
  return isGated && allowed_to === undefined && hasUsers(application);
}

function hasUsers({ metadata }: Application): boolean {
  return (metadata?.grant_types ?? []).some((grant) => GRANT_TYPES_WITH_USER.includes(grant));
}

export const ACCESS_RULES: Rule = {
  cases: [
    { when: 'written beside `allowed_to`, a rule more in `all` or less in `any`', means: ['narrowing'] },
    { when: 'removed beside `allowed_to`, a rule less in `all` or more in `any`', means: ['widening'] },
    { when: 'written where nothing else lets users in', means: ['widening'] },
    { when: 'removed where nothing else lets users in', means: ['narrowing'] },
  ],
  judge: (before, after, { siblings }) => {
    const [was, is] = [before as AccessRules | undefined, after as AccessRules | undefined];
    const sides = applications(siblings);
    const isItself = sides.some(({ metadata }) => (metadata?.grant_types ?? []).includes('client_credentials'));
    return [
      ...(isItself && !sides.some(hasUsers) ? [] : judgeForUsers(was, is, sides)),
      ...(isItself ? compare(onlyAddresses(was), onlyAddresses(is)) : []),
    ];
  },
  isSame: (before, after) => {
    const [was, is] = [before as AccessRules | undefined, after as AccessRules | undefined];
    return was !== undefined && is !== undefined && implies(was, is) && implies(is, was);
  },
};

/** Where no group is written users get in by the rules alone, and without them not at all. */
function judgeForUsers(
  was: AccessRules | undefined,
  is: AccessRules | undefined,
  [wasIn, isIn]: readonly [Application, Application],
): Effects {
  if (was === undefined && !isGatedBeside(wasIn) && hasUsers(isIn)) return ['widening'];
  if (is === undefined && !isGatedBeside(isIn) && hasUsers(wasIn)) return ['narrowing'];
  return compare(was, is);
}

/** Whether a gate other than the access rules is written. */
function isGatedBeside({ allowed_to, required_role }: Application): boolean {
  return allowed_to !== undefined || required_role !== undefined;
}

/** where no other gate is written who has the role gets in, and without it nobody. */
export const REQUIRED_ROLE: Rule = {
  cases: [
    { when: 'written beside `allowed_to` or `access_rules`', means: ['narrowing'] },
    { when: 'removed beside one of those', means: ['widening'] },
    { when: 'written where nothing else lets users in', means: ['widening'] },
    { when: 'removed where nothing else lets users in', means: ['narrowing'] },
    { when: 'another one', means: ['widening', 'narrowing'] },
  ],
  judge: (before, after, { siblings }) => {
    if (before === after) return [];
    const sides = applications(siblings);
    // By client_credentials nothing of it is asked.
    if (sides.some(({ metadata }) => metadata !== undefined) && !sides.some(hasUsers)) return [];
    if (before !== undefined && after !== undefined) return ['widening', 'narrowing'];
    const [was, is] = sides.map(({ allowed_to, access_rules }) => (allowed_to ?? access_rules) !== undefined);
    if (before === undefined) return was === true ? ['narrowing'] : ['widening'];
    return is === true ? ['widening'] : ['narrowing'];
  },
  isSame: () => false,
};

/** by client_credentials only rules about addresses count. */
function onlyAddresses(rules: AccessRules | undefined): AccessRules | undefined {
  if (rules === undefined) return undefined;
  const about = accessRulesOf({ access_rules: rules }).filter((rule) => 'ip' in rule);
  if (about.length === 0) return undefined;
  return 'all' in rules ? { all: about } : { any: about };
}

/** Of one more gate: none lets everybody through. */
function compare(was: AccessRules | undefined, is: AccessRules | undefined): Effects {
  if (was === undefined || is === undefined) return was === is ? [] : is === undefined ? ['widening'] : ['narrowing'];
  const [narrower, wider] = [implies(is, was), implies(was, is)];
  if (narrower && wider) return [];
  return narrower ? ['narrowing'] : wider ? ['widening'] : ['widening', 'narrowing'];
}

/** Whether who passes the first passes the second, as far as that can be seen without knowing who is in which group. */
function implies(first: AccessRules, second: AccessRules): boolean {
  const [given, asked] = [first, second].map((access_rules) => accessRulesOf({ access_rules })) as [Rules, Rules];
  const one = (rule: AccessRule) => asked.some((other) => isWithin(rule, other));
  const every = (rule: AccessRule) => asked.every((other) => isWithin(rule, other));
  if ('all' in first) {
    return 'all' in second ? asked.every((other) => given.some((rule) => isWithin(rule, other))) : given.some(one);
  }
  return given.every('all' in second ? every : one);
}

type Rules = readonly AccessRule[];

/** Whether one rule holds only where the other one does. */
function isWithin(rule: AccessRule, other: AccessRule): boolean {
  if ('ip' in rule && 'ip' in other) {
    return rule.ip.every((block) => other.ip.some((wider) => isBlockWithin(block, wider)));
  }
  return canonicalJson(rule) === canonicalJson(other);
}

const ITEMS = list({ added: ['widening'], removed: ['narrowing'] });

/** U-63: of a name that may have one value only, a second one denies the application. */
export const POLICY_ITEMS: Rule = {
  ...ITEMS,
  cases: [
    ...ITEMS.cases,
    { when: 'also added under a name of `single_value`', means: ['narrowing'] },
    { when: 'also removed under a name of `single_value`', means: ['widening'] },
  ],
  judge: (before, after, beside) => {
    const [was, is] = (beside.siblings ?? [{}, {}]) as readonly [Partial<PolicyEntity>, Partial<PolicyEntity>];
    const joins = (from: unknown, to: unknown, { single_value = [] }: Partial<PolicyEntity>) => {
      const known = new Set(itemsIn(from).map(canonicalJson));
      return itemsIn(to).some((item) => single_value.includes(item.name) && !known.has(canonicalJson(item)));
    };
    return [
      ...ITEMS.judge(before, after, beside),
      ...(joins(before, after, is) ? (['narrowing'] as const) : []),
      ...(joins(after, before, was) ? (['widening'] as const) : []),
    ];
  },
};

function itemsIn(value: unknown): readonly PolicyItem[] {
  return Array.isArray(value) ? value : [];
}
