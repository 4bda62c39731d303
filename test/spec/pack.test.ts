import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packFile, unpackFile } from '../../src/spec/pack.ts';
import { parseFile } from '../../src/spec/parse.ts';
import type { Node } from '../../src/spec/tree.ts';
import { readCases } from './case.ts';
import { mutate } from './mutate.ts';
import { generator, oneOf } from './random.ts';

/** Nodes in the order of the text, each with the first place at which the very object was met. */
function shapeOf(roots: readonly Node[]) {
  const met = new Map<object, number>();
  const shape: unknown[] = [];
  const walk = (node: Node): void => {
    const held = node.type === 'map' ? node.entries : node.type === 'list' ? node.items : node;
    const before = met.get(held);
    const { source, ...place } = node.span;
    const anchored = node.type === 'scalar' ? node.anchored && [node.anchored.start, node.anchored.end] : undefined;
    shape.push([node.type, place, source.path, before, anchored]);
    if (before !== undefined) return;
    met.set(held, met.size);
    if (node.type === 'scalar') shape.push([node.value, node.plain]);
    else if (node.type === 'list') for (const item of node.items) walk(item);
    else
      for (const [key, entry] of node.entries) {
        shape.push([key, entry.key, entry.plainKey, entry.keySpan.start, entry.keySpan.end]);
        walk(entry.value);
      }
    if (node.type !== 'scalar') shape.push(node.flow);
  };
  for (const root of roots) walk(root);
  return shape;
}

function expectSame(text: string): void {
  const file = { path: 'a.yaml', text, overlay: 1 };
  const parsed = parseFile(file);
  const unpacked = unpackFile(structuredClone(packFile(parsed)), file);
  const { lines: _, ...source } = unpacked.source;
  expect(source).toEqual(file);
  expect(shapeOf(unpacked.trees.map(({ root }) => root))).toEqual(shapeOf(parsed.trees.map(({ root }) => root)));
  expect(unpacked.trees.map(({ root: _root, ...told }) => told)).toEqual(
    parsed.trees.map(({ root: _root, ...told }) => told),
  );
  expect(unpacked.diagnostics).toEqual(parsed.diagnostics);
  expect(unpacked.incomplete).toBe(parsed.incomplete);
}

it('a packed file is the parsed one', () => {
  const texts = readCases().flatMap(({ files }) => files.map(({ text }) => text));
  for (const text of texts) expectSame(text);
});

it('whatever the file says', { timeout: 60_000 }, () => {
  const texts = readCases().flatMap(({ files }) => files.map(({ text }) => text));
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = generator(seed);
      expectSame(mutate(oneOf(random, texts), texts, random));
    }),
    { numRuns: 400 },
  );
});
