// Owns what is read of a PHC string before it is used: that it is Argon2id, and what checking it would cost. The compiler
// and the checker ask the same, so that no hash is accepted that could never be checked. Never hashes.

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, base64 without padding (the PHC string format). */
const ARGON2ID = /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]+)$/;

/** 256 MiB; with the work limit about a second of one core. RFC 9106's second recommendation needs a quarter. */
const MOST_MEMORY_KIB = 262_144;
const MOST_WORK_KIB = 1_048_576;
const MOST_LANES = 16;
/** RFC 9106 3.1: at least 8 KiB for each lane. */
const LEAST_MEMORY_PER_LANE_KIB = 8;
/** Below it a hash is no longer as hard to hit as the secret is to guess. */
const FEWEST_HASH_BYTES = 16;

/**
 * Why the string cannot serve as a verifier; undefined when it can. A written hash comes from a spec: a slip in it must
 * not take the server's memory or time. Never repeats the salt or the hash.
 */
export function phcFault(phc: string): string | undefined {
  const [, m, t, p, , hash] = ARGON2ID.exec(phc) ?? [];
  const memory = Number(m);
  const passes = Number(t);
  const lanes = Number(p);
  if (hash === undefined || passes < 1 || lanes < 1 || memory < LEAST_MEMORY_PER_LANE_KIB * lanes) {
    return 'it is no Argon2id hash of the form $argon2id$v=19$m=…,t=…,p=…$salt$hash';
  }
  if (memory > MOST_MEMORY_KIB) return `m=${memory} asks for more than ${MOST_MEMORY_KIB} KiB of memory`;
  if (memory * passes > MOST_WORK_KIB) return `m × t is ${memory * passes}, over ${MOST_WORK_KIB}`;
  if (lanes > MOST_LANES) return `p=${lanes} is over ${MOST_LANES}`;
  const bytes = Math.floor((hash.length * 3) / 4);
  if (bytes < FEWEST_HASH_BYTES) return `its hash has ${bytes} bytes, fewer than ${FEWEST_HASH_BYTES}`;
  return undefined;
}

/** What OWASP advises for Argon2id with one lane, as passes by memory (KiB): less of one needs more of the other. */
const ADVISED: readonly (readonly [memory: number, passes: number])[] = [
  [47_104, 1],
  [19_456, 2],
  [12_288, 3],
  [9_216, 4],
  [7_168, 5],
];

/** Whether guessing against the hash costs less than is advised. Only for a string without phcFault. */
export function isWeakPhc(phc: string): boolean {
  const [, m, t] = ARGON2ID.exec(phc) ?? [];
  return !ADVISED.some(([memory, passes]) => Number(m) >= memory && Number(t) >= passes);
}
