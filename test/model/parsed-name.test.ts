// Distinguished names as text, and when two of them are one (RFC 4514, RFC 5280 7.1).

import { describe, expect, it } from 'vitest';
import { normalName, parseName } from '../../src/model/distinguished-name.ts';

const normal = (text: string) => {
  const name = parseName(text);
  return typeof name === 'string' ? `wrong: ${name}` : normalName(name);
};

describe('RFC 4514', () => {
  it.each([
    ['CN=batch7,O=Example', [[['2.5.4.3', 'batch7']], [['2.5.4.10', 'Example']]]],
    ['cn = batch7 , o = Example ', [[['2.5.4.3', 'batch7']], [['2.5.4.10', 'Example']]]],
    [
      'OU=Sales+CN=J.  Smith',
      [
        [
          ['2.5.4.11', 'Sales'],
          ['2.5.4.3', 'J.  Smith'],
        ],
      ],
    ],
    ['CN=James \\"Jim\\" Smith\\, III', [[['2.5.4.3', 'James "Jim" Smith, III']]]],
    ['CN=Before\\0dAfter', [[['2.5.4.3', 'Before\rAfter']]]],
    ['CN=Lu\\C4\\8Di\\C4\\87', [[['2.5.4.3', 'Lučić']]]],
    ['CN=Lučić', [[['2.5.4.3', 'Lučić']]]],
    ['CN=\\ kept\\ ', [[['2.5.4.3', ' kept ']]]],
    ['CN=a=b', [[['2.5.4.3', 'a=b']]]],
    ['1.3.6.1.4.1.1466.0=x', [[['1.3.6.1.4.1.1466.0', 'x']]]],
  ])('%s', (text, expected) => {
    const parts = expected.map((part) => part.map(([type, value]) => ({ type, value })));
    expect(parseName(text)).toEqual(parts);
  });

  it('a value of hexadecimal digits is what it encodes', () => {
    expect(parseName('1.2.3.4=#04024869')).toEqual([[{ type: '1.2.3.4', value: { der: '04024869' } }]]);
  });

  it.each([
    '',
    'batch7',
    'CN',
    'CN=',
    'CN=a,',
    'CN=a,,O=b',
    'XYZ=a',
    'CN="a"',
    'CN=a<b',
    'CN=a\\',
    'CN=#12x',
    'CN=\\ff',
    'CN=a+',
    '=a',
    '01.2=a',
  ])('%j is none', (text) => {
    expect(parseName(text)).toBeTypeOf('string');
  });
});

describe('one name', () => {
  it.each([
    ['CN=Batch7,O=EXAMPLE', 'cn=batch7,o=example'],
    ['CN=a  b', 'CN=a b'],
    ['CN=a+OU=b', 'OU=b+CN=a'],
    ['CN=Stra\u00dfe', 'CN=STRASSE'],
    ['CN=e\u0301', 'CN=\u00e9'],
    ['CN=a\u00adb', 'CN=ab'],
    ['2.5.4.3=a', 'CN=a'],
    ['2.5.4.3=#0c0161', 'CN=a'],
    ['E=a@example.com', 'emailAddress=A@example.com'],
  ])('%s and %s', (one, other) => {
    expect(normal(one)).toBe(normal(other));
  });

  it.each([
    ['CN=a,O=b', 'O=b,CN=a'],
    ['CN=a,OU=b', 'CN=a+OU=b'],
    ['CN=a', 'OU=a'],
    ['CN=a', 'CN=a,CN=a'],
    ['CN=ab', 'CN=a b'],
    ['CN=a\\,O\\=b', 'CN=a,O=b'],
    ['CN=a', '2.5.4.3=#040161'],
  ])('%s and %s are two', (one, other) => {
    expect(normal(one)).not.toBe(normal(other));
  });
});
