// Owns `charter who-can`. Never decides: it reads names, asks, and tells.

import { findCustomer, findFunction, findGrant, findWhat } from '../explain/names.ts';
import { whoCan as answerWhoCan } from '../explain/who-can.ts';
import { whoCanLines, whoMayLines } from '../explain/who-can-text.ts';
import { whoMay } from '../explain/who-may.ts';
import { Failure } from '../model/failure.ts';
import type { AskedOptions } from './asked-state.ts';
import type { ExitCode } from './exit-code.ts';
import { readIp } from './explain.ts';
import { answerQuestion, found } from './tell-answer.ts';
import type { Terminal } from './terminal.ts';

export interface WhoCanOptions extends AskedOptions {
  readonly grant?: string;
  readonly ip?: string;
  readonly function?: string;
  readonly customer?: string;
}

export async function whoCan(name: string | undefined, options: WhoCanOptions, terminal: Terminal): Promise<ExitCode> {
  if ((name === undefined) === (options.function === undefined)) {
    throw new Failure('usage', 'Name an application or a scope, or a function by --function NAME: one of them.');
  }
  if (options.customer !== undefined && options.function === undefined) {
    throw new Failure('usage', '--customer is about a function: write --function NAME beside it.');
  }
  return await answerQuestion(options, terminal, ({ world }) => {
    const { state } = world.index;
    const grant_type = options.grant === undefined ? undefined : found(findGrant(state, options.grant));
    const ip = readIp(options.ip);
    if (options.function !== undefined) {
      const customer = options.customer === undefined ? undefined : found(findCustomer(state, options.customer));
      const asked = { function: found(findFunction(state, options.function)), customer };
      const may = whoMay(world, asked, { grant_type, ip });
      return { told: { kind: 'who-can', answer: may, grant_type, ip }, lines: (telling) => whoMayLines(may, telling) };
    }
    const target = found(findWhat(state, name ?? ''));
    const answer = answerWhoCan(world, target, { grant_type, ip });
    return { told: { kind: 'who-can', answer, grant_type, ip }, lines: (telling) => whoCanLines(answer, telling) };
  });
}
