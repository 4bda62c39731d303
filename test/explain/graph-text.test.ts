import { Graphviz } from '@hpcc-js/wasm-graphviz';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderDot } from '../../src/explain/graph-dot.ts';
import type { Layout } from '../../src/explain/graph-layout.ts';
import { renderMermaid } from '../../src/explain/graph-mermaid.ts';
import { renderPage } from '../../src/explain/graph-page.ts';
import { edgeWords, labelOf } from '../../src/explain/graph-words.ts';
import { pictureOf } from '../../src/explain/picture.ts';
import { HOSTILE, hostileGraph, hostileText } from './graph-hostile.ts';

let graphviz: Graphviz;
let layout: Layout;
beforeAll(async () => {
  graphviz = await Graphviz.load();
  layout = (dot, engine) => graphviz.layout(dot, 'json', engine);
});

const three = fc.array(hostileText, { minLength: 3, maxLength: 3 });
/** Each of the worst texts once in each place. */
const worst = HOSTILE.map((text, number): [string[]] => [
  [text, HOSTILE[(number + 7) % HOSTILE.length] ?? '', HOSTILE[(number + 12) % HOSTILE.length] ?? ''],
]);

/** Graphviz leaves no blank at either end, and takes several as they are. */
const shownBy = (svg: string, id: string): string => {
  const group = svg.slice(svg.indexOf(`<title>${id}</title>`));
  const text = group.slice(0, group.indexOf('</g>')).match(/<text[^>]*>([^<]*)<\/text>/)?.[1] ?? '';
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('\u00a0', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
};

describe('whatever names hold', () => {
  it('Graphviz reads the DOT text, and shows every name as it is', () => {
    fc.assert(
      fc.property(three, (texts) => {
        const picture = pictureOf(hostileGraph(texts));
        const svg = graphviz.layout(renderDot(picture), 'svg', 'dot');
        for (const node of picture.nodes) expect(shownBy(svg, node.id)).toBe(labelOf(node));
        expect(svg.match(/class="node"/g)).toHaveLength(picture.nodes.length);
        expect(svg.match(/class="edge"/g)).toHaveLength(3);
      }),
      { numRuns: 60, examples: worst },
    );
  });

  it('each line of the Mermaid text is of a form that ends its texts itself', () => {
    const text = '"(?:[\\p{L}\\p{N} .,+@/×…-]|#\\d+;|<br/>)*"';
    const forms = [
      'flowchart LR',
      `  subgraph s\\d+\\[${text}\\]`,
      '  end',
      ` {2,4}n\\d+(?:\\[${text}\\]|\\(${text}\\)|\\{\\{${text}\\}\\}|\\(\\[${text}\\]\\)|\\[\\[${text}\\]\\])`,
      `  n\\d+ (?:-->|==>|-\\.->|-\\.-)(?:\\|${text}\\|)? n\\d+`,
      '  style s\\d+ fill:none,stroke:#94a3b8',
      '  classDef \\w+ [\\w:#,\\- ]+',
      '  class n\\d+(?:,n\\d+)* \\w+',
    ].map((form) => new RegExp(`^${form}$`, 'u'));
    fc.assert(
      fc.property(three, (texts) => {
        const picture = pictureOf(hostileGraph(texts));
        const lines = renderMermaid(picture).trimEnd().split('\n');
        for (const line of lines) expect(forms.some((form) => form.test(line)) ? '' : line).toBe('');
        const shown = lines.map((line) =>
          line.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
        );
        for (const node of picture.nodes) expect(shown.some((line) => line.includes(`"${labelOf(node)}"`))).toBe(true);
        for (const edge of picture.edges)
          expect(shown.some((line) => line.includes(`"${edgeWords(edge)}"`))).toBe(true);
      }),
      { numRuns: 100, examples: worst },
    );
  });

  it('the page has one script and one style, its data is JSON, and no name opens an element', () => {
    fc.assert(
      fc.property(three, (texts) => {
        const picture = pictureOf(hostileGraph(texts));
        const content = { title: texts[0] ?? '', origins: new Map(), answers: [], asked: undefined };
        const page = renderPage(picture, content, layout);
        expect(page.match(/<script/gi)).toHaveLength(2);
        expect(page.match(/<\/script/gi)).toHaveLength(2);
        const json = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)?.[1] ?? '';
        const data = JSON.parse(json) as { entities: { name: string; facts: [string, string][] }[] };
        const names = data.entities.map(({ name }) => name.slice(2));
        expect(names.sort()).toEqual([...texts].sort());
        const markup = page.replace(/<(script|style)[\s\S]*?<\/\1>/g, '');
        // What is left of tags: names of elements that the page itself has.
        const tags = new Set([...markup.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, name]) => name));
        const own =
          'a aside body br button dd defs div dl doctype !doctype dt form g h1 h2 head header html input kbd label li main';
        const others = 'marker meta p path rect section select style script svg text title ul';
        for (const tag of tags) expect(`${own} ${others}`.split(' ')).toContain(tag);
      }),
      { numRuns: 40, examples: worst },
    );
  });

  it('the same picture is the same page', () => {
    const content = { title: 'x', origins: new Map(), answers: [], asked: undefined };
    const pages = [0, 1].map(() => renderPage(pictureOf(hostileGraph(['a', 'b', 'c'])), content, layout));
    expect(pages[0]).toBe(pages[1]);
  });
});
