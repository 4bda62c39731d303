// Owns many texts as one stretch of bytes, beside the heap: what is there for each entity of a State and is asked for of few costs
// no collection of garbage there. Never knows what they say.

export interface PackedTexts {
  /** UTF-8, one text after the other. */
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: Uint32Array;
}

export function packTexts(texts: readonly string[]): PackedTexts {
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (const [position, text] of texts.entries()) {
    end += Buffer.byteLength(text);
    ends[position] = end;
  }
  // Bytes of their own: those of a small Buffer lie among others, which a message to another thread would take along. Each text is
  // written where it goes: to make one text of them first takes three times as long.
  const bytes = Buffer.allocUnsafeSlow(end);
  for (const [position, text] of texts.entries()) bytes.write(text, ends[position - 1] ?? 0);
  return { bytes, ends };
}

export function unpackText(packed: PackedTexts, position: number): string {
  return new TextDecoder().decode(bytesOf(packed, position));
}

/** UTF-8 of the text there: the same bytes, not a copy. */
export function bytesOf({ bytes, ends }: PackedTexts, position: number): Uint8Array {
  return bytes.subarray(ends[position - 1] ?? 0, ends[position]);
}

/** Whether there is more than an empty text. */
export function hasText({ ends }: PackedTexts, position: number): boolean {
  return (ends[position] ?? 0) > (ends[position - 1] ?? 0);
}
