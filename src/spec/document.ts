// Owns which kind a document is. Never looks below its top-level keys.

import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { quote, type Tree } from './convert.ts';
import { nearest } from './nearest.ts';
import { type MapNode, type Node, rangeOf } from './tree.ts';

export interface Document {
  readonly kind: 'server' | 'site' | 'tests';
  readonly root: MapNode;
  /** Errors that were found in reading it as YAML: what they touch is not judged again. */
  readonly traps: readonly Diagnostic[];
  /** Of an overlay's document: what it adds to could not be read, so that only the names in it count. */
  readonly partial?: boolean;
}

/** Told apart by the top-level key (DESIGN 1): `site`, `tests` without it, or neither. */
export function classify(tree: Tree): Document | Diagnostic {
  const { root } = tree;
  if (root.type !== 'map') {
    return report('document.not-a-map', {
      detail: `a map of keys is expected, and this is ${nounOf(root)}`,
      help: 'A site document begins with site: NAME, a tests document with tests:; a server document has server:, methods: or scopes:.',
      range: rangeOf({ ...root.span, end: Math.min(root.span.end, root.span.start + 1) }),
    });
  }
  for (const kind of NAMED_KINDS) {
    if (root.entries.has(kind)) return { kind, root, traps: tree.diagnostics };
    const meant = [...root.entries.values()].find(({ key }) => nearest(key, [kind]) !== undefined);
    if (meant === undefined) continue;
    const range = rangeOf(meant.keySpan);
    return report('key.unknown', {
      detail: `${quote(meant.key)} is not a key of a document`,
      help: `Did you mean "${kind}"?`,
      range,
      fixes: [{ title: `Write ${kind}`, edits: [{ range, text: kind }] }],
    });
  }
  return { kind: 'server', root, traps: tree.diagnostics };
}

/** The kinds that a key of their name tells, the first first: a site document may have tests. */
const NAMED_KINDS = ['site', 'tests'] as const;

/** What a node is, in a sentence: `a list`, `the number 5`. Texts are not repeated: they may be secrets. */
export function nounOf(node: Node): string {
  if (node.type !== 'scalar') return node.type === 'map' ? 'a map' : 'a list';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? 'text' : `the ${typeof node.value} ${String(node.value)}`;
}
