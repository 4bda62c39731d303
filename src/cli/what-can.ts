// Owns `charter what-can`. Never decides: it reads names, asks, and tells.

import { findSubject } from '../explain/names.ts';
import { whatCan as answerWhatCan } from '../explain/what-can.ts';
import { whatCanLines } from '../explain/what-can-text.ts';
import type { AskedOptions } from './asked-state.ts';
import type { ExitCode } from './exit-code.ts';
import { readIp } from './explain.ts';
import { answerQuestion, found } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

export interface WhatCanOptions extends AskedOptions {
  readonly ip?: string;
}

export async function whatCan(name: string, options: WhatCanOptions, terminal: Terminal): Promise<ExitCode> {
  return await answerQuestion(options, terminal, ({ world, naming }) => {
    const ip = readIp(options.ip);
    const answer = answerWhatCan(world, found(findSubject(world.index.state, name)), { ip }, naming);
    return { told: { kind: 'what-can', answer, ip }, lines: (telling) => whatCanLines(answer, telling) };
  });
}
