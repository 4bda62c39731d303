// Owns asking V8 to collect garbage now, for threads that nobody waits for: one that has let go of most of what it held, and
// allocates nothing more, is not collected by itself. Never runs where requests are answered: it holds all up.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What only contexts that are made under it have; and that what stays is moved together: where trees were made between what stays,
 * two thirds of the pages would stay as well, nearly empty. Both are of the whole process, whence they are taken back at once.
 */
const FLAGS = ['expose-gc', 'compact-on-every-full-gc'];

/** All garbage of this thread. Takes some seconds for each gigabyte that stays. */
export function collectGarbage(): void {
  for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
  try {
    const collect = runInNewContext('gc') as () => void;
    collect();
  } finally {
    for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`);
  }
}
