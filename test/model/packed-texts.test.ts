import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasText, packTexts, unpackText } from '../../src/model/packed-texts.ts';

it('packed texts are the texts', () => {
  const anyTexts = fc.array(fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(anyTexts, (texts) => {
      const packed = packTexts(texts);
      expect(texts.map((_, position) => unpackText(packed, position))).toEqual(texts);
      expect(texts.map((_, position) => hasText(packed, position))).toEqual(texts.map((text) => text !== ''));
    }),
  );
});

it('a message to another thread takes nothing along but these bytes', () => {
  const { bytes } = packTexts(['a', 'é']);
  expect(bytes.buffer.byteLength).toBe(3);
});
