// The answers of the ubisecure family are tested where they leave: introspection.test.ts and userinfo.test.ts.

import { describe, expect, it } from 'vitest';
import { sessionIndex } from '../../src/oauth/ubisecure.ts';

describe('S:U-40: session_index', () => {
  it('is _ and 40 hex digits of the randomness given', () => {
    expect(sessionIndex((bytes) => new Uint8Array(bytes).fill(0xab))).toBe(`_${'ab'.repeat(20)}`);
  });
});
