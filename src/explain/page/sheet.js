// Owns what the sheet tells: of one entity, of several that stand together, of one answer. Never marks anything in the picture.

import { data, element } from './data.js';

const told = element('told', HTMLElement);
const panel = element('panel', HTMLElement);
const grip = element('grip', HTMLButtonElement);

/** How many names of a node of several are listed: the search finds the others. */
const MOST_LISTED = 200;

/** @typedef {{ entity(entity: number): void, answer(answer: number): void, close(): void }} Actions */

/** On a narrow screen the sheet lies over the picture, and is opened and closed. */
export function followGrip() {
  grip.addEventListener('click', () => openSheet(grip.getAttribute('aria-expanded') !== 'true'));
}

/** @param {boolean} isOpen */
export function openSheet(isOpen) {
  grip.setAttribute('aria-expanded', `${isOpen}`);
}

export function clearSheet() {
  told.replaceChildren();
}

/**
 * @param {number} position
 * @param {Actions} actions
 */
export function tellEntity(position, actions) {
  const entity = data.entities[position];
  if (entity === undefined) return;
  const facts = make('dl');
  for (const [label, value] of entity.facts) facts.append(make('dt', label), make('dd', value));
  const about = make('p', `${entity.noun}${entity.off === undefined ? '' : `, ${entity.off}`}`);
  show(entity.name, actions, [about, make('p', entity.where, 'where'), facts]);
  if (data.answers.length > 0) {
    answerList('Gets', position, 'client', actions);
    answerList('Is acted for', position, 'user', actions);
    answerList('Who gets it', position, 'target', actions);
  }
  linkList(position, actions);
}

/**
 * @param {number} node
 * @param {Actions} actions
 */
export function tellSeveral(node, actions) {
  const { label = '', members = [] } = data.nodes[node] ?? {};
  show(label, actions, [
    make('p', 'They are drawn as one because they have the same links to the same kinds of things.', 'note'),
  ]);
  list('Names', members, actions.entity, (member, button) => button.append(data.entities[member]?.name ?? ''));
}

/**
 * @param {number} position
 * @param {Actions} actions
 */
export function tellAnswer(position, actions) {
  const answer = data.answers[position];
  if (answer === undefined) return;
  const steps = make('ol', '', 'steps');
  for (const number of answer.steps) {
    const step = data.steps[number];
    if (step === undefined) continue;
    const item = make('li', step.words);
    item.append(make('span', step.where, 'where'));
    steps.append(item);
  }
  if (answer.refusal !== undefined) {
    const { code, words, place, where } = answer.refusal;
    const item = make('li', '', 'missing');
    item.append(
      make('span', code, 'code'),
      words.slice(code.length),
      place === '' ? '' : make('div', `Look at ${place}`),
    );
    item.append(make('span', where, 'where'));
    steps.append(item);
  }
  show('', actions, [make('h2', answer.words, `verdict ${answer.granted ? 'yes' : 'no'}`), steps]);
}

/**
 * @param {string} title
 * @param {number} position
 * @param {'client' | 'user' | 'target'} part
 * @param {Actions} actions
 */
function answerList(title, position, part, actions) {
  const found = data.answers.flatMap((answer, number) => (answer[part] === position ? [number] : []));
  list(title, found, actions.answer, (number, button) => {
    const answer = data.answers[number];
    if (answer === undefined) return;
    button.className = answer.granted ? 'yes' : 'no';
    button.append(part === 'client' ? (data.entities[answer.target]?.name ?? '') : answer.who);
    if (part === 'user') button.append(` → ${data.entities[answer.target]?.name ?? ''}`);
    if (answer.refusal !== undefined) button.append(' ', make('small', answer.refusal.code));
  });
}

/** From this end and from the other. */
const WORDS = /** @type {Readonly<Record<string, readonly [string, string]>>} */ ({
  impersonates: ['Acts as', 'Acted as by'],
  member_of: ['Is in', 'Members'],
  open_to: ['Opens', 'Open to'],
  access_rule: ['In an access rule of', 'Access rule'],
  may_ask_for: ['May ask for', 'Asked for by'],
  may_use: ['May use', 'Used by'],
  has_role: ['Has the role', 'Held by'],
  contains: ['Contains', 'Contained in'],
  requires: ['Opens', 'Requires'],
});

/**
 * @param {number} position
 * @param {Actions} actions
 */
function linkList(position, actions) {
  for (const [relation, words] of Object.entries(WORDS)) {
    for (const [end, other, title] of /** @type {const} */ ([
      ['from', 'to', words[0]],
      ['to', 'from', words[1]],
    ])) {
      const found = data.links.filter((link) => link.relation === relation && link[end] === position);
      list(
        title,
        found,
        (link) => actions.entity(link[other]),
        (link, button) => {
          button.append(data.entities[link[other]]?.name ?? '');
          const end =
            link.expires === undefined ? '' : link.ended ? `ended ${link.expires} ` : `until ${link.expires} `;
          button.append(' ', make('small', `${end}${link.where}`));
        },
      );
    }
  }
}

/**
 * @param {string} title
 * @param {Actions} actions
 * @param {readonly Node[]} parts
 */
function show(title, actions, parts) {
  const close = make('button', '✕', 'close');
  close.setAttribute('type', 'button');
  close.setAttribute('aria-label', 'Close');
  close.addEventListener('click', actions.close);
  told.replaceChildren(close, ...(title === '' ? [] : [make('h2', title)]), ...parts);
  openSheet(true);
  const below = told.getBoundingClientRect().top - panel.getBoundingClientRect().top;
  if (matchMedia('(max-width: 760px)').matches) panel.scrollTop += below;
}

/**
 * @template T
 * @param {string} title
 * @param {readonly T[]} items
 * @param {(item: T) => void} pick
 * @param {(item: T, button: HTMLElement) => void} fill
 */
function list(title, items, pick, fill) {
  if (items.length === 0) return;
  const all = make('ul', '', 'list');
  for (const item of items.slice(0, MOST_LISTED)) {
    const button = make('button');
    button.setAttribute('type', 'button');
    button.addEventListener('click', () => pick(item));
    fill(item, button);
    const line = make('li');
    line.append(button);
    all.append(line);
  }
  told.append(make('h3', `${title} (${items.length})`), all);
  if (items.length > MOST_LISTED)
    told.append(make('p', `and ${items.length - MOST_LISTED} more: search finds them by name`, 'note'));
}

/**
 * @param {string} name
 * @param {string} [text]
 * @param {string} [className]
 * @returns {HTMLElement}
 */
function make(name, text = '', className = '') {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}
