// Owns which part of the picture is seen: by mouse, touch, wheel and buttons. Never knows what is drawn.

import { element, picture } from './data.js';

const { x: left, y: top, width: whole, height: high } = picture.viewBox.baseVal;
const center = { x: left + whole / 2, y: top + high / 2 };
/** Pixels of the screen for one of the picture. */
let scale = 1;
let turn = 0;

const SMALLEST = 0.05;
const LARGEST = 4;
/** Below this nothing can be read: a large picture begins with a part of itself. */
const READABLE = 0.62;

function size() {
  const { width, height } = picture.getBoundingClientRect();
  return { width: Math.max(1, width), height: Math.max(1, height) };
}

function draw() {
  const { width, height } = size();
  const [w, h] = [width / scale, height / scale];
  picture.setAttribute('viewBox', `${center.x - w / 2} ${center.y - h / 2} ${w} ${h}`);
}

/** @param {number} to */
function bound(to) {
  return Math.min(LARGEST, Math.max(SMALLEST, to));
}

/** The whole picture, however small. */
export function showAll() {
  const { width, height } = size();
  go(left + whole / 2, top + high / 2, bound(Math.min(width / whole, height / high, 1.35)));
}

/** As much of it as can be read, from its left top on. */
export function showFirst() {
  const { width, height } = size();
  scale = bound(Math.min(width / whole, height / high, 1.35));
  center.x = left + whole / 2;
  center.y = top + high / 2;
  if (scale < READABLE) {
    scale = READABLE;
    center.x = Math.min(center.x, left + width / scale / 2);
    if (high * scale > height) center.y = top + height / scale / 2;
  }
  draw();
}

/**
 * What lies in some boxes, with space around it.
 * @param {readonly { x: number, y: number, width: number, height: number }[]} boxes
 */
export function showBoxes(boxes) {
  if (boxes.length === 0) return;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const { width, height } = size();
  const fitting = Math.min(width / (right - x + 60), height / (bottom - y + 60), 1.2);
  go((x + right) / 2, (y + bottom) / 2, bound(fitting));
}

/**
 * Moves no more than it takes to see a box whole.
 * @param {{ x: number, y: number, width: number, height: number }} box
 */
export function showBox(box) {
  const { width, height } = size();
  const [halfWide, halfHigh] = [width / scale / 2 - 20, height / scale / 2 - 20];
  const x = Math.max(box.x + box.width - halfWide, Math.min(center.x, box.x + halfWide));
  const y = Math.max(box.y + box.height - halfHigh, Math.min(center.y, box.y + halfHigh));
  if (x !== center.x || y !== center.y) go(x, y, scale);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} to
 */
function go(x, y, to) {
  turn += 1;
  const mine = turn;
  const from = { x: center.x, y: center.y, scale };
  const end = () => {
    center.x = x;
    center.y = y;
    scale = to;
    draw();
  };
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    end();
    return;
  }
  const began = performance.now();
  /** @param {number} now */
  const step = (now) => {
    if (mine !== turn) return;
    const part = Math.min(1, Math.max(0, (now - began) / 220));
    const eased = 1 - (1 - part) ** 3;
    center.x = from.x + (x - from.x) * eased;
    center.y = from.y + (y - from.y) * eased;
    scale = from.scale + (to - from.scale) * eased;
    draw();
    if (part < 1) requestAnimationFrame(step);
    else end();
  };
  requestAnimationFrame(step);
}

/**
 * Around a point of the screen, which stays where it is.
 * @param {number} by
 * @param {{ x: number, y: number }} [at]
 */
export function zoom(by, at) {
  turn += 1;
  const { left: x, top: y, width, height } = picture.getBoundingClientRect();
  const point = at ?? { x: x + width / 2, y: y + height / 2 };
  const [dx, dy] = [point.x - x - width / 2, point.y - y - height / 2];
  const to = bound(scale * by);
  center.x += dx / scale - dx / to;
  center.y += dy / scale - dy / to;
  scale = to;
  draw();
}

/**
 * @param {number} x
 * @param {number} y
 */
function pan(x, y) {
  turn += 1;
  center.x -= x / scale;
  center.y -= y / scale;
  draw();
}

/**
 * Makes the picture movable. `onPick` is told what was pressed without being moved.
 * @param {(target: Element) => void} onPick
 */
export function followPointers(onPick) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let moved = 0;
  picture.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 1) moved = 0;
  });
  addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (other === undefined) {
      moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
      if (moved > 4) {
        picture.classList.add('moving');
        pan(now.x - before.x, now.y - before.y);
      }
    } else {
      moved += 10;
      const apart =
        Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      zoom(apart, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    }
    fingers.set(event.pointerId, now);
  });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel'])) {
    addEventListener(name, (event) => {
      if (!fingers.delete(event.pointerId)) return;
      picture.classList.remove('moving');
      if (name === 'pointerup' && fingers.size === 0 && moved <= 4 && event.target instanceof Element)
        onPick(event.target);
    });
  }
  element('canvas', HTMLElement).addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.shiftKey) pan(-event.deltaY - event.deltaX, 0);
      else zoom(Math.exp(-Math.max(-80, Math.min(80, event.deltaY)) / 320), { x: event.clientX, y: event.clientY });
    },
    { passive: false },
  );
  element('larger', HTMLButtonElement).addEventListener('click', () => zoom(1.3));
  element('smaller', HTMLButtonElement).addEventListener('click', () => zoom(1 / 1.3));
  element('fit', HTMLButtonElement).addEventListener('click', showAll);
  new ResizeObserver(draw).observe(picture);
  addEventListener('beforeprint', () => picture.setAttribute('viewBox', `${left} ${top} ${whole} ${high}`));
  addEventListener('afterprint', draw);
}
