// Owns `charter help`: of the program, of a command, of a code. Never explains in words of its own: commander's and the
// catalogue's are shown.

import type { Command } from 'commander';
import { wrap } from '../plan/style.ts';
import { type CatalogueEntry, DIAGNOSTICS, type DiagnosticCode, isWaivable } from '../spec/catalogue.ts';
import { FIXABLE_CODES } from '../spec/fixable-codes.ts';
import { escapeControls } from '../spec/frame-line.ts';
import { nearest } from '../spec/nearest.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

const WIDTH = 80;

export function help(
  topics: readonly string[],
  options: { readonly codes?: boolean },
  program: Command,
  terminal: Terminal,
): ExitCode {
  const [topic, ...rest] = topics;
  if (options.codes === true) {
    terminal.out(listCodes());
    return EXIT.done;
  }
  if (topic === undefined) {
    program.outputHelp();
    return EXIT.done;
  }
  const command = commandOf(program, topics);
  if (command !== undefined) {
    command.outputHelp();
    return EXIT.done;
  }
  // As a frame writes it, error[reference.unknown], it may be pasted.
  const code = /^(?:(?:error|warning)\[)?([^[\]]*)\]?$/.exec(topic)?.[1]?.toLowerCase() ?? topic;
  if (rest.length === 0 && isCode(code)) {
    terminal.out(explain(code, terminal.outColor));
    return EXIT.done;
  }
  const names = [...program.commands.map((one) => one.name()), ...Object.keys(DIAGNOSTICS)];
  const near = nearest(topic, names) ?? names.find((name) => name.split('.').at(-1) === topic);
  const told = escapeControls(topics.join(' '));
  terminal.err(
    `error: no command and no code is called "${told}".${near === undefined ? '' : ` Did you mean "${near}"?`}\n` +
      '(charter help lists the commands, charter help --codes the codes)\n',
  );
  return EXIT.usage;
}

/** The command that the words lead to, one below the other. */
function commandOf(program: Command, names: readonly string[]): Command | undefined {
  return names.reduce<Command | undefined>(
    (command, name) => command?.commands.find((one) => one.name() === name || one.aliases().includes(name)),
    program,
  );
}

function isCode(text: string): text is DiagnosticCode {
  return Object.hasOwn(DIAGNOSTICS, text);
}

function explain(code: DiagnosticCode, color: boolean): string {
  const { severity, summary, variants, explanation }: CatalogueEntry = DIAGNOSTICS[code];
  const style = severity === 'error' ? '1;31' : '1;33';
  const name = `${severity}[${code}]`;
  const effect =
    severity === 'error'
      ? 'An error: nothing of the spec is used until it is mended.'
      : 'A warning: the spec is used all the same.';
  const waiver = isWaivable(code) ? 'It can be waived, with a reason: server.lint.allow.' : 'It cannot be waived.';
  const fix = FIXABLE_CODES.has(code)
    ? 'charter validate --fix mends it where there is one clear way to.'
    : 'charter validate --fix does not mend it.';
  const also = variants === undefined ? [] : [wrap(`Also: ${Object.values(variants).join(', ')}.`, WIDTH).join('\n')];
  const paragraphs = [...also, wrap(explanation, WIDTH).join('\n'), [effect, waiver, fix].join('\n')];
  return `${color ? `\u001b[${style}m${name}\u001b[0m` : name} ${summary}\n\n${paragraphs.join('\n\n')}\n`;
}

function listCodes(): string {
  const entries = Object.entries<CatalogueEntry>(DIAGNOSTICS);
  const widest = Math.max(...entries.map(([code]) => code.length));
  return entries
    .map(([code, { severity, summary }]) => `${code.padEnd(widest)}  ${severity.padEnd(7)}  ${summary}\n`)
    .join('');
}
