// Owns what the definitions of commands share. Never defines one.

import type { Command } from 'commander';
import { describeExitCodes } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** What a definition is made with. */
export interface Commands {
  readonly program: Command;
  /** Adds a command to the program. */
  readonly command: (name: string) => Command;
  readonly terminal: Terminal;
  /** Told the exit code of each action. */
  readonly end: (code: number) => void;
}

export const DIRECTORY = 'directory of the spec: every *.yaml and *.yml file below it';
export const STORE = 'file of the store (default: $CHARTER_STORE, else ./charter.db)';
export const APPROVE = 'approve a risk of the plan, as the plan shows it: KIND:SUBJECT@DIGEST; may be repeated';
export const SECRETS_DIR = 'where the files that { file: … } names are';
export const OVERLAY =
  'lay the files of overlays/NAME, or of a directory given by a path, over the spec; may be repeated, the last one wins';

/** Collects approvals, one each time: a subject may hold a comma. */
export function readApproval(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The end of a command's help. */
export function examples(lines: readonly string[], codes: Parameters<typeof describeExitCodes>[0]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n${describeExitCodes(codes)}`;
}
