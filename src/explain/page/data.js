// Owns what the page was given: its data, and the elements of its picture. Never changes either.

/** @typedef {import('../graph-page-data.ts').PageData} PageData */

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no ${id}`);
  return found;
}

/** @type {PageData} */
export const data = JSON.parse(element('data', HTMLScriptElement).textContent ?? '');
export const picture = element('picture', SVGSVGElement);

/** @type {readonly SVGGElement[]} */
export const shapes = data.nodes.map(({ id }) => element(id, SVGGElement));

/**
 * The middle and the size of a node.
 * @param {number} node
 */
export function boxOf(node) {
  const card = shapes[node]?.querySelector('.card');
  if (!(card instanceof SVGRectElement)) throw new Error(`no node ${node}`);
  const { x, y, width, height } = card.getBBox();
  return { x, y, width, height };
}
