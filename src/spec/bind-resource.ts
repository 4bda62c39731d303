// Owns resources as State holds them: names resolved. Never asks what their rules come to (check-resources.ts does).

import type { BearerRule, ResourceEntity, ResourceRule } from '../model/entity.ts';
import { pick } from './bind-value.ts';
import type { ServerResource } from './documents.gen.ts';
import type { ResourceDeclaration } from './merge.ts';
import type { References } from './references.ts';
import { entryOf, itemsOf, type Node } from './tree.ts';

type WrittenRule = ServerResource['access_rules'][number];

/** A resource that passed its schema. A rule that names something unknown (told) is left out. */
export function bindResource({ value, entry }: ResourceDeclaration, references: References): ResourceEntity {
  const nodes = itemsOf(entryOf(entry.value, 'access_rules')?.value);
  return {
    kind: 'resource',
    ...pick(value, ['host']),
    path: value.path,
    ...pick(value, ['methods', 'upstream']),
    access_rules: value.access_rules.flatMap((rule, position) => bindRule(rule, nodes[position], references) ?? []),
    ...pick(value, ['forward_token', 'token_locations']),
  };
}

function bindRule(written: WrittenRule, node: Node | undefined, references: References): ResourceRule | undefined {
  const [group, method] = [entryOf(node, 'group'), entryOf(node, 'method')];
  if (group !== undefined) {
    const to = references.anywhere('group', group.value);
    return to === undefined ? undefined : { group: to };
  }
  if (method !== undefined) {
    const name = references.named('method', method.value);
    return name === undefined ? undefined : { method: name };
  }
  return written.ip === undefined ? bindBearer(written, node, references) : { ip: written.ip };
}

function bindBearer(written: WrittenRule, node: Node | undefined, references: References): BearerRule | undefined {
  const [client, audience] = (['client', 'audience'] as const).map((key) => {
    const entry = entryOf(node, key);
    return entry === undefined ? undefined : (references.anywhere('application', entry.value) ?? 'unknown');
  });
  if (client === 'unknown' || audience === 'unknown') return undefined;
  return {
    ...pick(written, ['name']),
    ...(client === undefined ? {} : { client }),
    ...(audience === undefined ? {} : { audience }),
    ...pick(written, ['scopes']),
  };
}
