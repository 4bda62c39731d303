// Owns what the definitions of commands share. Never defines one.

import { type Command, Option } from 'commander';
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
export const NO_CACHE =
  'parse every file anew; else those of a large spec come from ~/.cache/charter where they are known';
export const OVERLAY =
  'lay the files of overlays/NAME, or of a directory given by a path, over the spec; may be repeated, the last one wins';

/** Adds the outputs that a plan has beside its text: all at once, and each also when there is no plan. */
export function withPlanOutputs(command: Command, plan: string): Command {
  return command
    .option('--json <file>', `write ${plan} as JSON too; - writes it to stdout instead of the text`)
    .option('--md <file>', 'the same as Markdown, for a comment of a pull request')
    .option('--sarif <file>', 'the same as SARIF 2.1.0, for code scanning: what is risked, fails, or changes access')
    .option('--junit <file>', 'the same as a JUnit report: each file of the spec, each test and each risk is a test')
    .option('--github', 'print annotations for GitHub Actions as well');
}

/** How much of a plan its text tells, and how; as text-access.ts and text.ts have them, here so that --help loads no plan. */
export function withTextOptions(command: Command): Command {
  return command
    .addOption(new Option('--group-by <what>', 'tell access under headings').choices(['client', 'audience', 'cause']))
    .option('--full', 'tell everything by name, however much it is');
}

/** Collects approvals, one each time: a subject may hold a comma. */
export function readApproval(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** The end of a command's help. */
export function examples(lines: readonly string[], codes: Parameters<typeof describeExitCodes>[0]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n${describeExitCodes(codes)}`;
}
