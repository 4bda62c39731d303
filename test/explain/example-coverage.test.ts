// What coverage says of the example is what an editor sees: each link is taken out of the YAML, and the spec is compiled anew.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import type { Step } from '../../src/access/decision.ts';
import { coverageOf } from '../../src/explain/coverage.ts';
import { linksOf } from '../../src/explain/spec-links.ts';
import { nameOf } from '../../src/model/address.ts';
import type { SourceRange } from '../../src/model/origin.ts';
import { judgeTest } from '../../src/plan/run-tests.ts';
import { type CompiledSpec, compile } from '../../src/spec/compile.ts';
import type { SourceFile } from '../../src/spec/source.ts';

const NOW = Date.UTC(2026, 10, 22);
const ROOT = join(import.meta.dirname, '../../examples/authorized-access');

const FILES: readonly SourceFile[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !path.startsWith('overlays'))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

function compiled(files: readonly SourceFile[]): CompiledSpec {
  const checked = compile(files, { now: NOW });
  if (!checked.ok) throw new Error(checked.diagnostics.map(({ detail }) => detail).join('\n'));
  return checked.value;
}

function failing({ state, tests }: CompiledSpec): readonly string[] {
  const index = indexState(state);
  return tests.filter(({ assertion }) => judgeTest(assertion, index, NOW).length > 0).map(({ name }) => name);
}

const placeOf = ({ at }: Step) => `${at.address}${at.pointer}`;

/** The text without a link: the item of a list, a word of a scope, or the line of a key with one value. */
function withoutLink(text: string, { start, end }: SourceRange, { relation, to }: Step): string {
  const [before, written, after] = [
    text.slice(0, start.offset),
    text.slice(start.offset, end.offset),
    text.slice(end.offset),
  ];
  if (relation === 'may_ask_for') {
    const words = written.split(' ').filter((word) => word !== nameOf(to));
    return `${before}${words.join(' ') || '""'}${after}`;
  }
  if (/[[,] *$/.test(before)) return `${before}${after}`.replace(/\[ *, */, '[').replace(/, *\]/, ']');
  return `${before.replace(/.*$/, '')}${after.replace(/^.*\n/, '')}`;
}

describe('examples/authorized-access', () => {
  const spec = compiled(FILES);
  const links = linksOf(spec.state, NOW);
  const { uncovered } = coverageOf(spec.state, spec.tests, NOW);

  it('has no test that fails', () => {
    expect(spec.tests.length).toBeGreaterThan(5);
    expect(failing(spec)).toEqual([]);
  });

  it('has two links that no test misses, which its tests speak of', () => {
    expect(uncovered.map(placeOf)).toEqual(['group:Operations/Group1/methods/0', 'group:Operations/Group2/methods/0']);
  });

  it.each(links.map((link) => [placeOf(link), link] as const))(
    'without %s a test fails, or coverage has named it',
    (name, link) => {
      const range = spec.origins.get(link.at.address)?.(link.at.pointer);
      const file = FILES.find(({ path }) => path === range?.file);
      if (range === undefined || file === undefined) throw new Error('a link is written nowhere');
      const text = withoutLink(file.text, range, link);
      expect(text).not.toBe(file.text);
      const without = compiled(FILES.map((one) => (one === file ? { ...file, text } : one)));
      // A default is one line for several links.
      expect(linksOf(without.state, NOW).length).toBeLessThan(links.length);
      expect(failing(without).length > 0).toBe(!uncovered.map(placeOf).includes(name));
    },
  );
});
