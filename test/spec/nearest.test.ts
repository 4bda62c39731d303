import { describe, expect, it } from 'vitest';
import { nearest, Suggestions } from '../../src/spec/nearest.ts';

describe('did you mean', () => {
  it.each([
    ['ClientGruop', ['ClientGroup', 'Group1'], 'ClientGroup'],
    ['clientgroup', ['ClientGroup'], 'ClientGroup'],
    ['Servr1', ['Server1', 'Server2'], 'Server1'],
    ['ab', ['abc', 'xyz'], 'abc'],
    ['teh', ['the'], 'the'],
    ['Server', ['Server2', 'Server1'], 'Server1'],
    ['WS', ['ws', 'WA'], 'ws'],
  ])('%s is %s', (text, candidates, meant) => {
    expect(nearest(text, candidates)).toBe(meant);
  });

  it.each([
    ['abc', ['axy']],
    ['User1', ['Group1']],
    ['abcdefghijklmnop', ['abcdefghijkl']],
    ['x', []],
    ['a', ['b', 'ab']],
    ['U1', ['U2', 'V1']],
  ])('%s is none of what is there', (text, candidates) => {
    expect(nearest(text, candidates)).toBeUndefined();
  });
});

it('searches among all names of a spec are bounded', () => {
  const suggestions = new Suggestions();
  const answers = Array.from({ length: 201 }, () => suggestions.nearest('Servr1', ['Server1']));
  expect(answers.slice(0, 200).every((answer) => answer === 'Server1')).toBe(true);
  expect(answers[200]).toBeUndefined();
});
