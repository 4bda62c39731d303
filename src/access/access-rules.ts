// Owns access rules (SEMANTICS N-46): what must hold of the user and the request where an application is the client. Never
// looks at the application's groups, which are a gate of their own.

import type { ApplicationAddress } from '../model/address.ts';
import type { AccessRule, AccessRules } from '../model/entity.ts';
import { inBlocks, type Networks } from '../model/network.ts';
import { accessRulesOf } from '../model/settings.ts';
import type { AccessIndex } from './access-index.ts';
import { type Asker, methodStep } from './asker.ts';
import type { Place } from './decision.ts';
import { judgeGroups } from './opening.ts';
import { failed, type Verdict } from './verdict.ts';

const PASSED: Extract<Verdict, { passed: true }> = { passed: true, steps: [], end: Number.POSITIVE_INFINITY };

/**
 * All of the rules, or any of them, for a user who logged in by a method. `ip` undefined: what is said of addresses is not
 * looked at. `now` in milliseconds since the epoch.
 */
export function judgeRules(
  index: AccessIndex,
  client: ApplicationAddress,
  written: AccessRules,
  { asker, ip, now }: { readonly asker: Asker; readonly ip: string | undefined; readonly now: number },
): Verdict {
  return combine(client, written, (rule, at) => {
    if ('ip' in rule) return judgeAddress(rule, at, ip);
    if ('group' in rule) {
      const verdict = judgeGroups(index, [{ to: rule.group }], () => at, asker, at, now);
      // What its groups lack is not a group of allowed_to.
      return verdict.passed ? verdict : failed('ACCESS_RULE_NOT_MET', verdict.missing, verdict.end);
    }
    if (rule.method !== asker.method) return failed('ACCESS_RULE_NOT_MET', at);
    return { passed: true, steps: [{ ...methodStep(client, rule.method, 0), at }], end: Number.POSITIVE_INFINITY };
  });
}

/** where no user acts, only the rules about addresses count. */
export function judgeAddressRules(client: ApplicationAddress, written: AccessRules, ip: string | undefined): Verdict {
  const about = accessRulesOf({ access_rules: written }).some((rule) => 'ip' in rule);
  if (!about) return PASSED;
  return combine(client, written, (rule, at) => ('ip' in rule ? judgeAddress(rule, at, ip) : undefined));
}

function judgeAddress(rule: { readonly ip: Networks }, at: Place, ip: string | undefined): Verdict {
  if (ip === undefined) return { ...PASSED, networks: [rule.ip] };
  return inBlocks(ip, rule.ip) ? PASSED : failed('ACCESS_RULE_NOT_MET', at);
}

function networksIn(networks: readonly Networks[]): { readonly networks?: readonly Networks[] } {
  return networks.length === 0 ? {} : { networks };
}

/** A rule that is not judged (undefined) is not there. */
function combine(
  client: ApplicationAddress,
  written: AccessRules,
  judge: (rule: AccessRule, at: Place) => Verdict | undefined,
): Verdict {
  const kind = 'all' in written ? 'all' : 'any';
  const pointer = `/access_rules/${kind}`;
  const verdicts = accessRulesOf({ access_rules: written }).flatMap((rule, position) => {
    const verdict = judge(rule, { address: client, pointer: `${pointer}/${position}` });
    return verdict === undefined ? [] : [verdict];
  });
  if (kind === 'all') {
    const refused = verdicts.findIndex((verdict) => !verdict.passed);
    const first = verdicts[refused];
    // With the end of a rule before it, that one is the first that is not met.
    if (first !== undefined)
      return { ...first, end: Math.min(...verdicts.slice(0, refused + 1).map(({ end }) => end)) };
    return {
      passed: true,
      steps: verdicts.flatMap((verdict) => (verdict.passed ? verdict.steps : [])),
      end: Math.min(...verdicts.map(({ end }) => end), Number.POSITIVE_INFINITY),
      ...networksIn(verdicts.flatMap((verdict) => (verdict.passed ? (verdict.networks ?? []) : []))),
    };
  }
  const passed = verdicts.filter((verdict) => verdict.passed);
  // What holds from anywhere says more than what holds from somewhere.
  const anywhere = passed.filter(({ networks }) => networks === undefined);
  const [best] = anywhere.sort((a, b) => (a.end === b.end ? a.steps.length - b.steps.length : a.end > b.end ? -1 : 1));
  if (best === undefined && passed.length > 0) {
    return { ...PASSED, networks: [[...new Set(passed.flatMap(({ networks = [] }) => networks.flat()))]] };
  }
  const end = Math.min(...verdicts.map((verdict) => verdict.end), Number.POSITIVE_INFINITY);
  return best ?? failed('ACCESS_RULE_NOT_MET', { address: client, pointer }, end);
}
