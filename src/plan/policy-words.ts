// Owns how an item of a policy, an access rule, and values that are too many read in a plan. Never says what one means (gate-rules.ts does).

import type { Step } from '../access/decision.ts';
import type { Address } from '../model/address.ts';
import type { AccessRule, PolicyItem } from '../model/entity.ts';
import type { Naming } from './naming.ts';

/** Writes a text of the author's, escaped and cut. */
type Speak = (text: string) => string;

/** `role = text:employee (group Staff, scopes openid WS)` */
export function speakPolicyItem({ group, scopes, name, value }: PolicyItem, naming: Naming, speak: Speak): string {
  const when = [
    ...(group === undefined ? [] : [`group ${naming.name(group)}`]),
    ...(scopes === undefined ? [] : [`scopes ${scopes.map(speak).join(' ')}`]),
  ];
  return `${speak(name)} = ${speak(value)}${when.length === 0 ? '' : ` (${when.join(', ')})`}`;
}

/** `method password.1`, `group Staff`, `ip 10.0.0.0/8 203.0.113.7` */
export function speakRule(rule: AccessRule, naming: Naming, speak: Speak): string {
  if ('method' in rule) return `method ${speak(rule.method)}`;
  return 'group' in rule ? `group ${naming.name(rule.group)}` : `ip ${rule.ip.map(speak).join(' ')}`;
}

/** The values of a name that may have one (U-63), as the links of a refusal tell them; undefined where that is not the reason. */
export function valuesIn(
  chain: readonly Step[],
): { readonly user: Address; readonly name: string; readonly values: readonly string[] } | undefined {
  const [first, ...others] = chain.filter(({ value }) => value !== undefined);
  if (first?.value === undefined) return undefined;
  const values = [first, ...others].flatMap(({ value }) => value?.text ?? []);
  return { user: first.from, name: first.value.name, values };
}

/** The list of access rules, and how it is told that all or any of them are meant; undefined where none are written. */
export function rulesIn(value: unknown): { readonly how: string; readonly rules: readonly unknown[] } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('all' in value && Array.isArray(value.all)) return { how: 'all of: ', rules: value.all };
  return 'any' in value && Array.isArray(value.any) ? { how: 'any of: ', rules: value.any } : undefined;
}
