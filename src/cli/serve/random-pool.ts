// Owns the random bytes of a serving process: drawn from the system many at a time, as one draw costs more than all else that is
// done for the name of a token. No byte is given out twice. Never makes bytes of its own.

const POOL_BYTES = 4096;

/** `draw` answers so many cryptographically random bytes. What is given out is the caller's own part of a draw. */
export function randomPool(draw: (bytes: number) => Uint8Array): (bytes: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  return (bytes) => {
    if (bytes > POOL_BYTES) return draw(bytes);
    if (used + bytes > pool.length) {
      // A new one each time: what was given out of the last is not written over.
      pool = draw(POOL_BYTES);
      used = 0;
    }
    used += bytes;
    return pool.subarray(used - bytes, used);
  };
}
