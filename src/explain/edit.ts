// Owns one edit of a State: as data, carried out, and in words. Never decides whether it should be made.

import { type Address, compareText, isEveryone, kindOf, nameOf, siteOf } from '../model/address.ts';
import type { Entity, Link, PolicyItem, RoleGrant } from '../model/entity.ts';
import { roleGrantKey } from '../model/move.ts';
import { escapeToken } from '../model/pointer.ts';
import type { State } from '../model/state.ts';
import type { Naming } from '../plan/naming.ts';
import { tokensOf } from '../plan/paths.ts';
import { speakPolicyItem } from '../plan/policy-words.ts';
import { escapeControls } from '../plan/style.ts';

/**
 * An edit of one entity. `add` puts a value into the list at the pointer, which is made where there is none, or a word into
 * the text of `/metadata/scope`; `remove` takes the member away; `set` writes it.
 */
export type Edit =
  | {
      readonly op: 'add';
      readonly address: Address;
      readonly pointer: string;
      readonly value: string | Link | RoleGrant;
    }
  | { readonly op: 'remove'; readonly address: Address; readonly pointer: string }
  | { readonly op: 'set'; readonly address: Address; readonly pointer: string; readonly value: string };

type Json = unknown;

/** The State with the edit made; the same State where it has no such entity. */
export function applyEdit(state: State, edit: Edit): State {
  const entity = state.get(edit.address);
  if (entity === undefined) return state;
  // The address is there already, so the order stays.
  return new Map(state).set(edit.address, at(entity, tokensOf(edit.pointer), edit) as Entity);
}

function at(value: Json, steps: readonly string[], edit: Edit): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return edit.op === 'add' ? added(value, edit) : edit.op === 'set' ? edit.value : undefined;
  if (Array.isArray(value)) {
    return value.flatMap((item, position) => {
      if (String(position) !== step) return [item];
      const after = at(item, rest, edit);
      return after === undefined ? [] : [after];
    });
  }
  const { [step]: before, ...others } = (value ?? {}) as Readonly<Record<string, Json>>;
  const after = at(before, rest, edit);
  return after === undefined ? others : { ...others, [step]: after };
}

/** Links stand in the order of their addresses, as State has them; everything else in the order in which it is written. */
function added(value: Json, { pointer, value: item }: Extract<Edit, { op: 'add' }>): Json {
  if (pointer === SCOPE) return value === undefined || value === '' ? item : `${value} ${item}`;
  const list = [...((value ?? []) as readonly Json[]), item];
  if (typeof item === 'string') return list;
  if (isGrant(item)) return (list as RoleGrant[]).sort((a, b) => compareText(roleGrantKey(a), roleGrantKey(b)));
  return (list as Link[]).sort((a, b) => compareText(a.to, b.to));
}

/** Whether what is added to a list is a role that somebody gets. */
export function isGrant(value: Link | RoleGrant): value is RoleGrant {
  return 'role' in value;
}

const SCOPE = '/metadata/scope';

/** What stands at a pointer. */
export function valueAt(entity: Entity | undefined, pointer: string): unknown {
  return tokensOf(pointer).reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[step] : undefined,
    entity,
  );
}

/** The link that a pointer leads to or into (`/members/0/expires`), where it does. */
export function linkAt(entity: Entity | undefined, pointer: string): Link | undefined {
  const [, grant] = /^(\/roles\/\d+)(?:\/|$)/.exec(pointer) ?? [];
  if (grant !== undefined && entity?.kind !== 'role') return grantLink(valueAt(entity, grant) as RoleGrant | undefined);
  const [, list] = /^(\/(?:members|allowed_to|impersonated_by)\/\d+)(?:\/|$)/.exec(pointer) ?? [];
  return list === undefined ? undefined : (valueAt(entity, list) as Link | undefined);
}

function grantLink(grant: RoleGrant | undefined): Link | undefined {
  return grant && { to: grant.role, ...(grant.expires === undefined ? {} : { expires: grant.expires }) };
}

/** The item of a policy at a pointer. */
export function itemAt(entity: Entity | undefined, pointer: string): PolicyItem | undefined {
  const [list, position, inner] = tokensOf(pointer);
  return entity?.kind === 'policy' && list === 'items' && inner === undefined
    ? entity.items?.[Number(position)]
    : undefined;
}

/** The edit in words, ready for a terminal: `add User1 to members of Group2`. `before` is the State that it is made in. */
export function editWords(edit: Edit, before: State, naming: Naming): string {
  const { address, pointer } = edit;
  const whose = naming.name(address);
  const [key = '', inner] = tokensOf(pointer);
  if (edit.op === 'set') return `give ${whose} the attribute ${escapeControls(inner ?? key)}`;
  if (edit.op === 'remove') return removeWords(edit, before, naming);
  if (typeof edit.value !== 'string') {
    return isGrant(edit.value)
      ? `give ${whose} the role ${grantWords(edit.value, naming)}`
      : linkWords(key, address, edit.value, naming);
  }
  const value = escapeControls(edit.value);
  if (key === 'methods') return `add ${value} to methods of ${kindOf(address) === 'site' ? 'site ' : ''}${whose}`;
  if (key === 'access_rules') return `add ${value} to the addresses of ${escapeControls(pointer.slice(1))} of ${whose}`;
  return `add ${value} to ${key === 'metadata' ? `metadata.${inner}` : key} of ${whose}`;
}

function grantWords({ role, customer }: RoleGrant, naming: Naming): string {
  return customer === undefined ? naming.name(role) : `${naming.name(role)} for ${naming.name(customer)}`;
}

function linkWords(key: string, address: Address, { to }: Link, naming: Naming): string {
  const whose = naming.name(address);
  if (key === 'impersonated_by') return `let ${naming.name(to)} impersonate ${whose}`;
  if (key === 'members') return `add ${naming.name(to)} to members of ${whose}`;
  return `open ${whose} to ${groupWords(to, naming)}`;
}

function removeWords({ address, pointer }: Edit, before: State, naming: Naming): string {
  const whose = naming.name(address);
  const kind = kindOf(address) === 'method' ? 'method ' : '';
  if (pointer === '/enabled') return `enable ${kind}${whose}`;
  const item = itemAt(before.get(address), pointer);
  if (item !== undefined) return `remove the item ${speakPolicyItem(item, naming, escapeControls)} of policy ${whose}`;
  const written = escapeControls(String(valueAt(before.get(address), pointer)));
  const link = linkAt(before.get(address), pointer);
  if (link === undefined) return `remove ${pointer.slice(1)} ${written} of ${whose}`;
  const to = naming.name(link.to);
  const [list, , inner] = tokensOf(pointer);
  if (list === 'members' && inner === undefined) return `remove ${to} from members of ${whose}`;
  if (list === 'members') return `remove expires ${written} of the membership of ${to} in ${whose}`;
  if (list === 'roles') return `remove expires ${written} of the role ${to} of ${whose}`;
  if (list === 'allowed_to') return `remove expires ${written} of ${to} in allowed_to of ${whose}`;
  return `remove expires ${written} of the impersonation of ${whose} by ${to}`;
}

/** `Group2`, `everyone of Example`. */
export function groupWords(group: Address, naming: Naming): string {
  return isEveryone(group) ? `everyone of ${escapeControls(siteOf(group) ?? nameOf(group))}` : naming.name(group);
}

/** A pointer to the attribute of a user. */
export function attributePointer(name: string): string {
  return `/attributes/${escapeToken(name)}`;
}
