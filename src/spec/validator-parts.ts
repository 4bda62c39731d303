// Owns what the generated validators call, and what they are. Never judges a document.

import type { ErrorObject } from 'ajv';
import { FORMATS } from './formats.ts';

/** Whether a value fits; where it does not, `errors` says why until the next call. */
export interface Check {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Whether a text has the format of that name. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = Object.fromEntries(
  Object.entries(FORMATS).map(([name, judge]) => [name, (text: string) => judge(text) === undefined]),
);

/** In characters as JSON Schema counts them: code points. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
