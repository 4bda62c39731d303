// Owns random documents for the laws of the formatter: YAML as careless authors write it, with comments, empty lines and
// every style. Never claims to be valid: a few are not, and the tests say so.

import fc from 'fast-check';

type Draw = fc.GeneratorValue;

const KEYS = ['site', 'methods', 'applications', 'groups', 'users', 'metadata', 'scope', 'secret', 'env', 'enabled'];
const NAMES = ['Client1', '"Client 2"', "'it''s'", '"1.0"', 'a.b', 'x-own', 'x-', '"no"', 'moved', 'impersonates'];
const PLAIN = [
  'text',
  'Server1 Server2',
  'https://id.example.com/uas',
  '1.0',
  '0x1F',
  'true',
  'null',
  '~',
  'cn=a',
  '-1',
];
const QUOTED = [
  ...['"two words"', "'single'", "'it''s'", '"a # b"', '"a: b"', "'a, b'", '"no"', '"1.0"', '""', '"\\u00e5 \\" x"'],
  ...['"cn=Ubilogin,dc=test"', '\'he said "no"\'', "'back\\slash'", '"$argon2id$v=19$m=1,t=2,p=1$c2FsdA$aGFzaA"'],
];
const COMMENTS = [
  '# why',
  '#',
  '#tight',
  '# key: value',
  '# - item',
  '# "quoted',
  '# yaml-language-server: $schema=a.json',
];

const pick = <T>(draw: Draw, values: readonly T[]): T => values[draw(fc.nat, values.length - 1)] as T;
const chance = (draw: Draw, percent: number): boolean => draw(fc.integer, { min: 1, max: 100 }) <= percent;
const between = (draw: Draw, min: number, max: number): number => draw(fc.integer, { min, max });

/** One file of one to three documents. */
export const randomFile: fc.Arbitrary<string> = fc.gen().map((draw) => {
  const parts: string[] = [];
  for (let count = between(draw, 1, 3); count > 0; count -= 1) {
    const lines = [...remarks(draw, 0), ...blockMap(draw, 0, 0), ...remarks(draw, 0)];
    parts.push(`${lines.join('\n')}\n`);
  }
  const start = chance(draw, 30) ? '---\n' : '';
  const text =
    start + parts.join(pick(draw, ['---\n', '--- # here\n', '...\n---\n', '---\n---\n', '...\n# between\n---\n']));
  return chance(draw, 10) ? text.replaceAll('\n', '\r\n') : text;
});

/** Comments and empty lines above something in a column, mostly in that column. */
function remarks(draw: Draw, column: number): string[] {
  const lines: string[] = [];
  // Bounded: what shrinks a failing case draws the least again and again.
  for (let count = chance(draw, 30) ? between(draw, 1, 3) : 0; count > 0; count -= 1) {
    const at = chance(draw, 80) ? column : between(draw, 0, column + 4);
    lines.push(chance(draw, 40) ? ' '.repeat(between(draw, 0, 3)) : ' '.repeat(at) + pick(draw, COMMENTS));
  }
  return lines;
}

function beside(draw: Draw): string {
  return chance(draw, 15)
    ? `${' '.repeat(between(draw, 1, 3))}${pick(draw, COMMENTS)}`
    : ' '.repeat(between(draw, 0, 1));
}

function blockMap(draw: Draw, column: number, depth: number): string[] {
  const keys = new Set<string>();
  for (let count = between(draw, 1, 4); count > 0; count -= 1) keys.add(pick(draw, chance(draw, 60) ? KEYS : NAMES));
  return [...keys].flatMap((key) => {
    const lead = `${' '.repeat(column)}${key}:`;
    return [...remarks(draw, column), ...entry(draw, lead, column, depth)];
  });
}

function blockList(draw: Draw, column: number, depth: number): string[] {
  const lines: string[] = [];
  for (let count = between(draw, 1, 3); count > 0; count -= 1) {
    lines.push(...remarks(draw, column));
    const lead = `${' '.repeat(column)}-`;
    if (depth < 4 && chance(draw, 40)) {
      const [first = '', ...rest] = chance(draw, 70)
        ? blockMap(draw, column + 2, depth + 1)
        : blockList(draw, column + 2, depth + 1);
      lines.push(
        ...(first.trim() === '' || first.trim().startsWith('#') ? [lead, first] : [`${lead} ${first.trimStart()}`]),
      );
      lines.push(...rest);
    } else lines.push(...entry(draw, lead, column, depth));
  }
  return lines;
}

/** What follows a key or a dash. */
function entry(draw: Draw, lead: string, column: number, depth: number): string[] {
  const anchor = chance(draw, 8) ? ` &a${between(draw, 1, 2)}` : '';
  const kind = between(draw, 0, depth < 4 ? 12 : 8);
  const inside = column + between(draw, 1, 4);
  const pad = ' '.repeat(inside);
  if (kind === 0) return [`${lead}${anchor}${beside(draw)}`];
  if (kind <= 3) return [`${lead}${anchor} ${pick(draw, chance(draw, 50) ? PLAIN : QUOTED)}${beside(draw)}`];
  if (kind === 4 && chance(draw, 25)) return [`${lead} *a${between(draw, 1, 2)}${beside(draw)}`];
  if (kind <= 5) return multiLine(draw, `${lead}${anchor}`, pad);
  if (kind <= 8) return `${lead}${anchor} ${flow(draw, pad, 0)}${beside(draw)}`.split('\n');
  const first = `${lead}${anchor}${beside(draw)}`;
  if (kind <= 10)
    return [first, ...remarks(draw, inside), ...blockMap(draw, inside, depth + 1), ...remarks(draw, inside)];
  const listColumn = lead.endsWith(':') && chance(draw, 30) ? column : inside;
  return [first, ...blockList(draw, listColumn, depth + 1), ...(chance(draw, 20) ? remarks(draw, inside) : [])];
}

function multiLine(draw: Draw, lead: string, pad: string): string[] {
  const more = chance(draw, 30) ? '   ' : '';
  switch (between(draw, 0, 5)) {
    case 0:
      return [`${lead} plain`, '', `${pad}goes on${beside(draw)}`];
    case 1:
      return [`${lead} "quoted  `, `${pad}${more}on \\`, `${pad}\\  three lines"${beside(draw)}`];
    case 2:
      return [
        `${lead} |${pick(draw, ['', '-', '+'])}${beside(draw)}`,
        `${pad}first `,
        `${pad}${more}# no comment`,
        '',
        '',
      ];
    case 3:
      return [
        `${lead} >${pick(draw, ['', '-', '+'])}${beside(draw)}`,
        '',
        `${pad}folded`,
        `${pad}${more}text`,
        '',
        `${pad}end`,
      ];
    case 4:
      return [`${lead} |+`, `${pad}kept`, '', ''];
    default:
      return [`${lead} 'single`, `${pad}it''s'${beside(draw)}`];
  }
}

function flow(draw: Draw, pad: string, depth: number): string {
  if (depth > 2 || chance(draw, 30)) return pick(draw, chance(draw, 50) ? PLAIN : QUOTED);
  const gap = () => {
    if (chance(draw, 6)) return ` ${pick(draw, COMMENTS)}\n${pad}`;
    return chance(draw, 6) ? `\n${pad}` : ' '.repeat(between(draw, 0, 2));
  };
  const list = chance(draw, 50);
  const keys = new Set<string>();
  for (let count = between(draw, 0, chance(draw, 10) ? 10 : 3); count > 0; count -= 1) {
    keys.add(pick(draw, [...KEYS, ...NAMES]));
  }
  const items = [...keys].map((key) => {
    if (list) return chance(draw, 10) ? `${key}: ${flow(draw, pad, depth + 1)}` : flow(draw, pad, depth + 1);
    if (chance(draw, 10)) return chance(draw, 50) ? key : `${key}: `;
    return `${key}: ${gap()}${flow(draw, pad, depth + 1)}`;
  });
  const comma = items.length > 0 && chance(draw, 10) ? ',' : '';
  const inner = items.map((item) => `${gap()}${item}${gap()}`).join(',') + comma;
  return list ? `[${inner}]` : `{${inner}}`;
}
