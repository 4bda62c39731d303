// Owns texts that nobody would write: spec files with anything done to them. Never judges what comes of them.

import { serverSchema, siteSchema, testsSchema } from '../../src/spec/schemas.gen.ts';
import { below, oneOf, type Random } from './random.ts';

/** What YAML gives a meaning to, and what editors and copying leave behind. */
export const TOKENS: readonly string[] = [
  ...'{}[]:,#|>?-"\'\n\t&*!%@`~ ',
  ...[
    ': ',
    '- ',
    '? ',
    '\r\n',
    '\r',
    '\n\n',
    '  ',
    '\n  ',
    '\n---\n',
    '\n...\n',
    '%YAML 1.1\n',
    '%YAML 1.2\n---\n',
    '%TAG ! x\n',
  ],
  ...[
    '\uFEFF',
    '\u0000',
    '\u0007',
    '\u0085',
    '\u2028',
    '\u00A0',
    '\uD800',
    '\uDC00',
    '\uFFFF',
    'é',
    'e\u0301',
    '💥',
    'ﬁ',
  ],
  ...[
    '&a ',
    '*a',
    '&a *a',
    '!x ',
    '!!str ',
    '!!int ',
    '!!binary ',
    '!<tag:x> ',
    '<<: *a\n',
    '<<: {}\n',
    '|2-\n',
    '>+\n',
    '"\\x',
    '"\\uD800"',
  ],
  ...[
    'null',
    '~',
    'true',
    'no',
    'On',
    '1.0',
    '0x1F',
    '0o17',
    '1e999',
    '.inf',
    '-.inf',
    '.nan',
    '9007199254740993',
    '-0',
    '12:30',
    '2026-02-30',
  ],
  ...[
    '$argon2id$v=19$m=1,t=2',
    'secret: hunter2hunter2',
    '{ env: X }',
    '{ file: ../../x }',
    'a/b',
    'A/B/C',
    'group:',
    'http://',
    'https://a b/',
  ],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'x-', 'x-own: ', '*', '', '0'],
];

/** Every key and every listed value of the schemas. */
export const WORDS: readonly string[] = [...new Set([serverSchema, siteSchema, testsSchema].flatMap(wordsOf))].sort();

function wordsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(wordsOf);
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'properties') return [...Object.keys(value as object), ...wordsOf(value)];
    if (key === 'enum') return (value as unknown[]).map(String);
    if (key === 'examples') return (value as unknown[]).map((example) => JSON.stringify(example));
    return wordsOf(value);
  });
}

/** One text made into another; `others` are texts that parts may come from. */
export function mutate(text: string, others: readonly string[], random: Random): string {
  let mutated = text;
  for (let edits = 1 + below(random, 4); edits > 0; edits -= 1) mutated = edit(mutated, others, random);
  return mutated;
}

type Edit = (text: string, random: Random, others: readonly string[]) => string;

function edit(text: string, others: readonly string[], random: Random): string {
  // Large inputs cost time and find little more than small ones: they are rare.
  return (random() < 0.99 ? oneOf(random, EDITS) : oneOf(random, LARGE_EDITS))(text, random, others);
}

const insert = (text: string, at: number, added: string) => text.slice(0, at) + added + text.slice(at);
const anywhere = (text: string, random: Random) => below(random, text.length + 1);

/** Edits of lines: they leave YAML, but of another meaning. */
function onLines(change: (lines: string[], at: number, random: Random) => void): Edit {
  return (text, random) => {
    const lines = text.split('\n');
    change(lines, below(random, lines.length), random);
    return lines.join('\n');
  };
}

const EDITS: readonly Edit[] = [
  function flipBit(text, random) {
    const at = anywhere(text, random);
    const unit = text.charCodeAt(at);
    if (Number.isNaN(unit)) return text;
    return text.slice(0, at) + String.fromCharCode(unit ^ (1 << below(random, 8))) + text.slice(at + 1);
  },
  function removeStretch(text, random) {
    const at = anywhere(text, random);
    return text.slice(0, at) + text.slice(at + 1 + below(random, 12));
  },
  function insertToken(text, random) {
    return insert(text, anywhere(text, random), oneOf(random, TOKENS));
  },
  function insertWord(text, random) {
    return insert(text, anywhere(text, random), oneOf(random, WORDS));
  },
  function replaceWord(text, random) {
    const words = [...text.matchAll(/[\w$.-]+/g)];
    if (words.length === 0) return text;
    const { index, 0: word } = oneOf(random, words);
    return (
      text.slice(0, index) + oneOf(random, [TOKENS, WORDS][below(random, 2)] ?? WORDS) + text.slice(index + word.length)
    );
  },
  function insertLine(text, random) {
    const lines = text.split('\n');
    const value = oneOf(random, [TOKENS, WORDS][below(random, 2)] ?? WORDS);
    lines.splice(below(random, lines.length), 0, `${' '.repeat(below(random, 8))}${oneOf(random, WORDS)}: ${value}`);
    return lines.join('\n');
  },
  function truncate(text, random) {
    return text.slice(0, anywhere(text, random));
  },
  function splice(text, random, others) {
    const other = oneOf(random, others);
    const from = anywhere(other, random);
    return insert(text, anywhere(text, random), other.slice(from, from + below(random, 400)));
  },
  onLines((lines, at, random) => lines.splice(below(random, lines.length), 0, lines[at] ?? '')),
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at, random) => {
    const other = below(random, lines.length);
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  }),
  onLines((lines, at, random) => {
    lines[at] = ' '.repeat(below(random, 6)) + (lines[at] ?? '').trimStart();
  }),
  onLines((lines, at, random) => {
    const by = ' '.repeat(1 + below(random, 3));
    for (let line = at; line < Math.min(lines.length, at + 6); line += 1) lines[line] = by + (lines[line] ?? '');
  }),
  onLines((lines, at) => {
    lines[at] = (lines[at] ?? '').replace(/^ +/, (spaces) => '\t'.repeat(spaces.length));
  }),
  onLines((lines, at, random) => {
    lines[at] = `${lines[at] ?? ''}${oneOf(random, [' &a', ' *a', ' # x', ',', ' |', ' {', ' ]', '\r', ' "'])}`;
  }),
];

const LARGE_EDITS: readonly Edit[] = [
  function nest(text, random) {
    const opening = oneOf(random, ['[', '{', '{a: ', '[[a, ', '- ', '? ', '- - ', 'a:\n ', '{? ']);
    return insert(text, anywhere(text, random), opening.repeat(10 ** (1 + below(random, 4))));
  },
  function nestBlock(text, random) {
    const depth = 20 + below(random, 200);
    return `${text}\n${Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}x-${level}:`).join('\n')}`;
  },
  function repeatByAlias(text, random) {
    const fan = 2 + below(random, 12);
    const levels = 2 + below(random, 12);
    const lines = Array.from({ length: levels }, (_, level) => {
      const items = Array.from({ length: fan }, () => (level === 0 ? '1' : `*l${level - 1}`));
      return `x-l${level}: &l${level} [${items.join(', ')}]`;
    });
    return `${lines.join('\n')}\n${text}`;
  },
  function manyAliases(text, random) {
    return `x-a: &a { b: [c] }\n${text}\nx-many: [${'*a, '.repeat(10 ** (1 + below(random, 4)))}]\n`;
  },
  function longLine(text, random) {
    const part = oneOf(random, [
      'a',
      'a ',
      '"',
      "'",
      '💥',
      'a: ',
      ', ',
      '# ',
      '*a ',
      '&a ',
      '\\',
      '$',
      '{}',
      '[],',
      'secret: ',
    ]);
    return insert(text, anywhere(text, random), part.repeat(10 ** (2 + below(random, 3))));
  },
  function longList(text, random) {
    const item = oneOf(random, [...WORDS, ...TOKENS]);
    const wide = 10 ** (1 + below(random, 3));
    return `${text}\n${oneOf(random, WORDS)}: [${Array.from({ length: wide }, (_, at) => `${item}${at % 90}`).join(', ')}]\n`;
  },
  function manyEntities(text, random) {
    const kind = oneOf(random, ['applications', 'groups', 'users', 'methods', 'scopes']);
    const body = oneOf(random, [
      '{}',
      '',
      'x',
      '{ methods: [m], metods: [] }',
      '{ secret: x }',
      '{ members: [n1, group:n2] }',
    ]);
    const many = 10 ** (1 + below(random, 3));
    return `${text}\n${kind}:\n${Array.from({ length: many }, (_, at) => `  n${at}: ${body}`).join('\n')}\n`;
  },
  function manyDocuments(text, random) {
    return `${text}\n---\n`.repeat(1 + below(random, 30));
  },
];
