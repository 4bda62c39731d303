// Owns Worlds for tests of questions: of a State, or of YAML texts. Never asks one.

import { indexState } from '../../src/access/access-index.ts';
import type { World } from '../../src/explain/world.ts';
import type { State } from '../../src/model/state.ts';
import { compile } from '../../src/spec/compile.ts';

/** `now` in milliseconds since the epoch. */
export function worldOf(state: State, now: number, more: Partial<World> = {}): World {
  return { index: indexState(state), origins: undefined, waivers: [], now, generation: undefined, ...more };
}

/** The World of one file of YAML, which must compile. */
export function worldOfText(text: string, now: number): World {
  const compiled = compile([{ path: 'spec.yaml', text }], { now });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
  const { state, origins, waivers } = compiled.value;
  return worldOf(state, now, { origins, waivers });
}
