import { describe, expect, it } from 'vitest';
import { isWeakPhc } from '../../src/model/phc.ts';

describe('what guessing costs', () => {
  const phc = (m: number, t: number) =>
    `$argon2id$v=19$m=${m},t=${t},p=1$c2FsdHNhbHRzYWx0$4ChDV6vbHYB1dJ9jZ1uYk8bM1NoMQaWPUAUsK1mE8gk`;

  it.each([
    [47_104, 1],
    [19_456, 2],
    [12_288, 3],
    [7_168, 5],
    [65_536, 3],
  ])('m=%i t=%i is as advised', (m, t) => {
    expect(isWeakPhc(phc(m, t))).toBe(false);
  });

  it.each([
    [47_103, 1],
    [19_455, 2],
    [4_096, 3],
    [4_096, 100],
  ])('m=%i t=%i is less than is advised', (m, t) => {
    expect(isWeakPhc(phc(m, t))).toBe(true);
  });
});
