// Owns formatting one file: the same documents in one order and one style, with their comments. Never answers a text that
// means anything else than the one that it was given, and never reads a file.

import { Parser } from 'yaml';
import { type Diagnostic, sortDiagnostics } from '../model/diagnostic.ts';
import { canonicalJson } from '../model/digest.ts';
import { classify } from './document.ts';
import { DOCUMENT_SCHEMAS } from './document-schemas.ts';
import { findComments, placeComments } from './format-comments.ts';
import { nameOf, orderKeys, type SchemaPart } from './format-order.ts';
import { printDocument } from './format-print.ts';
import { buildTree, type CollectionNode } from './format-tree.ts';
import { type ParsedFile, parseFile } from './parse.ts';
import { withoutSecrets } from './redact.ts';
import type { SourceFile } from './source.ts';
import { toValue } from './tree.ts';

/**
 * `invalid`: the file cannot be read, for the diagnostics. `unsafe`: it can, but what was made of it would mean something
 * else or change again when formatted; `detail` says what.
 */
export type Formatted =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'invalid'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly reason: 'unsafe'; readonly detail: string };

export function format(file: SourceFile): Formatted {
  const parsed = parseFile(file);
  const errors = [...parsed.diagnostics, ...notMaps(parsed)].filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    return { ok: false, reason: 'invalid', diagnostics: withoutSecrets(sortDiagnostics(errors), [file]) };
  }
  const text = printFile(file.text);
  const again = parseFile({ ...file, text });
  if (again.diagnostics.some(({ severity }) => severity === 'error') || meaning(again) !== meaning(parsed)) {
    return { ok: false, reason: 'unsafe', detail: 'its values would not stay the same' };
  }
  if (commentsIn(text) !== commentsIn(file.text)) {
    return { ok: false, reason: 'unsafe', detail: 'not every comment would be kept' };
  }
  if (printFile(text) !== text)
    return { ok: false, reason: 'unsafe', detail: 'formatting it twice would change it twice' };
  return { ok: true, text };
}

function printFile(original: string): string {
  const text = original.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const comments = findComments(text);
  const lines: string[] = [];
  const documents = documentsOf(text);
  let used = 0;
  for (const [position, { root }] of documents.entries()) {
    const end = documents[position + 1]?.start ?? text.length;
    const first = used;
    while ((comments[used]?.offset ?? end) < end) used += 1;
    const header = placeComments(root, comments.slice(first, used), text);
    if (position > 0) lines.push('---');
    for (const line of printDocument(header, orderKeys(root, schemaOf(root)))) lines.push(line);
  }
  return lines.map((line) => `${line}\n`).join('');
}

interface FormatDocument {
  readonly root: CollectionNode;
  /** Where what belongs to it begins. */
  readonly start: number;
}

/** The documents that hold something. What stands in an empty one goes to the next, or to the last. */
function documentsOf(text: string): readonly FormatDocument[] {
  const documents: FormatDocument[] = [];
  let start: number | undefined = 0;
  for (const token of new Parser().parse(text)) {
    if (token.type !== 'document') continue;
    start ??= token.offset;
    const root = token.value === undefined ? undefined : buildTree(token.value, text);
    if (root === undefined || root.type === 'text') continue;
    documents.push({ root, start });
    start = undefined;
  }
  return documents.length > 0 ? documents : [{ root: emptyRoot(text), start: 0 }];
}

/** Told apart as classify does. */
function schemaOf(root: CollectionNode): SchemaPart {
  const keys = new Set(root.items.map(nameOf));
  return DOCUMENT_SCHEMAS[keys.has('site') ? 'site' : keys.has('tests') ? 'tests' : 'server'];
}

/** For a file of comments alone. */
function emptyRoot(text: string): CollectionNode {
  const span = { start: text.length, end: text.length };
  return { type: 'map', anchor: undefined, flow: false, items: [], end: [], column: 0, span };
}

/** A document that is no map is told as the compiler tells it. */
function notMaps(parsed: ParsedFile): readonly Diagnostic[] {
  return parsed.trees
    .filter(({ root }) => root.type !== 'map')
    .flatMap((tree) => {
      const told = classify(tree);
      return 'code' in told ? [told] : [];
    });
}

function meaning({ trees }: ParsedFile): string {
  return canonicalJson(trees.map(({ root }) => toValue(root)));
}

function commentsIn(text: string): string {
  return findComments(text)
    .map((comment) => comment.text)
    .sort()
    .join('\n');
}
