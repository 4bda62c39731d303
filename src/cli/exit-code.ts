// Owns the exit codes (DESIGN 3) and what each failure ends in. Never sets one: main.ts does, after all output.

import type { Failure } from '../model/failure.ts';
import type { Refusal } from '../reconcile/refusal.ts';

export const EXIT = {
  /** Done, or nothing to change. */
  done: 0,
  /** Failed; a missing secret at apply or serve too. */
  failed: 1,
  /** Changes are pending (`plan --detailed-exitcode`). */
  pending: 2,
  /** The spec is invalid, or its directory is missing or without a file. */
  invalid: 3,
  /** A test of access failed. */
  test: 4,
  /** A risk is not approved. */
  risk: 5,
  /** The plan is stale, or another writer came first. */
  stale: 6,
  usage: 64,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Which of two codes a command ends with when both hold (DESIGN 3). */
const GRAVEST_FIRST: readonly ExitCode[] = [
  EXIT.usage,
  EXIT.invalid,
  EXIT.test,
  EXIT.risk,
  EXIT.stale,
  EXIT.failed,
  EXIT.pending,
  EXIT.done,
];

export function worse(a: ExitCode, b: ExitCode): ExitCode {
  return GRAVEST_FIRST.indexOf(a) <= GRAVEST_FIRST.indexOf(b) ? a : b;
}

export function exitCodeOfFailure({ code }: Failure): ExitCode {
  switch (code) {
    case 'usage':
      return EXIT.usage;
    case 'stale_plan':
      return EXIT.stale;
    default:
      return EXIT.failed;
  }
}

export function exitCodeOfRefusal(refusal: Refusal): ExitCode {
  switch (refusal.reason) {
    case 'spec':
      return EXIT.invalid;
    case 'tests':
      return EXIT.test;
    case 'risks':
      return EXIT.risk;
    case 'secrets':
    case 'undone':
    case 'overtaken':
    case 'bug':
      return EXIT.failed;
    case 'failure':
      return exitCodeOfFailure(refusal.failure);
  }
}

/** For the help of a command: its codes, each with a few words. */
export function describeExitCodes(codes: readonly (keyof typeof EXIT)[]): string {
  const words: Record<keyof typeof EXIT, string> = {
    done: 'done, or nothing to change',
    failed: 'failed: store, port, missing secret',
    pending: 'changes are pending, with --detailed-exitcode',
    invalid: 'the spec is invalid, missing or empty',
    test: 'a test of access failed',
    risk: 'a risk is not approved',
    stale: 'the plan is stale: another writer came first',
    usage: 'wrong usage',
  };
  const lines = codes.map((code) => `  ${String(EXIT[code]).padEnd(4)}${words[code]}`);
  return `Exit codes:\n${lines.join('\n')}`;
}
