// Owns which kind a document is. Never looks below its top-level keys.

import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { quote, type Tree } from './convert.ts';
import { nearest } from './nearest.ts';
import { entryOf, type MapNode, type Node, rangeOf } from './tree.ts';

export interface Document {
  readonly kind: 'server' | 'site';
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
      help: 'A site document begins with site: NAME; a server document has server:, methods: or scopes:.',
      range: rangeOf({ ...root.span, end: Math.min(root.span.end, root.span.start + 1) }),
    });
  }
  const tests = entryOf(root, 'tests');
  if (tests !== undefined && !root.entries.has('site')) {
    return report('document.tests-unsupported', {
      detail: 'this version does not run tests',
      help: 'Remove the document: a test that is not run must not look like one that passes.',
      range: rangeOf(tests.keySpan),
    });
  }
  const meant = [...root.entries.values()].find(({ key }) => nearest(key, ['site']) !== undefined);
  if (!root.entries.has('site') && meant !== undefined) {
    const range = rangeOf(meant.keySpan);
    return report('key.unknown', {
      detail: `${quote(meant.key)} is not a key of a document`,
      help: 'Did you mean "site"?',
      range,
      fixes: [{ title: 'Write site', edits: [{ range, text: 'site' }] }],
    });
  }
  return { kind: root.entries.has('site') ? 'site' : 'server', root, traps: tree.diagnostics };
}

/** What a node is, in a sentence: `a list`, `the number 5`. Texts are not repeated: they may be secrets. */
export function nounOf(node: Node): string {
  if (node.type !== 'scalar') return node.type === 'map' ? 'a map' : 'a list';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? 'text' : `the ${typeof node.value} ${String(node.value)}`;
}
