// Owns how a command tells the answer to a question: as text, or as JSON. Never finds the answer.

import { answerToJson, type Told } from '../explain/answer-json.ts';
import { callingsOf } from '../explain/callings.ts';
import type { Found } from '../explain/names.ts';
import type { Telling } from '../explain/telling.ts';
import type { World } from '../explain/world.ts';
import { Failure } from '../model/failure.ts';
import { EMPTY_LINE, type Line, layOut, plainLine } from '../plan/columns.ts';
import type { Naming } from '../plan/naming.ts';
import { styleFor } from '../plan/style.ts';
import { type AskedOptions, readAsked } from './asked-state.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { tellRefusal } from './problem.ts';
import type { Terminal } from './terminal.ts';

/** What an answer is found with. */
export interface Asking {
  readonly world: World;
  readonly naming: Naming;
  readonly isPresent: boolean;
}

/** What a command found: the answer, and how it reads. */
export interface Answered {
  readonly told: Told;
  readonly lines: (telling: Telling) => readonly Line[];
}

/** Reads the State, has the question answered, and tells the answer. Yes and no end alike. */
export async function answerQuestion(
  options: AskedOptions,
  terminal: Terminal,
  answer: (asking: Asking) => Answered,
): Promise<ExitCode> {
  const asked = await readAsked(options, terminal);
  if (!asked.ok) return tellRefusal(asked.refusal, terminal);
  const { world, heading, isPresent } = asked;
  const naming = callingsOf(world.index.state);
  const { told, lines } = answer({ world, naming, isPresent });
  if (options.json === true) {
    terminal.out(`${JSON.stringify(answerToJson(told, world), null, 2)}\n`);
    return EXIT.done;
  }
  const style = styleFor({ color: terminal.outColor });
  const before = heading === undefined ? [] : [plainLine(heading, 0), EMPTY_LINE];
  const text = layOut([...before, ...lines({ world, naming, full: options.full === true })], style, 2, NARROW);
  terminal.out(`${text.map((line) => line.trimEnd()).join('\n')}\n`);
  return EXIT.done;
}

/** Where places begin at the earliest: sentences are shorter than the lines of a plan. */
const NARROW = 36;

/** Throws Failure `usage` for a name that stands for nothing, with the sentence that says so. */
export function found<T>(name: Found<T>): T {
  if (name.ok) return name.value;
  throw new Failure('usage', name.message);
}
