// Owns one error of the JSON Schema validator → one diagnostic in an author's words. Never validates.

import type { ErrorObject } from 'ajv';
import type { Diagnostic, Fix, RelatedPlace } from '../model/diagnostic.ts';
import { type DiagnosticCode, report, type Told } from './catalogue.ts';
import { quote } from './convert.ts';
import { type Document, nounOf } from './document.ts';
import { removeItem } from './edit-text.ts';
import { FORMATS } from './formats.ts';
import { otherKind, topOf } from './misplaced-key.ts';
import { nearest } from './nearest.ts';
import { entryOf, type ListNode, type Node, rangeOf, type Span, spanAt, spanOfItem, stepsOf } from './tree.ts';

export interface Fault {
  /** The steps to what is wrong, a wrong key included. */
  readonly path: readonly string[];
  readonly span: Span;
  readonly diagnostic: Diagnostic;
}

interface Annotated {
  readonly title?: string;
  readonly format?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly oneOf?: readonly { readonly required?: readonly string[] }[];
}

/** Undefined for errors that only repeat another one. */
export function faultOf(error: ErrorObject, document: Document): Fault | undefined {
  const path = stepsOf(error.instancePath);
  const schema = (error.parentSchema ?? {}) as Annotated;
  const node = nodeAt(document.root, path);
  if (error.propertyName !== undefined) return wrongName(document, path, error.propertyName, schema);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(document, path, String(error.params.additionalProperty), schema);
    case 'propertyNames':
      // Its schema is told by the error inside it, which has the key too.
      return undefined;
    case 'required': {
      const key = String(error.params.missingProperty);
      const span = keySpanAt(document, path);
      return fault('key.missing', path, span, {
        detail: `the key ${key} is missing`,
        help: describe((schema.properties?.[key] ?? {}) as Annotated, key),
        related: removedBy(node, key),
      });
    }
    case 'type':
      return wrongType(document, path, node, [error.params.type].flat().map(String), schema);
    case 'enum':
      return notAllowed(document, path, node, (error.params.allowedValues as unknown[]).map(String), schema);
    case 'format':
      return wrongFormat(document, path, String(error.params.format), node);
    case 'oneOf':
      return fault('value.invalid', path, node === undefined ? document.root.span : spanOfItem(node), {
        detail:
          schema.title === RESOURCE_RULE
            ? 'a rule names client or audience, or both, perhaps with scopes; a condition is group, method or ip alone'
            : `exactly one of ${inWords(keysOfForms(schema))} is written`,
        help: describe(schema),
      });
    case 'dependentRequired':
      return lacksCompanion(
        document,
        path,
        String(error.params.property),
        String(error.params.missingProperty),
        schema,
      );
    case 'minimum':
    case 'maximum':
      return fault('value.invalid', path, spanAt(document.root, path, document.root.span), {
        detail: `${shown(node)} is ${error.keyword === 'minimum' ? 'less' : 'more'} than ${String(error.params.limit)}`,
        help: describe(schema),
      });
    case 'uniqueItems':
      return listedTwice(path, node, [Number(error.params.i), Number(error.params.j)]);
    default: {
      const what = schema.title ?? 'value of this key';
      const detail =
        error.keyword === 'minItems'
          ? 'at least one is needed'
          : error.keyword === 'minProperties'
            ? 'at least one key is needed'
            : `${shown(node)} does not have the form of ${withArticle(what)}`;
      return fault('value.invalid', path, spanAt(document.root, path, document.root.span), {
        detail,
        help: describe(schema),
      });
    }
  }
}

/** The title of what is a rule about tokens or a condition. */
const RESOURCE_RULE = 'Rule of a resource';

/** A key that says nothing without another one, which is not written. */
function lacksCompanion(
  document: Document,
  path: readonly string[],
  key: string,
  missing: string,
  schema: Annotated,
): Fault {
  const span = entryOf(nodeAt(document.root, path), key)?.keySpan ?? document.root.span;
  return fault('key.missing', path, span, {
    detail: `${key} goes with ${missing}, which is not written`,
    help: describe((schema.properties?.[missing] ?? {}) as Annotated, missing),
  });
}

/** Of several forms of a map: the keys by which they are told. */
function keysOfForms({ oneOf = [] }: Annotated): readonly string[] {
  return oneOf.flatMap(({ required = [] }) => required);
}

/** `a, b and c` */
function inWords(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** Where an overlay removed the key of a map. */
function removedBy(node: Node | undefined, key: string): readonly RelatedPlace[] {
  const span = node?.type === 'map' ? node.overlaid?.removed.get(key) : undefined;
  return span === undefined ? [] : [{ message: 'an overlay removes it here', range: rangeOf(span) }];
}

/** A fault at a span; the diagnostic's range is that span. */
export function fault<C extends DiagnosticCode>(code: C, path: readonly string[], span: Span, told: Told<C>): Fault {
  return { path, span, diagnostic: report(code, { ...told, range: rangeOf(span) }) };
}

export function nodeAt(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) node = node?.type === 'list' ? node.items[Number(step)] : entryOf(node, step)?.value;
  return node;
}

function unknownKey(document: Document, parent: readonly string[], key: string, schema: Annotated): Fault {
  const path = [...parent, key];
  const span = entryOf(nodeAt(document.root, parent), key)?.keySpan ?? document.root.span;
  const allowed = Object.keys(schema.properties ?? {});
  const elsewhere = parent.length === 0 ? otherKind(document.kind, key) : undefined;
  const near = nearest(key, allowed);
  if (elsewhere !== undefined) return fault('key.unknown', path, span, elsewhere);
  return fault('key.unknown', path, span, {
    detail: `${quote(key)} is not a key ${parent.length === 0 ? `of a ${document.kind} document` : `of ${whereOf(parent)}`}`,
    help:
      topOf(document.kind, key) ??
      (near === undefined ? `Keys here: ${allowed.join(', ')}.` : `Did you mean "${near}"?`),
    // Where the key is there already, the other name would be a second one.
    fixes:
      near === undefined || entryOf(nodeAt(document.root, parent), near) ? [] : [replace(span, near, `Write ${near}`)],
  });
}

function wrongName(document: Document, parent: readonly string[], name: string, schema: Annotated): Fault {
  const span = entryOf(nodeAt(document.root, parent), name)?.keySpan ?? document.root.span;
  return fault('name.invalid', [...parent, name], span, {
    detail: `${quote(clip(name))} does not have the form of ${withArticle(schema.title ?? 'name')}`,
    help: describe(schema),
  });
}

const TYPE_NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map of keys',
  boolean: 'true or false',
  number: 'a number',
  integer: 'a whole number',
};

function wrongType(
  document: Document,
  path: readonly string[],
  node: Node | undefined,
  types: readonly string[],
  schema: Annotated,
): Fault | undefined {
  const span = spanAt(document.root, path, document.root.span);
  const wanted = types.filter((type) => type !== 'null');
  const source = node === undefined ? '' : span.source.text.slice(node.span.start, node.span.end);
  if (node?.type === 'scalar' && node.value !== null) {
    const isText = typeof node.value === 'string';
    if (wanted.includes('string') && !isText && schema.title === 'Duration') {
      return fault('value.type', path, span, {
        detail: `a duration is expected, and this is ${nounOf(node)}`,
        help: `A unit is needed: ${clip(source)}s, ${clip(source)}m, ${clip(source)}h or ${clip(source)}d for seconds, minutes, hours or days.`,
      });
    }
    // In quotes it would be no value of a policy either.
    if (schema.format === 'policy-value') return wrongFormat(document, path, schema.format, node, source);
    // In quotes it would be no URL either.
    const isUrl = schema.format === 'uri';
    if (wanted.includes('string') && !isText && node.plain && !isUrl) {
      return fault('yaml.unquoted-value', path, span, {
        detail: `text is expected, and YAML reads ${clip(source)} as the ${typeof node.value} ${String(node.value)}`,
        help: `Quote it: ${quote(clip(source))}.`,
        fixes: [replace(node.span, quote(source), 'Quote the value')],
      });
    }
    if (wanted[0] === 'array') {
      return fault('value.type', path, span, {
        detail: `a list is expected, and this is ${nounOf(node)}`,
        help: `Write a list: [${clip(source)}].`,
        fixes: listable(node, source) ? [replace(node.span, `[${source}]`, 'Write a list')] : [],
      });
    }
    const meant = /^(yes|on|true)$/i.test(String(node.value)) ? 'true' : 'false';
    if (wanted[0] === 'boolean' && isText && /^(yes|no|on|off|true|false)$/i.test(String(node.value))) {
      return fault('value.type', path, span, {
        detail: `true or false is expected, and ${clip(source)} is text in YAML 1.2`,
        help: `Write ${meant}.`,
        fixes: [replace(node.span, meant, `Write ${meant}`)],
      });
    }
  }
  const one = path.at(-1) === 'impersonates' && node?.type === 'list';
  const joined =
    wanted.length === 1 && wanted[0] === 'string' && node?.type === 'list' ? joinedWords(path, node) : undefined;
  return fault('value.type', path, span, {
    detail: one
      ? 'an application impersonates at most one user, so this is one name and no list'
      : `${wanted.map((type) => TYPE_NOUNS[type] ?? type).join(' or ')} is expected, and this is ${node === undefined ? 'nothing' : nounOf(node)}`,
    // What would be the name of an entity is a list that was written too far down.
    help:
      (path.length === 2 && node?.type === 'list' ? topOf(document.kind, String(path[1])) : undefined) ??
      describe(schema),
    fixes: joined === undefined || node === undefined ? [] : [replace(node.span, joined, 'Write one text')],
  });
}

/** The title of id_token_signed_response_alg. */
const ID_TOKEN_ALGORITHM = 'Algorithm of ID tokens';

/** Whether brackets around what is written make a list of it: on one line, and without what ends an item in brackets. */
function listable({ type, ...node }: Node, source: string): boolean {
  const isQuoted = type === 'scalar' && !('plain' in node && node.plain);
  return !source.includes('\n') && (isQuoted || !/[[\]{}#]/.test(source));
}

/** What a list of words is as the text that metadata.scope takes; undefined for any other list and key. */
function joinedWords(path: readonly string[], node: ListNode): string | undefined {
  if (path.at(-2) !== 'metadata' || path.at(-1) !== 'scope' || !node.flow || node.items.length === 0) return undefined;
  const words = node.items.map((item) => (item.type === 'scalar' && item.plain ? item.value : undefined));
  return words.every((word) => typeof word === 'string' && /^[\w./-]+$/.test(word)) ? words.join(' ') : undefined;
}

function notAllowed(
  document: Document,
  path: readonly string[],
  node: Node | undefined,
  allowed: readonly string[],
  schema: Annotated,
): Fault | undefined {
  const span = spanAt(document.root, path, document.root.span);
  if (node?.type !== 'scalar' || node.value === null) return wrongType(document, path, node, ['string'], schema);
  if (schema.title === ID_TOKEN_ALGORITHM && /^hs\d+$/i.test(String(node.value))) {
    return fault('algorithm.symmetric', path, span, {
      detail: `${clip(String(node.value))} signs with the secret of the client: who can check such a token can write one`,
      help: `Allowed: ${allowed.join(', ')}.`,
    });
  }
  const isAlgorithm = schema.title === 'Algorithm' || schema.title === ID_TOKEN_ALGORITHM;
  if (isAlgorithm && String(node.value).toLowerCase() === 'none') {
    return fault('algorithm.none', path, span, {
      detail: 'none is no signature: anybody could write such a token',
      help: `Allowed: ${allowed.join(', ')}.`,
    });
  }
  const near = nearest(String(node.value), allowed);
  return fault('value.not-allowed', path, span, {
    detail: `${shown(node)} is none of the values that are allowed here`,
    help: `${near === undefined ? '' : `Did you mean "${near}"? `}Allowed: ${allowed.join(', ')}.`,
    ...(near === undefined ? {} : { fixes: [replace(node.span, near, `Write ${near}`)] }),
  });
}

function wrongFormat(
  document: Document,
  path: readonly string[],
  format: string,
  node: Node | undefined,
  written = node?.type === 'scalar' ? String(node.value) : '',
): Fault | undefined {
  const wrong = node?.type === 'scalar' ? FORMATS[format]?.(written) : undefined;
  if (node === undefined || wrong === undefined) return undefined;
  const { code, detail, help, text } = wrong;
  const span = spanAt(document.root, path, document.root.span);
  const fixes = text === undefined ? [] : [replace(node.span, text, `Write ${text}`)];
  return fault(code, path, span, { detail, help, fixes });
}

function listedTwice(path: readonly string[], node: Node | undefined, pair: readonly number[]): Fault | undefined {
  const items = node?.type === 'list' ? node.items : [];
  const first = items[Math.min(...pair)];
  const second = items[Math.max(...pair)];
  if (node === undefined || first === undefined || second === undefined) return undefined;
  const removal = removeItem(node, Math.max(...pair));
  return fault('value.duplicate', [...path, String(Math.max(...pair))], second.span, {
    detail: `${shown(second)} is in this list already`,
    help: 'Remove one of the two.',
    related: [{ message: 'it was listed here first', range: rangeOf(first.span) }],
    fixes: removal === undefined ? [] : [{ title: 'Remove the second one', edits: [removal] }],
  });
}

function keySpanAt(document: Document, path: readonly string[]): Span {
  const last = path.at(-1);
  const parent = nodeAt(document.root, path.slice(0, -1));
  const entry = last === undefined ? undefined : entryOf(parent, last);
  return entry?.keySpan ?? firstCharacter(nodeAt(document.root, path)?.span ?? document.root.span);
}

function firstCharacter(span: Span): Span {
  return { ...span, end: Math.min(span.end, span.start + 1) };
}

/** What a schema says of itself, with an example. */
function describe(schema: Annotated, key?: string): string | undefined {
  if (schema.description === undefined) return undefined;
  const [example] = schema.examples ?? [];
  const text = typeof example === 'string' ? example : JSON.stringify(example);
  const shownExample = example === undefined ? '' : ` For example: ${key === undefined ? '' : `${key}: `}${text}`;
  return `${/[.!]$/.test(schema.description) ? schema.description : `${schema.description}.`}${shownExample}`;
}

/** The place of a path as a person says it: `applications.Client1`. */
function whereOf(path: readonly string[]): string {
  return path.join('.');
}

function shown(node: Node | undefined): string {
  if (node?.type === 'scalar' && typeof node.value === 'string') return quote(clip(node.value));
  return node === undefined ? 'this' : nounOf(node);
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A title inside a sentence: `Duration` becomes `a duration`. */
export function withArticle(title: string): string {
  const noun = /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
  return `${/^(?:[aeio]|u(?![sr]))/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

export function replace(span: Span, text: string, title: string): Fix {
  return { title, edits: [{ range: rangeOf(span), text }] };
}
