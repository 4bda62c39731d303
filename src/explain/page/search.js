// Owns the search: what is typed, what is found, and the list below it (the combobox pattern of ARIA). Never opens what it found.

import { data, element } from './data.js';

const input = element('search', HTMLInputElement);
const results = element('results', HTMLUListElement);

/** So many are shown: who sees more types on. */
const MOST_SHOWN = 40;

/** @type {readonly number[]} */
let found = [];
let active = -1;

/** @param {(entity: number) => void} open */
export function followSearch(open) {
  /** @param {number} position */
  const choose = (position) => {
    const entity = found[position];
    if (entity === undefined) return;
    close();
    input.value = data.entities[entity]?.name ?? '';
    open(entity);
  };
  input.addEventListener('input', () => {
    found = input.value.trim() === '' ? [] : matching(input.value.trim().toLowerCase());
    active = found.length > 0 ? 0 : -1;
    drawResults();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const shown = Math.min(found.length, MOST_SHOWN);
      if (shown === 0) return;
      event.preventDefault();
      active = (active + (event.key === 'ArrowDown' ? 1 : shown - 1)) % shown;
      mark();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(active);
    } else if (event.key === 'Escape' && !results.hidden) {
      event.stopPropagation();
      close();
    }
  });
  input.addEventListener('blur', close);
  // Pressed, not clicked: the list is gone once the field has lost the focus.
  results.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const item = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    if (item !== null) choose([...results.children].indexOf(item));
  });
}

export function focusSearch() {
  input.focus();
  input.select();
}

function close() {
  found = [];
  active = -1;
  results.hidden = true;
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
}

/**
 * Names that begin with it first, then those that hold it.
 * @param {string} text
 */
function matching(text) {
  /** @type {[number[], number[]]} */
  const ranks = [[], []];
  for (const [position, { name, client_id = '' }] of data.entities.entries()) {
    const texts = [name, name.slice(name.indexOf('/') + 1), client_id].map((one) => one.toLowerCase());
    if (texts.some((one) => one.startsWith(text))) ranks[0].push(position);
    else if (texts.some((one) => one.includes(text))) ranks[1].push(position);
  }
  return ranks.flat();
}

function drawResults() {
  const isEmpty = input.value.trim() === '';
  results.hidden = isEmpty;
  input.setAttribute('aria-expanded', `${!isEmpty}`);
  results.replaceChildren(
    ...found.slice(0, MOST_SHOWN).map((position, number) => {
      const { name = '', noun = '', client_id } = data.entities[position] ?? {};
      const item = line(name, `${noun}${client_id === undefined ? '' : `, client_id ${client_id}`}`);
      item.id = `result-${number}`;
      item.setAttribute('role', 'option');
      return item;
    }),
  );
  if (found.length === 0) results.append(line('Nothing has that in its name', '', 'none'));
  if (found.length > MOST_SHOWN) results.append(line(`and ${found.length - MOST_SHOWN} more`, '', 'none'));
  mark();
}

/**
 * @param {string} text
 * @param {string} small
 * @param {string} [className]
 */
function line(text, small, className = '') {
  const item = document.createElement('li');
  item.className = className;
  item.textContent = text;
  if (small !== '') item.appendChild(document.createElement('small')).textContent = small;
  return item;
}

function mark() {
  for (const [number, item] of [...results.children].entries()) {
    if (item.getAttribute('role') !== 'option') continue;
    item.setAttribute('aria-selected', `${number === active}`);
    if (number === active) item.scrollIntoView({ block: 'nearest' });
  }
  if (active < 0) input.removeAttribute('aria-activedescendant');
  else input.setAttribute('aria-activedescendant', `result-${active}`);
}
