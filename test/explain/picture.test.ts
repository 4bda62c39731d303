import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexState } from '../../src/access/access-index.ts';
import { graphOf } from '../../src/explain/graph.ts';
import { renderDot } from '../../src/explain/graph-dot.ts';
import { renderMermaid } from '../../src/explain/graph-mermaid.ts';
import { labelOf } from '../../src/explain/graph-words.ts';
import { MOST_NODES, type Picture, pictureOf } from '../../src/explain/picture.ts';
import { type Address, applicationAddress, userAddress } from '../../src/model/address.ts';
import { createState } from '../../src/model/state.ts';
import { declare, NOW, teams } from './graph-spec.ts';

function graphFor(...size: Parameters<typeof teams>) {
  const { state, index } = declare(...teams(...size));
  return graphOf(state, index, NOW);
}

const labels = ({ nodes }: Picture) => nodes.map((node) => `${node.site ?? '-'} ${labelOf(node)}`);

describe('a picture', () => {
  it('of few entities draws each by itself', () => {
    const graph = graphFor(1, 2, 4, 5);
    const picture = pictureOf(graph);
    expect(picture.nodes.map(({ members }) => members)).toEqual([...graph.entities.keys()].map((one) => [one]));
    expect(picture.edges).toHaveLength(graph.links.length);
  });

  it('of more draws those as one that have the same links, and nothing else', () => {
    const picture = pictureOf(graphFor(1, 2, 20, 30));
    expect(labels(picture)).toEqual([
      'Team0 10 clients',
      'Team0 10 clients',
      'Team0 service0',
      'Team0 service1',
      'Team0 callers0',
      'Team0 callers1',
      'Team0 jobs',
      'Team0 staff',
      '- refund',
      'Team0 30 users',
      'Team0 10 users',
      'Team0 10 users',
    ]);
    const words = picture.edges.map(({ relation, links }) => `${relation} ${links.length}`);
    expect(words).toContain('member_of 30');
    expect(words).toContain('impersonates 10');
  });

  it('of a thousand entities stays below the bound, by kinds, then by sites, then by the largest sites', () => {
    const kinds = pictureOf(graphFor(10, 8, 22, 40));
    expect(kinds.graph.entities.size).toBe(1021);
    expect(kinds.nodes).toHaveLength(41);
    expect(labels(kinds)).toContain('Team0 22 clients');
    const sites = pictureOf(graphFor(40, 4, 8, 4));
    expect(labels(sites)).toContain('Team7 Team7');
    expect(sites.nodes).toHaveLength(41);
    const largest = pictureOf(graphFor(100, 1, 4, 2));
    expect(largest.nodes.length).toBeLessThanOrEqual(MOST_NODES);
    expect(labels(largest)).toContain('- 42 more sites');
  });

  it('never merges what was asked about', () => {
    const alone = new Set<Address>([applicationAddress('Team3', 'job7'), userAddress('Team3', 'robot7')]);
    const picture = pictureOf(graphFor(40, 4, 8, 4), alone);
    for (const one of alone) expect(picture.nodeOf.get(one)?.members).toEqual([one]);
    expect(picture.nodes).toHaveLength(43);
  });

  it('draws each by itself where that is asked', () => {
    expect(pictureOf(graphFor(4, 4, 10, 10), new Set(), Number.POSITIVE_INFINITY).nodes).toHaveLength(161);
  });

  it('drops nothing: each entity is in one node, each link in one edge or inside one node', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.nat(6), fc.nat(5)),
        fc.constantFrom(1, 3, 8, 20, 60),
        (size, most) => {
          const graph = graphFor(...size);
          const picture = pictureOf(graph, new Set(), most);
          const members = picture.nodes.flatMap((node) => node.members);
          expect([...members].sort()).toEqual([...graph.entities.keys()]);
          const inside = graph.links.filter(({ from, to }) => picture.nodeOf.get(from) === picture.nodeOf.get(to));
          const drawn = picture.edges.flatMap(({ links }) => links);
          expect(drawn.length + inside.length).toBe(graph.links.length);
          expect(new Set([...drawn, ...inside]).size).toBe(graph.links.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is the same text for the same State, in whatever order it was put together', () => {
    const { state } = declare(...teams(3, 2, 8, 12));
    const texts = [state, createState([...state].reverse())].map((one) => {
      const picture = pictureOf(graphOf(one, indexState(one), NOW));
      return renderMermaid(picture) + renderDot(picture);
    });
    expect(texts[0]).toBe(texts[1]);
  });
});
