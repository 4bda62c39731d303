// Owns the page of a picture: one file that needs no network, whose only script and style are those named by their digests in
// its own policy. Never puts a name into it unescaped.

import { createHash } from 'node:crypto';
import type { Origins } from '../model/origin.ts';
import type { GraphAnswer } from './graph-answer.ts';
import { type Layout, placePicture } from './graph-layout.ts';
import { pageScript, pageStyle } from './graph-page.gen.ts';
import { pageData } from './graph-page-data.ts';
import { escapeXml, renderSvg } from './graph-svg.ts';
import type { Picture } from './picture.ts';

export interface PageContent {
  /** What the page is about, as its heading says: the directory of the spec. */
  readonly title: string;
  readonly origins: Origins;
  /** Undefined where there are too many: then only `asked` is answered in the page. */
  readonly answers: readonly GraphAnswer[] | undefined;
  /** The question that the page shows first. */
  readonly asked: GraphAnswer | undefined;
}

export function renderPage(picture: Picture, { title, origins, answers, asked }: PageContent, layout: Layout): string {
  const data = pageData(picture, origins, answers ?? [], asked);
  const heading = `Access graph: ${title}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${digestOf(pageScript)}'; style-src '${digestOf(pageStyle)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(heading)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>${escapeXml(heading)}</h1>
<p id="counts">${escapeXml(countsOf(picture))}</p>
<div class="search">
<label class="unseen" for="search">Search by name or client_id</label>
<input id="search" type="text" role="combobox" aria-expanded="false" aria-controls="results" aria-autocomplete="list" autocomplete="off" spellcheck="false" placeholder="Search ${picture.graph.entities.size} names">
<kbd aria-hidden="true">/</kbd>
<ul id="results" role="listbox" aria-label="Found" hidden></ul>
</div>
</header>
<main>
<section id="canvas" aria-label="Picture">
${renderSvg(picture, placePicture(picture, layout))}
<div class="zoom" role="group" aria-label="Zoom">
<button type="button" id="larger" aria-label="Larger">+</button>
<button type="button" id="smaller" aria-label="Smaller">−</button>
<button type="button" id="fit" aria-label="Show all">⤢</button>
</div>
</section>
<aside id="sheet" aria-label="Details">
<button type="button" id="grip" aria-expanded="true" aria-controls="panel">Ask and look closer</button>
<div id="panel">
${answers === undefined ? '<p class="note">There are too many questions to answer them all in a page. Ask one: charter graph CLIENT --ask NAME --format html</p>' : ''}
<form id="question" ${data.answers.length === 0 ? 'hidden' : ''}>
<h2>Who gets what</h2>
<label for="who">Who asks</label>
<select id="who"></select>
<label for="what">for what</label>
<select id="what"></select>
</form>
<div id="told" role="status"></div>
<div id="legend">
<h2>Legend</h2>
<ul class="keys-of-picture">
${legendOf(picture)
  .map(
    ([name, words]) =>
      `<li><svg viewBox="0 0 40 12" aria-hidden="true"><g class="edge ${name}"><path class="stroke" d="M1 6H38"/></g></svg>${words}</li>`,
  )
  .join('\n')}
<li><svg viewBox="0 0 40 18" aria-hidden="true"><g class="node user several"><rect class="behind" x="12" y="6" width="22" height="11" rx="3"/><rect class="card" x="8" y="2" width="22" height="11" rx="3"/></g></svg>several that are alike: open it for their names</li>
</ul>
<p id="keys">Keys: <kbd>/</kbd> search, <kbd>Tab</kbd> into the picture, arrows to the next one, <kbd>Enter</kbd> opens it, <kbd>Esc</kbd> closes, <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom.</p>
</div>
</div>
</aside>
</main>
<script type="application/json" id="data">${embed(data)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** Of links that are seldom there only where they are. */
function legendOf({ edges }: Picture): typeof LEGEND {
  return LEGEND.filter(([name]) => !SELDOM.has(name) || edges.some(({ relation }) => relation === name));
}

const SELDOM: ReadonlySet<string> = new Set(['may_use', 'has_role', 'requires']);

const LEGEND: readonly (readonly [relation: string, words: string])[] = [
  ['impersonates', 'acts as, or is in'],
  ['open_to', 'opens: who is in the group may reach it'],
  ['access_rule', 'access rule: who logs in must be in the group'],
  ['may_ask_for', 'may ask for'],
  ['may_use', 'may use: a resource takes its tokens, or tokens for it'],
  ['has_role', 'has the role, or contains it'],
  ['requires', 'opens: who has the role may use it'],
  ['member_of ended', 'has ended'],
];

function countsOf({ graph, nodes }: Picture): string {
  const counted = new Map<string, number>();
  for (const { kind } of graph.entities.values()) {
    const noun =
      kind === 'user' || kind === 'scope' || kind === 'resource' || kind === 'role'
        ? kind
        : kind === 'group' || kind === 'everyone'
          ? 'group'
          : 'application';
    counted.set(noun, (counted.get(noun) ?? 0) + 1);
  }
  const parts = ['application', 'user', 'group', 'role', 'scope', 'resource'].flatMap((noun) => {
    const number = counted.get(noun) ?? 0;
    return number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`];
  });
  const drawn = nodes.length < graph.entities.size ? `, drawn as ${nodes.length}` : '';
  return `${parts.join(', ')}${drawn}`;
}

/** JSON inside a script element: nothing in it ends the element or begins a comment. */
function embed(value: object): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As CSP level 2 names the text of an element. */
function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
