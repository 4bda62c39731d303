// Owns the instants that a State writes anywhere: between two of them nothing begins and nothing ends. Never asks about access.

import type { State } from '../../src/model/state.ts';

/** Those after `now`, milliseconds since the epoch, each once, the first one first. */
export function instantsAfter(state: State, now: number): readonly number[] {
  const written = JSON.stringify([...state.values()]).matchAll(/"(?:expires|not_before)":"([^"]*)"/g);
  const instants = new Set([...written].map(([, text]) => Date.parse(text as string)));
  return [...instants].filter((instant) => instant > now).sort((a, b) => a - b);
}
