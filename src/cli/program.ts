// Owns the command line as a whole: its help, and who adds commands to it. Never does a command's work: each is loaded
// when it is called, so that --help and --version answer at once.

import { Argument, Command } from 'commander';
import { addAccessCommands } from './access-commands.ts';
import { addAuthoringCommands } from './authoring-commands.ts';
import { type Commands, examples } from './commands.ts';
import { describeExitCodes } from './exit-code.ts';
import { escapeLines } from './harmless.ts';
import { addHistoryCommands } from './history-commands.ts';
import { addOperatingCommands } from './operating-commands.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** The program. Each action tells `end` its exit code. */
export function buildProgram(terminal: Terminal, end: (code: number) => void): Command {
  const program = new Command('charter')
    .description(
      'OAuth 2.0 as code: who may get which token, declared in YAML, reviewed in Git, planned with its access changes, ' +
        'and served from that state.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      // It repeats what was typed.
      outputError: (text, write) => write(escapeLines(text)),
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(charter --help tells more)')
    .addHelpText(
      'after',
      `
Start here:
  charter validate config          is the spec right?
  charter plan config              what would change, in entities and in access?
  charter apply config             make it so, in one transaction
  charter serve config             apply it, serve it, and follow every edit

${describeExitCodes(['done', 'failed', 'pending', 'invalid', 'test', 'risk', 'stale', 'usage'])}`,
    );
  const command = (name: string): Command =>
    program
      .command(name)
      .helpOption('-h, --help', 'print this help')
      .showHelpAfterError(`(charter ${name.split(' ')[0]} --help tells more)`)
      .allowExcessArguments(false);

  const commands = { program, command, terminal, end };
  addAuthoringCommands(commands);
  addAccessCommands(commands);
  addOperatingCommands(commands);
  addHistoryCommands(commands);
  addHelpCommands(commands);
  return program;
}

/** What speaks of the commands themselves. */
function addHelpCommands({ program, command, terminal, end }: Commands): void {
  program.commandsGroup('Help:');

  command('completion')
    .summary('print a script that completes charter in a shell')
    .description('Print a script that completes commands, options, their values and codes of diagnostics in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        [
          'charter completion bash > ~/.local/share/bash-completion/completions/charter',
          'charter completion zsh > ~/.zfunc/_charter        (a directory of $fpath)',
          'charter completion fish > ~/.config/fish/completions/charter.fish',
          'source <(charter completion bash)                (for this shell alone)',
        ],
        ['done', 'usage'],
      ),
    )
    .action(async (shell: string) => {
      const { completion } = await import('./completion.ts');
      end(completion(shell, program, terminal));
    });

  command('help')
    .summary('print the help of a command, or what a code means')
    .description('Print the help of a command, or what a code of a diagnostic means and how to mend it.')
    .argument('[topic...]', 'a command (plan) or a code (reference.unknown); none for the help of charter')
    .option('--codes', 'list every code')
    .addHelpText(
      'after',
      examples(['charter help plan', 'charter help reference.unknown', 'charter help --codes'], ['done', 'usage']),
    )
    .action(async (topics: string[], options) => {
      const { help } = await import('./help.ts');
      end(help(topics, options, program, terminal));
    });
}
