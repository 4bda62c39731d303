// Owns reading headers as they were sent: every one, in order, repeats kept. What node:http folds into one value hides that there
// were two. Never knows what they mean.

import type { IncomingMessage } from 'node:http';

/** The values of all headers of this name, which is in lower case. */
export function valuesOf(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  name: string,
): readonly string[] {
  if (headers[name] === undefined) return [];
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const written = rawHeaders[at];
    if (written?.length === name.length && written.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}
