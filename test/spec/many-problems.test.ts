import { describe, expect, it, test } from 'vitest';
import { compile } from '../../src/spec/compile.ts';
import { renderDiagnostics } from '../../src/spec/frame.ts';
import { indexLines } from '../../src/spec/lines.ts';

const SERVER = 'server: { issuer: https://id.example.com }\n---\n';

function many(count: number, item: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => item(number)).join(',');
}

function toldOf(text: string) {
  const files = [{ path: 'a.yaml', text }];
  const started = performance.now();
  const { diagnostics } = compile(files);
  const frames = renderDiagnostics(diagnostics, files, { color: false });
  return { diagnostics, frames, milliseconds: performance.now() - started };
}

describe('thousands of problems in one line take time in proportion', () => {
  // Far above what is needed, far below what counting every line from its beginning takes (20 to 40 s).
  const PATIENCE = 8000;

  test.each([
    ['unknown keys', `site: S\nusers: {${many(3000, (number) => `U${number}: {metods: 1}`)}}\n`, 3000],
    ['unknown names', `${SERVER}site: S\nusers: {U: {member_of: [${many(8000, (number) => `G${number}`)}]}}\n`, 8000],
    ['secrets', `site: S\napplications: {${many(2000, (number) => `A${number}: {secret: pw${number}}`)}}\n`, 2000],
  ])('%s', (_name, text, count) => {
    const { diagnostics, frames, milliseconds } = toldOf(text);
    expect(diagnostics.filter(({ code }) => code !== 'server.missing')).toHaveLength(count);
    expect(frames.match(/^(error|warning)\[/gm)).toHaveLength(100);
    expect(frames.endsWith(`\n\n… and ${diagnostics.length - 100} more problems\n`)).toBe(true);
    expect(milliseconds).toBeLessThan(PATIENCE);
  });
});

it('thousands of faults in the YAML of one file are told as the first, without a stack of each; other errors keep theirs', () => {
  const { stackTraceLimit } = Error;
  const limits: number[] = [];
  const seen = { get: () => limits.at(-1) ?? stackTraceLimit, set: (limit: number) => limits.push(limit) };
  Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, ...seen });
  try {
    const { diagnostics } = toldOf(`site: S\ngroups: [${'a b: ,, '.repeat(4000)}\n`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['yaml.syntax']);
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, writable: true, value: stackTraceLimit });
  }
  expect(limits).toEqual([0, stackTraceLimit]);
});

it('a hundred problems are told whole, and of one more it is one', () => {
  const text = (count: number) =>
    `${SERVER}site: S\nusers: {U: {member_of: [${many(count, (number) => `G${number}`)}]}}\n`;
  expect(toldOf(text(100)).frames).not.toContain('more problem');
  expect(toldOf(text(101)).frames).toMatch(/\n\n… and 1 more problem\n$/);
});

it('what an author wrote is repeated as far as anybody reads', () => {
  const key = toldOf(`site: S\n${'k'.repeat(90_000)}: 1\n`);
  const name = toldOf(`${SERVER}site: S\nusers: { U: { member_of: [${'G'.repeat(90_000)}] } }\n`);
  const groups = many(2500, (number) => `G${number}: {members: [group:G${(number + 1) % 2500}]}`);
  const cycle = toldOf(`${SERVER}site: S\ngroups: {${groups}}\n`);
  for (const { diagnostics, frames } of [key, name, cycle]) {
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const { detail, help = '' } of diagnostics) expect(detail.length + help.length).toBeLessThan(900);
    expect(frames.length).toBeLessThan(4000);
  }
  expect(cycle.diagnostics[0]?.detail).toMatch(/^G0 contains G1 .* contains G9 contains 2490 more contains G0$/);
});

it('columns of a long line count Unicode characters, wherever they stand', () => {
  const text = `a${'💥'.repeat(1000)}b${'é'.repeat(700)}`;
  const lines = indexLines(text);
  const slow = (offset: number) => [...text.slice(0, offset)].length + 1;
  for (const offset of [0, 1, 3, 255, 257, 511, 513, 1025, 2001, 2002, 2300, text.length, 257, 1]) {
    expect(lines.position(offset).column, String(offset)).toBe(slow(offset));
  }
});

describe('an unclosed bracket', () => {
  const opening = (text: string) => {
    const [first] = toldOf(text).diagnostics;
    expect(first?.code).toBe('yaml.syntax');
    const related = first?.related?.find(({ message }) => message === 'the bracket opens here');
    return related && `${related.range.start.line}:${related.range.start.column}`;
  };

  it.each([
    ['site: S\nmethods: [m1, { a: b }\ngroups: {}\n', '2:10'],
    ['site: S\ngroups: { A: { members: [U] }\nusers: {}\n', '2:9'],
    ['site: S\ngroups: { A: { members: [U], B: "}" }\nusers: {}\n', '2:9'],
    ['site: S\nmethods: [m1\ngroups: {}\n', '2:10'],
  ])('%j is told to open at %s', (text, place) => {
    expect(opening(text)).toBe(place);
  });
});

it('a secret whose file lies outside is not said to be missing', () => {
  const client =
    'secret: { file: /etc/x }, methods: [m1], allowed_to: [G], metadata: { grant_types: [client_credentials] }';
  const text = `server: { issuer: https://id.example.com }\nmethods: { m1: { type: client_credentials } }\n---\nsite: S\nmethods: [m1]\napplications: { App: { ${client} } }\ngroups: { G: { methods: [m1] } }\n`;
  expect(toldOf(text).diagnostics.map(({ code }) => code)).toEqual(['secret.outside']);
});

describe('advice', () => {
  const help = (text: string) =>
    toldOf(text)
      .diagnostics.map((one) => `${one.detail} ${one.help}`)
      .join('\n');

  it('a number where a duration is expected lacks its unit', () => {
    expect(help('site: S\napplications: { A: { tokens: { access_ttl: 5 } } }\n')).toMatch(/unit.*5m/);
  });

  it('a number where a URL is expected is not to be quoted', () => {
    expect(help('server: { issuer: 1 }\n')).toMatch(/https:/);
    expect(help('server: { issuer: 1 }\n')).not.toMatch(/Quote it/);
  });

  it('a date-time without its zone is told to lack it, another one not', () => {
    expect(help('site: S\nusers: { U: { expires: 2027-01-31T17:00:00 } }\n')).toMatch(/zone.*2027-01-31T17:00:00Z/);
    expect(help('site: S\nusers: { U: { expires: 2027-02-30T17:00:00 } }\n')).not.toMatch(/Add the zone/);
  });

  it('Site for site is one diagnostic', () => {
    const { diagnostics } = toldOf('Site: S\nusers: { U: {} }\ngroups: { G: { members: [U] } }\n');
    expect(diagnostics.map(({ code, help: advice }) => [code, advice])).toEqual([
      ['key.unknown', 'Did you mean "site"?'],
    ]);
  });
});
