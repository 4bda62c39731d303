// Owns how the parts of the page act on each other, and its keys. Never draws.

import { boxOf, data, element, picture, shapes } from './data.js';
import { markAnswer, markNode, unmark } from './marks.js';
import { followQuestion, setQuestion } from './question.js';
import { focusSearch, followSearch } from './search.js';
import { clearSheet, followGrip, openSheet, tellAnswer, tellEntity, tellSeveral } from './sheet.js';
import { followPointers, showAll, showBox, showFirst, zoom } from './view.js';

/** The node that Tab leads to. */
let current = 0;

/** @type {import('./sheet.js').Actions} */
const actions = { entity: openEntity, answer: openAnswer, close: closeAll };

/** @param {number} entity */
function openEntity(entity) {
  const node = data.entities[entity]?.node ?? -1;
  if (node < 0) return;
  setCurrent(node);
  markNode(node, entity);
  // First told: on a narrow screen that takes space from the picture.
  tellEntity(entity, actions);
  showBox(boxOf(node));
}

/** @param {number} node */
function openNode(node) {
  const [only, second] = data.nodes[node]?.members ?? [];
  if (only !== undefined && second === undefined) {
    openEntity(only);
    return;
  }
  setCurrent(node);
  markNode(node);
  tellSeveral(node, actions);
  showBox(boxOf(node));
}

/** @param {number} answer */
function openAnswer(answer) {
  const told = data.answers[answer];
  if (told === undefined) return;
  setQuestion(answer);
  tellAnswer(answer, actions);
  markAnswer(told);
}

function closeAll() {
  unmark();
  clearSheet();
  if (matchMedia('(max-width: 760px)').matches) openSheet(false);
}

/** @param {number} node */
function setCurrent(node) {
  shapes[current]?.setAttribute('tabindex', '-1');
  current = node;
  shapes[current]?.setAttribute('tabindex', '0');
}

const DIRECTIONS = /** @type {Readonly<Record<string, readonly [number, number]>>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

/**
 * The nearest node in a direction: what lies aside counts twice.
 * @param {readonly [number, number]} direction
 */
function nextIn([dx, dy]) {
  const { x, y } = middleOf(current);
  let best = { node: current, distance: Number.POSITIVE_INFINITY };
  for (const node of data.nodes.keys()) {
    const other = middleOf(node);
    const along = (other.x - x) * dx + (other.y - y) * dy;
    const aside = Math.abs((other.x - x) * dy) + Math.abs((other.y - y) * dx);
    if (along > 4 && along + 2 * aside < best.distance) best = { node, distance: along + 2 * aside };
  }
  return best.node;
}

/** @param {number} node */
function middleOf(node) {
  const { x, y, width, height } = boxOf(node);
  return { x: x + width / 2, y: y + height / 2 };
}

picture.addEventListener('keydown', (event) => {
  const direction = DIRECTIONS[event.key];
  if (direction !== undefined) {
    event.preventDefault();
    setCurrent(nextIn(direction));
    shapes[current]?.focus({ preventScroll: true });
    showBox(boxOf(current));
  } else if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    openNode(current);
  }
});
// Not on the picture itself: that would make it a stop of Tab of its own.
element('canvas', HTMLElement).addEventListener('focusin', (event) => {
  const node = shapes.findIndex((shape) => shape.isSameNode(/** @type {Node} */ (event.target)));
  if (node >= 0) setCurrent(node);
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeAll();
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') {
    event.preventDefault();
    focusSearch();
  } else if (event.key === '+' || event.key === '=') zoom(1.3);
  else if (event.key === '-') zoom(1 / 1.3);
  else if (event.key === '0') showAll();
});

followPointers((target) => {
  const node = shapes.findIndex((shape) => shape.contains(target));
  if (node >= 0) openNode(node);
  else if (target.closest('.edge') === null) closeAll();
});
followSearch(openEntity);
followQuestion(openAnswer);
followGrip();
setCurrent(0);
if (matchMedia('(max-width: 760px)').matches) openSheet(false);
showFirst();
if (data.asked >= 0) openAnswer(data.asked);
