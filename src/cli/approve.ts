// Owns `charter approve`: consent to the risks of a plan that a running server holds. Never applies anything itself.

import { operatorSocketPath, requestOperator } from '../http/operator-socket.ts';
import { formatApproval } from '../model/approval.ts';
import { Failure } from '../model/failure.ts';
import { readApprovals } from './approvals.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { ApproveBody } from './serve/operator-verbs.ts';
import { storeOption, storePath } from './store-path.ts';
import type { Terminal } from './terminal.ts';

export interface ApproveOptions {
  readonly store?: string;
}

/** Gives the approvals one after the other; what the last of them led to is how the command ends. */
export async function approve(
  texts: readonly string[],
  options: ApproveOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const approvals = readApprovals(texts).map(formatApproval);
  const path = storePath(options.store, terminal.env);
  let code: ExitCode = EXIT.done;
  for (const approval of approvals) {
    const body = (await ask(path, approval, terminal)) as ApproveBody;
    code = tell(body, approval, storeOption(path), terminal);
    // A later one is of the same plan: where that is applied or gone, nothing is held any more.
    if (body.outcome !== 'held') break;
  }
  return code;
}

async function ask(path: string, approval: string, terminal: Terminal): Promise<object> {
  try {
    return await requestOperator(operatorSocketPath(path, terminal.env), '/approve', { approval });
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'server_absent')) throw error;
    throw new Failure(
      'server_absent',
      `No server runs for the store ${path}, and only a running one holds a plan. ` +
        `Without one, approve when applying: charter apply DIR --approve ${approval}${storeOption(path)}`,
      { cause: error },
    );
  }
}

function tell(
  { outcome, generation, open = [], problems = [] }: ApproveBody,
  approval: string,
  store: string,
  terminal: Terminal,
): ExitCode {
  const list = open.map((text) => `  charter approve ${text}${store}\n`).join('');
  switch (outcome) {
    case 'applied':
      terminal.out(`Approved ${approval}. Generation ${generation} is applied and served.\n`);
      return EXIT.done;
    case 'held':
      terminal.out(
        list === ''
          ? `Approved ${approval}. What stops the plan still has no approval; charter status${store} tells it.\n`
          : `Approved ${approval}. Still to be approved:\n${list}`,
      );
      return EXIT.risk;
    case 'refused':
      terminal.err(
        `Approved ${approval}, and the spec was not applied:\n${problems.map((line) => `  ${line}\n`).join('')}`,
      );
      return EXIT.failed;
    case 'no-such-risk':
      terminal.err(
        `error: the plan that is held has no such risk: its changes are others, or it is approved already. Nothing was approved.\n` +
          (list === '' ? '' : `To be approved are:\n${list}`),
      );
      return EXIT.risk;
    case 'nothing-held':
    case 'invalid':
      terminal.err('error: the server holds no plan. Nothing was approved.\n');
      return EXIT.failed;
  }
}
