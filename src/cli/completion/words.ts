// Owns what can be completed: the commands, options and values of the program as commander knows them. Never knows a shell.

import type { Argument, Command, Option } from 'commander';
import { DIAGNOSTICS } from '../../spec/catalogue.ts';

/** What a value is completed with: these words, the names of files or directories, or nothing. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'directories' | 'nothing' };

export interface CompletedOption {
  /** `--check`, and `-h` where there is a short form. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Undefined for an option without a value. */
  readonly value: Values | undefined;
}

export interface CompletedCommand {
  /** The words that lead to it; none for the program itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly CompletedCommand[];
  readonly options: readonly CompletedOption[];
  /** What its arguments may be, all alike. */
  readonly value: Values;
}

export function completedProgram(program: Command): CompletedCommand {
  const topics = [...program.commands.map((command) => command.name()), ...Object.keys(DIAGNOSTICS)];
  return completed(program, [], topics);
}

function completed(command: Command, path: readonly string[], topics: readonly string[]): CompletedCommand {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    path,
    summary: firstOf(command.summary() || command.description()),
    commands: command.commands.map((one) => completed(one, [...path, one.name()], topics)),
    options: help.visibleOptions(command).map((option) => ({
      names: [option.long, option.short].filter((name) => name !== undefined && name !== null),
      summary: firstOf(option.description),
      value: option.required || option.optional ? valuesOf(option, option.flags, topics) : undefined,
    })),
    value: argument === undefined ? { kind: 'nothing' } : valuesOf(argument, argument.name(), topics),
  };
}

/** By the choices, or by what the placeholder is called: `<dir>`, `<file>`, `<path>`, `<topic>`. */
function valuesOf(
  { argChoices }: Pick<Option | Argument, 'argChoices'>,
  placeholder: string,
  topics: readonly string[],
): Values {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  if (/topic/.test(placeholder)) return { kind: 'words', words: topics };
  if (/<(?:.*\|)?dir>|^dir$/.test(placeholder)) return { kind: 'directories' };
  return { kind: /<file>|^(?:file|path)$/.test(placeholder) ? 'files' : 'nothing' };
}

/** One line without what only matters in the long help: `(default: …)`. */
function firstOf(text: string): string {
  return text.replace(/\s*\(.*$/s, '').replaceAll('\n', ' ');
}
