// Owns what is marked in the picture: one entity with its links, or the way of one answer. Never decides which.

import { boxOf, data, element, picture, shapes } from './data.js';
import { showBoxes } from './view.js';

const added = element('added', SVGGElement);

export function unmark() {
  picture.classList.remove('chosen', 'answered');
  for (const marked of picture.querySelectorAll('.on, .picked, .missing'))
    marked.classList.remove('on', 'picked', 'missing');
  added.replaceChildren();
}

/**
 * A node with what is linked to it; of a node of several only what is linked to one of them, where one is given.
 * @param {number} node
 * @param {number} [entity]
 */
export function markNode(node, entity) {
  unmark();
  picture.classList.add('chosen');
  const members = new Set(entity === undefined ? data.nodes[node]?.members : [entity]);
  const near = new Set([node]);
  for (const { from, to, edge } of data.links) {
    if (!members.has(from) && !members.has(to)) continue;
    if (edge !== '') document.getElementById(edge)?.classList.add('on');
    for (const end of [from, to]) near.add(data.entities[end]?.node ?? node);
  }
  for (const one of near) shapes[one]?.classList.add('on');
  shapes[node]?.classList.add('picked');
}

/** @param {import('../graph-page-data.ts').PageData['answers'][number]} answer */
export function markAnswer(answer) {
  unmark();
  picture.classList.add('chosen', 'answered');
  /** @type {Set<number>} */
  const nodes = new Set();
  /** @param {number} entity */
  const nodeOf = (entity) => data.entities[entity]?.node ?? -1;
  for (const entity of [answer.client, answer.user, answer.target]) nodes.add(nodeOf(entity));
  for (const number of answer.steps) {
    const step = data.steps[number];
    if (step === undefined) continue;
    const [from, to] = [nodeOf(step.from), nodeOf(step.to)];
    nodes.add(from);
    nodes.add(to);
    if (step.edge !== '') document.getElementById(step.edge)?.classList.add('on');
    else addLine(from, to, '');
  }
  if (answer.refusal !== undefined) {
    addLine(nodeOf(answer.user < 0 ? answer.client : answer.user), nodeOf(answer.target), answer.refusal.code);
    for (const one of [answer.refusal.entity, answer.target]) shapes[nodeOf(one)]?.classList.add('on', 'missing');
  }
  for (const node of nodes) shapes[node]?.classList.add('on');
  showBoxes([...nodes].filter((node) => node >= 0).map(boxOf));
}

/**
 * A line that only an answer has: into a built-in group, or, with a code, what was refused.
 * @param {number} from
 * @param {number} to
 * @param {string} code
 */
function addLine(from, to, code) {
  if (from < 0 || to < 0 || from === to) return;
  const [a, b] = [boxOf(from), boxOf(to)];
  const [middle, other] = [a.x + a.width / 2, b.x + b.width / 2];
  const group = svg('g', code === '' ? {} : { class: 'refused' });
  let start = { x: middle, y: a.y + a.height };
  let end = { x: other, y: b.y };
  let bend = { x: 0, y: Math.max(30, (end.y - start.y) / 2) };
  if (a.x + a.width < b.x || b.x + b.width < a.x) {
    const forward = other > middle;
    start = { x: forward ? a.x + a.width : a.x, y: a.y + a.height / 2 };
    end = { x: forward ? b.x : b.x + b.width, y: b.y + b.height / 2 };
    bend = { x: (end.x - start.x) / 2, y: 0 };
  } else if (b.y < a.y) {
    start = { x: middle, y: a.y };
    end = { x: other, y: b.y + b.height };
    bend = { x: 0, y: Math.min(-30, (end.y - start.y) / 2) };
  }
  const curve = `${start.x + bend.x} ${start.y + bend.y} ${end.x - bend.x} ${end.y - bend.y}`;
  group.append(svg('path', { d: `M${start.x} ${start.y}C${curve} ${end.x} ${end.y}` }));
  if (code !== '') {
    const label = svg('text', {
      x: `${(start.x + end.x) / 2}`,
      y: `${(start.y + end.y) / 2 - (bend.y === 0 ? 8 : 0)}`,
    });
    label.textContent = code;
    group.append(label);
  }
  added.append(group);
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function svg(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
