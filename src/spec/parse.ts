// Owns text → YAML trees: one parser, YAML 1.2 core schema, bounded in depth before anything recursive runs.
// Never knows what a key means; traps inside values are convert.ts's.

import { Composer, type Document, isScalar, Lexer, Parser, type YAMLError } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import { report } from './catalogue.ts';
import { convertDocument, type Tree } from './convert.ts';
import { indexLines } from './lines.ts';
import type { SourceFile } from './source.ts';
import { detailForSyntax, findOpening, helpForSyntax } from './syntax.ts';
import { rangeOf, type Source } from './tree.ts';

/** Collections that may stand inside each other. The parser's own recursion has room for many times this. */
const MAX_DEPTH = 64;

type Token = ReturnType<Parser['next']> extends Generator<infer T> ? T : never;

export interface ParsedFile {
  readonly source: Source;
  /** One for each document that holds anything; none when the file could not be read as YAML. */
  readonly trees: readonly Tree[];
  readonly diagnostics: readonly Diagnostic[];
  /** Whether names that the file declares may be missing from `trees`. */
  readonly incomplete: boolean;
}

/** Parses one file. Only its first syntax error is told: the ones after it are mostly its consequences. */
export function parseFile(file: SourceFile): ParsedFile {
  const source: Source = { ...file, lines: indexLines(file.text) };
  const lost = (diagnostic: Diagnostic): ParsedFile => ({
    source,
    trees: [],
    diagnostics: [diagnostic],
    incomplete: true,
  });

  const tokens = tokenize(file.text);
  if ('tooDeepAt' in tokens) {
    return lost(
      report('yaml.too-deep', {
        detail: `more than ${MAX_DEPTH} lists and maps inside each other`,
        help: 'Look for a bracket or a "- " that was typed too often.',
        range: rangeOf({ source, start: tokens.tooDeepAt, end: tokens.tooDeepAt + 1 }),
      }),
    );
  }
  const version = tokens.find((token) => token.type === 'directive' && /^%YAML(?!\s+1\.2(\s|$))/.test(token.source));
  if (version !== undefined && version.type === 'directive') {
    const end = version.offset + version.source.length;
    return lost(
      report('yaml.version', {
        detail: 'a spec is YAML 1.2',
        help: 'Remove the line.',
        range: rangeOf({ source, start: version.offset, end }),
        fixes: [
          {
            title: 'Remove the directive',
            edits: [{ range: rangeOf({ source, start: version.offset, end }), text: '' }],
          },
        ],
      }),
    );
  }

  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    strict: true,
    // convert.ts finds duplicates itself: by the key's text, and with both places.
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const documents = withoutStacks(() => [...composer.compose(tokens)]);
  const errors = [...documents.flatMap((document) => document.errors), ...composer.streamInfo().errors];
  const first = errors.sort((a, b) => a.pos[0] - b.pos[0])[0];
  if (first !== undefined) return lost(syntaxError(source, documents, first));

  const trees = documents.flatMap((document) => {
    const { contents } = document;
    const isEmpty = contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
    return isEmpty ? [] : [convertDocument(contents, source)];
  });
  return {
    source,
    trees,
    diagnostics: trees.flatMap((tree) => tree.diagnostics),
    incomplete: trees.some((tree) => tree.incomplete),
  };
}

/** The parser makes an Error of every fault, of which a broken file has thousands: their stacks took most of the time. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The concrete syntax tokens, or where the nesting became too deep: this parser is iterative, the composer is not. */
function tokenize(text: string): Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser();
  const tokens: Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH && parser.stack.filter((token) => 'items' in token).length > MAX_DEPTH) {
      return { tooDeepAt: Math.max(0, parser.offset - 1) };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function syntaxError(source: Source, documents: readonly Document.Parsed[], error: YAMLError): Diagnostic {
  const opening = findOpening(documents, error, source.text);
  const end = source.text.trimEnd().length;
  // At the end of the file there is nothing to point at: the last character that is there is shown.
  let start = error.pos[0] >= end ? Math.max(0, end - 1) : error.pos[0];
  while (start < end - 1 && source.text[start] === ' ') start += 1;
  return report('yaml.syntax', {
    detail: detailForSyntax(error),
    help: helpForSyntax(error),
    range: rangeOf({ source, start, end: Math.max(start + 1, Math.min(error.pos[1], end)) }),
    related:
      opening === undefined
        ? []
        : [{ message: opening.message, range: rangeOf({ source, start: opening.at, end: opening.at + 1 }) }],
  });
}
