// Owns the check of one document against its JSON Schema. Never looks at a second document.

import type { ErrorObject } from 'ajv';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { OWN_KEY_PREFIX, quote } from './convert.ts';
import type { Document } from './document.ts';
import { isDocumentKey } from './document-schemas.ts';
import { judgeSecret } from './judge-secret.ts';
import { indexStretches, type Stretch, type Stretches } from './overlap.ts';
import { type Fault, faultOf, nodeAt } from './schema-fault.ts';
import {
  entryOf,
  itemsOf,
  type Node,
  type PlainValue,
  rangeOf,
  type Span,
  stepsOf,
  toValue,
  wholeSpan,
} from './tree.ts';
import { server, site, tests } from './validators.gen.ts';

export interface Validated {
  readonly document: Document;
  readonly value: PlainValue;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether what stands at a path of this document, or below it, is as it should be. */
  isSound(path: readonly string[]): boolean;
  /** Whether names that the document declares may be unknown: a fault stands above single entities. */
  readonly incomplete: boolean;
}

/**
 * Checks one document. `mayLack`: a key that is missing may stand in a file that could not be read, and is not told.
 */
export function validate(document: Document, mayLack = false): Validated {
  const value = toValue(document.root);
  const check = VALIDATORS[document.kind];
  const errors = check(value) ? [] : (check.errors ?? []);
  const { faults, untold } = toFaults(errors, document, mayLack || document.partial === true);
  // A fault where YAML itself was misread is a consequence of that: it is not told, but it is one.
  const misread = stretchesOf(document.traps);
  const diagnostics = faults
    .filter((fault) => !untold.has(fault) && !misread.meet(stretchOf(fault.span)))
    .map((fault) => fault.diagnostic);

  const failed = new Set<string>();
  for (const { path } of faults) for (let end = 1; end <= path.length; end += 1) failed.add(keyOf(path.slice(0, end)));
  const traps = document.traps.filter((trap) => !HARMLESS_TRAPS.has(trap.code));
  const harmful = stretchesOf(traps);
  return {
    document,
    value,
    diagnostics: [...diagnostics, ...ambiguousWords(document, stretchesOf(diagnostics))],
    // Asked of each entity, and of most documents nothing is told.
    isSound:
      failed.size === 0 && traps.length === 0 && document.partial !== true
        ? () => true
        : (path) => document.partial !== true && !failed.has(keyOf(path)) && !holdsTrap(document, path, harmful),
    incomplete: faults.some((fault) => hidesNames(fault, document)),
  };
}

const VALIDATORS = { server, site, tests } as const satisfies Record<Document['kind'], unknown>;

/** The keys below which a document declares names. */
const NAME_MAPS = {
  server: ['methods', 'scopes', 'roles', 'customers', 'resources'],
  site: ['site', 'applications', 'groups', 'users', 'policies'],
  tests: [],
} as const satisfies Record<Document['kind'], readonly string[]>;

/** Whether a fault keeps names from being known: it is above single entities, or at an unknown key that may hold some. */
function hidesNames({ path }: Fault, document: Document): boolean {
  const [key] = path;
  if (path.length !== 1 || key === undefined) return false;
  return !isDocumentKey(document.kind, key)
    ? entryOf(document.root, key)?.value.type === 'map'
    : (NAME_MAPS[document.kind] as readonly string[]).includes(key);
}

/** One secret: the only one, a password, or an item of the list. A fault inside the time of an item is no fault of the secret. */
const SECRET =
  /^\/(?:users\/[^/]+\/password(?=\/|$)|applications\/[^/]+\/(?:secret(?=\/|$)|secrets\/\d+(?!\/(?:not_before|expires)$)(?=\/|$)|secrets$))/;

/** What says nothing more of a value that has another type. */
const NEEDS_TYPE: ReadonlySet<string> = new Set(['oneOf', 'minimum', 'maximum']);

interface Faults {
  readonly faults: readonly Fault[];
  /** Faults all the same: those that an alias only repeats, told where the anchor is, and keys that may only seem to lack. */
  readonly untold: ReadonlySet<Fault>;
}

function toFaults(errors: readonly ErrorObject[], document: Document, mayLack: boolean): Faults {
  const faults: Fault[] = [];
  const untold = new Set<Fault>();
  const seen = new Set<string>();
  const secrets = new Map<string, ErrorObject[]>();
  // Why each form of a value does not fit says less than that none does, or than that its type is none of theirs.
  const own = errors.filter(({ schemaPath }) => !/\/oneOf\/\d+\//.test(schemaPath));
  const misTyped = new Set(own.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  const misKeyed = new Set(
    own.filter(({ keyword }) => keyword === 'additionalProperties').map(({ instancePath }) => instancePath),
  );
  for (const error of own) {
    if (NEEDS_TYPE.has(error.keyword) && misTyped.has(error.instancePath)) continue;
    // The key by which a form is told is mostly the misspelt one.
    if (error.keyword === 'oneOf' && error.params.passingSchemas === null && misKeyed.has(error.instancePath)) continue;
    const secret = error.keyword === 'minItems' ? undefined : SECRET.exec(error.instancePath)?.[0];
    if (secret === undefined) {
      const fault = faultOf(error, document);
      if (fault === undefined) continue;
      faults.push(fault);
      const node = nodeAt(document.root, stepsOf(error.instancePath));
      const span = (node?.type === 'scalar' ? node.anchored : undefined) ?? node?.span;
      // A map or list that an alias repeats has a span of its own, but the values in it have not.
      const inside = node !== undefined && node.type !== 'scalar' ? firstOf(node) : undefined;
      const place = inside ?? span;
      const key = `${error.schemaPath}\n${place?.source.path}\n${place?.start}\n${error.propertyName}\n${JSON.stringify(error.params)}`;
      if (place !== undefined && isWritten(node) && seen.has(key)) untold.add(fault);
      if (mayLack && error.keyword === 'required') untold.add(fault);
      seen.add(key);
    } else {
      const told = secrets.get(secret) ?? [];
      secrets.set(secret, told);
      told.push(error);
    }
  }
  for (const [pointer, told] of secrets) faults.push(...judgeSecret(stepsOf(pointer), told, document));
  return { faults, untold };
}

/** Where the first part of a map or list stands: the same for all aliases of it. */
function firstOf(node: Node): Span | undefined {
  if (node.type === 'map') return node.entries.values().next().value?.keySpan;
  return node.type === 'list' ? node.items[0]?.span : undefined;
}

function isWritten(node: Node | undefined): boolean {
  return node !== undefined && node.span.start < node.span.end;
}

function stretchesOf(diagnostics: readonly Diagnostic[]): Stretches {
  return indexStretches(
    diagnostics.flatMap(({ severity, range }) =>
      severity === 'error' && range !== undefined
        ? [{ file: range.file, start: range.start.offset, end: range.end.offset }]
        : [],
    ),
  );
}

function stretchOf({ source, start, end }: Span): Stretch {
  return { file: source.path, start, end };
}

/** Codes after which the value still is what its author meant. */
const HARMLESS_TRAPS: ReadonlySet<string> = new Set(['yaml.unquoted-name', 'yaml.unquoted-hash']);

function holdsTrap(document: Document, path: readonly string[], traps: Stretches): boolean {
  let node: Node = document.root;
  let written = node.span;
  for (const step of path) {
    const entry = entryOf(node, step);
    const value: Node | undefined = entry?.value ?? itemsOf(node)[Number(step)];
    if (value === undefined) return false;
    written = entry === undefined ? value.span : wholeSpan(entry);
    node = value;
  }
  const overlaid = node.type === 'map' ? (node.overlaid?.stretches ?? []) : [];
  return [written, ...overlaid].some((span) => traps.beginWithin(stretchOf(span)));
}

/** Unquoted no, yes, on and off where they are text: right in YAML 1.2, something else for many a reader. */
function ambiguousWords(document: Document, told: Stretches): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<Node>();
  const look = (span: Span, text: string) => {
    if (!/^(no|yes|on|off)$/i.test(text) || told.meet(stretchOf(span))) return;
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
      if (entry.key.startsWith(OWN_KEY_PREFIX)) continue;
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
