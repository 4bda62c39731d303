// Owns the check of one document against its JSON Schema. Never looks at a second document.

import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { quote } from './convert.ts';
import type { Document } from './document.ts';
import { judgeSecret } from './judge-secret.ts';
import { type Fault, faultOf } from './schema-fault.ts';
import { serverSchema, siteSchema } from './schemas.gen.ts';
import { entryOf, type Node, type PlainValue, rangeOf, type Span, stepsOf, toValue } from './tree.ts';

export interface Validated {
  readonly document: Document;
  readonly value: PlainValue;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether what stands at a path of this document, or below it, is as it should be. */
  isSound(path: readonly string[]): boolean;
  /** Whether names that the document declares may be unknown: a fault stands above single entities. */
  readonly incomplete: boolean;
}

export function validate(document: Document): Validated {
  const value = toValue(document.root);
  const check = validators()[document.kind];
  const errors = check(value) ? [] : (check.errors ?? []);
  const faults = toFaults(errors, document);
  // A fault where YAML itself was misread is a consequence of that: it is not told, but it is one.
  const diagnostics = faults.filter((fault) => !isTrapped(fault.span, document.traps)).map((fault) => fault.diagnostic);

  const failed = new Set<string>();
  for (const { path } of faults) for (let end = 1; end <= path.length; end += 1) failed.add(keyOf(path.slice(0, end)));
  return {
    document,
    value,
    diagnostics: [...diagnostics, ...ambiguousWords(document, diagnostics)],
    isSound: (path) => !failed.has(keyOf(path)) && !holdsTrap(document, path),
    incomplete: faults.some((fault) => fault.path.length < 2 && fault.path[0] !== 'server'),
  };
}

type Validators = Readonly<Record<Document['kind'], ValidateFunction>>;
let compiled: Validators | undefined;

/** Compiled on first use: it takes 100 ms and more, and `--help` needs none. */
function validators(): Validators {
  if (compiled === undefined) {
    // Formats are hints for editors: what they would check here has codes of its own, with better words.
    const ajv = new Ajv2020({
      strict: true,
      // A branch that only requires a key need not repeat its schema.
      strictRequired: false,
      allowUnionTypes: true,
      allErrors: true,
      verbose: true,
      validateFormats: false,
    });
    compiled = { server: ajv.compile(serverSchema), site: ajv.compile(siteSchema) };
  }
  return compiled;
}

function toFaults(errors: readonly ErrorObject[], document: Document): Fault[] {
  const faults: Fault[] = [];
  const secrets = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const secret = /^\/applications\/[^/]+\/secret(?=\/|$)/.exec(error.instancePath)?.[0];
    if (secret === undefined) {
      const fault = faultOf(error, document);
      if (fault !== undefined) faults.push(fault);
    } else {
      secrets.set(secret, [...(secrets.get(secret) ?? []), error]);
    }
  }
  for (const [pointer, told] of secrets) faults.push(...judgeSecret(stepsOf(pointer), told, document));
  return faults;
}

/** Whether an error was told of this place already. */
function isTrapped(span: Span, traps: readonly Diagnostic[]): boolean {
  return traps.some(({ severity, range }) => {
    if (severity !== 'error' || range === undefined) return false;
    const { start, end } = range;
    return start.offset === span.start || (start.offset < span.end && span.start < end.offset);
  });
}

/** Codes after which the value still is what its author meant. */
const HARMLESS_TRAPS: ReadonlySet<string> = new Set(['yaml.unquoted-name', 'yaml.unquoted-hash']);

function holdsTrap(document: Document, path: readonly string[]): boolean {
  const traps = document.traps.filter((trap) => !HARMLESS_TRAPS.has(trap.code));
  if (traps.length === 0) return false;
  let node: Node = document.root;
  let from = node.span.start;
  for (const step of path) {
    const entry = entryOf(node, step);
    if (entry === undefined) return false;
    from = entry.keySpan.start;
    node = entry.value;
  }
  const to = Math.max(from, node.span.end);
  return traps.some(({ range }) => range !== undefined && from <= range.start.offset && range.start.offset <= to);
}

/** Unquoted no, yes, on and off where they are text: right in YAML 1.2, something else for many a reader. */
function ambiguousWords(document: Document, told: readonly Diagnostic[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<Node>();
  const look = (span: Span, text: string) => {
    if (!/^(no|yes|on|off)$/i.test(text) || isTrapped(span, told)) return;
    found.push(
      report('yaml.ambiguous-word', {
        detail: `${text} is text here, but true or false for readers of YAML 1.1`,
        help: `Quote it: ${quote(text)}.`,
        range: rangeOf(span),
        fixes: [{ title: 'Quote the word', edits: [{ range: rangeOf(span), text: quote(text) }] }],
      }),
    );
  };
  const walk = (node: Node): void => {
    if (node.type === 'scalar') {
      if (node.plain && typeof node.value === 'string') look(node.span, node.value);
      return;
    }
    if (seen.has(node)) return;
    seen.add(node);
    if (node.type === 'list') {
      for (const item of node.items) walk(item);
      return;
    }
    for (const entry of node.entries.values()) {
      if (entry.key.startsWith('x-')) continue;
      if (entry.plainKey) look(entry.keySpan, entry.key);
      walk(entry.value);
    }
  };
  walk(document.root);
  return found;
}

function keyOf(path: readonly string[]): string {
  return path.join('\n');
}
