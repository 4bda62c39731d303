// Owns the order of keys: the schema's, then others, then the team's own. Never moves a name of an entity or the item of
// a list, and nothing at all where an alias would come before its anchor.

import { OWN_KEY_PREFIX } from './convert.ts';
import type { CollectionNode, FormatNode, Item } from './format-tree.ts';

/** As much of a JSON Schema as says which keys stand where. */
export interface SchemaPart {
  readonly [key: string]: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaPart>>;
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly propertyNames?: SchemaPart;
  readonly additionalProperties?: boolean | SchemaPart;
  readonly items?: SchemaPart | boolean;
  readonly allOf?: readonly SchemaPart[];
  readonly anyOf?: readonly SchemaPart[];
  readonly oneOf?: readonly SchemaPart[];
  readonly if?: SchemaPart;
  readonly then?: SchemaPart;
  readonly else?: SchemaPart;
}

/** The same document with its keys in the schema's order; the document itself where that would break an alias. */
export function orderKeys(root: CollectionNode, schema: SchemaPart): CollectionNode {
  const ordered = ordering(schema.$defs ?? {}).order(root, [schema]) as CollectionNode;
  return bindings(ordered) === bindings(root) ? ordered : root;
}

function ordering(definitions: Readonly<Record<string, SchemaPart>>) {
  return { order };

  function order(node: FormatNode, schemas: readonly SchemaPart[]): FormatNode {
    if (node.type === 'text') return node;
    const parts = schemas.flatMap((schema) => expand(schema, []));
    if (node.type === 'list') {
      const items = parts.map((part) => part.items).filter(isPart);
      return { ...node, items: node.items.map((item) => within(item, items)) };
    }
    const keys = new Map<string, number>();
    for (const part of parts) {
      // Of names some may have a form of their own, and no place.
      if (part.propertyNames !== undefined) continue;
      for (const key of Object.keys(part.properties ?? {})) if (!keys.has(key)) keys.set(key, keys.size);
    }
    const entries = node.items.map((item) => {
      const key = nameOf(item);
      const named = parts.map((part) => part.properties?.[key]).filter(isPart);
      const other = parts.map((part) => part.additionalProperties).filter(isPart);
      return { rank: rankOf(key, keys), item: within(item, named.length > 0 ? named : other) };
    });
    // Where the keys are names, the order is the author's.
    if (keys.size === 0) return { ...node, items: entries.map(({ item }) => item) };
    const sorted = [...entries].sort((a, b) => a.rank - b.rank).map(({ item }) => item);
    return { ...node, items: withBlankOfFirst(sorted, entries[0]?.item) };
  }

  function within(item: Item, schemas: readonly SchemaPart[]): Item {
    // What stands below x- is the team's own, whatever the schema of the neighbours.
    if (item.value === undefined || schemas.length === 0) return item;
    return { ...item, value: order(item.value, schemas) };
  }

  /** The schema with all that it refers to and chooses between. */
  function expand(schema: SchemaPart, seen: readonly SchemaPart[]): readonly SchemaPart[] {
    if (seen.includes(schema)) return [];
    const way = [...seen, schema];
    const referred = schema.$ref === undefined ? undefined : definitions[schema.$ref.replace(/^#\/\$defs\//, '')];
    const { allOf = [], anyOf = [], oneOf = [] } = schema;
    const others = [referred, ...allOf, ...anyOf, ...oneOf, schema.if, schema.then, schema.else];
    return [schema, ...others.flatMap((other) => (other === undefined ? [] : expand(other, way)))];
  }
}

function isPart(schema: SchemaPart | boolean | undefined): schema is SchemaPart {
  return typeof schema === 'object';
}

function rankOf(key: string, keys: ReadonlyMap<string, number>): number {
  return keys.get(key) ?? (key.startsWith(OWN_KEY_PREFIX) ? keys.size + 1 : keys.size);
}

/** The key without its anchor and its quotes. */
export function nameOf({ key = '' }: Item): string {
  return key.replace(/^&\S+\s+/, '').replace(/^(["'])(.*)\1$/, '$2');
}

/** An empty line at the top belongs to the place; one that came to the top changes places with what was there. */
function withBlankOfFirst(items: readonly Item[], first: Item | undefined): readonly Item[] {
  const [now] = items;
  if (first === undefined || now === undefined || now === first) return items;
  const top = isBlankAbove(first);
  const moved = isBlankAbove(now);
  return items.map((item) => {
    if (item === now) return withBlankAbove(item, top);
    return item === first ? withBlankAbove(item, moved) : item;
  });
}

function isBlankAbove(item: Item): boolean {
  return item.above[0]?.blank ?? item.blank;
}

function withBlankAbove(item: Item, blank: boolean): Item {
  const [line, ...lines] = item.above;
  return line === undefined ? { ...item, blank } : { ...item, above: [{ ...line, blank }, ...lines] };
}

/** Which anchor every alias means, as a text: equal for two orders of one document that mean the same. */
function bindings(root: CollectionNode): string {
  const anchors = new Map<string, number>();
  const found: (readonly [alias: number, anchor: number])[] = [];
  const visit = (node: FormatNode): void => {
    if (node.type === 'text') {
      if (node.source.startsWith('*')) found.push([node.start, anchors.get(node.source.slice(1)) ?? -1]);
    } else {
      for (const item of node.items) {
        const keyAnchor = /^&(\S+)/.exec(item.key ?? '')?.[1];
        if (keyAnchor !== undefined) anchors.set(keyAnchor, item.start);
        if (item.value !== undefined) visit(item.value);
      }
    }
    // Set when the value ends: an alias inside of it means an earlier anchor of that name.
    if (node.anchor !== undefined) {
      anchors.set(node.anchor.slice(1), node.type === 'text' ? node.start : node.span.start);
    }
  };
  visit(root);
  return JSON.stringify(found.sort(([a], [b]) => a - b));
}
