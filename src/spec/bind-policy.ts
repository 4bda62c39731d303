// Owns policies, and the access rules of applications, as State holds them: names resolved, and what is wrong within one
// policy. Never asks who uses a policy, nor what a rule or an item comes to (check-policies.ts does).

import type { PolicyAddress } from '../model/address.ts';
import type { Diagnostic, Fix } from '../model/diagnostic.ts';
import type { AccessRule, AccessRules, PolicyEntity, PolicyItem } from '../model/entity.ts';
import { METHOD_ATTRIBUTES, parsePolicyValue, RESERVED_CLAIMS } from '../model/policy-value.ts';
import { pick } from './bind-value.ts';
import { report } from './catalogue.ts';
import type { SiteAccessRules } from './documents.gen.ts';
import type { PolicyDeclaration } from './merge.ts';
import { isSlip, nearest } from './nearest.ts';
import type { References } from './references.ts';
import { type Entry, entryOf, itemsOf, type Node, rangeOf, type Span, spanOfItem, spanWithin } from './tree.ts';

/** A policy that passed its schema. An item whose group is unknown (told) is left out. */
export function bindPolicy(
  address: PolicyAddress,
  { site, value, entry }: PolicyDeclaration,
  references: References,
  problems: Diagnostic[],
): PolicyEntity {
  const nodes = itemsOf(entryOf(entry.value, 'items')?.value);
  const items = value.items.flatMap((written, position): readonly PolicyItem[] => {
    const node = nodes[position];
    const group = entryOf(node, 'group');
    const to = group === undefined ? undefined : references.entity('group', site, group.value);
    tellItem(address, node, problems);
    if (group !== undefined && to === undefined) return [];
    return [{ ...(to === undefined ? {} : { group: to }), ...pick(written, ['scopes', 'name', 'value']) }];
  });
  const names = new Set(value.items.map(({ name }) => name));
  tellUngiven(address, 'single_value', entry, names, problems);
  tellUngiven(address, 'required', entry, names, problems);
  return { kind: 'policy', items, ...pick(value, ['single_value', 'required']) };
}

/** What is wrong with an item alone, whatever else is wrong with its policy. */
export function tellItem(address: PolicyAddress, node: Node | undefined, problems: Diagnostic[]): void {
  tellReserved(address, entryOf(node, 'name'), problems);
  tellAttribute(address, entryOf(node, 'value'), problems);
  tellLiteral(address, entryOf(node, 'value'), problems);
}

/** U-65: such a name says what a token is. */
function tellReserved(address: PolicyAddress, name: Entry | undefined, problems: Diagnostic[]): void {
  if (name?.value.type !== 'scalar' || !RESERVED_CLAIMS.includes(String(name.value.value))) return;
  problems.push(
    report('policy.reserved-claim', {
      detail: `${String(name.value.value)} says what a token is, and no policy gives it another value`,
      help: 'Give the value another name.',
      range: rangeOf(name.value.span),
      address,
    }),
  );
}

/** U-42: what a method says of the subject is a fixed list. */
function tellAttribute(address: PolicyAddress, value: Entry | undefined, problems: Diagnostic[]): void {
  if (value?.value.type !== 'scalar') return;
  const parsed = parsePolicyValue(String(value.value.value));
  if (parsed?.from !== 'method') return;
  const { attribute } = parsed;
  if ((METHOD_ATTRIBUTES as readonly string[]).includes(attribute)) return;
  const near = nearest(attribute, METHOD_ATTRIBUTES);
  const known = `A method says ${METHOD_ATTRIBUTES.join(', ')}.`;
  const span = attributeSpan(value.value, attribute);
  problems.push(
    report('reference.unknown', {
      variant: 'method-attribute',
      detail: `a method has no attribute "${attribute}"`,
      help: near === undefined ? known : `Did you mean "${near}"? ${known}`,
      range: rangeOf(span),
      address,
      fixes: slipFix(span, attribute, near),
    }),
  );
}

/** U-62: what stands behind text: is given as it is. Who writes an expression there hardly means its very letters. */
function tellLiteral(address: PolicyAddress, value: Entry | undefined, problems: Diagnostic[]): void {
  if (value?.value.type !== 'scalar') return;
  const written = String(value.value.value);
  const parsed = parsePolicyValue(written);
  if (parsed?.from !== 'text' || !/\$\{[^}]*\}/.test(parsed.text)) return;
  const bare = parsePolicyValue(parsed.text);
  const meant = bare === undefined || bare.from === 'text' ? undefined : `${bare.from}:${bare.attribute}`;
  const span = spanWithin(value.value, 0, written.length);
  problems.push(
    report('policy.literal-expression', {
      detail: `nothing behind text: is evaluated, so the value is the very letters ${parsed.text}`,
      help:
        meant === undefined
          ? 'Write user:NAME for an attribute of the user; a text and an attribute cannot be joined.'
          : `Write ${meant}.`,
      range: rangeOf(span),
      address,
      fixes: meant === undefined ? [] : slipFix(span, written, meant),
    }),
  );
}

/** Where the attribute stands in a value, of which it is the last word. */
export function attributeSpan(value: Node, attribute: string): Span {
  if (value.type !== 'scalar') return value.span;
  return spanWithin(value, String(value.value).lastIndexOf(attribute), attribute.length);
}

/** Writes the near name instead, where it stands there letter for letter and is beyond doubt. */
export function slipFix(span: Span, written: string, near: string | undefined): readonly Fix[] {
  const isThere = span.source.text.slice(span.start, span.end) === written;
  if (near === undefined || !isThere || !isSlip(written, near)) return [];
  return [{ title: `Write ${near}`, edits: [{ range: rangeOf(span), text: near }] }];
}

/** A constraint on a name that no item gives could never be met, or says nothing. */
function tellUngiven(
  address: PolicyAddress,
  key: 'single_value' | 'required',
  entry: Entry,
  names: ReadonlySet<string>,
  problems: Diagnostic[],
): void {
  for (const item of itemsOf(entryOf(entry.value, key)?.value)) {
    const name = item.type === 'scalar' ? String(item.value) : '';
    if (names.has(name)) continue;
    const near = nearest(name, names);
    problems.push(
      report('policy.name-not-given', {
        detail: `no item of the policy gives "${name}"${key === 'required' ? ', so every application with the policy would be denied' : ''}`,
        help: near === undefined ? 'Add an item that gives it, or remove the name here.' : `Did you mean "${near}"?`,
        range: rangeOf(spanOfItem(item)),
        address,
        fixes: slipFix(item.span, name, near),
      }),
    );
  }
}

/** Access rules that passed their schema. A rule whose method or group is unknown (told) is left out. */
export function bindAccessRules(
  site: string,
  written: SiteAccessRules,
  entry: Entry | undefined,
  references: References,
): AccessRules {
  const bound = (key: 'all' | 'any'): readonly AccessRule[] =>
    itemsOf(entryOf(entry?.value, key)?.value).flatMap((node, position): readonly AccessRule[] => {
      const method = entryOf(node, 'method');
      const group = entryOf(node, 'group');
      if (method !== undefined) {
        const name = references.named('method', method.value);
        return name === undefined ? [] : [{ method: name }];
      }
      if (group !== undefined) {
        const to = references.entity('group', site, group.value);
        return to === undefined ? [] : [{ group: to }];
      }
      return [{ ip: written[key]?.[position]?.ip ?? [] }];
    });
  return written.all === undefined ? { any: bound('any') } : { all: bound('all') };
}
