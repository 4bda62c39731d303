// Owns what is said about a YAML syntax error beyond the parser's own words: where the unclosed thing opens, and what
// it mostly is. Never decides that something is an error.

import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';

/** The bracket or quote that an error about a missing end is about: the last one that opens before it and has no end. */
export function findOpening(
  documents: readonly Document.Parsed[],
  error: YAMLError,
  text: string,
): { readonly at: number; readonly message: string } | undefined {
  const wantsQuote = error.code === 'MISSING_CHAR' && /quote/.test(error.message);
  const wantsBracket = /Flow (sequence|map)/.test(error.message);
  if (!wantsQuote && !wantsBracket) return undefined;
  let found: number | undefined;
  for (const document of documents) {
    visit(document, {
      Node(_key, node) {
        const start = node.range?.[0];
        if (start === undefined || start > error.pos[0]) return;
        const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
        const isFlow = isCollection(node) && node.flow === true && !isClosed(node.range, text);
        if (wantsQuote ? isQuoted : isFlow) found = start;
      },
    });
  }
  return found === undefined
    ? undefined
    : { at: found, message: wantsQuote ? 'the quote opens here' : 'the bracket opens here' };
}

/** Whether brackets end in the one that closes them: the last thing in a closed one may be a bracket, too. */
function isClosed(range: readonly number[] | null | undefined, text: string): boolean {
  const [start = 0, end = 0] = range ?? [];
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const character = text[at] ?? '';
    if (/["']/.test(character) && /[\s{[,:]/.test(text[at - 1] ?? ' ')) {
      const close = text.indexOf(character, at + 1);
      at = close < 0 ? end : close;
    } else if (/[{[]/.test(character)) depth += 1;
    else if (/[}\]]/.test(character)) depth -= 1;
  }
  return depth <= 0;
}

/** What is wrong, without the parser's own terms where those are no author's. */
export function detailForSyntax(error: YAMLError): string {
  const { code, message } = error;
  if (code === 'MULTILINE_IMPLICIT_KEY') return 'a key and its colon stand on one line';
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'a map cannot begin in the middle of a line';
  if (code === 'MISSING_CHAR' && /quote/.test(message)) return 'the quote is not closed';
  if (code === 'BAD_INDENT' && /Flow/.test(message)) return 'the bracket is not closed before this';
  // Some messages end in the text at which the parser stumbled: it may be a secret.
  const told = message.replace(/: .*$/s, '');
  return told.charAt(0).toLowerCase() + told.slice(1);
}

/** What mends an error of this kind most of the time. */
export function helpForSyntax(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'Indent with spaces: YAML does not allow tabs there.';
    case 'BAD_INDENT':
      return /Flow/.test(error.message)
        ? 'Close the bracket with ] or }.'
        : 'Keys of one map begin in one column: check the spaces here, and for a missing colon on the line before.';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'A value that holds ": " is quoted: "…".';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'A line of a map is "key: value": a colon may be missing here, or the indentation be wrong.';
    case 'BAD_SCALAR_START':
      return 'A value that begins with this character is quoted: "…".';
    case 'MISSING_CHAR':
      return /quote/.test(error.message)
        ? 'Close the quote on the line on which it opens.'
        : 'A line of a map is "key: value": a colon may be missing.';
    default:
      return 'Check the indentation, quotes and brackets here and on the line before.';
  }
}
