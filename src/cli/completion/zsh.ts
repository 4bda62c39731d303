// Owns the completion script for zsh: `_arguments` for each command, with what its options and commands are for.

import { flattened, nameOf } from './bash.ts';
import type { CompletedCommand, CompletedOption, Values } from './words.ts';

export function zshScript(program: CompletedCommand): string {
  return `#compdef charter
# Completes charter in zsh. Made by: charter completion zsh
${flattened(program).map(functionOf).join('\n')}
if [[ $funcstack[1] = _charter ]]; then
  _charter "$@"
else
  compdef _charter charter
fi
`;
}

function functionOf(command: CompletedCommand): string {
  const name = functionName(command);
  const options = command.options.map((option) => `    ${quote(specOf(option))}`);
  if (command.commands.length === 0) {
    const values = command.value.kind === 'nothing' ? [] : [`    ${quote(`*:argument:${action(command.value)}`)}`];
    return `${name}() {\n  _arguments \\\n${[...options, ...values].join(' \\\n')}\n}`;
  }
  const commands = command.commands.map((one) => `    ${quote(`${nameOf(one)}:${escaped(one.summary)}`)}`);
  const cases = command.commands.map((one) => `    ${nameOf(one)}) ${functionName(one)} ;;`);
  return `${name}() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _arguments -C \\
${options.join(' \\\n')} \\
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest) case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}`;
}

function functionName({ path }: CompletedCommand): string {
  return ['_charter', ...path].join('_');
}

/** `(-h --help){-h,--help}` cannot be quoted whole, so that each name is a spec of its own. */
function specOf({ names, summary, value }: CompletedOption): string {
  const [name = ''] = names;
  const given = value === undefined ? '' : `:value:${action(value)}`;
  return `*${name}[${escaped(summary)}]${given}`;
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'nothing':
      return ' ';
  }
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
