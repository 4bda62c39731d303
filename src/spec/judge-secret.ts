// Owns what is said about a wrong secret: one diagnostic for one mistake, and never a word of its value.
// Never resolves a secret.

import type { ErrorObject } from 'ajv';
import { type Document, nounOf } from './document.ts';
import { nearest } from './nearest.ts';
import { PLACES } from './reference-text.ts';
import { type Fault, fault, nodeAt, replace } from './schema-fault.ts';
import { type Entry, entryOf, type Node, type Span, stepsOf } from './tree.ts';

/** `path` leads to the secret, `errors` are all that the schema says about it. */
export function judgeSecret(
  path: readonly string[],
  errors: readonly ErrorObject[],
  document: Document,
): readonly Fault[] {
  const node = nodeAt(document.root, path);
  const keySpan = keySpanOf(path, document);
  if (node === undefined || (node.type === 'scalar' && node.value === null)) {
    // What is written and is nothing, such as an alias that leads nowhere, is pointed at itself.
    const span = node !== undefined && node.span.start < node.span.end ? node.span : keySpan;
    return [notOne(path, span, 'nothing is written here')];
  }
  const words = wordsOf(path);
  if (path.at(-1) === 'secrets') return [notList(path, node, keySpan)];
  if (node.type !== 'map') return [literal(path, node.span, true)];

  const unknown = errors.filter((error) => error.keyword === 'additionalProperties');
  if (unknown.length > 0) {
    return unknown.map((error) => {
      const key = String(error.params.additionalProperty);
      const entry = entryOf(node, key);
      const near = nearest(key, path.length > 3 ? [...PLACES, ...PERIOD] : PLACES);
      if (entry === undefined || near === undefined)
        return literal(path, entry === undefined ? node.span : whole(entry));
      return fault('key.unknown', [...path, key], entry.keySpan, {
        detail: `"${key}" is not a key of a ${words.noun}`,
        help: `Did you mean "${near}"?`,
        fixes: [replace(entry.keySpan, near, `Write ${near}`)],
      });
    });
  }
  const written = PLACES.filter((place) => node.entries.has(place));
  if (written.length !== 1) {
    const detail =
      written.length === 0
        ? `no place of the ${words.noun} is named`
        : `${written.join(' and ')} name two places of one ${words.noun}`;
    return [notOne(path, node.flow ? node.span : keySpan, detail)];
  }
  const place = written[0] ?? '';
  const value = entryOf(node, place)?.value ?? node;
  const wrong = errors.find((error) => stepsOf(error.instancePath).length > path.length);
  const detail =
    wrong?.keyword === 'type' ? `${place} takes text, and this is ${kindOfNode(value)}` : (WRONG_FORM[place] ?? '');
  if (value.span.start === value.span.end) return [notOne(path, keySpan, detail)];
  return [fault('secret.invalid', [...path, place], value.span, { detail, help: words.forms })];
}

const PERIOD: readonly string[] = ['not_before', 'expires'];

/** `secrets` with something else than a list: one secret, or the secret itself. */
function notList(path: readonly string[], node: Node, keySpan: Span): Fault {
  if (node.type !== 'map') return literal(path, node.span);
  return fault('value.type', path, node.flow ? node.span : keySpan, {
    detail: 'a list of secrets is expected, and this is one secret',
    help: 'Write secret: for one, and a list of such maps under secrets: for several.',
  });
}

/** Of the secret, or of the list that it is an item of. */
function keySpanOf(path: readonly string[], document: Document): Span {
  const application = nodeAt(document.root, path.slice(0, 2));
  return entryOf(application, path[2] ?? '')?.keySpan ?? document.root.span;
}

const WRONG_FORM: Readonly<Record<string, string>> = {
  env: 'env takes the name of an environment variable: letters, digits and _',
  file: 'file takes the path of a file',
  hash: 'hash takes an Argon2id hash: $argon2id$v=19$m=…,t=…,p=…$salt$hash',
};

/** Key and value: a secret in braces, `{hunter2}`, is a key. */
function whole({ keySpan, value }: Entry): Span {
  return { ...keySpan, end: Math.max(keySpan.end, value.span.end) };
}

/** `isAll` says that the span is the whole of the secret, so that an edit can put a place there instead. */
function literal(path: readonly string[], span: Span, isAll = false): Fault {
  const { noun } = wordsOf(path);
  const owner = (path[1] ?? 'CLIENT')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=[0-9])/, '_');
  const variable = `${owner}_${noun.toUpperCase()}${numberOf(path)}`;
  const meanwhile = 'the written value is known by now, so take a new one';
  return fault('secret.literal', path, span, {
    detail: `a ${noun} never stands in the spec`,
    help:
      noun === 'password'
        ? `Write password: { env: ${variable} }, or { hash: "…" } with what charter secret hash prints; ${meanwhile}.`
        : [
            `Write secret: { env: ${variable} } and set the variable where Charter runs; ${meanwhile}:`,
            `  export ${variable}="$(charter secret generate)"`,
          ].join('\n'),
    fixes: isAll ? [replace(span, `{ env: ${variable} }`, 'Name an environment variable')] : [],
  });
}

/** Each of several secrets has a variable of its own. */
function numberOf(path: readonly string[]): string {
  const position = Number(path[3] ?? 0);
  return position > 0 ? `_${position + 1}` : '';
}

interface Words {
  readonly noun: 'secret' | 'password';
  readonly forms: string;
}

/** What is spoken of: the secret of an application, or the password of a user. */
function wordsOf([kind]: readonly string[]): Words {
  const noun = kind === 'users' ? 'password' : 'secret';
  return { noun, forms: `A ${noun} is { env: NAME }, { file: PATH } or { hash: "$argon2id$…" }.` };
}

function notOne(path: readonly string[], span: Span, detail: string): Fault {
  return fault('secret.not-one-place', path, span, { detail, help: wordsOf(path).forms });
}

/** As nounOf, without repeating a number: it may be the secret. */
function kindOfNode(node: Node): string {
  return node.type === 'scalar' && node.value !== null ? `a ${typeof node.value}` : nounOf(node);
}
