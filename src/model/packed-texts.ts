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
  // Bytes of their own: those of a small Buffer lie among others, which a message to another thread would take along.
  return { bytes: new TextEncoder().encode(texts.join('')), ends };
}

export function unpackText({ bytes, ends }: PackedTexts, position: number): string {
  return new TextDecoder().decode(bytes.subarray(ends[position - 1] ?? 0, ends[position]));
}

/** Whether there is more than an empty text. */
export function hasText({ ends }: PackedTexts, position: number): boolean {
  return (ends[position] ?? 0) > (ends[position - 1] ?? 0);
}
