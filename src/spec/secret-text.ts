// Owns where in a source text secrets stand, read line by line, so that it works on text that is no YAML: rather too
// much is taken for a secret than too little. Never judges whether that is an error.

import { RISK_KINDS } from '../model/approval.ts';
import { nearest } from './nearest.ts';
import { isReference, isReferenceLine, isReferenceList, PLACES } from './reference-text.ts';
import { isExactlySecret, isSensitive } from './sensitive-keys.ts';

/** What is not shown: offsets into the text, and what stands there instead. */
export interface HiddenStretch {
  readonly from: number;
  readonly to: number;
  readonly shown: string;
}

export const HIDDEN = '********';
const HIDDEN_HASH = '$argon2id$…';

/** The whole of a PHC string, also where commas, spaces or a line break split it. */
const PHC = /\$argon2[^\s"'}\]]*(?:\s+(?:[vmtp]=|\$)[^\s"'}\]]*)*/g;
/** A secret that Charter generated, or most of one. */
const GENERATED = /chs_[\w-]{40,}/g;
/** A secret member of a JWK (RFC 7518 6): long enough to be one, and no word. */
const JWK_MEMBER = /(?<![\w.-])(?:d|p|q|dp|dq|qi|k)["'\\]*\s*:\s*["'\\]*([\w-]{16,})/g;
/** User and password of a URL. */
const USERINFO = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"']{1,400})@/gi;

/** Any word that may be a key; whether it is one, what follows it tells. */
const KEY = /(?:^|(?<=[\s{,[?:&(]))(["']?)([\w.-]+)\1/g;
/** An own line of a map, or one that is nothing of a value. */
const KEY_LINE = /^\s*(?:- +)*(?:"[^"]*"|'[^']*'|[\w.@+~/-]+)\s*:(?:\s|$)|^(?:---|\.\.\.)|^\s*#/;
/** Behind a value in brackets: only more brackets, or another key. */
const ENDS_FLOW = /[,}\]][}\],\s]{0,80}(?:$|#|(?:"[^"]*"|'[^']*')\s*:|[\w.@+~-]+\s*:(?:\s|$))/;
/** Keys that are public, where they are a set: a secret member of one is found by itself. Anything else may be a private key. */
const KEY_SET = 'jwks';
const OPENS_KEY_SET =
  /^\s*:\s*(?:&[\w-]+\s*)?(?:\*[\w-]+\s*$|(?:\{\s*)?(["']?)keys\1\s*:\s*(?:&[\w-]+\s*)?(?:\[\s*\{|-\s+\S|\*))/m;
/** The key of a list of secrets. */
const SEVERAL = 'secrets';
const KINDS = /^(?:applications|groups|users|methods|scopes)$/;

/** In the order of the text, none meeting another. */
export function findSecrets(text: string): readonly HiddenStretch[] {
  const found: HiddenStretch[] = [];
  hideByKeys(text, found);
  for (const match of text.matchAll(PHC)) add(found, match.index, match.index + match[0].length, HIDDEN_HASH);
  for (const match of text.matchAll(GENERATED)) add(found, match.index, match.index + match[0].length);
  for (const { index, 0: whole, 1: value = '' } of text.matchAll(JWK_MEMBER)) {
    add(found, index + whole.length - value.length, index + whole.length);
  }
  for (const match of text.matchAll(USERINFO)) {
    const from = match.index + (match[1] ?? '').length;
    add(found, from, from + (match[2] ?? '').length);
  }
  return merged(found);
}

/** Text that is no source, such as a message, without hashes and users of URLs. */
export function hidePatterns(text: string): string {
  return text.replace(PHC, HIDDEN_HASH).replace(GENERATED, HIDDEN).replace(USERINFO, `$1${HIDDEN}@`);
}

/** Stretches in order, those that meet made one. */
export function merged(stretches: readonly HiddenStretch[]): readonly HiddenStretch[] {
  const out: HiddenStretch[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = out.at(-1);
    if (last === undefined || stretch.from >= last.to) out.push(stretch);
    else if (stretch.to > last.to) out[out.length - 1] = { ...last, to: stretch.to };
  }
  return out;
}

function add(into: HiddenStretch[], from: number, to: number, shown = HIDDEN): void {
  if (from < to) into.push({ from, to, shown });
}

interface Line {
  readonly start: number;
  readonly text: string;
  readonly indent: number;
}

function linesOf(text: string): readonly Line[] {
  let start = 0;
  return text.split('\n').map((written) => {
    const line = written.endsWith('\r') ? written.slice(0, -1) : written;
    const made = { start, text: line, indent: line.length - line.trimStart().length };
    start += written.length + 1;
    return made;
  });
}

/** One reading of a text. */
interface Scan {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly found: HiddenStretch[];
  /** The names of the anchors whose values are secrets. */
  readonly anchors: Set<string>;
  /** The first line that is still to be looked at. */
  next: number;
}

function hideByKeys(text: string, found: HiddenStretch[]): void {
  const scan: Scan = { text, lines: linesOf(text), found, anchors: new Set(), next: 0 };
  // The keys of the lines that are open, by their indentation.
  const open: { readonly indent: number; readonly key: string }[] = [];
  scan.lines.forEach((line, number) => {
    if (line.text.trim() === '' || number < scan.next) return;
    while ((open.at(-1)?.indent ?? -1) >= line.indent) open.pop();
    const parent = open.at(-1)?.key;
    const own = /^\s*["']?([\w.@+~-]+)["']?\s*:(?:\s|$)/.exec(line.text)?.[1];
    if (own !== undefined) open.push({ indent: line.indent, key: own });

    const bracketKey = bracketKeys(line.text);
    let done = 0;
    for (const match of line.text.matchAll(KEY)) {
      const key = match[2] ?? '';
      if (match.index < done || !isSensitive(key) || startsApproval(line.text, match.index)) continue;
      const behind = match.index + match[0].length;
      if (key === KEY_SET && opensKeySet(text, line.start + behind)) continue;
      const inBrackets = bracketKey(match.index);
      if (!isExactlySecret(key) && namesEntity(line.text.slice(behind), inBrackets ?? parent)) continue;
      done = hideValue(scan, number, { key, start: match.index, at: behind });
    }
  });
  for (const name of scan.anchors) hideAnchored(text, name, found);
}

/** In `live-tokens:Site/Name@digest` the kind of a risk looks like a key, but behind a key there is a space. */
function startsApproval(line: string, at: number): boolean {
  return RISK_KINDS.some((kind) => line.startsWith(`${kind}:`, at) && /\S/.test(line.charAt(at + kind.length + 1)));
}

/** Whether what follows the key, on this line and the next ones, is a set of keys. */
function opensKeySet(text: string, at: number): boolean {
  return OPENS_KEY_SET.exec(text.slice(at, at + MOST_OF_OPENING))?.index === 0;
}
/** Of indentation and an anchor. */
const MOST_OF_OPENING = 200;

/** Whether a key is the name of an entity that is a map: `token-service: { … }` below `applications`. */
function namesEntity(behind: string, parent: string | undefined): boolean {
  return KINDS.test(parent ?? '') && /^\s*:\s*(?:\{|$|#)/.test(behind);
}

/** Reads a line from left to right, once: the key before the bracket that is open at a place, if one is. */
function bracketKeys(line: string): (at: number) => string | undefined {
  const open: string[] = [];
  let read = 0;
  return (at) => {
    for (; read < at; read += 1) {
      const character = line[read] ?? '';
      if (character === '}' || character === ']') open.pop();
      if (character !== '{' && character !== '[') continue;
      open.push(/([\w-]+)["']?\s*:\s*$/.exec(line.slice(Math.max(0, read - 40), read))?.[1] ?? '');
    }
    return open.at(-1);
  };
}

interface FoundKey {
  readonly key: string;
  /** Where it begins in its line, and where what stands behind it does. */
  readonly start: number;
  readonly at: number;
}

/** Hides what stands behind a key; the place in its line up to which that is done. */
function hideValue(scan: Scan, number: number, { key, start, at }: FoundKey): number {
  const line = scan.lines[number];
  if (line === undefined) return at;
  const ahead = line.text.slice(0, start);
  const isFirst = /^[\s?-]*$/.test(ahead);
  const separator = /^\s*[:=]?\s*/.exec(line.text.slice(at))?.[0] ?? '';
  const hasSeparator = /[:=]/.test(separator);
  const from = at + separator.length;
  const value = line.text.slice(from);
  // A word in a list or a sentence, or one that is alone in its line, is no key.
  if (!hasSeparator) {
    const isKey = isExactlySecret(key) && (isFirst || /[{,[]\s*$/.test(ahead));
    if (!isKey || value === '' || /^[,}\]#]/.test(value)) return at;
  }
  noteAliases(value, scan);
  // Lines further in than the key belong to it; of a key in brackets, those further in than its line.
  const indent = isFirst ? start : line.indent;
  if (hasSeparator && (value === '' || value.startsWith('#'))) {
    hideBelow(scan, number, indent, key === SEVERAL);
    return line.text.length;
  }
  if (hasSeparator && /^[{[]/.test(value)) return hideCollection(scan, number, from, indent);
  const length = isFirst ? value.length : lengthInFlow(value);
  add(scan.found, line.start + from, line.start + from + (value.slice(0, length).trimEnd().length || length));
  if (from + length >= line.text.length) hideBelow(scan, number, indent);
  return from + length;
}

function hideCollection(scan: Scan, number: number, from: number, indent: number): number {
  const { text, found } = scan;
  const line = scan.lines[number];
  if (line === undefined) return from;
  const open = line.start + from;
  const close = closingOf(text, open);
  const lineEnd = line.start + line.text.length;
  if (close === undefined) {
    hideAllBut(text.slice(open + 1, lineEnd), open + 1, found);
    hideBelow(scan, number, indent);
    return line.text.length;
  }
  const inside = text.slice(open + 1, close - 1);
  // An author's own keys may stand behind a good reference.
  const own = Math.max(0, inside.search(/,\s*x-/));
  const reference = own === 0 ? inside : inside.slice(0, own);
  const isKnown = text[open] === '{' ? isReference(reference) : isReferenceList(inside);
  if (!isKnown) hideAllBut(inside, open + 1, found);
  else if (own > 0) hideAllBut(inside.slice(own + 1), open + own + 2, found);
  noteAliases(inside, scan);
  // What follows the bracket and is neither its end nor another key belongs to it.
  const end = endOfLine(text, close);
  const tail = text.slice(close, end).trim();
  if (tail !== '' && !tail.startsWith('#') && ENDS_FLOW.exec(tail)?.index !== 0) {
    add(found, close, end);
    return line.text.length;
  }
  return Math.min(close, lineEnd) - line.start;
}

function noteAliases(value: string, { anchors }: Scan): void {
  for (const alias of value.matchAll(/\*([^\s,[\]{}]+)/g)) anchors.add(alias[1] ?? '');
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** How much of the rest of a line is the value, in brackets: up to what surely is another key or the end. */
function lengthInFlow(value: string): number {
  const quoted = /^(?:[&!]\S+\s+)?(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(value)?.[0];
  const from = quoted?.length ?? 0;
  const match = ENDS_FLOW.exec(value.slice(from));
  return match === null ? value.length : from + match.index;
}

/** A secret that takes more room than this is hidden as if its bracket were never closed. */
const MOST_IN_BRACKETS = 10_000;

/** Behind the bracket that closes the one at an offset; undefined when none does, or a quote is left open. */
function closingOf(text: string, from: number): number | undefined {
  let depth = 0;
  const last = Math.min(text.length, from + MOST_IN_BRACKETS);
  for (let at = from; at < last; at += 1) {
    const character = text[at];
    if ((character === '"' || character === "'") && /[\s{[,:]/.test(text[at - 1] ?? ' ')) {
      at = text.indexOf(character, at + 1);
      if (at < 0) return undefined;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Hides all of a text but the keys that name a place of a secret, or nearly do. */
function hideAllBut(text: string, start: number, found: HiddenStretch[]): void {
  let from = 0;
  const hide = (to: number) => {
    const part = text.slice(from, to);
    const at = start + from + part.length - part.trimStart().length;
    add(found, at, at + part.trim().length);
  };
  for (const match of text.matchAll(/(?:^|,)\s*["']?([A-Za-z_]+)["']?\s*:(?=[\s"'{[]|$)\s*/g)) {
    const key = match[1] ?? '';
    if (!PLACES.includes(key) && nearest(key, PLACES) === undefined) continue;
    hide(match.index);
    from = match.index + match[0].length;
  }
  hide(text.length);
}

/** Hides the lines that a key opens: those further in, and those after them that look like no line of a map. */
function hideBelow(scan: Scan, number: number, indent: number, several = false): void {
  // The white space before the key, as a line beside it has it: in tabs and spaces, no line can be told to be further out.
  const before = scan.lines[number]?.text.slice(0, indent).replace(/\S/g, ' ') ?? '';
  let next = number + 1;
  for (let line = scan.lines[next]; line !== undefined; next += 1, line = scan.lines[next]) {
    const isBeside = before.startsWith(line.text.slice(0, line.indent));
    if (line.text.trim() !== '' && isBeside && KEY_LINE.test(line.text)) break;
  }
  const written = scan.lines.slice(number + 1, next).filter(({ text }) => !/^\s*(?:#|$)/.test(text));
  scan.next = next;
  const [only] = written;
  if (written.length === 1 && only !== undefined && isReference(only.text)) return;
  for (const line of written) {
    if (several && isReferenceLine(line.text)) continue;
    noteAliases(line.text, scan);
    hideAllBut(line.text, line.start, scan.found);
  }
}

/** The value that a secret's alias repeats. */
function hideAnchored(text: string, name: string, found: HiddenStretch[]): void {
  for (let at = text.indexOf(`&${name}`); at >= 0; at = text.indexOf(`&${name}`, at + 1)) {
    const behind = at + name.length + 1;
    const value = text.slice(behind, endOfLine(text, behind));
    const from = behind + value.length - value.trimStart().length;
    if (from === behind || from - behind === value.length || /[{[]/.test(text[from] ?? '')) continue;
    add(found, from, from + lengthInFlow(value.trim()));
  }
}
