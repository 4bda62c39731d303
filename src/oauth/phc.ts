// Owns what is read of a PHC string before it is used: that it is Argon2id, and what checking it would cost.
// Never hashes.

import { parseOptions } from '@node-rs/argon2';

/** 256 MiB; with the work limit about a second of one core. RFC 9106's second recommendation needs a quarter. */
const MOST_MEMORY_KIB = 262_144;
const MOST_WORK_KIB = 1_048_576;
const MOST_LANES = 16;
/** Below it a hash is no longer as hard to hit as the secret is to guess. */
const FEWEST_HASH_BYTES = 16;

/** `Algorithm.Argon2id` of the package, whose enums exist for its compiler alone. */
const ARGON2ID = 2;

/**
 * Why the string cannot serve as a verifier; undefined when it can. A written hash comes from a spec: a slip in it must
 * not take the server's memory or time.
 */
export function phcFault(phc: string): string | undefined {
  const parameters = readParameters(phc);
  if (parameters === undefined || Number(parameters.algorithm) !== ARGON2ID) {
    return 'it is no Argon2id hash of the form $argon2id$v=19$m=…,t=…,p=…$salt$hash';
  }
  const { memoryCost, timeCost, parallelism, outputLen } = parameters;
  if (memoryCost > MOST_MEMORY_KIB) return `m=${memoryCost} asks for more than ${MOST_MEMORY_KIB} KiB of memory`;
  if (memoryCost * timeCost > MOST_WORK_KIB) return `m × t is ${memoryCost * timeCost}, over ${MOST_WORK_KIB}`;
  if (parallelism > MOST_LANES) return `p=${parallelism} is over ${MOST_LANES}`;
  if (outputLen < FEWEST_HASH_BYTES) return `its hash has ${outputLen} bytes, fewer than ${FEWEST_HASH_BYTES}`;
  return undefined;
}

function readParameters(phc: string): ReturnType<typeof parseOptions> | undefined {
  try {
    return parseOptions(phc);
  } catch {
    return undefined;
  }
}
