// Owns `charter who-can`. Never decides: it reads names, asks, and tells.

import { findGrant, findTarget } from '../explain/names.ts';
import { whoCan as answerWhoCan } from '../explain/who-can.ts';
import { whoCanLines } from '../explain/who-can-text.ts';
import type { AskedOptions } from './asked-state.ts';
import type { ExitCode } from './exit-code.ts';
import { readIp } from './explain.ts';
import { answerQuestion, found } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

export interface WhoCanOptions extends AskedOptions {
  readonly grant?: string;
  readonly ip?: string;
}

export async function whoCan(name: string, options: WhoCanOptions, terminal: Terminal): Promise<ExitCode> {
  return await answerQuestion(options, terminal, ({ world }) => {
    const { state } = world.index;
    const target = found(findTarget(state, name));
    const grant_type = options.grant === undefined ? undefined : found(findGrant(state, options.grant));
    const ip = readIp(options.ip);
    const answer = answerWhoCan(world, target, { grant_type, ip });
    return { told: { kind: 'who-can', answer, grant_type, ip }, lines: (telling) => whoCanLines(answer, telling) };
  });
}
