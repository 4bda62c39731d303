// Owns how rules of resources and roles that somebody has read in outputs for people. Never looks at what they come to.

import { nameOf } from '../model/address.ts';
import type { ResourceRule, RoleGrant } from '../model/entity.ts';
import { isCondition } from '../model/settings.ts';
import type { Naming } from './naming.ts';
import { speakRule } from './policy-words.ts';

type Speak = (text: string) => string;

/** `tokens of portal for orders with read write`, or the condition. The name of a rule stands before it. */
export function speakResourceRule(rule: ResourceRule, naming: Naming, speak: Speak): string {
  if (isCondition(rule)) return speakRule(rule, naming, speak);
  const { name, client, audience, scopes = [] } = rule;
  return [
    ...(name === undefined ? [] : [`${speak(name)}:`]),
    'tokens',
    ...(client === undefined ? [] : [`of ${naming.name(client)}`]),
    ...(audience === undefined ? [] : [`for ${naming.name(audience)}`]),
    ...(scopes.length === 0 ? [] : [`with ${scopes.map(speak).join(' ')}`]),
  ].join(' ');
}

/** `DATASTORE-VIEWER for mycustomer` */
export function speakGrant({ role, customer }: Pick<RoleGrant, 'role' | 'customer'>): string {
  return customer === undefined ? nameOf(role) : `${nameOf(role)} for ${nameOf(customer)}`;
}
