// Owns the two lists by which a question is asked: who, and for what. Never answers.

import { data, element } from './data.js';

const who = element('who', HTMLSelectElement);
const what = element('what', HTMLSelectElement);
const NONE = '-1';

/** @param {(answer: number) => void} open */
export function followQuestion(open) {
  fill(
    who,
    'nobody yet',
    [...new Set(data.answers.map((answer) => answer.who))].map((name) => [name, name]),
  );
  fillTargets();
  who.addEventListener('change', () => {
    fillTargets();
    const first = what.options[1];
    if (first === undefined) return;
    what.value = first.value;
    open(Number(first.value));
  });
  what.addEventListener('change', () => {
    if (what.value !== NONE) open(Number(what.value));
  });
}

/**
 * The lists say the answer that is shown.
 * @param {number} position
 */
export function setQuestion(position) {
  who.value = data.answers[position]?.who ?? NONE;
  fillTargets();
  what.value = `${position}`;
}

function fillTargets() {
  const targets = data.answers.flatMap((answer, number) => {
    if (answer.who !== who.value) return [];
    const { name = '', kind = '' } = data.entities[answer.target] ?? {};
    const title = answer.target === answer.client ? 'a token for itself' : kind === 'scope' ? `scope ${name}` : name;
    return [/** @type {[string, string]} */ ([`${number}`, `${answer.granted ? '✓' : '✗'} ${title}`])];
  });
  fill(what, 'nothing yet', targets);
  what.disabled = targets.length === 0;
}

/**
 * @param {HTMLSelectElement} select
 * @param {string} none
 * @param {readonly (readonly [string, string])[]} options
 */
function fill(select, none, options) {
  select.replaceChildren(new Option(none, NONE), ...options.map(([value, text]) => new Option(text, value)));
}
